/* SPDX-License-Identifier: MIT */
/*
 * session.c - a thousand pages over twenty connections, with retries
 *
 *	$ ./session
 *	1000 pages, 20 connections, 10 retries
 */
#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>
#include <errno.h>
#include <stdio.h>

enum { PAGES = 1000 };

struct page {
	cio_http_session *http;
	int port, number;
};

static int fetch(struct page *p)
{
	cio_buf body = {0};
	char url[64], want[16];
	snprintf(url, sizeof url, "http://127.0.0.1:%d/%d", p->port, p->number);
	snprintf(want, sizeof want, "page %d", p->number);
	int status = cio_http_get(p->http, url, &body);
	if (status >= 0 && (status != 200 || strcmp(body.p, want) != 0))
		status = -EINVAL;
	cio_buf_finish(&body);
	return status;
}

/* Every hundredth page is asked for in vain the first time. */
static int serve(cio_request *req, cio_response *res)
{
	static char seen[PAGES];
	int64_t n = cio_path_int(req, "number");
	if (n >= PAGES)
		return -ENOENT;
	if (n % 100 == 0 && !seen[n]++)
		return cio_respond(res, 503, "text/plain", "not yet");
	return cio_respond_format(res, 200, "text/plain", "page %d", (int)n);
}

static int fetch_all(int port)
{
	static struct page pages[PAGES];
	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
		.limit_per_host = 20, .timeout = CIO_S(10), .retries = 3});
	if (http == NULL)
		return -ENOMEM;
	for (int i = 0; i < PAGES; i++)
		pages[i] = (struct page){http, port, i};
	int err = cio_map(fetch, pages, PAGES, .limit = 50);
	cio_http_session_figures f = cio_http_session_get_figures(http);
	int opened = (int)f.connections.opened, again = (int)f.retries;
	printf("%d pages, %d connections, %d retries\n", PAGES, opened, again);
	cio_http_session_close(http);
	return err < 0 ? err : opened <= 20 && again == 10 ? 0 : -EINVAL;
}

static int app(void *arg)
{
	(void)arg;
	static const cio_route routes[] = {{CIO_GET, "/{number:int}", serve}, {0}};
	cio_http_server *server;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	err = fetch_all(cio_http_server_port(server));
	return cio_http_server_close(server, CIO_S(1), NULL) < 0 ? -EIO : err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
