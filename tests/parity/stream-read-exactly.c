/* SPDX-License-Identifier: MIT */
/* reading exactly N bytes waits for all of them */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	char line[8];
	(void)send_text(s, "ab");
	(void)cio_sleep(3 * T);
	(void)send_text(s, "cde");
	(void)cio_sleep(3 * T);
	(void)send_text(s, "fgh");
	(void)cio_sleep(6 * T);
	(void)read_line(s, line, sizeof line);
	(void)send_text(s, "rest ");
	(void)cio_sleep(T);
	(void)send_text(s, "of the data");
	return cio_sleep(T);
}

static int exactly(cio_stream *s, char *buf, size_t n, size_t *done)
{
	memset(buf, 0, n + 1);
	return cio_stream_read_exactly(s, buf, n, done);
}

static int scenario(void *arg)
{
	struct server server;
	char buf[128] = "";
	size_t done;
	int err = 0;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	CHECK_INT(cio_stream_read(s, buf, 100), 2);
	say("up to 100: %s", buf);
	CHECK_INT(exactly(s, buf, 4, NULL), 0);
	say("exactly 4: %s", buf);
	CHECK_INT(exactly(s, buf, 0, NULL), 0);
	say("exactly 0: '%s'", buf);
	(void)send_text(s, "\n");
	CIO_TIMEOUT (2 * T, &err)
		err = exactly(s, buf, 3, NULL);
	say("%s", outcome(err));
	CHECK_INT(exactly(s, buf, 7, NULL), 0);
	say("exactly 7: '%s'", buf);
	err = exactly(s, buf, 100, &done);
	cio_str have = cio_stream_peek(s);
	say("error: %s, in buf %zu, in the stream %zu, ends %.*s",
		err == -CIO_EEOF ? "incomplete" : outcome(err), done, have.n, 4,
		have.n >= 4 ? have.p + have.n - 4 : "");
	cio_stream_consume(s, have.n);
	say("to the end: %d", (int)cio_stream_read(s, buf, sizeof buf));
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
