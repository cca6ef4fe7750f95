/* SPDX-License-Identifier: MIT */
/* a task may pass a cancel on, answer by a value or an error, or carry on */
/* drivers: sim */
#include "parity.h"

static int passes_on(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG);
}

static int answers_value(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG) < 0 ? 7 : 0;
}

static int answers_error(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG) < 0 ? raise_error("boom") : 0;
}

static int carries_on(const int *unused)
{
	(void)unused;
	(void)cio_sleep(LONG);
	for (int i = 0; i < 3; i++) {
		int err = cio_sleep(T);
		say("carries on %d: %s", i, outcome(err));
	}
	return 8;
}

static int scenario(void *arg)
{
	(void)arg;
	int (*const jobs[])(const int *) = {passes_on, answers_value,
		answers_error, carries_on};
	for (int i = 0; i < 4; i++) {
		cio_task *t = cio_spawn(jobs[i], NOTHING);
		(void)cio_sleep(T);
		cio_task_cancel(t, "no need");
		wait_all(&t, 1);
		bool cancelled = cio_task_cancelled(t);
		int result = cio_await(t);
		if (result >= 0)
			say("outcome: result %d", result);
		else
			say("outcome: %s", outcome(result));
		say("  counts as cancelled %d", cancelled);
	}
	return 0;
}
