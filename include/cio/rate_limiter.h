/* SPDX-License-Identifier: MIT */
#ifndef CIO_RATE_LIMITER_H
#define CIO_RATE_LIMITER_H

#include <cio/scope.h>

CIO_BEGIN_DECLS

/*
 * Rate limiter: so many in a stretch of time, with some at once after a lull.
 *
 *	cio_rate_limiter_init(&calls, 100, CIO_S(1), 20);
 *	...
 *	int err = cio_rate_limiter_acquire(&calls, 1);
 *	if (err == 0)
 *		err = call the service
 *
 * A bucket of tokens: it holds at most `burst`, starts full, and gains `rate`
 * every `per`, evenly. Tokens are spent, not given back. Tasks are served in
 * order of arrival, also a big wish before a small one; who is cancelled while
 * waiting has spent nothing.
 *
 * A plain value without allocation; it belongs to one loop, and counts by the
 * loop's clock.
 */
typedef struct cio_rate_limiter {
	uint32_t rate, burst;  /* read them, never write them */
	cio_duration per;      /* likewise */
	uint64_t credit, full; /* private: in 1/per of a token */
	cio_time at;           /* private: when credit was so */
	uint32_t waiting;      /* private */
	cio_link waiters;      /* private */
	cio_timer timer;       /* private */
} cio_rate_limiter;

/* 0, or -EINVAL: nothing may be 0, and `burst * per` must fit into a
 * cio_duration. A limiter that got -EINVAL has no token, ever. */
CIO_API int cio_rate_limiter_init(cio_rate_limiter *l, uint32_t rate,
	cio_duration per, uint32_t burst);

/* Make sure that nobody waits: 0, or -EBUSY and it goes on. A cancelled waiter
 * counts until it has run. */
CIO_API int cio_rate_limiter_finish(cio_rate_limiter *l);

/* Spend n tokens, waiting for them if need be. A scheduling point. 0; -EINVAL
 * for more than the burst; a refusal if the scope ended first. */
CIO_API CIO_MUST_CHECK int cio_rate_limiter_acquire(cio_rate_limiter *l,
	uint32_t n);

/* Spend them if they are there and nobody waits: 0, -EAGAIN or -EINVAL. Never
 * yields. */
CIO_API CIO_MUST_CHECK int cio_rate_limiter_try_acquire(cio_rate_limiter *l,
	uint32_t n);

/* Whole tokens there now. Never yields. */
CIO_API uint32_t cio_rate_limiter_available(cio_rate_limiter *l);

CIO_END_DECLS
#endif
