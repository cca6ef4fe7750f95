/* SPDX-License-Identifier: MIT */
/*
 * http_client.c - what a request through the session costs the client
 *
 *	http_client PORT REQUESTS CONCURRENCY [CA_FILE [fresh]]
 *
 * GETs http://127.0.0.1:PORT/, or https if there is a CA_FILE, over connections
 * that are kept, or with `fresh` used once. Prints the client's CPU microseconds
 * for each request, the wall seconds for all, the MiB of memory at the highest,
 * and how many handshakes there were and how many of them were resumed.
 */
#include <cio.h>
#include <cio/http_session.h>
#include <cio/tls.h>
#include <inttypes.h>
#include <stdlib.h>

#include "bench.h"

struct load {
	cio_http_session *http;
	char url[64];
	long left;
};

struct worker {
	struct load *load;
};

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

static void print(const struct load *load, long requests, double cpu, double wall)
{
	cio_http_session_figures f = cio_http_session_get_figures(load->http);
	printf("%.3f %.3f %.1f %" PRIu64 " %" PRIu64 "\n",
		(cpu_seconds() - cpu) * 1e6 / (double)requests,
		wall_seconds() - wall, status_bytes("VmHWM:") / 1048576,
		f.tls_handshakes, f.tls_resumed);
}

static int app(void *arg)
{
	char **argv = arg;
	long requests = atol(argv[2]);
	size_t concurrency = strtoul(argv[3], NULL, 10);
	const char *ca_file = argv[4];
	bool fresh = ca_file != NULL && argv[5] != NULL;
	struct load load = {.left = requests};
	struct worker *workers = calloc(concurrency, sizeof *workers);
	snprintf(load.url, sizeof load.url, "http%s://127.0.0.1:%s/",
		ca_file != NULL ? "s" : "", argv[1]);
	load.http = cio_http_session_open(&(cio_http_session_options){
		.limit = (uint32_t)concurrency,
		.max_lifetime = fresh ? 1 : 0,
		.tls = &(cio_tls_options){.ca_file = ca_file}});
	for (size_t i = 0; i < concurrency; i++)
		workers[i].load = &load;

	double wall = wall_seconds(), cpu = cpu_seconds();
	int err = cio_map(work, workers, concurrency);
	if (err < 0)
		fprintf(stderr, "http_client: %s\n", cio_error_text());
	else
		print(&load, requests, cpu, wall);
	cio_http_session_close(load.http);
	free(workers);
	return err;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: http_client PORT REQUESTS CONCURRENCY "
			"[CA_FILE [fresh]]\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}
