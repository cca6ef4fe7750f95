/* SPDX-License-Identifier: MIT */
/*
 * rwlock.c - many readers, or one writer, in order of arrival
 *
 * Invariant: readers and a writer are never inside together, and who comes
 * while others wait joins them. `serve` lets in from the head of the queue all
 * who may enter: a run of readers, or a writer alone.
 *
 * A cancelled writer may have been all that kept the readers behind it from
 * entering, so who is refused serves the queue on its way out. `waiting` counts
 * who is queued and who is refused but has not done that yet.
 */
#include <cio/rwlock.h>

#include <cio/impl.h>

#include <assert.h>
#include <errno.h>

#include "base/list.h"

struct waiter {
	cio_waiter base;
	bool writes;
};

int cio_rwlock_finish(cio_rwlock *l)
{
	bool busy = l->readers > 0 || l->writer != NULL || l->waiting > 0;
	return busy ? -EBUSY : 0;
}

static bool may_enter(const cio_rwlock *l, bool writes)
{
	return l->writer == NULL && (l->readers == 0 || !writes);
}

static void enter(cio_rwlock *l, cio_task *t, bool writes)
{
	assert(may_enter(l, writes));
	if (writes)
		l->writer = t;
	else
		l->readers++;
}

static void serve(cio_rwlock *l)
{
	cio_waiter *oldest;
	while ((oldest = cio_first_waiter(&l->waiters)) != NULL) {
		bool writes = container_of(oldest, struct waiter, base)->writes;
		if (!may_enter(l, writes))
			return;
		enter(l, oldest->task, writes);
		l->waiting--;
		cio_unpark(oldest);
	}
}

/* ---- entering ---- */

static int wait_for_turn(cio_rwlock *l, bool writes)
{
	struct waiter self = {.writes = writes};
	l->waiting++;
	int err = cio_park(&self.base, &l->waiters,
		writes ? "rwlock (to write)" : "rwlock (to read)");
	if (err < 0) {
		l->waiting--;
		serve(l);
	}
	return err;
}

static int acquire(cio_rwlock *l, bool writes)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	cio_task *me = cio_current_task();
	if (l->writer == me)
		return cio_fail(-EDEADLK, "task %s writes under this lock",
			cio_task_name(me));
	if (!list_empty(&l->waiters) || !may_enter(l, writes))
		return wait_for_turn(l, writes);
	enter(l, me, writes);
	return 0;
}

static int try_acquire(cio_rwlock *l, bool writes)
{
	cio_task *me = cio_current_task();
	if (writes && me == NULL)
		return cio_fail(-EPERM, "only a task can hold a lock");
	if (!list_empty(&l->waiters) || !may_enter(l, writes))
		return -EAGAIN;
	enter(l, me, writes);
	return 0;
}

int cio_rwlock_acquire_read(cio_rwlock *l)
{
	return acquire(l, false);
}

int cio_rwlock_acquire_write(cio_rwlock *l)
{
	return acquire(l, true);
}

int cio_rwlock_try_acquire_read(cio_rwlock *l)
{
	return try_acquire(l, false);
}

int cio_rwlock_try_acquire_write(cio_rwlock *l)
{
	return try_acquire(l, true);
}

/* ---- leaving ---- */

int cio_rwlock_release_read(cio_rwlock *l)
{
	if (l->readers == 0)
		return cio_fail(-EPERM, "nobody reads under this lock");
	l->readers--;
	serve(l);
	return 0;
}

int cio_rwlock_release_write(cio_rwlock *l)
{
	if (l->writer == NULL)
		return cio_fail(-EPERM, "nobody writes under this lock");
	if (l->writer != cio_current_task())
		return cio_fail(-EPERM, "another task writes under this lock");
	l->writer = NULL;
	serve(l);
	return 0;
}
