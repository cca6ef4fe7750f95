/* SPDX-License-Identifier: MIT */
/* a cancel carries a reason, which the task can read */
/* drivers: sim */
#include "parity.h"

static const char *reason(void)
{
	const char *text = cio_cancel_reason();
	return text[0] != 0 ? text : "(none)";
}

static int job(void)
{
	int err = cio_sleep(LONG);
	say("inside, reason: %s", reason());
	return cio_fail(err, "%s", reason());
}

static int middle(const int *unused)
{
	(void)unused;
	return job();
}

static int scenario(void *arg)
{
	(void)arg;
	const char *const given[] = {"server is shutting down", NULL};
	for (int i = 0; i < 2; i++) {
		cio_task *t = cio_spawn(middle, NOTHING);
		(void)cio_sleep(T);
		cio_task_cancel(t, given[i]);
		CHECK_INT(cio_await(t), -ECANCELED);
		say("awaiter, reason: %s", cio_error_text());
	}
	return 0;
}
