/* SPDX-License-Identifier: MIT */
/* a task cancelled in wait_for: what it waits for is cancelled and has ended */
/* drivers: sim */
#include "parity.h"

static int inner(const bool *swallow)
{
	int err = cio_sleep(50 * T);
	if (err == -ECANCELED)
		say("  inner: cancelled");
	return err < 0 && !*swallow ? err : 7;
}

static int outer(const bool *swallow)
{
	int got = cio_wait_for(cio_spawn(inner, swallow), 20 * T);
	if (got > 0)
		say("  outer: got %d", got);
	else
		say("  outer: %s", outcome(got));
	return got;
}

static void attempt(const char *label, bool swallow)
{
	say("%s", label);
	cio_task *t = cio_spawn(outer, &swallow);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t, "no need");
	int got = cio_await(t);
	say("  main: %s", got >= 0 ? "it ended well" : "it was cancelled");
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("inner obeys", false);
	attempt("inner answers all the same", true);
	return 0;
}
