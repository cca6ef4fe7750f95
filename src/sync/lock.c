/* SPDX-License-Identifier: MIT */
/*
 * lock.c - one task at a time
 *
 * Invariant: while a task waits, the lock has an owner. Release makes the
 * oldest waiter the owner before that has run, so nobody comes between; a
 * waiter that was cancelled before has left the queue already, and one that is
 * cancelled after owns the lock and releases it while it unwinds.
 *
 * The owner is compared, never looked into: it may have ended.
 */
#include "sync/lock.h"

#include <cio/impl.h>

#include <assert.h>
#include <errno.h>

#include "base/list.h"

int cio_lock_finish(cio_lock *l)
{
	return l->owner == NULL ? 0 : -EBUSY;
}

int cio_lock_acquire(cio_lock *l)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	cio_task *me = cio_current_task();
	if (l->owner == me)
		return cio_fail(-EDEADLK, "task %s holds this lock already",
			cio_task_name(me));
	if (l->owner == NULL) {
		l->owner = me;
		return 0;
	}
	cio_waiter self = {0};
	return cio_park(&self, &l->waiters, "lock");
}

int cio_lock_try_acquire(cio_lock *l)
{
	cio_task *me = cio_current_task();
	if (me == NULL)
		return cio_fail(-EPERM, "only a task can hold a lock");
	if (l->owner != NULL)
		return -EAGAIN;
	l->owner = me;
	return 0;
}

void cio__lock_settle(cio_lock *l)
{
	cio_waiter self = {0};
	assert(l->owner != cio_current_task());
	if (l->owner == NULL)
		l->owner = cio_current_task();
	else
		cio_settle(&self, &l->waiters, "lock", NULL, NULL);
}

int cio_lock_release(cio_lock *l)
{
	if (l->owner == NULL)
		return cio_fail(-EPERM, "nobody holds this lock");
	if (l->owner != cio_current_task())
		return cio_fail(-EPERM, "another task holds this lock");
	cio_waiter *oldest = cio_first_waiter(&l->waiters);
	l->owner = oldest != NULL ? oldest->task : NULL;
	if (oldest != NULL)
		cio_unpark(oldest);
	return 0;
}

cio_lock *cio__locked_enter(cio_lock *l, int *err)
{
	*err = cio_lock_acquire(l);
	return *err == 0 ? l : NULL;
}

void cio__locked_leave(cio_lock **l)
{
	if (*l != NULL && cio_lock_release(*l) < 0)
		cio_report(CIO_LEVEL_ERROR,
			"a block of CIO_LOCKED ends without its lock");
}
