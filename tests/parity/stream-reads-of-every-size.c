/* SPDX-License-Identifier: MIT */
/* exact reads, reads up to a mark and plain reads in turns, over small pieces */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	static const char *const parts[] = {"ab", "cdef", "g;h", "i;;jk",
		"lmnop"};
	int err = 0;
	for (int i = 0; i < 5 && err == 0; i++) {
		err = send_text(s, "%s", parts[i]);
		if (err == 0)
			err = cio_sleep(T);
	}
	return err;
}

static void exactly(cio_stream *s, size_t n)
{
	char bytes[8];
	CHECK_INT(cio_stream_read_exactly(s, bytes, n, NULL), 0);
	say("exactly: %.*s", (int)n, bytes);
}

static void until(cio_stream *s)
{
	cio_str got = {0};
	CHECK_INT(cio_stream_readuntil(s, cio_str_of(";"), &got), 1);
	say("until: %.*s", (int)got.n, got.p);
}

static int scenario(void *arg)
{
	struct server server;
	char bytes[16];
	ssize_t n;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	exactly(s, 5);
	until(s);
	until(s);
	size_t none = 9;
	CHECK_INT(cio_stream_read_exactly(s, bytes, 0, &none), 0);
	say("exactly nothing: %zu", none);
	until(s);
	exactly(s, 4);
	n = cio_stream_read(s, bytes, 2);
	say("at most two: %.*s", (int)n, bytes);
	add("the rest: ");
	while ((n = cio_stream_read(s, bytes, sizeof bytes)) > 0)
		add("%.*s", (int)n, bytes);
	say("%s", "");
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
