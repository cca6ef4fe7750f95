/* SPDX-License-Identifier: MIT */
/* as_completed: each task's own result or error, in order of the ends */
/* drivers: sim */
#include "parity.h"

struct job {
	int n, ticks;
};

static int run(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0)
		return err;
	return j->n == 2 ? raise_error("two") : j->n;
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static int scenario(void *arg)
{
	static const struct job jobs[] = {{1, 6}, {2, 2}, {3, 4}, {4, 9}};
	cio_as_completed each;
	cio_call call = {0};
	cio_task *t[4];
	ssize_t i;
	(void)arg;
	for (int n = 0; n < 4; n++)
		t[n] = cio_spawn(run, &jobs[n]);
	cio_call_later(&call, 8 * T, cancel, t[3]);
	CHECK_INT(cio_as_completed_init(&each, t, 4), 0);
	while ((i = cio_as_completed_next(&each)) >= 0) {
		int got = cio_await(t[i]);
		if (got > 0)
			say("result %d", got);
		else
			say("%s", outcome(got));
	}
	cio_as_completed_finish(&each);
	say("end");
	return 0;
}
