/* SPDX-License-Identifier: MIT */
/* a child fails and its group's owner is cancelled in the same turn */
/* drivers: sim */
#include "parity.h"

static int fails_on(cio_event *const *event)
{
	int err = cio_event_wait(*event);
	return err < 0 ? err : raise_error("boom");
}

static int owner(cio_event *const *event)
{
	int err = 0;
	CIO_GROUP (group, &err)
		err = cio_group_spawn(&group, fails_on, event);
	if (err == -EIO)
		say("  owner handles the group error");
	else if (err < 0)
		return err;
	err = cio_sleep(T);
	if (err == 0)
		say("  owner ran to its end");
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	for (int cancel_first = 0; cancel_first < 2; cancel_first++) {
		say("cancel first: %d", cancel_first);
		cio_event event = {0};
		cio_task *t = cio_spawn(owner, &(cio_event *){&event});
		(void)cio_sleep(T);
		if (cancel_first)
			cio_task_cancel(t, "no need");
		cio_event_set(&event);
		(void)cio_yield();
		cio_task_cancel(t, "no need");
		wait_all(&t, 1);
		say("  owner cancelled %d", cio_task_cancelled(t));
		(void)cio_await(t);
	}
	return 0;
}
