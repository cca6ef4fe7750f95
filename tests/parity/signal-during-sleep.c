/* SPDX-License-Identifier: MIT */
/* a signal wakes who watches it, and cuts nobody's sleep short */
/* drivers: epoll uring sim */
#include "parity.h"

#include <signal.h>

static int told;

static int sleeper(const int *unused)
{
	(void)unused;
	cio_time start = cio_now();
	int err = cio_sleep(4 * T);
	say("slept to the end %d", cio_now() - start >= 4 * T);
	return err;
}

static int watch(cio_signals *const *s)
{
	while (cio_signals_wait(*s) == SIGUSR1)
		say("signal %d", ++told);
	return 0;
}

static int scenario(void *arg)
{
	cio_signals s, *at = &s;
	(void)arg;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	cio_task *w = cio_spawn(watch, &at), *t = cio_spawn(sleeper, NOTHING);
	(void)cio_sleep(T);
	CHECK_INT(kill(getpid(), SIGUSR1), 0);
	(void)cio_sleep(T);
	CHECK_INT(kill(getpid(), SIGUSR1), 0);
	CHECK_INT(cio_await(t), 0);
	cio_signals_close(&s);
	CHECK_INT(cio_await(w), 0);
	say("told %d", told);
	return 0;
}
