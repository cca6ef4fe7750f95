/* SPDX-License-Identifier: MIT */
#ifndef CIO_CONDITION_H
#define CIO_CONDITION_H

#include <cio/lock.h>

CIO_BEGIN_DECLS

/*
 * Condition: wait, with a lock put aside meanwhile, until told to look again.
 *
 *	int err;
 *	CIO_LOCKED(&lock, &err) {
 *		while (err == 0 && list_is_empty)
 *			err = cio_condition_wait(&filled, &lock);
 *		if (err == 0)
 *			take one
 *	}
 *
 * and, where the list grows: cio_condition_notify(&filled, 1).
 *
 * A plain value; all zero is ready for use. It belongs to one loop.
 */
typedef struct cio_condition {
	cio_link waiters; /* private */
} cio_condition;

/* Make sure that nobody waits: 0, or -EBUSY and the condition goes on. */
CIO_API int cio_condition_finish(cio_condition *c);

/* Release the lock, wait to be notified, take the lock again; between the call
 * and the wait nothing runs. Always returns holding the lock, which is taken
 * back even in an ended scope. 0 if notified, also if the scope ended after
 * that; a refusal if it ended first (no notification is used up); -EPERM if the
 * caller does not hold the lock. */
CIO_API CIO_MUST_CHECK int cio_condition_wait(cio_condition *c, cio_lock *l);

/* Wait until `holds(arg)`, which is asked with the lock held, first of all at
 * once. A scheduling point. 0, or as cio_condition_wait. */
CIO_API CIO_MUST_CHECK int cio_condition_wait_until(cio_condition *c,
	cio_lock *l, bool (*holds)(void *arg), void *arg);

/* Wake the n oldest waiters, or as many as there are. Holding the lock is usual
 * and not needed. From tasks and callbacks. Never yields. */
CIO_API void cio_condition_notify(cio_condition *c, uint32_t n);
CIO_API void cio_condition_notify_all(cio_condition *c);

CIO_END_DECLS
#endif
