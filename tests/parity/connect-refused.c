/* SPDX-License-Identifier: MIT */
/* nobody listens; a name that is none; a server's port used twice */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int scenario(void *arg)
{
	cio_listener *l, *second;
	cio_stream *s = NULL;
	uint16_t port = 0;
	(void)arg;
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", port, NULL), 0);
	port = cio_listener_port(l);
	if (cio_tcp_listen(&second, "127.0.0.1", port, NULL) == -EADDRINUSE)
		say("the port is in use");
	cio_listener_close(l);
	if (cio_tcp_connect(&s, "127.0.0.1", port, NULL) == -ECONNREFUSED)
		say("refused");
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", port, NULL), 0);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), 0);
	cio_stream *theirs;
	CHECK_INT(cio_listener_accept(l, &theirs), 0);
	cio_stream_close(theirs);
	char bytes[10];
	say("connected, read %d", (int)cio_stream_read(s, bytes, 10));
	cio_stream_close(s);
	cio_listener_close(l);
	return 0;
}
