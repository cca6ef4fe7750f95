/* SPDX-License-Identifier: MIT */
/* a task that cancels itself */
/* drivers: sim */
#include "parity.h"

static void cancel_me(void)
{
	cio_task_cancel(cio_current_task(), "by myself");
}

static int returns(const int *unused)
{
	(void)unused;
	cancel_me();
	say("a: returns without waiting");
	return 7;
}

static int waits(const int *unused)
{
	(void)unused;
	cancel_me();
	say("b: now waits");
	int err = cio_yield();
	if (err < 0)
		say("b: interrupted");
	return err;
}

static int fails(const int *unused)
{
	(void)unused;
	cancel_me();
	say("c: fails");
	return raise_error("boom");
}

static int twice(const int *unused)
{
	(void)unused;
	cancel_me();
	cancel_me();
	int interruptions = 0;
	for (int i = 0; i < 3; i++)
		interruptions += cio_yield() < 0;
	return interruptions;
}

static int scenario(void *arg)
{
	(void)arg;
	int (*const jobs[])(const int *) = {returns, waits, fails, twice};
	for (int i = 0; i < 4; i++) {
		int result = cio_await(cio_spawn(jobs[i], NOTHING));
		if (result >= 0)
			say("-> result: %d", result);
		else
			say("-> %s", outcome(result));
	}
	return 0;
}
