/* SPDX-License-Identifier: MIT */
/*
 * http_client.c - what a request through the session costs the client
 *
 *	http_client PORT REQUESTS CONCURRENCY
 *
 * GETs http://127.0.0.1:PORT/ over kept connections and prints the client's CPU
 * microseconds for each request, and the wall seconds for all.
 */
#include <cio.h>
#include <cio/http_session.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

struct load {
	cio_http_session *http;
	char url[64];
	long left;
};

struct worker {
	struct load *load;
};

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static int work(struct worker *w)
{
	struct load *load = w->load;
	while (load->left-- > 0) {
		cio_http_response r = {0};
		int status = cio_http_request_do(load->http,
			&(cio_http_request_options){.url = load->url}, &r);
		cio_http_response_finish(&r);
		if (status != 200)
			return status < 0 ? status : -CIO_ESTATUS;
	}
	return 0;
}

static int app(void *arg)
{
	char **argv = arg;
	long requests = atol(argv[2]);
	size_t concurrency = strtoul(argv[3], NULL, 10);
	struct load load = {.left = requests};
	struct worker *workers = calloc(concurrency, sizeof *workers);
	snprintf(load.url, sizeof load.url, "http://127.0.0.1:%s/", argv[1]);
	load.http = cio_http_session_open(&(cio_http_session_options){
		.limit = (uint32_t)concurrency});
	for (size_t i = 0; i < concurrency; i++)
		workers[i].load = &load;

	double wall = seconds(), cpu = cpu_seconds();
	int err = cio_map(work, workers, concurrency);
	if (err < 0)
		fprintf(stderr, "http_client: %s\n", cio_error_text());
	else
		printf("%.3f %.3f\n", (cpu_seconds() - cpu) * 1e6 / (double)requests,
			seconds() - wall);
	cio_http_session_close(load.http);
	free(workers);
	return err;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: http_client PORT REQUESTS CONCURRENCY\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}
