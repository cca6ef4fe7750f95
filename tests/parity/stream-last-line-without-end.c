/* SPDX-License-Identifier: MIT */
/* lines, the last without its end, an empty line, and reads after the end */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	int err = send_text(s, "one\n\ntwo\r\nlast");
	return err < 0 ? err : cio_sleep(T);
}

static int scenario(void *arg)
{
	struct server server;
	cio_str line;
	char bytes[10];
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	while (cio_stream_readline(s, &line) == 1)
		say("line of %zu %.*s", line.n, (int)line.n, line.p);
	int end = cio_stream_readline(s, &line);
	say("end %d %d", end, (int)cio_stream_read(s, bytes, sizeof bytes));
	say("and again %d", (int)cio_stream_read(s, bytes, sizeof bytes));
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
