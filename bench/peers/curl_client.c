/* SPDX-License-Identifier: MIT */
/*
 * curl_client.c - bench/http_client's work by libcurl's multi interface
 *
 *	curl_client PORT REQUESTS CONCURRENCY [CA_FILE [fresh]]
 *
 * TLS sessions are shared by all handles, as the session's connections do. Built
 * by bench/run where libcurl is installed.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static size_t discard(char *p, size_t size, size_t n, void *arg)
{
	(void)p, (void)arg;
	return size * n;
}

static CURL *new_handle(CURLSH *share, const char *url, const char *ca_file,
	bool fresh)
{
	CURL *easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	if (ca_file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
		curl_easy_setopt(easy, CURLOPT_SHARE, share);
	}
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);
	return easy;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	char url[64];
	const char *ca_file = argv[4];
	bool fresh = ca_file != NULL && argv[5] != NULL;
	snprintf(url, sizeof url, "http%s://127.0.0.1:%s/",
		ca_file != NULL ? "s" : "", argv[1]);
	long requests = atol(argv[2]), started = 0, done = 0;
	long concurrency = atol(argv[3]);
	CURLSH *share = curl_share_init();
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	CURLM *multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, concurrency);
	for (; started < concurrency && started < requests; started++) {
		curl_multi_add_handle(multi,
			new_handle(share, url, ca_file, fresh));
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
