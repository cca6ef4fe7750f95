/* SPDX-License-Identifier: MIT */
#ifndef CIO_LIMITER_H
#define CIO_LIMITER_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Limiter: at most `total` borrowers at the same time, where the total may
 * change while they work.
 *
 *	cio_limiter_init(&uploads, 10);
 *	...
 *	int err = cio_limiter_acquire(&uploads);
 *	if (err < 0)
 *		return err;
 *	...
 *	cio_limiter_release(&uploads);
 *
 * A plain value that belongs to one loop; all zero lets nobody in. Tasks are
 * served in order of arrival. For a number that never changes see
 * <cio/semaphore.h>; for so many in a second, <cio/rate_limiter.h>.
 */
typedef struct cio_limiter {
	uint32_t total;    /* read them for metrics, never write them */
	uint32_t borrowed; /* more than the total after that was lowered */
	cio_link waiters;  /* private */
} cio_limiter;

CIO_API void cio_limiter_init(cio_limiter *l, uint32_t total);

/* Make sure that nobody borrows or waits: 0, or -EBUSY and it goes on. */
CIO_API int cio_limiter_finish(cio_limiter *l);

/* Borrow a place, waiting for one if need be. A scheduling point. 0, or a
 * refusal if the scope ended first (nothing borrowed). */
CIO_API CIO_MUST_CHECK int cio_limiter_acquire(cio_limiter *l);

/* Borrow one if one is free and nobody waits: 0 or -EAGAIN. Never yields. */
CIO_API CIO_MUST_CHECK int cio_limiter_try_acquire(cio_limiter *l);

/* Give it back, to the oldest waiter if there is room. 0, or -EINVAL and
 * nothing happens if none is borrowed. Never yields, never refused. */
CIO_API int cio_limiter_release(cio_limiter *l);

/* Change the total. More of it wakes waiters at once; less takes nothing away:
 * nobody gets in until enough was given back. 0 stops all. Never yields. */
CIO_API void cio_limiter_set_total(cio_limiter *l, uint32_t total);

CIO_END_DECLS
#endif
