/* SPDX-License-Identifier: MIT */
/* a child cancels the task that owns its group */
/* drivers: sim */
#include "parity.h"

static int cancelled;

struct child {
	const char *name;
	cio_task *parent;
};

static int run(const struct child *c)
{
	int err = cio_sleep(T);
	if (c->parent != NULL)
		cio_task_cancel(c->parent, "by a child");
	if (err == 0)
		err = cio_sleep(9 * T);
	if (err == 0)
		say("%s done", c->name);
	cancelled += err == -ECANCELED;
	return err;
}

static int owner(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, run, (&(struct child){"a", NULL}));
		(void)cio_group_spawn(&group, run,
			(&(struct child){"b", cio_current_task()}));
		(void)cio_group_spawn(&group, run, (&(struct child){"c", NULL}));
	}
	say("parent: %s, and children %d", outcome(err), cancelled);
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(owner, NOTHING);
	wait_all(&t, 1);
	if (cio_task_result(t) == -ECANCELED)
		say("main: the parent was cancelled %d", cio_task_cancelled(t));
	(void)cio_await(t);
	return 0;
}
