/* SPDX-License-Identifier: MIT */
/* the loop's clock while a task blocks it, and limits that begin afterwards */
/* drivers: epoll uring */
#include "parity.h"

#include <time.h>

static void block(int ticks)
{
	usleep((useconds_t)(ticks * T / 1000));
}

static cio_time machine(void)
{
	struct timespec t;
	CHECK_INT(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return CIO_S(t.tv_sec) + t.tv_nsec;
}

static int scenario(void *arg)
{
	cio_time start = cio_now();
	int err = 0;
	(void)arg;
	CHECK_INT(cio_sleep(2 * T), 0);
	say("a sleep passes: %d", cio_now() - start >= 2 * T);
	start = cio_now();
	block(5);
	say("it goes on while a task blocks: %d", cio_now() - start >= 5 * T);
	cio_time begin = machine();
	CHECK_INT(cio_sleep(3 * T), 0);
	say("a sleep after that is whole: %d", machine() - begin >= 3 * T);
	block(5);
	CIO_TIMEOUT (3 * T, &err)
		err = cio_sleep(T);
	say("%s", err == 0 ? "so is a limit" : "a limit is over at once");
	return 0;
}
