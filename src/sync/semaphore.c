/* SPDX-License-Identifier: MIT */
/*
 * semaphore.c - counting semaphore
 *
 * Invariant: while a task waits, no permit is free. Release hands its permit
 * straight to the oldest waiter, so a task that comes later cannot overtake,
 * and a waiter cancelled before that has left the queue already: no permit is
 * ever handed to nobody.
 */
#include <cio/semaphore.h>

#include <cio/impl.h>

#include <assert.h>
#include <errno.h>

#include "base/list.h"

void cio_semaphore_init(cio_semaphore *s, uint32_t permits)
{
	*s = (cio_semaphore){.permits = permits};
}

int cio_semaphore_finish(cio_semaphore *s)
{
	return list_empty(&s->waiters) ? 0 : -EBUSY;
}

int cio_semaphore_acquire(cio_semaphore *s)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (s->permits > 0) {
		s->permits--;
		return 0;
	}
	cio_waiter self = {0};
	return cio_park(&self, &s->waiters, "semaphore");
}

int cio_semaphore_try_acquire(cio_semaphore *s)
{
	if (s->permits == 0)
		return -EAGAIN;
	s->permits--;
	return 0;
}

void cio_semaphore_release(cio_semaphore *s)
{
	cio_waiter *oldest = cio_first_waiter(&s->waiters);
	if (oldest == NULL) {
		if (s->permits == UINT32_MAX)
			cio__misuse("releases a semaphore more often than its "
				"permits can be counted");
		s->permits++;
		return;
	}
	assert(s->permits == 0);
	cio_unpark(oldest);
}
