/* SPDX-License-Identifier: MIT */
/* no task is current in a call or a done callback */
/* drivers: sim */
#include "parity.h"

static int look(void *label)
{
	cio_task *t = cio_current_task();
	say("%s %s", (const char *)label, t != NULL ? cio_task_name(t) : "none");
	return 0;
}

static void done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	(void)look("done callback:");
}

static int job(const int *unused)
{
	(void)unused;
	return look("job:");
}

static int scenario(void *arg)
{
	static cio_call calls[2];
	cio_done_callback callback = {.fn = done};
	(void)arg;
	(void)look("main:");
	cio_call_soon(&calls[0], look, "soon:");
	cio_call_later(&calls[1], T, look, "later:");
	cio_task *t = cio_spawn(job, NOTHING);
	CHECK_INT(cio_task_add_done_callback(t, &callback), 0);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_sleep(3 * T), 0);
	return look("main:");
}
