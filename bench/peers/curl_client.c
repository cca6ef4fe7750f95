/* SPDX-License-Identifier: MIT */
/*
 * curl_client.c - bench/http_client's work by libcurl's multi interface
 *
 *	curl_client PORT REQUESTS CONCURRENCY
 *
 * Built by bench/run where libcurl is installed.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static size_t discard(char *p, size_t size, size_t n, void *arg)
{
	(void)p, (void)arg;
	return size * n;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%s/", argv[1]);
	long requests = atol(argv[2]), started = 0, done = 0;
	long concurrency = atol(argv[3]);
	CURLM *multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, concurrency);
	for (; started < concurrency && started < requests; started++) {
		CURL *easy = curl_easy_init();
		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
		curl_multi_add_handle(multi, easy);
	}
	while (done < requests) {
		int running, left;
		curl_multi_perform(multi, &running);
		CURLMsg *m;
		while ((m = curl_multi_info_read(multi, &left)) != NULL) {
			CURL *easy = m->easy_handle;
			if (m->data.result != CURLE_OK)
				return 1;
			done++;
			curl_multi_remove_handle(multi, easy);
			if (started < requests) {
				curl_multi_add_handle(multi, easy);
				started++;
			}
		}
		if (done < requests)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	printf("%.3f\n", ((double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec)) /
		(double)requests);
	return 0;
}
