/* SPDX-License-Identifier: MIT */
#ifndef CIO_CHANNEL_H
#define CIO_CHANNEL_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Channel: items from tasks to tasks of any loops, and plain threads.
 *
 *	cio_channel *jobs;
 *	int err = cio_channel_open(&jobs, sizeof(struct job), 100);
 *
 *	err = cio_channel_send(jobs, &job);             waits while it is full
 *	err = cio_channel_receive(jobs, &job);          waits while it is empty
 *	...
 *	cio_channel_close(jobs);                        no more: receivers drain it
 *	cio_channel_put(jobs);
 *
 * Items are copied in and out. Who waits is served in order of arrival, whatever
 * loop it is in, and nobody overtakes; so items of one sender are received in
 * its order. Within one loop a queue (<cio/queue.h>) does the same for less, and
 * can be selected on.
 *
 * The rule of handing over. One lock decides, and the first event under it: an
 * item is handed to the oldest receiver, straight into its memory, by whoever
 * brings it, and a cancel takes a receiver out of the line. Who was served
 * returns 0 with the item even if it is cancelled before it runs; who was taken
 * out has got nothing and gives a refusal. The same holds for senders. So no item
 * is lost, doubled or handed to somebody who has left.
 *
 * A loop whose task waits in a channel is not taken for deadlocked as long as
 * another thread of the process may come; on sim its clock goes on.
 */
typedef struct cio_channel cio_channel;

/* Make a channel for up to `capacity` items of `item_size` bytes; the caller has
 * one share of it. From any thread, never yields. 0, -EINVAL if one of them is 0
 * or the product too large, -ENOMEM. */
CIO_API CIO_MUST_CHECK int cio_channel_open(cio_channel **out, size_t item_size,
	size_t capacity);

/* One more share of the same channel, which is returned. From any thread. */
CIO_API cio_channel *cio_channel_dup(cio_channel *ch);

/* Give up a share. The last one frees the channel, with the items in it; nobody
 * may wait in it then. It does not close it. From any thread; NULL is ignored. */
CIO_API void cio_channel_put(cio_channel *ch);

/* Send a copy of `item`, waiting for room if need be. A scheduling point. 0,
 * -ESHUTDOWN once it is closed, or a refusal, and nothing was sent. -EDEADLK
 * outside a task. */
CIO_API CIO_MUST_CHECK int cio_channel_send(cio_channel *ch, const void *item);

/* Receive the next item, waiting for one if need be. A scheduling point. 0,
 * -ESHUTDOWN once it is closed and empty, or a refusal, and nothing was taken.
 * -EDEADLK outside a task. */
CIO_API CIO_MUST_CHECK int cio_channel_receive(cio_channel *ch, void *item);

/* The same without waiting: -EAGAIN if it is full, or empty. From any thread and
 * from callbacks; not from signal handlers. */
CIO_API CIO_MUST_CHECK int cio_channel_try_send(cio_channel *ch,
	const void *item);
CIO_API CIO_MUST_CHECK int cio_channel_try_receive(cio_channel *ch, void *item);

/* Every send fails from now on, also those that wait; receives go on until it is
 * empty. Once is enough, more does no harm. From any thread, never yields. */
CIO_API void cio_channel_close(cio_channel *ch);

/* How many items are in it now; others may be changing that. From any thread. */
CIO_API size_t cio_channel_size(cio_channel *ch);

CIO_END_DECLS
#endif
