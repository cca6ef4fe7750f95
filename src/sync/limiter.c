/* SPDX-License-Identifier: MIT */
/*
 * limiter.c - so many at the same time, and that number may change
 *
 * Invariant: while a task waits, as many as the total or more are borrowed. A
 * place is borrowed in the name of the oldest waiter before that has run.
 */
#include <cio/limiter.h>

#include <cio/impl.h>

#include <errno.h>

#include "base/list.h"

void cio_limiter_init(cio_limiter *l, uint32_t total)
{
	*l = (cio_limiter){.total = total};
}

int cio_limiter_finish(cio_limiter *l)
{
	return l->borrowed == 0 && list_empty(&l->waiters) ? 0 : -EBUSY;
}

int cio_limiter_try_acquire(cio_limiter *l)
{
	if (l->borrowed >= l->total)
		return -EAGAIN;
	l->borrowed++;
	return 0;
}

int cio_limiter_acquire(cio_limiter *l)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (cio_limiter_try_acquire(l) == 0)
		return 0;
	cio_waiter self = {0};
	return cio_park(&self, &l->waiters, "limiter");
}

void cio_limiter_set_total(cio_limiter *l, uint32_t total)
{
	cio_waiter *oldest;
	l->total = total;
	while (l->borrowed < total &&
		(oldest = cio_first_waiter(&l->waiters)) != NULL) {
		l->borrowed++;
		cio_unpark(oldest);
	}
}

int cio_limiter_release(cio_limiter *l)
{
	if (l->borrowed == 0)
		return cio_fail(-EINVAL, "nothing is borrowed of this limiter");
	l->borrowed--;
	cio_limiter_set_total(l, l->total);
	return 0;
}
