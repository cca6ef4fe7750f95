/* SPDX-License-Identifier: MIT */
/* what was written before a close arrives, though the peer reads late */
/* drivers: epoll uring sim */
#include "parity_net.h"

enum { SIZE = 2000000 };

static cio_event ended;
static char bytes[SIZE];

static int handler(cio_stream *s)
{
	static char got[65536];
	size_t total = 0;
	ssize_t n;
	int err = cio_sleep(3 * T);
	while (err == 0 && (n = cio_stream_read(s, got, sizeof got)) > 0)
		total += (size_t)n;
	say("peer read all %d", total == SIZE);
	cio_event_set(&ended);
	return err;
}

static int scenario(void *arg)
{
	struct server server;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	CHECK_INT(cio_stream_write(s, bytes, SIZE, NULL), 0);
	cio_stream_close(s);
	CHECK_INT(cio_event_wait(&ended), 0);
	say("end");
	server_close(&server);
	return 0;
}
