/* SPDX-License-Identifier: MIT */
#ifndef CIO_SEMAPHORE_H
#define CIO_SEMAPHORE_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Semaphore: at most N tasks hold a permit at the same time.
 *
 *	cio_semaphore_init(&slots, 100);
 *
 *	int err = cio_semaphore_acquire(&slots);
 *	if (err < 0)
 *		return err;
 *	...
 *	cio_semaphore_release(&slots);
 *
 * A semaphore is a plain value: no allocation. It belongs to one loop. Tasks
 * are served in order of arrival.
 */
typedef struct cio_semaphore {
	uint32_t permits; /* free now; read it for metrics, never write it */
	cio_link waiters; /* private */
} cio_semaphore;

/* Start with this many free permits. */
CIO_API void cio_semaphore_init(cio_semaphore *s, uint32_t permits);

/* Make sure that nobody waits: 0, or -EBUSY and the semaphore goes on. */
CIO_API int cio_semaphore_finish(cio_semaphore *s);

/* Take a permit, waiting for one if need be. A scheduling point. 0, or
 * -ECANCELED / -ETIMEDOUT if the scope ended first (no permit taken). */
CIO_API CIO_MUST_CHECK int cio_semaphore_acquire(cio_semaphore *s);

/* Take a permit if one is free and nobody waits: 0 or -EAGAIN. Never yields. */
CIO_API CIO_MUST_CHECK int cio_semaphore_try_acquire(cio_semaphore *s);

/* Give a permit back; the oldest waiter, if any, gets it. Never yields. */
CIO_API void cio_semaphore_release(cio_semaphore *s);

/*
 * Bounded semaphore: the same, for permits that are always given back by who
 * took them. A release too many is refused, instead of making permits.
 */
typedef struct cio_bounded_semaphore {
	cio_semaphore semaphore; /* its permits may be read */
	uint32_t bound;          /* how many there are; never write it */
} cio_bounded_semaphore;

CIO_API void cio_bounded_semaphore_init(cio_bounded_semaphore *s,
	uint32_t permits);
CIO_API int cio_bounded_semaphore_finish(cio_bounded_semaphore *s);
CIO_API CIO_MUST_CHECK int cio_bounded_semaphore_acquire(
	cio_bounded_semaphore *s);
CIO_API CIO_MUST_CHECK int cio_bounded_semaphore_try_acquire(
	cio_bounded_semaphore *s);

/* 0, or -EINVAL and nothing happens if all permits are free. Never yields. */
CIO_API int cio_bounded_semaphore_release(cio_bounded_semaphore *s);

CIO_END_DECLS
#endif
