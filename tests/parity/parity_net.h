/* SPDX-License-Identifier: MIT */
/*
 * parity_net.h - what the scenarios with streams share: a server of lines
 */
#ifndef CIO_TESTS_PARITY_NET_H
#define CIO_TESTS_PARITY_NET_H

#include "parity.h"

/* ---- lines ---- */

/* Read a line without its end into `line`: its length, -ENODATA at the end of
 * the input, or an error. What has arrived of an unfinished line stays in the
 * stream; a line cut by the end of the input counts. */
MAYBE_UNUSED static ssize_t read_line(cio_stream *s, char *line, size_t room)
{
	for (;;) {
		cio_str have = cio_stream_peek(s);
		const char *end = memchr(have.p, '\n', have.n);
		ssize_t more = end != NULL ? 0 : cio_stream_fill(s);
		if (more > 0)
			continue;
		if (more < 0)
			return more;
		have = cio_stream_peek(s);
		size_t n = end != NULL ? (size_t)(end - have.p) : have.n;
		if (end == NULL && n == 0)
			return -ENODATA;
		snprintf(line, room, "%.*s", (int)n, have.p);
		cio_stream_consume(s, n + (end != NULL));
		return (ssize_t)n;
	}
}

MAYBE_UNUSED CIO_PRINTF(2, 3) static int send_text(cio_stream *s,
	const char *format, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return cio_stream_write(s, text, (size_t)n, NULL);
}

/* ---- a server: a task for each connection ---- */

typedef int connection(cio_stream *s);

struct server {
	cio_listener *listener;
	cio_task *task;
	connection *fn;
	int now, peak, ended; /* connections */
};

struct served {
	struct server *server;
	cio_stream *stream;
};

static int parity_serve(const struct served *c)
{
	struct server *server = c->server;
	server->peak = ++server->now > server->peak ? server->now :
						      server->peak;
	(void)server->fn(c->stream);
	cio_stream_close(c->stream);
	server->now--;
	server->ended++;
	return 0;
}

static int parity_accept(struct server *const *server)
{
	int err = 0;
	CIO_GROUP (connections, &err) {
		struct served c = {*server, NULL};
		while ((err = cio_listener_accept(c.server->listener,
				&c.stream)) == 0)
			(void)cio_group_spawn(&connections, parity_serve, &c);
		if (err == -ECANCELED)
			err = 0; /* the listener was closed */
	}
	return err;
}

/* Listen on a free port of 127.0.0.1 and serve each connection by `fn`, which
 * does not close it. */
MAYBE_UNUSED static void server_open(struct server *s, connection *fn)
{
	*s = (struct server){.fn = fn};
	CHECK_INT(cio_tcp_listen(&s->listener, "127.0.0.1", 0, NULL), 0);
	s->task = cio_spawn(parity_accept, &s);
}

/* Stop listening; the connections go on. */
MAYBE_UNUSED static void server_stop(struct server *s)
{
	cio_listener_close(s->listener);
	s->listener = NULL;
}

/* The same, and wait for the connections to end. */
MAYBE_UNUSED static void server_close(struct server *s)
{
	cio_listener_close(s->listener);
	CHECK_INT(cio_await(s->task), 0);
}

MAYBE_UNUSED static cio_stream *client_open(uint16_t port)
{
	cio_stream *s = NULL;
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), 0);
	return s;
}

#endif
