/* SPDX-License-Identifier: MIT */
/* a task that must outlive who waits for it */
/* drivers: sim */
#include "parity.h"

static int inner(const int *unused)
{
	(void)unused;
	int err = cio_sleep(5 * T);
	say("inner %s", err < 0 ? "cancelled: must not appear" : "finishes");
	return err < 0 ? err : 7;
}

/* cio_wait only looks: the cancel ends the wait and not the task. */
static int outer(cio_task *const *task)
{
	int err = cio_wait(task, 1, CIO_ALL_COMPLETED, CIO_NEVER);
	if (err < 0)
		say("outer sees the cancel, inner done %d",
			cio_task_done(*task));
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *task = cio_spawn(inner, NOTHING);
	cio_task *t = cio_spawn(outer, &task);
	(void)cio_sleep(2 * T);
	cio_task_cancel(t, "no need");
	say("outer cancelled %d", cio_await(t) == -ECANCELED);
	wait_all(&task, 1);
	say("inner gave %s", cio_task_result(task) == 7 ? "value" : "?");
	wait_all(&task, 1);
	say("shield of a finished task gave %s",
		cio_await(task) == 7 ? "value" : "?");
	return 0;
}
