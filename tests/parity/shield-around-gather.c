/* SPDX-License-Identifier: MIT */
/* a shield around a gather: who waits is cancelled, the children run on */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int ticks;
};

static int run(const struct child *c)
{
	int err = cio_sleep(c->ticks * T);
	say("%s %s", c->name, err == 0 ? "done" : outcome(err));
	return err;
}

static void wait_within(cio_task *const t[2], cio_duration d)
{
	int err = 0;
	CIO_TIMEOUT (d, &err)
		err = cio_wait(t, 2, CIO_ALL_COMPLETED, CIO_NEVER);
	say("main: %s, done %d %d", outcome(err), cio_task_done(t[0]),
		cio_task_done(t[1]));
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t[] = {cio_spawn(run, (&(struct child){"a", 2})),
		cio_spawn(run, (&(struct child){"b", 4}))};
	wait_within(t, T);
	wait_within(t, 2 * T);
	CHECK_INT(cio_gather(t, 2), 0);
	say("main: both");
	return 0;
}
