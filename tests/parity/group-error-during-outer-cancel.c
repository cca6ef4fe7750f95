/* SPDX-License-Identifier: MIT */
/* a child fails in its cleanup after its group's owner was cancelled */
/* drivers: sim */
#include "parity.h"

static int child(const int *unused)
{
	(void)unused;
	(void)cio_sleep(50 * T);
	return raise_error("cleanup");
}

static int owner(const int *unused)
{
	int err = 0;
	CIO_GROUP (group, &err)
		(void)cio_group_spawn(&group, child, unused);
	say("owner: %s", outcome(err));
	err = cio_sleep(T);
	say("owner: %s", err == 0 ? "went on" : outcome(err));
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(owner, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t, "no need");
	wait_all(&t, 1);
	say("main: cancelled %d", cio_task_cancelled(t));
	(void)cio_await(t);
	return 0;
}
