/* SPDX-License-Identifier: MIT */
#ifndef CIO_BARRIER_H
#define CIO_BARRIER_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Barrier: tasks wait for each other until a given number has come, then all go
 * on; again and again.
 *
 *	cio_barrier_init(&barrier, 4);
 *	...
 *	int place = cio_barrier_wait(&barrier);   in each of four tasks
 *	if (place == 0)
 *		...                               in exactly one of them
 *
 * A waiter that is cancelled leaves as if it had not come: the others go on
 * waiting for one more. A plain value that belongs to one loop.
 */
typedef struct cio_barrier {
	uint32_t parties; /* how many wait for each other; never write it */
	bool broken;      /* aborted and not reset; read it, never write it */
	uint32_t arrived; /* private */
	cio_link waiters; /* private */
} cio_barrier;

/* `parties`: 1 to INT32_MAX. */
CIO_API void cio_barrier_init(cio_barrier *b, uint32_t parties);

/* Make sure that nobody waits: 0, or -EBUSY and the barrier goes on. */
CIO_API int cio_barrier_finish(cio_barrier *b);

/* Wait until all have come. A scheduling point. Each gets another number from 0
 * (the oldest) to parties - 1 (the last); -CIO_EBROKEN if the barrier is or
 * becomes broken; a refusal if the scope ended first. */
CIO_API CIO_MUST_CHECK int cio_barrier_wait(cio_barrier *b);

/* How many wait now. Never yields. */
CIO_API uint32_t cio_barrier_waiting(const cio_barrier *b);

/* Break it: who waits, and who comes from now on, gets -CIO_EBROKEN. Never
 * yields. */
CIO_API void cio_barrier_abort(cio_barrier *b);

/* Make it whole and empty: who waits gets -CIO_EBROKEN, who comes from now on
 * waits anew. Never yields. */
CIO_API void cio_barrier_reset(cio_barrier *b);

CIO_END_DECLS
#endif
