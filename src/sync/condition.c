/* SPDX-License-Identifier: MIT */
/*
 * condition.c - wait with a lock put aside
 *
 * The first event decides: a waiter cancelled before a notify is in the queue
 * no more, so the notify goes to the next; one notified before a cancel returns
 * 0. Either way it takes the lock back by a wait that cannot be refused, and
 * touches the condition no more: it may be gone.
 */
#include <cio/condition.h>

#include <cio/impl.h>

#include <errno.h>

#include "base/list.h"
#include "sync/lock.h"

int cio_condition_finish(cio_condition *c)
{
	return list_empty(&c->waiters) ? 0 : -EBUSY;
}

int cio_condition_wait(cio_condition *c, cio_lock *l)
{
	/* cio_checkpoint may yield, and a notify from outside the lock would be
	 * lost between the caller's look and our place in the queue. */
	if (cio_refused() < 0)
		return cio_checkpoint();
	if (l->owner == NULL || cio_lock_release(l) < 0)
		return cio_fail(-EPERM,
			"a condition is waited for with its lock held");
	cio_waiter self = {0};
	int err = cio_park(&self, &c->waiters, "condition");
	cio__lock_settle(l);
	return err;
}

int cio_condition_wait_until(cio_condition *c, cio_lock *l,
	bool (*holds)(void *arg), void *arg)
{
	int err = cio_checkpoint();
	if (err == 0 && l->owner != cio_current_task())
		return cio_fail(-EPERM,
			"a condition is waited for with its lock held");
	while (err == 0 && !holds(arg))
		err = cio_condition_wait(c, l);
	return err;
}

void cio_condition_notify(cio_condition *c, uint32_t n)
{
	cio_waiter *oldest;
	for (; n > 0 && (oldest = cio_first_waiter(&c->waiters)) != NULL; n--)
		cio_unpark(oldest);
}

void cio_condition_notify_all(cio_condition *c)
{
	cio_condition_notify(c, UINT32_MAX);
}
