/* SPDX-License-Identifier: MIT */
#ifndef CIO_SELECT_H
#define CIO_SELECT_H

#include <cio/queue.h>
#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Select: the first of several things to happen, and only that one.
 *
 *	cio_select_case on[] = {
 *		cio_on_get(&urgent, &job),
 *		cio_on_get(&normal, &job),
 *		cio_on_done(stopper),
 *		cio_on_time(cio_now() + CIO_S(1)),
 *	};
 *	int i = cio_select(on, 4);
 *
 * Exactly one case has an effect: an item is taken or put for the case whose
 * index is returned, and for no other. Queues serve a select in turn with those
 * who get and put.
 *
 * If several are possible at once, the first in the list is chosen: put what
 * matters most first, and know that a case that is always possible starves
 * those after it.
 */
typedef struct cio_select_case {
	int result; /* of the case that happened: 0, -ESHUTDOWN, -ENOMEM */
	int kind;   /* private from here: see cio_on_... */
	cio_queue *queue;
	void *item;
	cio_task *task;
	cio_time deadline;
} cio_select_case;

enum { CIO_SELECT_MAX = 16 }; /* cases in one select */

/* An item of `q` into `item`. A queue shut down and empty counts, as -ESHUTDOWN. */
CIO_API cio_select_case cio_on_get(cio_queue *q, void *item);

/* A copy of `item` into `q`. A queue shut down counts, as -ESHUTDOWN. */
CIO_API cio_select_case cio_on_put(cio_queue *q, const void *item);

/* The end of a task; its handle is not used up. NULL (a spawn that failed) counts,
 * as -ENOMEM. */
CIO_API cio_select_case cio_on_done(cio_task *t);

/* The clock (`cio_now`) reaching `deadline`; CIO_NEVER: it does not happen. */
CIO_API cio_select_case cio_on_time(cio_time deadline);

/* Wait for the first of `n` cases: its index; its `result` is set. -EINVAL for
 * none or too many, -EDEADLK to wait for the calling task's own end; or a refusal,
 * and nothing has happened. A scheduling point. */
CIO_API CIO_MUST_CHECK int cio_select(cio_select_case cases[], int n);

/* The same without waiting: -EAGAIN if none is possible now. Never yields. */
CIO_API CIO_MUST_CHECK int cio_try_select(cio_select_case cases[], int n);

CIO_END_DECLS
#endif
