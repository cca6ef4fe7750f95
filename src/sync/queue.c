/* SPDX-License-Identifier: MIT */
/*
 * queue.c - items on their way from task to task, in three orders
 *
 * Invariant: while a getter waits the queue is empty; while a putter waits it
 * is full; once it is shut down nobody of either waits. So a put gives its item
 * straight to the oldest getter, and a get lets the oldest putter's item in.
 * That hand-over is part of the wake and needs no memory: it cannot fail, and
 * the task that slept owns what it was handed, cancelled afterwards or not.
 *
 * The items are a ring for first in, first out; a stack (a ring whose head
 * stays 0) for last in; a binary heap for priorities, where each slot ends in
 * its number of arrival, to keep equals in order.
 */
#include <cio/queue.h>

#include <cio/impl.h>

#include <assert.h>
#include <errno.h>
#include <stdalign.h>

#include "base/list.h"
#include "base/mem.h"

enum { FIFO, LIFO, PRIORITY };
enum { FIRST_ROOM = 8 };

/* A waiter's value: the item's place while it sleeps, then what the call
 * returns. cio_select sleeps here in the same way. */
static void *place_of(const cio_waiter *w)
{
	return (void *)(uintptr_t)w->value;
}

static void answer(cio_waiter *w, int result)
{
	w->value = (uint64_t)(int64_t)result;
	cio_unpark(w);
}

static int wait_among(cio_link *waiters, const void *place, const char *what)
{
	cio_waiter self = {.value = (uintptr_t)place};
	int err = cio_park(&self, waiters, what);
	return err < 0 ? err : (int)(int64_t)self.value;
}

/* ---- the slots ---- */

/* Most items are a pointer or a number: those need no call. */
static inline void copy(void *to, const void *from, size_t n)
{
	if (n == sizeof(void *))
		memcpy(to, from, sizeof(void *));
	else
		memcpy(to, from, n);
}

static char *slot(const cio_queue *q, size_t i)
{
	size_t at = q->head + i;
	return q->items + (at < q->room ? at : at - q->room) * q->stride;
}

static bool grow(cio_queue *q)
{
	size_t room = q->room > 0 ? 2 * q->room : FIRST_ROOM;
	if (q->maxsize > 0 && room > q->maxsize)
		room = q->maxsize;
	if (room > SIZE_MAX / q->stride)
		return false;
	char *items = cio__realloc(q->items, room * q->stride);
	if (items == NULL)
		return false;
	if (q->head + q->size > q->room) { /* it went around the end */
		size_t tail = q->room - q->head;
		memmove(items + (room - tail) * q->stride,
			items + q->head * q->stride, tail * q->stride);
		q->head = room - tail;
	}
	q->items = items;
	q->room = room;
	return true;
}

/* ---- the heap ---- */

static uint64_t arrival(const cio_queue *q, const char *at)
{
	uint64_t n;
	memcpy(&n, at + q->stride - sizeof n, sizeof n);
	return n;
}

static bool before(const cio_queue *q, const char *a, const char *b)
{
	int order = q->compare(a, b);
	return order != 0 ? order < 0 : arrival(q, a) < arrival(q, b);
}

static void swap(char *a, char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = a[i];
		a[i] = b[i];
		b[i] = c;
	}
}

static void sift_up(cio_queue *q, size_t i)
{
	while (i > 0) {
		size_t up = (i - 1) / 2;
		if (!before(q, slot(q, i), slot(q, up)))
			return;
		swap(slot(q, i), slot(q, up), q->stride);
		i = up;
	}
}

static void sift_down(cio_queue *q, size_t i)
{
	for (size_t down; (down = 2 * i + 1) < q->size; i = down) {
		if (down + 1 < q->size &&
			before(q, slot(q, down + 1), slot(q, down)))
			down++;
		if (!before(q, slot(q, down), slot(q, i)))
			return;
		swap(slot(q, i), slot(q, down), q->stride);
	}
}

/* ---- in and out, in the queue's order ---- */

static void push(cio_queue *q, const void *item)
{
	assert(q->size < q->room);
	char *at = slot(q, q->size);
	copy(at, item, q->item_size);
	q->size++;
	if (q->order != PRIORITY)
		return;
	uint64_t n = q->arrivals++;
	memcpy(at + q->stride - sizeof n, &n, sizeof n);
	sift_up(q, q->size - 1);
}

static void pop(cio_queue *q, void *item)
{
	assert(q->size > 0);
	q->size--;
	if (q->order == LIFO) {
		copy(item, slot(q, q->size), q->item_size);
		return;
	}
	copy(item, slot(q, 0), q->item_size);
	if (q->order == FIFO) {
		q->head = q->head + 1 < q->room ? q->head + 1 : 0;
	} else if (q->size > 0) {
		memcpy(slot(q, 0), slot(q, q->size), q->stride);
		sift_down(q, 0);
	}
}

/* ---- life ---- */

static void init(cio_queue *q, size_t item_size, size_t maxsize, uint8_t order)
{
	if (item_size == 0 || item_size > SIZE_MAX / 2)
		cio__misuse("makes a queue of items of %zu bytes", item_size);
	*q = (cio_queue){.item_size = item_size,
		.stride = item_size,
		.maxsize = maxsize,
		.order = order};
}

void cio_queue_init(cio_queue *q, size_t item_size, size_t maxsize)
{
	init(q, item_size, maxsize, FIFO);
}

void cio_lifo_queue_init(cio_queue *q, size_t item_size, size_t maxsize)
{
	init(q, item_size, maxsize, LIFO);
}

void cio_priority_queue_init(cio_queue *q, size_t item_size, size_t maxsize,
	int (*compare)(const void *a, const void *b))
{
	const size_t align = alignof(max_align_t); /* compare reads in place */
	init(q, item_size, maxsize, PRIORITY);
	q->stride = (item_size + sizeof(uint64_t) + align - 1) & ~(align - 1);
	q->compare = compare;
}

int cio_queue_finish(cio_queue *q)
{
	if (!list_empty(&q->getters) || !list_empty(&q->putters) ||
		!list_empty(&q->joiners))
		return -EBUSY;
	cio__free(q->items);
	q->items = NULL;
	q->size = q->room = q->head = 0;
	return 0;
}

/* ---- put and get ---- */

static inline int try_put(cio_queue *q, const void *item)
{
	if (q->is_shutdown)
		return -ESHUTDOWN;
	cio_waiter *getter = cio_first_waiter(&q->getters);
	if (getter != NULL) {
		assert(q->size == 0);
		copy(place_of(getter), item, q->item_size);
		answer(getter, 0);
	} else if (q->maxsize > 0 && q->size >= q->maxsize) {
		return -EAGAIN;
	} else {
		if (q->size == q->room && !grow(q))
			return -ENOMEM;
		push(q, item);
	}
	q->unfinished++;
	return 0;
}

static inline int try_get(cio_queue *q, void *item)
{
	if (q->size == 0)
		return q->is_shutdown ? -ESHUTDOWN : -EAGAIN;
	pop(q, item);
	cio_waiter *putter = cio_first_waiter(&q->putters);
	if (putter != NULL) {
		push(q, place_of(putter));
		q->unfinished++;
		answer(putter, 0);
	}
	return 0;
}

int cio_queue_try_put(cio_queue *q, const void *item)
{
	return try_put(q, item);
}

int cio_queue_try_get(cio_queue *q, void *item)
{
	return try_get(q, item);
}

int cio_queue_put(cio_queue *q, const void *item)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	err = try_put(q, item);
	if (err != -EAGAIN)
		return err;
	return wait_among(&q->putters, item, "room in a queue");
}

int cio_queue_get(cio_queue *q, void *item)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	err = try_get(q, item);
	if (err != -EAGAIN)
		return err;
	return wait_among(&q->getters, item, "queue");
}

/* ---- done ---- */

static void wake_joiners(cio_queue *q)
{
	cio_waiter *w;
	while (q->unfinished == 0 &&
		(w = cio_first_waiter(&q->joiners)) != NULL)
		cio_unpark(w);
}

int cio_queue_task_done(cio_queue *q)
{
	if (q->unfinished == 0)
		return -EINVAL;
	q->unfinished--;
	wake_joiners(q);
	return 0;
}

int cio_queue_join(cio_queue *q)
{
	int err = cio_checkpoint();
	if (err < 0 || q->unfinished == 0)
		return err;
	cio_waiter self = {0};
	return cio_park(&self, &q->joiners, "the items of a queue");
}

void cio_queue_shutdown(cio_queue *q, bool immediate)
{
	cio_waiter *w;
	q->is_shutdown = true;
	if (immediate) { /* more may be in it than unfinished: task_done early */
		q->unfinished -= q->unfinished < q->size ? q->unfinished :
							   q->size;
		q->size = q->head = 0;
		wake_joiners(q);
	}
	while ((w = cio_first_waiter(&q->getters)) != NULL)
		answer(w, -ESHUTDOWN);
	while ((w = cio_first_waiter(&q->putters)) != NULL)
		answer(w, -ESHUTDOWN);
}
