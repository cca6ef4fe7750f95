/* SPDX-License-Identifier: MIT */
/* a cleanup that waits needs a shield, and ends by the shield's deadline */
/* drivers: sim */
#include "parity.h"

static int job(const int *unused)
{
	(void)unused;
	int err = cio_sleep(LONG), flushed = 0;
	say("cleanup begins, cancelled: %s", cio_cancel_reason());
	CIO_SHIELD (4 * T, &flushed) {
		flushed = cio_sleep(LONG);
	}
	say("cleanup: %s", outcome(flushed));
	clean_for(T);
	say("short cleanup done");
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(job, NOTHING);
	(void)cio_sleep(T);
	cio_task_cancel(t, "first");
	(void)cio_sleep(2 * T);
	say("still alive: %d", !cio_task_done(t));
	cio_task_cancel(t, "second");
	say("outcome: %s", outcome(cio_await(t)));
	return 0;
}
