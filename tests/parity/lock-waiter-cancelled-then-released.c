/* SPDX-License-Identifier: MIT */
/* the oldest waiter of a lock is cancelled, and the lock released, in one turn */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;

static int waiter(const char *name)
{
	int err;
	CIO_LOCKED (&lock, &err) {
		say("%c has it", *name);
		err = cio_sleep(T);
	}
	if (err < 0)
		say("%c %s", *name, outcome(err));
	return err;
}

static int scenario(void *arg)
{
	cio_task *t[4];
	(void)arg;
	CHECK_INT(cio_lock_acquire(&lock), 0);
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(waiter, &(char){(char)('a' + i)});
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t[0], "no need");
	CHECK_INT(cio_lock_release(&lock), 0);
	cio_task_cancel(t[2], "no need");
	(void)cio_gather(t, 4, .errors = CIO_COLLECT);
	say("locked %d", lock.owner != NULL);
	CHECK_INT(cio_lock_acquire(&lock), 0);
	say("free for main");
	CHECK_INT(cio_lock_release(&lock), 0);
	return cio_lock_finish(&lock);
}
