/* SPDX-License-Identifier: MIT */
/* an event's waiters: one is cancelled, one leaves by its limit, one comes late */
/* drivers: sim */
#include "parity.h"

static cio_event event;

struct waiter {
	const char *name;
	cio_duration limit;
};

static int run(const struct waiter *w)
{
	int err = 0;
	CIO_TIMEOUT (w->limit, &err)
		err = cio_event_wait(&event);
	say("%s %s", w->name, err == 0 ? "woken" : outcome(err));
	return err == -ETIMEDOUT ? 0 : err;
}

static int scenario(void *arg)
{
	static const struct waiter waiters[] = {{"a", CIO_NEVER},
		{"b", CIO_NEVER}, {"c", T}, {"d", 50 * T}, {"late", CIO_NEVER}};
	cio_task *t[5];
	(void)arg;
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(run, &waiters[i]);
	CHECK_INT(cio_sleep(2 * T), 0);
	cio_task_cancel(t[0], "no need");
	cio_event_set(&event);
	cio_event_clear(&event);
	t[4] = cio_spawn(run, &waiters[4]);
	wait_all(t, 4);
	CHECK_INT(cio_sleep(T), 0);
	say("late has gone on %d", cio_task_done(t[4]));
	cio_event_set(&event);
	(void)cio_gather(t, 5, .errors = CIO_COLLECT);
	say("set %d", event.is_set);
	return 0;
}
