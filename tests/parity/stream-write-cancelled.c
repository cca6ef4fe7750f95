/* SPDX-License-Identifier: MIT */
/* a write that waits for its peer is cut by a limit */
/* drivers: epoll uring sim */
#include "parity_net.h"

#define TOTAL ((size_t)8 << 20)

static cio_event over;

static int handler(cio_stream *s)
{
	static char part[65536];
	size_t n = 0;
	ssize_t got;
	CHECK_INT(cio_sleep(6 * T), 0);
	while ((got = cio_stream_read(s, part, sizeof part)) > 0)
		n += (size_t)got;
	say("peer: got all %d", n == TOTAL);
	cio_event_set(&over);
	return 0;
}

static int scenario(void *arg)
{
	struct server server;
	int err = 0;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	char *bytes = calloc(1, TOTAL);
	CIO_TIMEOUT (2 * T, &err)
		err = cio_stream_write(s, bytes, TOTAL, NULL);
	free(bytes);
	say("%s", err == 0 ? "written" : outcome(err));
	if (cio_stream_torn(s))
		say("the stream is torn");
	cio_stream_close(s);
	CHECK_INT(cio_event_wait(&over), 0);
	server_close(&server);
	return 0;
}
