// SPDX-License-Identifier: MIT

// go_client - bench/http_client's work by Go's net/http
//
//	go_client PORT REQUESTS CONCURRENCY CA_FILE [fresh]
//
// Built by bench/run where Go is installed.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

func get(client *http.Client, url string) {
	r, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
	if r.StatusCode != 200 {
		log.Fatal(r.Status)
	}
}

func main() {
	requests, concurrency := number(os.Args[2]), number(os.Args[3])
	pem, err := os.ReadFile(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: int(concurrency),
		DisableKeepAlives:   len(os.Args) > 5,
		DisableCompression:  true,
		TLSClientConfig: &tls.Config{
			RootCAs:            trusted,
			ClientSessionCache: tls.NewLRUClientSessionCache(64),
		},
	}}
	url := "https://127.0.0.1:" + os.Args[1] + "/"
	left := requests
	var workers sync.WaitGroup
	for i := int64(0); i < concurrency; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for atomic.AddInt64(&left, -1) >= 0 {
				get(client, url)
			}
		}()
	}
	workers.Wait()
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	us := float64(u.Utime.Sec+u.Stime.Sec)*1e6 +
		float64(u.Utime.Usec+u.Stime.Usec)
	fmt.Printf("%.3f\n", us/float64(requests))
}
