/* SPDX-License-Identifier: MIT */
/* a waiter is notified and then cancelled before it runs */
/* drivers: sim */
#include "parity.h"

static cio_condition cond;
static cio_lock lock;

static int waiter(const char *name)
{
	int err = 0;
	CIO_LOCKED (&lock, &err) {
		err = cio_condition_wait(&cond, &lock);
		if (err == 0)
			add(" %c", *name);
	}
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	for (int late = 0; late < 2; late++) {
		cio_task *tasks[] = {cio_spawn(waiter, &"ab"[0]),
			cio_spawn(waiter, &"ab"[1])};
		int err = 0;
		(void)cio_sleep(T);
		add("cancelled %s | woke:",
			late ? "while regaining the lock" : "at once");
		CIO_LOCKED (&lock, &err) {
			cio_condition_notify(&cond, 1);
			if (late)
				(void)cio_sleep(T);
			cio_task_cancel(tasks[0], "no need");
		}
		(void)ended_within(tasks, 2, 5 * T);
		say(" | a cancelled %d | b still waiting %d",
			cio_task_cancelled(tasks[0]), !cio_task_done(tasks[1]));
		cio_task_cancel(tasks[1], "the round is over");
		(void)cio_gather(tasks, 2, .errors = CIO_COLLECT);
	}
	return 0;
}
