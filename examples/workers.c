/* SPDX-License-Identifier: MIT */
/*
 * workers.c - one server on two loops that share a port
 *
 * It listens on a free port, asks itself over some connections, prints which
 * loop answered, and drains. With a port, `./workers 8080`, it serves until
 * Ctrl-C, which reaches both loops.
 */
#include <cio.h>
#include <cio/http_server.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 2, ASKED = 32 };

struct config {
	uint16_t port;
	cio_channel *ports; /* from the first worker to the others */
};

static int who(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond_format(res, 200, "text/plain", "worker %u\n",
		cio_worker());
}

static const cio_route routes[] = {
	{CIO_GET, "/", who},
	{0},
};

/* Which worker answers on a new connection? */
static int ask(uint16_t port)
{
	static const char question[] = "GET / HTTP/1.1\r\n"
		"Host: localhost\r\nConnection: close\r\n\r\n";
	cio_stream *s;
	int err = cio_tcp_connect(&s, "127.0.0.1", port, NULL);
	if (err < 0)
		return err;
	err = cio_stream_write(s, question, sizeof question - 1, NULL);
	while (err == 0 && (err = (int)cio_stream_fill(s)) > 0)
		err = 0;
	cio_str answer = cio_stream_peek(s);
	if (err == 0)
		err = answer.n < 2 ? -CIO_EPROTOCOL : answer.p[answer.n - 2] - '0';
	cio_stream_close(s);
	return err;
}

static int ask_many(uint16_t port)
{
	int answers[WORKERS] = {0}, err = 0;
	for (int i = 0; i < ASKED && err >= 0; i++) {
		err = ask(port);
		if (err >= 0 && err < WORKERS)
			answers[err]++;
	}
	printf("all asked: %s; both answered: %s\n",
		answers[0] + answers[1] == ASKED ? "yes" : "no",
		answers[0] > 0 && answers[1] > 0 ? "yes" : "no");
	(void)raise(SIGINT); /* as Ctrl-C does */
	return err;
}

/* The first takes the port and tells the others. */
static int open_server(cio_http_server **server, const struct config *c)
{
	uint16_t port = c->port;
	int err = cio_worker() == 0 ? 0 : cio_channel_receive(c->ports, &port);
	if (err == 0)
		err = cio_http_server_open(server,
			&(cio_http_server_options){.port = port,
				.reuse_port = true,
				.routes = routes});
	if (err < 0 || cio_worker() > 0)
		return err;
	port = cio_http_server_port(*server);
	for (int i = 1; i < WORKERS && err == 0; i++)
		err = cio_channel_send(c->ports, &port);
	return err;
}

/* Each worker runs this. What fails in one ends all. */
static int app(void *arg)
{
	const struct config *c = arg;
	cio_http_server *server = NULL;
	int err = open_server(&server, c);
	if (err == 0 && cio_worker() == WORKERS - 1 && c->port == 0)
		err = ask_many(cio_http_server_port(server));
	if (err >= 0)
		err = cio_sleep(CIO_NEVER); /* until a signal */
	int drained = 0;
	CIO_SHIELD (CIO_S(20), &drained) {
		drained = cio_http_server_close(server, CIO_S(10), NULL);
	}
	return err == -ECANCELED ? drained : err;
}

int main(int argc, char **argv)
{
	struct config c = {.port = argc > 1 ? (uint16_t)atoi(argv[1]) : 0};
	int err = cio_channel_open(&c.ports, sizeof(uint16_t), WORKERS);
	if (err == 0)
		err = cio_run_with(&(cio_run_options){.workers = WORKERS,
					   .signals = true},
			app, &c);
	if (err < 0)
		fprintf(stderr, "%s\n", cio_error_text());
	cio_channel_put(c.ports);
	return err < 0;
}
