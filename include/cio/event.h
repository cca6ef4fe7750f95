/* SPDX-License-Identifier: MIT */
#ifndef CIO_EVENT_H
#define CIO_EVENT_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Event: a flag that tasks can wait for.
 *
 *	cio_event ready = {0};
 *	...
 *	int err = cio_event_wait(&ready);     in some tasks
 *	cio_event_set(&ready);                in another: wakes them all
 *
 * A plain value; all zero is "not set". It belongs to one loop.
 */
typedef struct cio_event {
	bool is_set;      /* read it, never write it */
	cio_link waiters; /* private */
} cio_event;

/* Make sure that nobody waits: 0, or -EBUSY and the event goes on. */
CIO_API int cio_event_finish(cio_event *e);

/* Wait until the event is set; returns at once if it is, but is a scheduling
 * point. 0, or a refusal if the scope ended first. */
CIO_API CIO_MUST_CHECK int cio_event_wait(cio_event *e);

/* Set the flag and wake all waiters, in order of arrival. Never yields. */
CIO_API void cio_event_set(cio_event *e);

/* Clear the flag; who was woken stays woken. Never yields. */
CIO_API void cio_event_clear(cio_event *e);

CIO_END_DECLS
#endif
