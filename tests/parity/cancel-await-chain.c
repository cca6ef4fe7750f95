/* SPDX-License-Identifier: MIT */
/* a cancel unwinds from the innermost wait through every level's cleanup */
/* drivers: sim */
#include "parity.h"

static int level(const int *n)
{
	int err = *n == 3 ? cio_sleep(LONG) : level(&(int){*n + 1});
	if (err >= 0)
		say("level %d went on: must not appear", *n);
	say("level %d cleanup begins", *n);
	clean_for(T);
	say("level %d cleanup ends", *n);
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(level, &(int){1});
	(void)cio_sleep(T);
	say("cancel accepted: %d", !cio_task_done(t));
	cio_task_cancel(t, "no need");
	say("done at once: %d", cio_task_done(t));
	wait_all(&t, 1);
	bool done = cio_task_done(t), cancelled = cio_task_cancelled(t);
	say("awaiting it: %s", outcome(cio_await(t)));
	say("done: %d cancelled: %d", done, cancelled);
	return 0;
}
