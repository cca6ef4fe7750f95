/* SPDX-License-Identifier: MIT */
/* the peer has closed: a write soon says so, and no signal kills */
/* drivers: epoll uring sim */
#include "parity_net.h"

static cio_event finished;

static int handler(cio_stream *s)
{
	char name[32];
	int sent = 0, err = 0;
	char piece[1000] = "";
	(void)read_line(s, name, sizeof name);
	if (strcmp(name, "polite") == 0)
		return send_text(s, "hello polite\n");
	for (int i = 0; i < 20 && err == 0; i++) {
		err = cio_stream_write(s, piece, sizeof piece, NULL);
		sent += err == 0;
		(void)cio_sleep(T);
	}
	bool lost = err == -EPIPE || err == -ECONNRESET;
	say("server: %s | first writes passed %d",
		lost ? "error: connection lost" : "never failed", sent >= 1);
	cio_event_set(&finished);
	return err;
}

static int scenario(void *arg)
{
	struct server server;
	char line[32];
	(void)arg;
	server_open(&server, handler);
	uint16_t port = cio_listener_port(server.listener);
	cio_stream *s = client_open(port);
	(void)send_text(s, "rude\n");
	CHECK_INT(cio_stream_read(s, line, 1), 1);
	cio_stream_close(s);
	CHECK_INT(cio_event_wait(&finished), 0);
	s = client_open(port);
	(void)send_text(s, "polite\n");
	CHECK(read_line(s, line, sizeof line) > 0);
	say("client: %s", line);
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
