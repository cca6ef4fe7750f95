/* SPDX-License-Identifier: MIT */
/* a done callback cancels a sibling, sets an event and spawns a task */
/* drivers: sim */
#include "parity.h"

struct work {
	const char *name;
	int ticks;
};

static cio_event event;
static cio_task *b, *spawned;

static int run(const struct work *w)
{
	int err = cio_sleep(w->ticks * T);
	say("%s %s", w->name, err == 0 ? "done" : outcome(err));
	return err;
}

static int waits(const int *unused)
{
	(void)unused;
	int err = cio_event_wait(&event);
	if (err == 0)
		say("woken by the callback");
	return err;
}

static void ended(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	cio_task_cancel(b, "no need");
	cio_event_set(&event);
	spawned = cio_spawn(run, (&(struct work){"c", 1}));
}

static int scenario(void *arg)
{
	cio_done_callback callback = {.fn = ended};
	(void)arg;
	cio_task *a = cio_spawn(run, (&(struct work){"a", 1}));
	b = cio_spawn(run, (&(struct work){"b", 9}));
	cio_task *t[] = {a, b, cio_spawn(waits, NOTHING)};
	CHECK_INT(cio_task_add_done_callback(a, &callback), 0);
	wait_all(t, 3);
	say("spawned, done %d", cio_task_done(spawned));
	CHECK_INT(cio_await(spawned), 0);
	say("b cancelled %d", cio_task_cancelled(b));
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
	return 0;
}
