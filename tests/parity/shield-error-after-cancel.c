/* SPDX-License-Identifier: MIT */
/* a shielded task fails after the one that waited was cancelled */
/* drivers: sim */
#define PARITY_REPORTS
#include "parity.h"

static int inner(const int *unused)
{
	(void)unused;
	int err = cio_sleep(3 * T);
	say("inner fails");
	return err < 0 ? err : raise_error("boom");
}

static int outer(cio_task *const *task)
{
	int n = cio_wait(task, 1, CIO_ALL_COMPLETED, CIO_NEVER);
	if (n < 0)
		say("outer: %s", outcome(n));
	return n;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(inner, NOTHING);
	cio_task *waits = cio_spawn(outer, &t);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(waits, "no need");
	CHECK_INT(cio_await(waits), -ECANCELED);
	cio_detach(t, NULL);
	CHECK_INT(cio_sleep(4 * T), 0);
	if (strstr(check_reports(), "nobody looked") != NULL)
		say("reported: %.4s", strstr(check_reports(), "boom"));
	say("main ends");
	return 0;
}
