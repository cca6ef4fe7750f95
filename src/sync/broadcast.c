/* SPDX-License-Identifier: MIT */
/*
 * broadcast.c - the newest value, or the last few items, for many tasks
 *
 * Both number what they are given, and each reader keeps the number it is at.
 * So a wake only says "look": it carries nothing, who is cancelled loses
 * nothing, and who comes late finds by the difference what it missed. Since
 * numbers only grow, what was there at the wake is there when the reader runs.
 */
#include <cio/broadcast.h>

#include <cio/impl.h>

#include <errno.h>

#include "base/list.h"
#include "base/mem.h"

static void wake_all(cio_link *waiters)
{
	cio_waiter *w;
	while ((w = cio_first_waiter(waiters)) != NULL)
		cio_unpark(w);
}

/* ---- watch ---- */

void cio_watch_init(cio_watch *w, void *value, size_t size)
{
	*w = (cio_watch){.version = 1, .value = value, .size = size};
}

int cio_watch_finish(cio_watch *w)
{
	return list_empty(&w->waiters) ? 0 : -EBUSY;
}

int cio_watch_set(cio_watch *w, const void *value)
{
	if (w->closed)
		return -ESHUTDOWN;
	memmove(w->value, value, w->size);
	w->version++;
	wake_all(&w->waiters);
	return 0;
}

void cio_watch_close(cio_watch *w)
{
	w->closed = true;
	wake_all(&w->waiters);
}

int cio_watch_next(cio_watch *w, uint64_t *seen, void *value)
{
	int err = cio_checkpoint();
	while (err == 0 && w->version <= *seen && !w->closed) {
		cio_waiter self = {0}; /* others may use the same `seen` */
		err = cio_park(&self, &w->waiters, "watch");
	}
	if (err < 0)
		return err;
	if (w->version <= *seen)
		return -ESHUTDOWN;
	*seen = w->version;
	memcpy(value, w->value, w->size);
	return 0;
}

/* ---- broadcast ---- */

int cio_broadcast_init(cio_broadcast *b, size_t item_size, size_t room)
{
	*b = (cio_broadcast){.item_size = item_size, .room = room, .closed = true};
	if (item_size == 0 || room == 0)
		return cio_fail(-EINVAL, "a broadcast of %zu items of %zu bytes",
			room, item_size);
	b->closed = false;
	if (room > SIZE_MAX / item_size)
		return -ENOMEM;
	b->items = cio__alloc(room * item_size);
	return b->items != NULL ? 0 : -ENOMEM;
}

int cio_broadcast_finish(cio_broadcast *b)
{
	if (!list_empty(&b->waiters))
		return -EBUSY;
	cio__free(b->items);
	b->items = NULL;
	b->closed = true;
	return 0;
}

static char *slot(const cio_broadcast *b, uint64_t number)
{
	return b->items + (size_t)(number % b->room) * b->item_size;
}

int cio_broadcast_send(cio_broadcast *b, const void *item)
{
	if (b->closed)
		return -ESHUTDOWN;
	memcpy(slot(b, b->sent), item, b->item_size);
	b->sent++;
	wake_all(&b->waiters);
	return 0;
}

void cio_broadcast_close(cio_broadcast *b)
{
	b->closed = true;
	wake_all(&b->waiters);
}

void cio_subscribe(cio_subscriber *s, cio_broadcast *b)
{
	*s = (cio_subscriber){.from = b, .next = b->sent};
}

int64_t cio_subscriber_try_receive(cio_subscriber *s, void *item)
{
	const cio_broadcast *b = s->from;
	if (s->next == b->sent)
		return b->closed ? -ESHUTDOWN : -EAGAIN;
	uint64_t oldest = b->sent > b->room ? b->sent - b->room : 0;
	uint64_t missed = s->next < oldest ? oldest - s->next : 0;
	s->next += missed;
	memcpy(item, slot(b, s->next), b->item_size);
	s->next++;
	return (int64_t)missed;
}

int64_t cio_subscriber_receive(cio_subscriber *s, void *item)
{
	int err = cio_checkpoint();
	while (err == 0) { /* another task may use the same subscriber */
		int64_t missed = cio_subscriber_try_receive(s, item);
		if (missed != -EAGAIN)
			return missed;
		cio_waiter self = {0};
		err = cio_park(&self, &s->from->waiters, "broadcast");
	}
	return err;
}
