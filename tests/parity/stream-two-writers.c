/* SPDX-License-Identifier: MIT */
/* two tasks write to one stream and wait for the peer */
/* drivers: epoll uring sim */
#include "parity_net.h"

#define PIECE ((size_t)4 << 20)

static int handler(cio_stream *s)
{
	static char part[65536];
	size_t n = 0;
	ssize_t got = 1;
	CHECK_INT(cio_sleep(4 * T), 0);
	while (n < 2 * PIECE &&
		(got = cio_stream_read(s, part, sizeof part)) > 0)
		n += (size_t)got;
	say("peer: got both pieces %d", n == 2 * PIECE);
	return 0;
}

struct writer {
	const char *name;
	cio_stream *stream;
};

static int run(const struct writer *w)
{
	char *bytes = calloc(1, PIECE);
	int err = cio_stream_write(w->stream, bytes, PIECE, NULL);
	free(bytes);
	say("%s %s", w->name, err == -EBUSY ? "refused" : outcome(err));
	return 0;
}

static int scenario(void *arg)
{
	struct server server;
	char end;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	cio_task *t[] = {cio_spawn(run, (&(struct writer){"a", s})),
		cio_spawn(run, (&(struct writer){"b", s}))};
	CHECK_INT(cio_gather(t, 2), 0);
	CHECK_INT(cio_stream_shutdown(s), 0);
	CHECK_INT(cio_stream_read(s, &end, 1), 0);
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
