/* SPDX-License-Identifier: MIT */
/* signals as something to wait for */
/* drivers: epoll uring */
#include "parity.h"

#include <signal.h>

static int waiter(cio_signals *const *s)
{
	return cio_signals_wait(*s);
}

static int reaction(const int *unused)
{
	(void)unused;
	say("task started by a signal");
	return 0;
}

static int reactions;

static int react(cio_signals *const *s)
{
	int signo;
	while ((signo = cio_signals_wait(*s)) > 0) {
		reactions++;
		cio_detach(cio_spawn(reaction, NOTHING), NULL);
	}
	return signo;
}

static int scenario(void *arg)
{
	cio_signals usr1, usr2, bad, *p = &usr1;
	(void)arg;
	CHECK_INT(cio_signals_open(&usr1, CIO_SIGNAL(SIGUSR1)), 0);
	cio_task *t = cio_spawn(waiter, &p);
	(void)cio_yield();
	kill(getpid(), SIGUSR1);
	say("sent; handler ran already %d", cio_task_done(t));
	say("woken by %s", cio_await(t) == SIGUSR1 ? "first signal" : "?");

	t = cio_spawn(react, &p);
	kill(getpid(), SIGUSR1);
	(void)cio_sleep(2 * T);
	say("tasks started %d", reactions);
	cio_task_cancel(t, "enough");
	(void)cio_await(t);

	CHECK_INT(cio_signals_open(&usr2, CIO_SIGNAL(SIGUSR2)), 0);
	kill(getpid(), SIGUSR2);
	say("%s", cio_signals_wait(&usr2) == SIGUSR2 ? "other signal" : "?");
	cio_signals_close(&usr2);
	cio_signals_close(&usr1);
	int err = cio_signals_open(&bad, CIO_SIGNAL(SIGKILL));
	say("a handler for KILL is %s", err == -EINVAL ? "refused" : "taken");
	return 0;
}
