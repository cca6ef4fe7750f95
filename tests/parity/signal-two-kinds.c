/* SPDX-License-Identifier: MIT */
/* two kinds of signals arrive before the loop looks: in which order they are told */
/* drivers: epoll uring sim */
#include "parity.h"

#include <signal.h>

static int watch(cio_signals *const *s)
{
	int signo;
	while ((signo = cio_signals_wait(*s)) > 0)
		say("%s kind", signo == SIGUSR1 ? "first" : "second");
	return 0;
}

static int scenario(void *arg)
{
	cio_signals s, *at = &s;
	(void)arg;
	CHECK_INT(
		cio_signals_open(&s, CIO_SIGNAL(SIGUSR1) | CIO_SIGNAL(SIGUSR2)),
		0);
	cio_task *w = cio_spawn(watch, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(kill(getpid(), SIGUSR2), 0);
	CHECK_INT(kill(getpid(), SIGUSR1), 0);
	CHECK_INT(cio_sleep(2 * T), 0);
	say("main");
	cio_signals_close(&s);
	return cio_await(w);
}
