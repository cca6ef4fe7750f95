/* SPDX-License-Identifier: MIT */
#ifndef CIO_QUEUE_H
#define CIO_QUEUE_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Queue: items go from tasks that put to tasks that get.
 *
 *	cio_queue jobs;
 *	cio_queue_init(&jobs, sizeof(struct job), 100);
 *
 *	int err = cio_queue_put(&jobs, &job);           waits while it is full
 *	int err = cio_queue_get(&jobs, &job);           waits while it is empty
 *	...
 *	cio_queue_task_done(&jobs);                     when the job is done
 *	int err = cio_queue_join(&jobs);                until all jobs are
 *	...
 *	cio_queue_shutdown(&jobs, false);               no more: getters drain it
 *	cio_queue_finish(&jobs);
 *
 * Items are copied in and out. Tasks are served in order of arrival, and nobody
 * overtakes those who wait. An item is in the queue or with one task, whatever
 * is cancelled: a get that is refused has taken nothing, a put that is refused
 * has put nothing.
 *
 * A queue belongs to one loop. It takes memory as items wait in it, and keeps
 * it until the finish.
 */
typedef struct cio_queue {
	size_t size;       /* items in it now; read it, never write it */
	size_t maxsize;    /* 0: unbounded; read it, never write it */
	size_t unfinished; /* put, and not yet `task_done`; likewise */
	bool is_shutdown;  /* likewise */
	uint8_t order;     /* private from here */
	size_t item_size, stride, room, head;
	uint64_t arrivals;
	int (*compare)(const void *a, const void *b);
	char *items;
	cio_link getters, putters, joiners;
} cio_queue;

/* Start empty. `item_size` > 0. First in, first out. Never allocates. */
CIO_API void cio_queue_init(cio_queue *q, size_t item_size, size_t maxsize);

/* The same, last in, first out. */
CIO_API void cio_lifo_queue_init(cio_queue *q, size_t item_size,
	size_t maxsize);

/* The same, smallest first: `compare` is as for qsort, and must not wait. Items
 * that compare equal leave in order of arrival. */
CIO_API void cio_priority_queue_init(cio_queue *q, size_t item_size,
	size_t maxsize, int (*compare)(const void *a, const void *b));

/* Give the memory back; items in it are dropped. 0, or -EBUSY if somebody waits
 * and the queue goes on. Never yields. */
CIO_API int cio_queue_finish(cio_queue *q);

/* Put a copy of `item`, waiting for room if need be. A scheduling point. 0,
 * -ESHUTDOWN, -ENOMEM, or a refusal. */
CIO_API CIO_MUST_CHECK int cio_queue_put(cio_queue *q, const void *item);

/* Take the next item, waiting for one if need be. A scheduling point. 0,
 * -ESHUTDOWN if it is shut down and empty, or a refusal. */
CIO_API CIO_MUST_CHECK int cio_queue_get(cio_queue *q, void *item);

/* The same without waiting: -EAGAIN if it is full, or empty. Never yield; may
 * be called from callbacks. */
CIO_API CIO_MUST_CHECK int cio_queue_try_put(cio_queue *q, const void *item);
CIO_API CIO_MUST_CHECK int cio_queue_try_get(cio_queue *q, void *item);

/* An item that was taken is dealt with. 0, or -EINVAL if called more often than
 * items were put. Never yields. */
CIO_API int cio_queue_task_done(cio_queue *q);

/* Wait until every item that was put is done. A scheduling point. 0 or a
 * refusal. */
CIO_API CIO_MUST_CHECK int cio_queue_join(cio_queue *q);

/* Every put fails from now on, also those that wait; gets go on until it is
 * empty. `immediate`: it is emptied now, and what is dropped counts as done.
 * Drop items that own something by `cio_queue_try_get` instead. Never yields. */
CIO_API void cio_queue_shutdown(cio_queue *q, bool immediate);

CIO_END_DECLS
#endif
