/* SPDX-License-Identifier: MIT */
/* a group's child awaits a task that somebody else cancels, and passes that on */
/* drivers: sim */
#include "parity.h"

static int sleeps(const int *unused)
{
	(void)unused;
	return cio_sleep(50 * T);
}

static int child(cio_task *const *task)
{
	int err = cio_await(*task);
	if (err == -ECANCELED)
		say("child: its task was cancelled");
	return err;
}

static int sibling(const int *unused)
{
	(void)unused;
	int err = cio_sleep(3 * T);
	say("sibling: %s", err == 0 ? "done" : outcome(err));
	return err;
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static int scenario(void *arg)
{
	cio_call call = {0};
	int err = 0;
	(void)arg;
	cio_task *t = cio_spawn(sleeps, NOTHING);
	cio_call_later(&call, T, cancel, t);
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, child, &t);
		(void)cio_group_spawn(&group, sibling, NOTHING);
	}
	say("group: %s", err == 0 ? "ok" : "failed");
	return 0;
}
