/* SPDX-License-Identifier: MIT */
/* gather of nothing, of what has ended, of a task that somebody else cancels */
/* drivers: sim */
#include "parity.h"

struct job {
	int value, ticks;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	return err < 0 ? err : j->value;
}

static int cancel_it(void *task)
{
	cio_task_cancel(task, "somebody");
	return 0;
}

static int scenario(void *arg)
{
	cio_task *t[2];
	cio_call call = {0};
	int results[2];
	(void)arg;
	say("nothing: %d", cio_gather(NULL, 0));
	t[0] = cio_spawn(work, &(struct job){1, 1});
	t[1] = cio_spawn(work, &(struct job){2, 1});
	(void)cio_sleep(3 * T);
	CHECK_INT(cio_gather(t, 2, .results = results), 0);
	say("ended before: %d %d", results[0], results[1]);
	t[0] = cio_spawn(work, &(struct job){7, 5});
	cio_call_later(&call, T, cancel_it, t[0]);
	int err = cio_gather(t, 1);
	say("cancelled by somebody: %s, we were not: %d", outcome(err),
		!refused_now());
	t[0] = cio_spawn(work, &(struct job){1, 5});
	t[1] = cio_spawn(work, &(struct job){2, 5});
	cio_task_cancel(t[0], "no need");
	CHECK_INT(cio_gather(t, 2, .errors = CIO_COLLECT, .results = results),
		-ECANCELED);
	say("collected: %s %d", outcome(results[0]), results[1]);
	return 0;
}
