/* SPDX-License-Identifier: MIT */
/* a turn: operations, posted calls, timers, tasks */
/* drivers: epoll uring */
#include "parity.h"

#include <poll.h>
#include <sys/socket.h>

static cio_event finished;
static cio_message soon, last;
static int readable;

static void on_last(cio_message *m)
{
	(void)m;
	say("scheduled by the callback");
	cio_event_set(&finished);
}

static void on_soon(cio_message *m)
{
	(void)m;
	say("scheduled callback");
	last.deliver = on_last;
	cio_loop_post(cio_current_loop(), &last);
}

static void on_readable(cio_op *op)
{
	char c;
	ssize_t n = read(readable, &c, 1);
	(void)op;
	say("descriptor readable: %.*s", (int)n, &c);
}

static void on_timer(cio_timer *t)
{
	(void)t;
	say("due timer");
}

static int scenario(void *arg)
{
	int pair[2];
	cio_fd fd;
	cio_timer timer = {.fire = on_timer};
	(void)arg;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	readable = pair[0];
	CHECK_INT(cio_fd_adopt(readable, &fd), 0);
	cio_op op = {.kind = CIO_OP_POLL,
		.fd = fd,
		.off = POLLIN,
		.done = on_readable};
	cio_timer_arm(&timer, cio_now() - T);
	CHECK_INT(cio_submit(&op), CIO_PENDING);
	CHECK_INT(write(pair[1], "x", 1), 1);
	soon.deliver = on_soon;
	cio_loop_post(cio_current_loop(), &soon);
	int err = cio_event_wait(&finished);
	cio_op close_op = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&close_op), 0);
	close(pair[1]);
	return err;
}
