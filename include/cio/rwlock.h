/* SPDX-License-Identifier: MIT */
#ifndef CIO_RWLOCK_H
#define CIO_RWLOCK_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Readers-writer lock: many readers, or one writer.
 *
 *	cio_rwlock lock = {0};
 *	...
 *	int err = cio_rwlock_acquire_read(&lock);
 *	if (err < 0)
 *		return err;
 *	...
 *	cio_rwlock_release_read(&lock);
 *
 * Served in order of arrival: a reader that comes after a waiting writer waits
 * behind it, so neither side starves; readers in a row go in together. A reader
 * that asks for the writer's side, or once more behind a waiting writer, waits
 * for itself.
 *
 * A plain value; all zero is unlocked. It belongs to one loop.
 */
typedef struct cio_rwlock {
	uint32_t readers;        /* who read now; read it, never write it */
	struct cio_task *writer; /* likewise; NULL: none */
	uint32_t waiting;        /* private */
	cio_link waiters;        /* private */
} cio_rwlock;

/* Make sure that nobody holds it or waits: 0, or -EBUSY and it goes on. A
 * cancelled waiter counts until it has run. */
CIO_API int cio_rwlock_finish(cio_rwlock *l);

/* Join the readers, or become the writer, waiting if need be. A scheduling
 * point. 0; -EDEADLK if the caller is the writer; a refusal if the scope ended
 * first (not taken). */
CIO_API CIO_MUST_CHECK int cio_rwlock_acquire_read(cio_rwlock *l);
CIO_API CIO_MUST_CHECK int cio_rwlock_acquire_write(cio_rwlock *l);

/* The same if it needs no wait and overtakes nobody: 0, -EAGAIN, or, for the
 * writer's side outside a task, -EPERM. Never yields. */
CIO_API CIO_MUST_CHECK int cio_rwlock_try_acquire_read(cio_rwlock *l);
CIO_API CIO_MUST_CHECK int cio_rwlock_try_acquire_write(cio_rwlock *l);

/* Leave. 0, or -EPERM and nothing happens if there is no reader, or the caller
 * is not the writer. Never yields, never refused. */
CIO_API int cio_rwlock_release_read(cio_rwlock *l);
CIO_API int cio_rwlock_release_write(cio_rwlock *l);

CIO_END_DECLS
#endif
