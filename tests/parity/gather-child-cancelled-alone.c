/* SPDX-License-Identifier: MIT */
/* gather: a child that is cancelled alone fails the gather */
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

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static int scenario(void *arg)
{
	cio_call call = {0};
	int results[2] = {1, 1};
	(void)arg;
	cio_task *a = cio_spawn(run, (&(struct child){"a", 9})),
		 *b = cio_spawn(run, (&(struct child){"b", 4}));
	cio_call_later(&call, T, cancel, a);
	cio_task *both[] = {a, b};
	say("gather: %s", outcome(cio_gather(both, 2, .results = results)));
	say("b has ended %d", results[1] != 1);
	CHECK_INT(cio_sleep(6 * T), 0);
	say("b was cancelled %d", results[1] == -ECANCELED);
	return 0;
}
