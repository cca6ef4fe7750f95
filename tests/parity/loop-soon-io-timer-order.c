/* SPDX-License-Identifier: MIT */
/* one turn: calls asked for before, descriptors, timers, calls asked for in it */
/* drivers: epoll uring */
#include "parity.h"

#include <poll.h>
#include <sys/socket.h>

static cio_event finished;
static cio_call first, soon, last, timer;
static int pair[2];
static cio_fd fd;

static int watch(const int *unused)
{
	char c;
	(void)unused;
	int ready = cio_fd_wait(fd, POLLIN);
	ssize_t n = ready < 0 ? 0 : read(pair[0], &c, 1);
	say("descriptor readable: %.*s", (int)n, &c);
	return 0;
}

static int on_last(void *unused)
{
	(void)unused;
	say("scheduled by the callback");
	cio_event_set(&finished);
	return 0;
}

static int on_soon(void *unused)
{
	say("scheduled callback");
	cio_call_soon(&last, on_last, unused);
	return 0;
}

static int on_timer(void *unused)
{
	(void)unused;
	say("due timer");
	return 0;
}

static int arm(void *unused)
{
	cio_call_at(&timer, cio_now() - T, on_timer, unused);
	CHECK_INT(write(pair[1], "x", 1), 1);
	cio_call_soon(&soon, on_soon, unused);
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CHECK_INT(cio_fd_adopt(pair[0], &fd), 0);
	cio_task *t = cio_spawn(watch, NOTHING);
	(void)cio_sleep(T); /* it waits */
	cio_call_soon(&first, arm, NULL);
	int err = cio_event_wait(&finished);
	CHECK_INT(cio_await(t), 0);
	cio_op close_op = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&close_op), 0);
	close(pair[1]);
	return err;
}
