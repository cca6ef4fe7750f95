/* SPDX-License-Identifier: MIT */
/* a line longer than the limit is an error; the following ones are read */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	static const char *const pieces[] = {
		"short\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nnext\n",
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
		"yyy tail\nlast\n",
	};
	cio_str line;
	for (int i = 0; i < 3; i++) {
		(void)send_text(s, "%s", pieces[i]);
		if (cio_stream_readline(s, &line) <= 0)
			return -EIO;
	}
	return 0;
}

static int read_one(cio_stream *s, const char *label)
{
	cio_str line;
	int got = cio_stream_readline(s, &line);
	if (got == -CIO_ETOOLARGE)
		say("%s -> error: line too long, %d stay", label,
			(int)cio_stream_peek(s).n);
	else
		say("%s -> '%.*s%s'", label, got > 0 ? (int)line.n : 0,
			got > 0 ? line.p : "", got > 0 ? "\\n" : "");
	return got;
}

/* Throw a line away, whatever its length. */
static void skip_line(cio_stream *s)
{
	cio_str have;
	const char *end = NULL;
	while (end == NULL) {
		have = cio_stream_peek(s);
		end = have.n > 0 ? memchr(have.p, '\n', have.n) : NULL;
		cio_stream_consume(s,
			end != NULL ? (size_t)(end - have.p) + 1 : have.n);
		if (end == NULL && cio_stream_fill(s) <= 0)
			return;
	}
}

static int scenario(void *arg)
{
	struct server server;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	cio_stream_set_limit(s, 16);
	(void)read_one(s, "first");
	(void)read_one(s, "long with its end");
	skip_line(s);
	(void)read_one(s, "after it");
	(void)send_text(s, "\n");
	(void)read_one(s, "long without its end");
	(void)send_text(s, "\n");
	skip_line(s);
	(void)read_one(s, "after it");
	(void)send_text(s, "\n");
	(void)read_one(s, "end of stream");
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
