/* SPDX-License-Identifier: MIT */
/* wait for the first exception: a cancelled task is none */
/* drivers: sim */
#include "parity.h"

struct job {
	int ticks;
	bool fails;
};

static int run(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0)
		return err;
	return j->fails ? raise_error("job") : 0;
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static void attempt(const char *label, const struct job jobs[3], bool cancels)
{
	cio_task *t[3];
	cio_call call = {0};
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(run, &jobs[i]);
	if (cancels)
		cio_call_later(&call, T, cancel, t[0]);
	CHECK(cio_wait(t, 3, CIO_FIRST_EXCEPTION, CIO_NEVER) > 0);
	say("%s ended: %d %d %d", label, cio_task_done(t[0]),
		cio_task_done(t[1]), cio_task_done(t[2]));
	for (int i = 0; i < 3; i++)
		cio_task_cancel(t[i], "no need");
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("one fails",
		(struct job[]){{9, false}, {3, true}, {2, false}}, false);
	attempt("one is cancelled",
		(struct job[]){{9, false}, {3, false}, {5, false}}, true);
	attempt("cancelled, then one fails",
		(struct job[]){{9, false}, {3, true}, {9, false}}, true);
	attempt("none fails",
		(struct job[]){{1, false}, {2, false}, {3, false}}, false);
	return 0;
}
