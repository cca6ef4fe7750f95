/* SPDX-License-Identifier: MIT */
/* a task's timeout passes and the task is cancelled in the same turn */
/* drivers: epoll uring */
#include "parity.h"

static int job(const char *const *name)
{
	int err = 0;
	CIO_TIMEOUT (2 * T, &err)
		err = cio_sleep(50 * T);
	say("%s %s", *name, outcome(err));
	return err == -ETIMEDOUT ? 0 : err;
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static void attempt(const char *name, bool cancel_first)
{
	cio_call call = {0};
	cio_task *t = cio_spawn(job, &name);
	CHECK_INT(cio_yield(), 0);
	cio_call_later(&call, cancel_first ? T : 2 * T + T / 2, cancel, t);
	CHECK_INT(cio_yield(), 0);
	usleep(400000); /* both are due when the loop looks again */
	say("%s -> %s", name, outcome(cio_await(t)));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("cancel first", true);
	attempt("timeout first", false);
	return 0;
}
