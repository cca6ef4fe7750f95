/* SPDX-License-Identifier: MIT */
/* a group's owner is cancelled again while the children still clean up */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int ticks;
};

static int run(const struct child *c)
{
	int err = cio_sleep(50 * T);
	clean_for(c->ticks * T);
	say("child %s has cleaned up", c->name);
	return err;
}

static int owner(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, run, (&(struct child){"a", 5}));
		(void)cio_group_spawn(&group, run, (&(struct child){"b", 3}));
	}
	say("owner: %s", outcome(err));
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(owner, NOTHING);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(cio_sleep(T), 0);
		cio_task_cancel(t, "no need");
	}
	CHECK_INT(cio_sleep(T), 0);
	say("asked twice, owner done %d", cio_task_done(t));
	wait_all(&t, 1);
	say("main: cancelled %d", cio_task_cancelled(t));
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}
