/* SPDX-License-Identifier: MIT */
/*
 * server.c - a hello server that asks itself
 *
 * It listens on a free port, sends itself one request over TCP, prints the
 * answer, and drains. With a port, `./server 8080`, it serves until Ctrl-C.
 */
#include <cio.h>
#include <cio/http_server.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int hello(cio_request *req, cio_response *res)
{
	cio_str name = cio_path_str(req, "name");
	return cio_respond_format(res, 200, "text/plain", "hello, %.*s\n",
		(int)name.n, name.p);
}

static const cio_route routes[] = {
	{CIO_GET, "/hello/{name}", hello},
	{0},
};

static int wait_for_signal(void)
{
	cio_signals stop;
	int err = cio_signals_open(&stop,
		CIO_SIGNAL(SIGINT) | CIO_SIGNAL(SIGTERM));
	if (err == 0) {
		err = cio_signals_wait(&stop);
		cio_signals_close(&stop);
	}
	return err;
}

static int ask(uint16_t port)
{
	static const char question[] = "GET /hello/world HTTP/1.1\r\n"
		"Host: localhost\r\nConnection: close\r\n\r\n";
	cio_stream *s;
	int err = cio_tcp_connect(&s, "127.0.0.1", port, NULL);
	if (err < 0)
		return err;
	err = cio_stream_write(s, question, sizeof question - 1, NULL);
	while (err == 0 && (err = (int)cio_stream_fill(s)) > 0)
		err = 0; /* the answer gathers in the stream's buffer */
	cio_str answer = cio_stream_peek(s);
	if (err == 0 && (answer.n < 13 ||
			memcmp(answer.p + answer.n - 13, "hello, world\n", 13) != 0))
		err = -CIO_EPROTOCOL;
	printf("%.*s", (int)answer.n, answer.p);
	cio_stream_close(s);
	return err;
}

static int app(void *arg)
{
	const char *port = arg;
	cio_http_server *server;
	int err = cio_http_server_open(&server, &(cio_http_server_options){
		.routes = routes,
		.port = port != NULL ? (uint16_t)atoi(port) : 0,
	});
	if (err < 0)
		return fprintf(stderr, "%s\n", cio_error_text()), err;
	err = port != NULL ? wait_for_signal() :
		ask(cio_http_server_port(server));
	int drained = cio_http_server_close(server, CIO_S(10), NULL);
	return err < 0 ? err : drained;
}

int main(int argc, char **argv)
{
	return cio_run(app, argc > 1 ? argv[1] : NULL) < 0;
}
