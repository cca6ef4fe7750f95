/* SPDX-License-Identifier: MIT */
/* set and cleared in one turn: who waited goes on, who comes later waits */
/* drivers: sim */
#include "parity.h"

static cio_event e;

static int wait_there(const char *const *name)
{
	int err = cio_event_wait(&e);
	say("  %s goes on, set %d", *name, e.is_set);
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t[3];
	t[0] = cio_spawn(wait_there, &(const char *){"a"});
	t[1] = cio_spawn(wait_there, &(const char *){"b"});
	(void)cio_sleep(T);
	cio_event_set(&e);
	cio_event_clear(&e);
	t[2] = cio_spawn(wait_there, &(const char *){"late"});
	(void)cio_sleep(T);
	say("late done %d", cio_task_done(t[2]));
	cio_event_set(&e);
	cio_event_set(&e);
	CHECK_INT(cio_gather(t, 3), 0);
	(void)wait_there(&(const char *){"main"});
	cio_event_clear(&e);
	int err = 0;
	CIO_TIMEOUT (T, &err)
		err = cio_event_wait(&e);
	if (err == -ETIMEDOUT)
		say("timeout, set %d", e.is_set);
	cio_event_set(&e);
	return wait_there(&(const char *){"after the timeout"});
}
