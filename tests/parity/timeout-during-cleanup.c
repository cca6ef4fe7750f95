/* SPDX-License-Identifier: MIT */
/* a deadline passes while a cancelled task cleans up */
/* drivers: sim */
#include "parity.h"

static int job(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_TIMEOUT (3 * T, &err) {
		err = cio_sleep(50 * T);
		int cleaned = 0;
		CIO_SHIELD (LONG, &cleaned)
			cleaned = cio_sleep(5 * T);
		say("cleanup: %s", cleaned == 0 ? "done" : "cut short");
	}
	say("job: %s", outcome(err));
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(job, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t, "no need");
	if (cio_await(t) == -ECANCELED)
		say("main: it was cancelled");
	return 0;
}
