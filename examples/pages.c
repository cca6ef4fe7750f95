/* SPDX-License-Identifier: MIT */
/* pages.c - fetch a hundred pages, fifty at a time: pages URL */
#include <cio.h>
#include <cio/http_session.h>
#include <stdio.h>

struct page {
	cio_http_session *http;
	const char *url;
	cio_buf body;
};

static int fetch(struct page *p)
{
	int status = cio_http_get(p->http, p->url, &p->body);
	if (status >= 400)
		return cio_fail(-CIO_ESTATUS, "%s: %d", p->url, status);
	return status;
}

static int app(void *arg)
{
	struct page pages[100];
	size_t count = sizeof pages / sizeof *pages;
	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
		.limit_per_host = 50, .timeout = CIO_S(10), .retries = 3,
	});
	for (size_t i = 0; i < count; i++)
		pages[i] = (struct page){.http = http, .url = arg};

	int err = cio_map(fetch, pages, count, .limit = 50);

	if (err < 0)
		fprintf(stderr, "pages: %s\n", cio_error_text());
	else
		printf("%zu pages of %zu bytes\n", count, pages[0].body.n);
	for (size_t i = 0; i < count; i++)
		cio_buf_finish(&pages[i].body);
	cio_http_session_close(http);
	return err;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: pages URL\n");
		return 2;
	}
	return cio_run(app, argv[1]) < 0;
}
