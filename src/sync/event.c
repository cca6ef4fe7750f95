/* SPDX-License-Identifier: MIT */
/*
 * event.c - a flag that tasks wait for
 *
 * Invariant: while the flag is set, nobody waits. The set wakes all who wait at
 * that moment; a clear right after it takes nothing back, since a wake decides.
 */
#include <cio/event.h>

#include <cio/impl.h>

#include <errno.h>

#include "base/list.h"

int cio_event_finish(cio_event *e)
{
	return list_empty(&e->waiters) ? 0 : -EBUSY;
}

int cio_event_wait(cio_event *e)
{
	int err = cio_checkpoint();
	if (err < 0 || e->is_set)
		return err;
	cio_waiter self = {0};
	return cio_park(&self, &e->waiters, "event");
}

void cio_event_set(cio_event *e)
{
	cio_waiter *oldest;
	e->is_set = true;
	while ((oldest = cio_first_waiter(&e->waiters)) != NULL)
		cio_unpark(oldest);
}

void cio_event_clear(cio_event *e)
{
	e->is_set = false;
}
