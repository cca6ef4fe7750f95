/* SPDX-License-Identifier: MIT */
/* a lock that nobody holds cannot be released; a condition is waited for with its lock held */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;

static bool yes(void *unused)
{
	(void)unused;
	return true;
}

static int other(const int *unused)
{
	(void)unused;
	int err = cio_lock_release(&lock);
	say("released by another task: %s", err == 0 ? "ok" : "refused");
	return 0;
}

static int fails_inside(void)
{
	int err;
	CIO_LOCKED (&lock, &err) {
		return raise_error("inside");
	}
	return err;
}

static int scenario(void *arg)
{
	cio_condition c = {0};
	(void)arg;
	if (cio_lock_release(&lock) == -EPERM)
		say("release of a free lock: refused");
	CHECK_INT(cio_lock_acquire(&lock), 0);
	CHECK_INT(cio_lock_release(&lock), 0);
	if (cio_lock_release(&lock) == -EPERM)
		say("released twice: refused");
	CHECK_INT(cio_lock_acquire(&lock), 0);
	CHECK_INT(cio_await(cio_spawn(other, NOTHING)), 0);
	CHECK_INT(cio_lock_release(&lock), 0);
	if (cio_condition_wait(&c, &lock) == -EPERM)
		say("wait without the lock: refused");
	int err = cio_condition_wait_until(&c, &lock, yes, NULL);
	say("wait for what holds, without the lock: %s",
		err == -EPERM ? "refused" : outcome(err));
	CHECK_INT(cio_lock_acquire(&lock), 0);
	err = cio_lock_acquire(&lock);
	say("acquired twice: %s", err == -EDEADLK ? "refused" : outcome(err));
	CHECK_INT(cio_lock_release(&lock), 0);
	say("locked %d", lock.owner != NULL);
	CHECK_INT(fails_inside(), -EIO);
	say("an error leaves the block: locked %d", lock.owner != NULL);
	return cio_condition_finish(&c);
}
