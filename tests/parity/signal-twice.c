/* SPDX-License-Identifier: MIT */
/* a signal that comes twice before the loop looks, and again later */
/* drivers: epoll uring sim */
#include "parity.h"

#include <signal.h>

static int count;

static int watch(cio_signals *const *s)
{
	while (cio_signals_wait(*s) == SIGUSR1)
		count++;
	return 0;
}

static int scenario(void *arg)
{
	cio_signals s, *at = &s;
	(void)arg;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	cio_task *w = cio_spawn(watch, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(kill(getpid(), SIGUSR1), 0);
	CHECK_INT(kill(getpid(), SIGUSR1), 0);
	CHECK_INT(cio_sleep(2 * T), 0);
	say("two at once: %d", count);
	CHECK_INT(kill(getpid(), SIGUSR1), 0);
	CHECK_INT(cio_sleep(2 * T), 0);
	say("and one: %d", count);
	cio_signals_close(&s);
	return cio_await(w);
}
