/* SPDX-License-Identifier: MIT */
/* a slow reader holds the sender back */
/* drivers: epoll uring sim */
#include "parity_net.h"

enum { PIECE = 65536, PIECES = 128 };

static int progress;
static bool all_written;

static int handler(cio_stream *s)
{
	static const char piece[PIECE];
	int err = 0;
	for (int i = 0; i < PIECES && err == 0; i++) {
		err = cio_stream_write(s, piece, PIECE, NULL);
		progress++;
	}
	all_written = err == 0;
	return err;
}

static int scenario(void *arg)
{
	static char buf[PIECE];
	struct server server;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	(void)cio_sleep(5 * T);
	int before = progress;
	(void)cio_sleep(3 * T);
	say("every write | sender stalled before reading %d | "
	    "no progress while stalled %d",
		!all_written, progress == before);
	long total = 0;
	ssize_t n;
	while ((n = cio_stream_read(s, buf, sizeof buf)) > 0)
		total += n;
	say("  received %ld | %s", total, all_written ? "all written" : "?");
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
