/* SPDX-License-Identifier: MIT */
/* a closed server refuses newcomers; open connections go on */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	char line[100];
	while (read_line(s, line, sizeof line) >= 0)
		(void)send_text(s, "echo %s\n", line);
	return 0;
}

static void ask(cio_stream *s, const char *text)
{
	char line[100];
	(void)send_text(s, "%s\n", text);
	CHECK(read_line(s, line, sizeof line) > 0);
	say("%s", line);
}

static int scenario(void *arg)
{
	struct server server;
	(void)arg;
	server_open(&server, handler);
	uint16_t port = cio_listener_port(server.listener);
	cio_stream *s = client_open(port), *late;
	ask(s, "before");
	server_stop(&server);
	(void)cio_sleep(T);
	int err = cio_tcp_connect(&late, "127.0.0.1", port, NULL);
	say("newcomer: %s",
		err == -ECONNREFUSED ? "error: connection-refused" :
				       "accepted");
	ask(s, "after");
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
