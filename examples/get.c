/* SPDX-License-Identifier: MIT */
/*
 * get.c - fetch one page and print it: get [URL]
 *
 *	$ ./get
 *	200, 6 bytes: hello
 */
#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>

#include <errno.h>
#include <stdio.h>

static int hello(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond(res, 200, "text/plain", "hello\n");
}

static int get(const char *url)
{
	cio_http_session *http = cio_http_session_open(NULL);
	if (http == NULL)
		return -ENOMEM;
	cio_buf body = {0};
	int status = cio_http_get(http, url, &body);
	if (status < 0)
		fprintf(stderr, "get: %s\n", cio_error_text());
	else
		printf("%d, %zu bytes: %.*s", status, body.n, (int)body.n,
			body.n > 0 ? body.p : "");
	cio_buf_finish(&body);
	cio_http_session_close(http);
	return status < 0 ? status : status >= 400 ? -CIO_ESTATUS : 0;
}

/* Without a URL there is a server of our own to ask. */
static int get_from_ourselves(void)
{
	static const cio_route routes[] = {{CIO_GET, "/hello", hello}, {0}};
	cio_http_server *server;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0) {
		fprintf(stderr, "get: %s\n", cio_error_text());
		return err;
	}
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%u/hello",
		cio_http_server_port(server));
	err = get(url);
	(void)cio_http_server_close(server, CIO_S(1), NULL);
	return err;
}

static int app(void *arg)
{
	char **argv = arg;
	return argv[1] != NULL ? get(argv[1]) : get_from_ourselves();
}

int main(int argc, char **argv)
{
	(void)argc;
	return cio_run(app, argv) < 0;
}
