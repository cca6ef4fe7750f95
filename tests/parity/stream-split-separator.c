/* SPDX-License-Identifier: MIT */
/* a separator, an exact count and a line that come in pieces */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	static const char *const pieces[] = {"ab", "c\r", "\ndef\r\n", "12",
		"345", "li", "ne\nrest"};
	int err = 0;
	for (int i = 0; i < 7 && err == 0; i++) {
		err = send_text(s, "%s", pieces[i]);
		if (err == 0)
			err = cio_sleep(T);
	}
	return err;
}

/* As Python writes bytes. */
static void show(const char *p, ssize_t n, const char *end)
{
	add("b'");
	for (ssize_t i = 0; i < n; i++) {
		if (p[i] == '\r' || p[i] == '\n')
			add("\\%c", p[i] == '\r' ? 'r' : 'n');
		else
			add("%c", p[i]);
	}
	add("'%s", end);
}

static int scenario(void *arg)
{
	struct server server;
	cio_str got;
	char bytes[100];
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	for (int i = 0; i < 2; i++) {
		CHECK_INT(cio_stream_readuntil(s, cio_str_of("\r\n"), &got), 1);
		show(got.p, (ssize_t)got.n, "\n");
	}
	CHECK_INT(cio_stream_read_exactly(s, bytes, 0, NULL), 0);
	show(bytes, 0, " ");
	CHECK_INT(cio_stream_read_exactly(s, bytes, 5, NULL), 0);
	show(bytes, 5, "\n");
	CHECK_INT(cio_stream_readuntil(s, cio_str_of("\n"), &got), 1);
	show(got.p, (ssize_t)got.n, "\n");
	ssize_t n = cio_stream_read(s, bytes, 2);
	show(bytes, n, " ");
	n = cio_stream_read(s, bytes, 100);
	show(bytes, n, "\n");
	n = cio_stream_read(s, bytes, 100);
	show(bytes, n, " ");
	n = cio_stream_read(s, bytes, 100);
	show(bytes, n, " ");
	say("%d", n == 0);
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
