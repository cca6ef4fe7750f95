/* SPDX-License-Identifier: MIT */
/* a timeout is moved by another task: later, then to the past, then too late */
/* drivers: sim */
#include "parity.h"

static cio_scope limit;

static int worker(const int *unused)
{
	(void)unused;
	cio_scope_begin(&limit, cio_now() + 3 * T);
	int err = cio_scope_end(&limit, cio_sleep(50 * T));
	say("worker: %s", outcome(err));
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(worker, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	CHECK_INT(cio_scope_reschedule(&limit, cio_now() + 20 * T), 0);
	CHECK_INT(cio_sleep(5 * T), 0);
	say("moved later, worker done %d", cio_task_done(t));
	CHECK_INT(cio_scope_reschedule(&limit, cio_now() - T), 0);
	say("moved to the past, worker done %d", cio_task_done(t));
	CHECK_INT(cio_sleep(T), 0);
	say("a little later, worker done %d", cio_task_done(t));
	if (cio_scope_reschedule(&limit, cio_now() + 9 * T) == -EALREADY)
		say("after its end: refused");
	else
		say("moved after its end");
	return cio_await(t);
}
