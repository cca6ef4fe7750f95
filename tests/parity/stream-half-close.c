/* SPDX-License-Identifier: MIT */
/* shutting down ends one direction: the peer reads the end and still answers */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	char bytes[256];
	ssize_t n;
	int total = 0;
	while ((n = cio_stream_read(s, bytes, sizeof bytes)) > 0)
		total += (int)n;
	say("server: read to the end, %d bytes", total);
	return send_text(s, "got it\n");
}

static int scenario(void *arg)
{
	struct server server;
	char data[1000];
	cio_str line;
	(void)arg;
	memset(data, 'x', sizeof data);
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	CHECK_INT(cio_stream_write(s, data, sizeof data, NULL), 0);
	CHECK_INT(cio_stream_shutdown(s), 0);
	int err = cio_stream_write(s, "more", 4, NULL);
	say("client: write after the end: %s", err == -EPIPE ? "error" : "ok");
	CHECK_INT(cio_stream_readline(s, &line), 1);
	say("client: %.*s", (int)line.n, line.p);
	if (cio_stream_readline(s, &line) == 0)
		say("client: the end ''");
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
