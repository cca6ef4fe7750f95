/* SPDX-License-Identifier: MIT */
/* wait_for on tasks that have failed, or were cancelled, before the limit */
/* drivers: sim */
#include "parity.h"

static int fails(const int *unused)
{
	(void)unused;
	return raise_error("boom");
}

static int sleeps(const int *unused)
{
	(void)unused;
	return cio_sleep(50 * T);
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static void attempt(const char *label, cio_task *t, bool before)
{
	if (before)
		CHECK_INT(cio_sleep(T), 0);
	int err = cio_wait_for(t, 9 * T);
	add("%s %s", label, outcome(err));
	if (err == -ECANCELED)
		add(", main cancelled %d", refused_now());
	say("%s", "");
}

static int scenario(void *arg)
{
	cio_call call = {0};
	(void)arg;
	attempt("fails:", cio_spawn(fails, NOTHING), false);
	attempt("has failed:", cio_spawn(fails, NOTHING), true);
	cio_task *t = cio_spawn(sleeps, NOTHING);
	cio_call_later(&call, T, cancel, t);
	attempt("is cancelled:", t, false);
	t = cio_spawn(sleeps, NOTHING);
	cio_task_cancel(t, "no need");
	attempt("was cancelled:", t, true);
	return 0;
}
