/* SPDX-License-Identifier: MIT */
#ifndef CIO_LOCK_H
#define CIO_LOCK_H

#include <cio/scope.h>

CIO_BEGIN_DECLS

/*
 * Lock: one task at a time, across its waits.
 *
 *	cio_lock lock = {0};
 *	...
 *	int err;
 *	CIO_LOCKED(&lock, &err) {
 *		err = cio_stream_write(log, line, n, NULL);
 *	}
 *	if (err < 0) ...                refused, or the write's error
 *
 * Between two waits a task is alone on its loop anyway: a lock is needed only
 * where what it guards must not be seen half done while its holder waits.
 *
 * A plain value; all zero is unlocked. It belongs to one loop and to the task
 * that holds it, which must release it before it ends. Released, it goes
 * straight to the oldest waiter: nobody overtakes.
 */
typedef struct cio_lock {
	struct cio_task *owner; /* NULL: unlocked; read it, never write it */
	cio_link waiters;       /* private */
} cio_lock;

/* Make sure that nobody holds it or waits: 0, or -EBUSY and it goes on. */
CIO_API int cio_lock_finish(cio_lock *l);

/* Take the lock, waiting for it if need be. A scheduling point. 0; -EDEADLK if
 * the caller holds it already; a refusal if the scope ended first (not
 * taken). */
CIO_API CIO_MUST_CHECK int cio_lock_acquire(cio_lock *l);

/* Take it if it is free: 0, -EAGAIN, or -EPERM outside a task. Never yields. */
CIO_API CIO_MUST_CHECK int cio_lock_try_acquire(cio_lock *l);

/* Give it to the oldest waiter, if any. 0, or -EPERM and nothing happens if the
 * caller does not hold it. Never yields, never refused. */
CIO_API int cio_lock_release(cio_lock *l);

/*
 * Block form: `CIO_LOCKED(&lock, &err) {...}` sets `err` to what the acquire
 * returns, runs the block if that is 0, and releases on every way out: its end,
 * `break` and `continue` (which leave the block, not a loop around it),
 * `return` and `goto`. Both arguments are needed, or a refusal would be lost.
 */
#define CIO_LOCKED(lock, err) CIO__LOCKED(__COUNTER__, (lock), (err))

/* Private from here. */
#define CIO__LOCKED(id, lock, err) CIO__LOCKED_(id, lock, err)
#define CIO__LOCKED_(id, lock, err) \
	for (cio_lock *CIO__CAT(cio__k, id) \
			__attribute__((cleanup(cio__locked_leave))) = \
			cio__locked_enter(lock, err); \
		; __extension__({ goto CIO__CAT(cio__kl, id); })) \
		if (CIO__CAT(cio__k, id) == NULL) { \
			CIO__CAT(cio__kl, id) : break; \
		} else

CIO_API cio_lock *cio__locked_enter(cio_lock *l, int *err);
CIO_API void cio__locked_leave(cio_lock **l);

CIO_END_DECLS
#endif
