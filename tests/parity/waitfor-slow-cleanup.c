/* SPDX-License-Identifier: MIT */
/* the timeout waits for the cleanup, however slow */
/* drivers: sim */
#include "parity.h"

static int job(const int *unused)
{
	(void)unused;
	int err = cio_sleep(LONG);
	say("  cleanup begins");
	clean_for(6 * T);
	say("  cleanup ends");
	return err;
}

static int clock_at(const int *ticks)
{
	(void)cio_sleep(*ticks * T);
	say("  at %d cleanup still going", *ticks);
	return 0;
}

static int caller(const int *unused)
{
	return cio_wait_for(cio_spawn(job, unused), 50 * T);
}

static int scenario(void *arg)
{
	(void)arg;
	say("limit passes");
	cio_task *t = cio_spawn(clock_at, &(int){5});
	say("  caller: %s",
		outcome(cio_wait_for(cio_spawn(job, NOTHING), 2 * T)));
	CHECK_INT(cio_await(t), 0);

	say("caller cancelled");
	t = cio_spawn(caller, NOTHING);
	(void)cio_sleep(2 * T);
	cio_task_cancel(t, "no need");
	(void)cio_sleep(3 * T);
	say("  caller ended already %d", cio_task_done(t));
	wait_all(&t, 1);
	say("  caller cancelled %d", cio_task_cancelled(t));
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}
