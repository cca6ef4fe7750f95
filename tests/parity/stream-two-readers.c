/* SPDX-License-Identifier: MIT */
/* two tasks read one stream: the second is refused, the first gets the bytes */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	int err = cio_sleep(4 * T);
	return err < 0 ? err : send_text(s, "hello");
}

struct reader {
	const char *name;
	cio_stream *stream;
};

static int reads(const struct reader *r)
{
	char bytes[100];
	ssize_t n = cio_stream_read(r->stream, bytes, sizeof bytes);
	if (n == -EBUSY)
		say("%s refused", r->name);
	else
		say("%s got %.*s", r->name, n > 0 ? (int)n : 0, bytes);
	return 0;
}

static int scenario(void *arg)
{
	struct server server;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	cio_task *t = cio_spawn(reads, (&(struct reader){"first", s}));
	CHECK_INT(cio_sleep(T), 0);
	(void)reads(&(struct reader){"second", s});
	CHECK_INT(cio_await(t), 0);
	(void)reads(&(struct reader){"third", s});
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
