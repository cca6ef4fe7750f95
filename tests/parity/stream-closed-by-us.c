/* SPDX-License-Identifier: MIT */
/* a stream is closed by its own side while a task reads it */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int peer = -1, reader = -1;

static int handler(cio_stream *s)
{
	char bytes[100];
	peer = (int)cio_stream_read(s, bytes, sizeof bytes);
	return 0;
}

static int reads(cio_stream *const *s)
{
	char bytes[100];
	reader = (int)cio_stream_read(*s, bytes, sizeof bytes);
	return 0;
}

static int scenario(void *arg)
{
	struct server server;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	cio_task *t = cio_spawn(reads, &s);
	CHECK_INT(cio_sleep(T), 0);
	cio_stream_close(s);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_sleep(2 * T), 0);
	say("peer reads %d", peer);
	if (reader < 0)
		say("reader got %s", outcome(reader));
	else
		say("reader got %d", reader);
	server_close(&server);
	return 0;
}
