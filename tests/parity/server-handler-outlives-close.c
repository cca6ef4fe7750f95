/* SPDX-License-Identifier: MIT */
/* a server is closed while a handler answers: the answer arrives whole */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	char line[20];
	int err = read_line(s, line, sizeof line) < 0 ? -EIO : 0;
	for (int n = 0; n < 3 && err == 0; n++) {
		err = send_text(s, "part %d\n", n);
		if (err == 0)
			err = cio_sleep(T);
	}
	return err;
}

static void tell_line(cio_stream *s)
{
	char line[20];
	if (read_line(s, line, sizeof line) > 0)
		say("%s", line);
}

static int scenario(void *arg)
{
	struct server server;
	cio_stream *other;
	char byte;
	(void)arg;
	server_open(&server, handler);
	uint16_t port = cio_listener_port(server.listener);
	cio_stream *s = client_open(port);
	CHECK_INT(send_text(s, "ask\n"), 0);
	tell_line(s);
	server_stop(&server);
	int err = cio_tcp_connect(&other, "127.0.0.1", port, NULL);
	say("a new one: %s", err == -ECONNREFUSED ? "refused" : outcome(err));
	tell_line(s);
	tell_line(s);
	say("end %d", (int)cio_stream_read(s, &byte, 1));
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
