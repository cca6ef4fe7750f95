/* SPDX-License-Identifier: MIT */
/* a task is cancelled in the turn in which what it awaits has ended */
/* drivers: sim */
#include "parity.h"

static cio_event event;
static cio_task *outer;

static int value(const int *unused)
{
	(void)unused;
	int err = cio_event_wait(&event);
	return err < 0 ? err : 7;
}

static int awaits(cio_task *const *task)
{
	int got = cio_await(*task);
	if (got < 0) {
		say("awaiter: %s", outcome(got));
		return got;
	}
	say("awaiter: got %d", got);
	int err = cio_sleep(T);
	say("awaiter: %s", err == 0 ? "went on" : outcome(err));
	return err;
}

static bool inner_cancelled;

static void ended(cio_done_callback *c, cio_task *t)
{
	(void)c;
	inner_cancelled = cio_task_cancelled(t);
	cio_task_cancel(outer, "no need");
}

static int scenario(void *arg)
{
	cio_done_callback callback = {.fn = ended};
	(void)arg;
	cio_task *inner = cio_spawn(value, NOTHING);
	outer = cio_spawn(awaits, &inner);
	CHECK_INT(cio_task_add_done_callback(inner, &callback), 0);
	CHECK_INT(cio_sleep(T), 0);
	cio_event_set(&event);
	wait_all(&outer, 1);
	say("main: inner has a value %d", !inner_cancelled);
	say("main: outer cancelled %d", cio_task_cancelled(outer));
	(void)cio_await(outer);
	return 0;
}
