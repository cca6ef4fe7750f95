/* SPDX-License-Identifier: MIT */
/* a task is cancelled while its group waits for a child that cleans up slowly */
/* drivers: sim */
#include "parity.h"

static int stubborn(const int *unused)
{
	(void)unused;
	int err = cio_sleep(LONG);
	clean_for(3 * T);
	say("  child has cleaned up");
	return err;
}

static int owner(const int *unused)
{
	int err = 0;
	CIO_GROUP (g, &err)
		err = cio_group_spawn(&g, stubborn, unused);
	say("%s", err == -ECANCELED ? "  owner is cancelled" :
				      "must not appear");
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(owner, NOTHING);
	(void)cio_sleep(T);
	cio_task_cancel(t, "no need");
	(void)cio_sleep(T);
	say("  asked, owner done %d", cio_task_done(t));
	wait_all(&t, 1);
	say("  owner done, cancelled %d", cio_task_cancelled(t));
	CHECK_INT(cio_await(t), -ECANCELED);
	say("with a timeout around the group");
	int err = 0;
	CIO_TIMEOUT (T, &err) {
		CIO_GROUP (g, &err)
			err = cio_group_spawn(&g, stubborn, NOTHING);
	}
	if (err == -ETIMEDOUT)
		say("  timeout");
	return 0;
}
