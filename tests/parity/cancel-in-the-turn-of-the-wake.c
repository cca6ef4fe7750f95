/* SPDX-License-Identifier: MIT */
/* a task is woken and cancelled in one turn, in either order */
/* drivers: sim */
#include "parity.h"

static int waits_event(cio_event *const *event)
{
	return cio_event_wait(*event);
}

static void attempt(const char *label, bool first_set)
{
	cio_event event = {0}, *at = &event;
	cio_task *t = cio_spawn(waits_event, &at);
	CHECK_INT(cio_sleep(T), 0);
	if (first_set)
		cio_event_set(&event);
	cio_task_cancel(t, "no need");
	if (!first_set)
		cio_event_set(&event);
	say("%s %s", label, outcome(cio_await(t)));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("set, then cancelled:", true);
	attempt("cancelled, then set:", false);
	return 0;
}
