/* SPDX-License-Identifier: MIT */
/* waiting for a closed server waits for its connections */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	char line[100];
	(void)read_line(s, line, sizeof line);
	(void)cio_sleep(6 * T);
	say("handler ends its connection");
	return 0;
}

static int scenario(void *arg)
{
	struct server server;
	char byte;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	(void)send_text(s, "hello\n");
	(void)cio_sleep(2 * T);
	server_close(&server);
	say("server wait returned");
	CHECK_INT(cio_stream_read(s, &byte, 1), 0);
	cio_stream_close(s);
	return 0;
}
