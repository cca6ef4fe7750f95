/* SPDX-License-Identifier: MIT */
/* gather that collects is cancelled: its children clean up, and all are awaited */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int cleanup;
	bool fails;
};

static int run(const struct child *c)
{
	int err = cio_sleep(50 * T);
	clean_for(c->cleanup * T);
	say("  child %s has cleaned up", c->name);
	return c->fails ? raise_error(c->name) : err;
}

static int owner(const int *unused)
{
	(void)unused;
	int err = cio_gather(
		CIO_TASKS(cio_spawn(run, (&(struct child){"a", 4, false})),
			cio_spawn(run, (&(struct child){"b", 2, true})),
			cio_spawn(run, (&(struct child){"c", 0, false}))),
		.errors = CIO_COLLECT);
	say("  owner: %s", outcome(err));
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(owner, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t, "no need");
	CHECK_INT(cio_sleep(T), 0);
	say("asked, owner done %d", cio_task_done(t));
	wait_all(&t, 1);
	say("owner cancelled %d", cio_task_cancelled(t));
	(void)cio_await(t);
	return 0;
}
