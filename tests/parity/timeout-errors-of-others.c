/* SPDX-License-Identifier: MIT */
/* a TimeoutError or a cancel that is not the limit's own passes through it */
/* drivers: sim */
#include "parity.h"

static int times_out(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_TIMEOUT (T, &err)
		err = cio_sleep(50 * T);
	return err;
}

static int sleeps(const int *unused)
{
	(void)unused;
	return cio_sleep(50 * T);
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static void attempt(const char *label, cio_task *t, bool cancelled)
{
	cio_call call = {0};
	cio_scope s;
	if (cancelled)
		cio_call_later(&call, T, cancel, t);
	cio_scope_begin(&s, cio_now() + 20 * T);
	int err = cio_scope_end(&s, cio_await(t));
	add("%s %s, of this limit %d", label, outcome(err),
		cio_scope_expired(&s));
	if (err == -ECANCELED)
		add(" main cancelled %d", refused_now());
	say("%s", "");
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("a task's own limit:", cio_spawn(times_out, NOTHING), false);
	attempt("a task cancelled alone:", cio_spawn(sleeps, NOTHING), true);
	CHECK_INT(cio_sleep(T), 0);
	say("main goes on");
	return 0;
}
