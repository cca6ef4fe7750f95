/* SPDX-License-Identifier: MIT */
/*
 * in_process.c - a handler, tested without a socket
 *
 * The session's connections are made by cio_http_server_dial: server and client
 * talk in memory, with everything in between but the network.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cio/http_server.h>
#include <cio/http_session.h>
#include <cio/run.h>

/* ---- what is tested ---- */

static int greet(cio_request *req, cio_response *res)
{
	cio_str name = cio_path_str(req, "name");
	if (name.n > 20)
		return -EINVAL;
	return cio_respond_format(res, 200, "text/plain", "Hello, %.*s!\n",
		(int)name.n, name.p);
}

static const cio_route routes[] = {
	{CIO_GET, "/greet/{name}", greet},
	{0},
};

/* ---- the test ---- */

static int failures;

static void expect(cio_http_session *http, const char *url, int status,
	const char *text)
{
	cio_buf body = {0};
	int got = cio_http_get(http, url, &body);
	bool same = body.n == strlen(text) &&
		(body.n == 0 || memcmp(body.p, text, body.n) == 0);
	bool good = got == status && (status != 200 || same);
	printf("%s %s: %d\n", good ? "ok" : "FAILED", url, got);
	failures += !good;
	cio_buf_finish(&body);
}

static int run(void *arg)
{
	(void)arg;
	cio_http_server *server;
	int err = cio_http_server_open(&server, &(cio_http_server_options){
		.in_process = true, .routes = routes});
	if (err < 0)
		return err;
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.base_url = "http://test",
			.dial = cio_http_server_dial, .dial_arg = server});
	if (http != NULL) {
		expect(http, "/greet/world", 200, "Hello, world!\n");
		expect(http, "/greet/a%20b", 200, "Hello, a b!\n");
		expect(http, "/greet/somebody-with-a-long-name", 400, "");
		expect(http, "/nothing", 404, "");
	}
	cio_http_session_close(http);
	return cio_http_server_close(server, CIO_S(1), NULL);
}

int main(void)
{
	int err = cio_run(run, NULL);
	if (err < 0)
		fprintf(stderr, "in_process: %s\n", cio_strerror(err));
	return err < 0 || failures > 0;
}
