/* SPDX-License-Identifier: MIT */
/* a task cancelled before its first turn */
/* drivers: sim */
#include "parity.h"

static int body(const int *unused)
{
	(void)unused;
	say("body runs");
	int err = cio_sleep(T);
	say("first wait: %s", outcome(err));
	return err;
}

static void ended(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("callback: cancelled %d", cio_task_cancelled(t));
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(body, NOTHING);
	cio_done_callback c = {.fn = ended};
	CHECK_INT(cio_task_add_done_callback(t, &c), 0);
	cio_task_cancel(t, "no need");
	say("done at once: %d", cio_task_done(t));
	cio_task_cancel(t, "really");
	say("awaiting it: %s", outcome(cio_await(t)));
	return 0;
}
