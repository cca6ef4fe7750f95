/* SPDX-License-Identifier: MIT */
/* the task behind a shield is cancelled, fails, or is already over */
/* drivers: sim */
#include "parity.h"

static int job(const bool *fails)
{
	int err = cio_sleep(2 * T);
	if (err < 0)
		return err;
	return *fails ? raise_error("job") : 3;
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

/* Who awaits under a shield: by a look, which leaves the task alone. */
static void look(const char *label, cio_task *t)
{
	wait_all(&t, 1);
	int got = cio_await(t);
	if (got > 0)
		say("%s %d", label, got);
	else
		say("%s %s", label, outcome(got));
}

static int scenario(void *arg)
{
	cio_call call = {0};
	(void)arg;
	cio_task *t = cio_spawn(job, &(bool){false});
	cio_call_later(&call, T, cancel, t);
	look("inner cancelled:", t);
	look("inner fails:", cio_spawn(job, &(bool){true}));
	t = cio_spawn(job, &(bool){false});
	CHECK_INT(cio_sleep(4 * T), 0);
	look("already over:", t);
	say("main goes on");
	return 0;
}
