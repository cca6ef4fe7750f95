/* SPDX-License-Identifier: MIT */
/*
 * echo.c - a TCP server that sends back what it gets, and clients that look:
 * "10 clients, 10 echoes"
 */
#include <cio.h>

#include <stdio.h>

enum { CLIENTS = 10 };

static int serve(cio_stream *const *stream)
{
	cio_stream *s = *stream;
	char buf[4096];
	ssize_t n;
	while ((n = cio_stream_read(s, buf, sizeof buf)) > 0 &&
		cio_stream_write(s, buf, (size_t)n, NULL) == 0)
		;
	cio_stream_close(s);
	return n < 0 ? (int)n : 0;
}

static int serve_all(cio_listener *const *listener)
{
	int err = 0;
	CIO_GROUP(connections, &err, .errors = CIO_COLLECT) {
		cio_stream *s;
		while ((err = cio_listener_accept(*listener, &s)) == 0)
			if (cio_group_spawn(&connections, serve, &s) < 0)
				cio_stream_close(s);
	}
	return err;
}

struct client {
	uint16_t port;
	int *echoes;
};

static int call(const struct client *c)
{
	cio_stream *s;
	int err = cio_tcp_connect(&s, "127.0.0.1", c->port, NULL);
	if (err < 0)
		return err;
	char sent[] = "a letter", got[sizeof sent];
	err = cio_stream_write(s, sent, sizeof sent, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(s, got, sizeof got, NULL);
	cio_stream_close(s);
	*c->echoes += err == 0 && strcmp(sent, got) == 0;
	return err;
}

static int app(void *arg)
{
	(void)arg;
	cio_listener *l;
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL), echoes = 0;
	if (err < 0)
		return err;
	cio_task *server = cio_spawn(serve_all, &l);
	CIO_GROUP(g, &err) {
		struct client c = {cio_listener_port(l), &echoes};
		for (int i = 0; i < CLIENTS && err == 0; i++)
			err = cio_group_spawn(&g, call, &c);
	}
	cio_listener_close(l); /* ends the accept, and so the server */
	(void)cio_await(server);
	printf("%d clients, %d echoes\n", CLIENTS, echoes);
	return err < 0 || echoes < CLIENTS ? -1 : 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
