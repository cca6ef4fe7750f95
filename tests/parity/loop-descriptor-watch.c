/* SPDX-License-Identifier: MIT */
/* waiting for a descriptor: data, room, the end of the input */
/* drivers: epoll uring */
#include "parity.h"

#include <poll.h>
#include <sys/socket.h>

static int a, b; /* the numbers: the handles are the driver's */
static cio_fd fd_a, fd_b;
static int fired;

static int ready(cio_fd fd, int events)
{
	cio_op op = {.kind = CIO_OP_POLL, .fd = fd, .off = events};
	return cio_perform(&op);
}

static int reader(const int *unused)
{
	char data[100];
	(void)unused;
	while (fired < 3) { /* as long as there is data, it fires again */
		int got = ready(fd_a, POLLIN);
		if (got < 0)
			return got;
		fired++;
	}
	for (;;) {
		int got = ready(fd_a, POLLIN);
		ssize_t n = got < 0 ? -1 : read(a, data, sizeof data);
		if (n < 0)
			return -EIO;
		if (n == 0)
			break;
		say("read %.*s", (int)n, data);
	}
	say("end of stream");
	return 0;
}

static void give_back(cio_fd fd)
{
	cio_op op = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&op), 0);
}

static int scenario(void *arg)
{
	int pair[2];
	(void)arg;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	a = pair[0];
	b = pair[1];
	CHECK_INT(cio_fd_adopt(a, &fd_a), 0);
	CHECK_INT(cio_fd_adopt(b, &fd_b), 0);
	cio_task *t = cio_spawn(reader, NOTHING);
	(void)cio_sleep(T);
	say("fired without data %d", fired);
	CHECK_INT(write(b, "first", 5), 5);
	(void)cio_sleep(T);
	say("fired without reading %d", fired);
	if (ready(fd_b, POLLOUT) > 0)
		say("writable");
	CHECK_INT(write(b, "second", 6), 6);
	(void)cio_sleep(T);
	give_back(fd_b);
	int err = cio_await(t);
	give_back(fd_a);
	return err;
}
