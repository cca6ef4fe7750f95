/* SPDX-License-Identifier: MIT */
/* a task is cancelled while it waits for others by wait: they run on */
/* drivers: sim */
#include "parity.h"

struct work {
	const char *name;
	int ticks;
};

static int run(const struct work *w)
{
	int err = cio_sleep(w->ticks * T);
	say("work: %s %s", err == 0 ? "done" : outcome(err), w->name);
	return err;
}

static int waits(cio_task *const *const *tasks)
{
	cio_task *const *t = *tasks;
	int n = cio_wait(t, 2, CIO_ALL_COMPLETED, CIO_NEVER);
	say("wait: %s, done %d %d", outcome(n), cio_task_done(t[0]),
		cio_task_done(t[1]));
	return n;
}

static int scenario(void *arg)
{
	cio_task *t[2], *const *tasks = t;
	(void)arg;
	t[0] = cio_spawn(run, (&(struct work){"a", 1}));
	t[1] = cio_spawn(run, (&(struct work){"b", 4}));
	cio_task *w = cio_spawn(waits, &tasks);
	CHECK_INT(cio_sleep(2 * T), 0);
	cio_task_cancel(w, "no need");
	wait_all(&w, 1);
	say("main: cancelled %d", cio_task_cancelled(w));
	CHECK_INT(cio_await(w), -ECANCELED);
	wait_all(t, 2);
	say("main: all");
	return cio_gather(t, 2);
}
