/* SPDX-License-Identifier: MIT */
/* a read given up loses no bytes */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	char line[8];
	(void)cio_sleep(2 * T);
	(void)send_text(s, "one ");
	(void)cio_sleep(4 * T);
	(void)send_text(s, "two ");
	(void)cio_sleep(4 * T);
	(void)send_text(s, "three\nrest");
	(void)read_line(s, line, sizeof line);
	(void)send_text(s, "ored");
	return (int)read_line(s, line, sizeof line);
}

struct exact {
	cio_stream *s;
	char *buf;
};

static int exact(const struct exact *e)
{
	return cio_stream_read_exactly(e->s, e->buf, 8, NULL);
}

static int scenario(void *arg)
{
	struct server server;
	char line[32], buf[9] = "";
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	int err = -ETIMEDOUT;
	for (int attempt = 1; err == -ETIMEDOUT; attempt++) {
		CIO_TIMEOUT (4 * T, &err)
			err = (int)read_line(s, line, sizeof line);
		say("attempt %d -> %s", attempt, err < 0 ? outcome(err) : line);
	}
	cio_task *t = cio_spawn(exact, &(struct exact){s, buf});
	(void)cio_sleep(2 * T);
	cio_task_cancel(t, "no need");
	say("exact read cancelled %d", cio_await(t) == -ECANCELED);
	(void)send_text(s, "\n");
	CHECK_INT(exact(&(struct exact){s, buf}), 0);
	say("exact read afterwards: %s", buf);
	cio_stream_close(s);
	server_close(&server);
	return 0;
}
