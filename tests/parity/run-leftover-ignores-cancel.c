/* SPDX-License-Identifier: MIT */
/* a task that is left at the end of the run does not obey, and spawns another */
/* drivers: sim */
#define PARITY_RUNS
#include "parity.h"

static int another(const int *unused)
{
	(void)unused;
	int err = 0;
	CIO_SHIELD (LONG, &err)
		err = cio_sleep(T);
	say("another: %s", err == 0 ? "done" : outcome(err));
	return err;
}

static int stubborn(const int *unused)
{
	int err = cio_sleep(50 * T);
	if (err < 0)
		say("stubborn: carries on");
	err = cio_await(cio_spawn(another, unused));
	say("stubborn: %s", err == 0 ? "done" : outcome(err));
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(stubborn, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	say("main returns %d", cio_task_done(t));
	cio_detach(t, NULL);
	return 7;
}

static void runs(void)
{
	say("run returned %d", check_run(scenario, NULL));
}
