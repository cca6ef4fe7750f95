/* SPDX-License-Identifier: MIT */
/* set wakes all waiters in order; a set event does not pause */
/* drivers: sim */
#include "parity.h"

struct waiter {
	const char *name;
	cio_event *event;
};

static int waiter(const struct waiter *w)
{
	int err = cio_event_wait(w->event);
	if (err == 0)
		say("%s woke", w->name);
	return err;
}

static int another(const int *unused)
{
	(void)unused;
	say("another callback");
	return 0;
}

static int scenario(void *arg)
{
	cio_event event = {0};
	(void)arg;
	cio_task *tasks[] = {cio_spawn(waiter, &(struct waiter){"a", &event}),
		cio_spawn(waiter, &(struct waiter){"b", &event}),
		cio_spawn(waiter, &(struct waiter){"c", &event})};
	(void)cio_sleep(T);
	cio_task_cancel(tasks[1], "no need");
	cio_event_set(&event);
	say("set");
	wait_all(tasks, 3);
	say("b cancelled %d", cio_task_cancelled(tasks[1]));
	(void)cio_gather(tasks, 3);

	cio_detach(cio_spawn(another, NOTHING), NULL);
	CHECK_INT(cio_event_wait(&event), 0);
	say("wait on a set event returned");
	(void)cio_yield();

	cio_event_clear(&event);
	cio_task *t = cio_spawn(waiter, &(struct waiter){"d", &event});
	(void)cio_sleep(T);
	say("cleared: d waiting %d", !cio_task_done(t));
	cio_event_set(&event);
	return cio_await(t);
}
