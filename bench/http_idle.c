/* SPDX-License-Identifier: MIT */
/*
 * http_idle.c - the memory of a session's idle connections
 *
 *	http_idle PORT CONNECTIONS [CA_FILE]
 *
 * Opens that many answers at the same time, so each over a connection of its
 * own, then reads all to their ends. Prints the bytes for each connection that
 * is idle then: of resident memory, when what is free has been given back, and
 * of what the heap has handed out.
 */
#include <cio.h>
#include <cio/http_session.h>
#include <cio/tls.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "bench.h"

struct answer {
	cio_http_reader *in;
	cio_http_response r;
};

static int open_answer(cio_http_session *http, const char *url,
	struct answer *a)
{
	int status = cio_http_reader_open(&a->in, http,
		&(cio_http_request_options){.url = url}, &a->r);
	return status < 0 ? status : status != 200 ? -CIO_ESTATUS : 0;
}

static int finish_answer(struct answer *a)
{
	char rest[256];
	ssize_t n;
	do
		n = cio_http_reader_read(a->in, rest, sizeof rest);
	while (n > 0);
	cio_http_reader_close(a->in);
	cio_http_response_finish(&a->r);
	return (int)n;
}

static int all_at_once(cio_http_session *http, const char *url,
	struct answer *answers, size_t n)
{
	int err = 0;
	size_t opened = 0;
	for (; err == 0 && opened < n; opened++)
		err = open_answer(http, url, &answers[opened]);
	if (err < 0)
		return err;
	for (size_t i = 0; err == 0 && i < opened; i++)
		err = finish_answer(&answers[i]);
	return err;
}

static double resident(void)
{
	(void)malloc_trim(0);
	return status_bytes("VmRSS:");
}

static double handed_out(void)
{
	struct mallinfo2 m = mallinfo2();
	return (double)(m.uordblks + m.hblkhd);
}

static int measure(cio_http_session *http, const char *url, size_t n)
{
	struct answer *answers = calloc(n, sizeof *answers);
	if (answers == NULL)
		return -ENOMEM;
	memset(answers, 1, n * sizeof *answers); /* resident from here on */
	memset(answers, 0, n * sizeof *answers);
	int err = all_at_once(http, url, answers, 1);
	double rss = resident(), used = handed_out();
	if (err == 0)
		err = all_at_once(http, url, answers, n);
	rss = resident() - rss;
	used = handed_out() - used;
	uint64_t idle = cio_http_session_get_figures(http).connections.idle;
	if (err == 0 && idle == n)
		printf("%.0f %.0f\n", rss / (double)(n - 1),
			used / (double)(n - 1));
	else
		fprintf(stderr, "http_idle: %d idle: %s\n", (int)idle,
			cio_error_text());
	free(answers);
	return err;
}

static int app(void *arg)
{
	char **argv = arg;
	char url[64];
	size_t n = strtoul(argv[2], NULL, 10);
	snprintf(url, sizeof url, "http%s://127.0.0.1:%s/",
		argv[3] != NULL ? "s" : "", argv[1]);
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.limit = (uint32_t)n,
			.keep_alive = CIO_S(600),
			.tls = &(cio_tls_options){.ca_file = argv[3]}});
	int err = measure(http, url, n);
	cio_http_session_close(http);
	return err;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: http_idle PORT CONNECTIONS [CA_FILE]\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}
