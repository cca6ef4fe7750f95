/* SPDX-License-Identifier: MIT */
/* pages.c - fetch many pages, fifty at a time: pages URL [COUNT] */
#include <cio.h>
#include <cio/http_session.h>
#include <stdio.h>
#include <stdlib.h>

struct page {
	cio_http_session *http;
	const char *url;
	cio_buf body;
};

static int fetch(struct page *p)
{
	return cio_http_get(p->http, p->url, &p->body);
}

static int app(void *arg)
{
	char **argv = arg;
	size_t count = argv[1] != NULL && argv[2] != NULL ? strtoul(argv[2], NULL, 10) : 100;
	struct page *pages = calloc(count, sizeof *pages);
	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
		.limit_per_host = 50, .timeout = CIO_S(10), .retries = 3,
	});
	for (size_t i = 0; i < count; i++)
		pages[i] = (struct page){.http = http, .url = argv[1]};

	int err = cio_map(fetch, pages, count, .limit = 50);

	if (err < 0)
		fprintf(stderr, "pages: %s\n", cio_error_text());
	else
		printf("%zu pages of %zu bytes\n", count, pages[0].body.n);
	for (size_t i = 0; i < count; i++)
		cio_buf_finish(&pages[i].body);
	cio_http_session_close(http);
	free(pages);
	return err;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: pages URL [COUNT]\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}
