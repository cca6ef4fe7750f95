/* SPDX-License-Identifier: MIT */
/* a waiter is cancelled in the turn of the release: no permit is lost */
/* drivers: sim */
#include "parity.h"

static cio_semaphore s;

static int take(const char *const *name)
{
	int err = cio_semaphore_acquire(&s);
	if (err < 0)
		return err;
	add(" %s", *name);
	err = cio_sleep(T);
	cio_semaphore_release(&s);
	return err;
}

static void attempt(const char *label, bool cancel_first)
{
	cio_task *t[3];
	cio_semaphore_init(&s, 0);
	t[0] = cio_spawn(take, &(const char *){"a"});
	t[1] = cio_spawn(take, &(const char *){"b"});
	t[2] = cio_spawn(take, &(const char *){"c"});
	(void)cio_sleep(T);
	add("%s | got by", label);
	if (cancel_first)
		cio_task_cancel(t[0], "no need");
	cio_semaphore_release(&s);
	if (!cancel_first)
		cio_task_cancel(t[0], "no need");
	wait_all(t, 3);
	say(" | a cancelled %d | free %d", cio_task_cancelled(t[0]),
		(int)s.permits);
	for (int i = 0; i < 3; i++)
		(void)cio_await(t[i]);
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("cancel, release", true);
	attempt("release, cancel", false);
	return 0;
}
