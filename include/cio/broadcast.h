/* SPDX-License-Identifier: MIT */
#ifndef CIO_BROADCAST_H
#define CIO_BROADCAST_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Watch: one value, of which everybody wants the newest.
 *
 *	struct config current = {...};
 *	cio_watch config;
 *	cio_watch_init(&config, &current, sizeof current);
 *	...
 *	cio_watch_set(&config, &newer);                 in one task
 *
 *	uint64_t seen = 0;                              in others
 *	while ((err = cio_watch_next(&config, &seen, &mine)) == 0)
 *		use(&mine);
 *
 * Who is slow misses values, never the last one. No allocation; it belongs to
 * one loop.
 */
typedef struct cio_watch {
	uint64_t version; /* 1 at first, one more for each set; read only */
	void *value;      /* private from here */
	size_t size;
	bool closed;
	cio_link waiters;
} cio_watch;

/* Watch `value`, the caller's memory, which outlives the watch and is changed by
 * `cio_watch_set` only. What it holds now is version 1. */
CIO_API void cio_watch_init(cio_watch *w, void *value, size_t size);

/* Make sure that nobody waits: 0, or -EBUSY and the watch goes on. */
CIO_API int cio_watch_finish(cio_watch *w);

/* A new value: wakes all who wait. 0, or -ESHUTDOWN once closed. Never yields. */
CIO_API int cio_watch_set(cio_watch *w, const void *value);

/* No more values: who has seen the last gets -ESHUTDOWN. Never yields. */
CIO_API void cio_watch_close(cio_watch *w);

/* Wait for a version newer than `*seen`, then copy the newest value out and note
 * its version. A scheduling point. 0, -ESHUTDOWN, or a refusal. */
CIO_API CIO_MUST_CHECK int cio_watch_next(cio_watch *w, uint64_t *seen,
	void *value);

/*
 * Broadcast: every subscriber gets every item, as long as it keeps up.
 *
 *	cio_broadcast news;
 *	int err = cio_broadcast_init(&news, sizeof(struct event), 64);
 *	...
 *	err = cio_broadcast_send(&news, &event);
 *
 *	cio_subscriber me;                              in each task that listens
 *	cio_subscribe(&me, &news);
 *	int64_t missed;
 *	while ((missed = cio_subscriber_receive(&me, &event)) >= 0) ...
 *
 * The last `room` items are kept. Sending never waits, so one that lags behind
 * holds nobody up: it goes on with the oldest item kept, and is told how many
 * it missed. It belongs to one loop.
 */
typedef struct cio_broadcast {
	uint64_t sent; /* so far; read it, never write it */
	size_t room;   /* private from here */
	size_t item_size;
	char *items;
	bool closed;
	cio_link waiters;
} cio_broadcast;

typedef struct cio_subscriber {
	cio_broadcast *from; /* private, all of it */
	uint64_t next;
} cio_subscriber;

/* Keep `room` items of `item_size` bytes: 0, -ENOMEM, or -EINVAL if one is 0. */
CIO_API CIO_MUST_CHECK int cio_broadcast_init(cio_broadcast *b,
	size_t item_size, size_t room);

/* Give the memory back: 0, or -EBUSY if somebody waits and it goes on. */
CIO_API int cio_broadcast_finish(cio_broadcast *b);

/* Send a copy to all: 0, or -ESHUTDOWN once closed. Never yields. */
CIO_API int cio_broadcast_send(cio_broadcast *b, const void *item);

/* No more items: who has received the last gets -ESHUTDOWN. Never yields. */
CIO_API void cio_broadcast_close(cio_broadcast *b);

/* Receive what is sent from now on. `s` is a plain value: nothing to undo, and
 * not used after the broadcast's finish. Never yields. */
CIO_API void cio_subscribe(cio_subscriber *s, cio_broadcast *b);

/* The next item, waiting for it if need be. A scheduling point. How many items
 * were missed just before this one (mostly 0), -ESHUTDOWN, or a refusal. */
CIO_API CIO_MUST_CHECK int64_t cio_subscriber_receive(cio_subscriber *s,
	void *item);

/* The same without waiting: -EAGAIN if there is none. Never yields. */
CIO_API CIO_MUST_CHECK int64_t cio_subscriber_try_receive(cio_subscriber *s,
	void *item);

CIO_END_DECLS
#endif
