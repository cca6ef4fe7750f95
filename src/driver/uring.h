/* SPDX-License-Identifier: MIT */
/*
 * uring.h - what the files of the io_uring driver share
 *
 * uring.c waits and completes; uring_buffers.c keeps the buffers that the kernel
 * picks from; uring_feed.c receives ahead for handles whose reader keeps up.
 */
#ifndef CIO_DRIVER_URING_H
#define CIO_DRIVER_URING_H

#include <liburing.h>

#include "base/list.h"
#include "driver/kernel.h"

#define RING_BUFFERS 512 /* a power of two */
#define BUFFER_GROUP 0

/* Names of requests that are no operation's; slots never get that high. */
#define WAKE_REQUEST UINT64_C(0xffffffff)
#define CANCEL_REQUEST UINT64_C(0xfffffffe)
/* With the handle's slot: its feed. The number is not free before the feed is
 * over, so this needs no generation. */
#define FEED_REQUEST UINT64_C(0x40000000)

#define NO_BLOCK UINT16_MAX

/* A buffer of the ring that came with bytes which nobody has asked for yet. */
struct block {
	uint16_t next;  /* of the same handle; NO_BLOCK */
	uint16_t at, n; /* what is unread */
};

struct uring {
	struct kernel k;
	struct io_uring ring;
	struct request *requests;
	uint32_t room, free;
	cio_link cancels; /* asked for, not yet in the queue */
	struct io_uring_buf_ring *buffers;
	char *blocks; /* of `buffers`, CIO_POOLED_SIZE each */
	struct block block[RING_BUFFERS];
	uint32_t unasked; /* feeds that shall end and found no place in the queue */
	bool feeds;       /* this kernel can */
	bool wake_armed;
	int completed; /* in this turn */
};

/* A free place in the queue; when it is full, what is in it goes first. NULL:
 * the kernel takes nothing now. */
struct io_uring_sqe *cio__uring_entry(struct uring *d);

/* The i-th completion that has not been taken. */
static inline struct io_uring_cqe *completion(const struct uring *d, unsigned i)
{
	const struct io_uring_cq *q = &d->ring.cq;
	return &q->cqes[(*q->khead + i) & q->ring_mask];
}

/* ---- the buffers ---- */

int cio__uring_open_buffers(struct uring *d);
/* After the ring's end. Whatever of it is there. */
void cio__uring_close_buffers(struct uring *d);
/* Is it one of the ring's, not of the heap? */
bool cio__uring_owns(const struct uring *d, const void *buf);
void cio__uring_give_block(struct uring *d, unsigned id);

static inline char *block_start(const struct uring *d, unsigned id)
{
	return d->blocks + id * CIO_POOLED_SIZE;
}

/* How much a receive may bring. */
static inline size_t receive_room(const cio_op *op)
{
	size_t n = op->len < 0x7ffff000 ? op->len : 0x7ffff000;
	if ((op->flags & CIO_OP_POOLED) && (n == 0 || n > CIO_POOLED_SIZE))
		n = CIO_POOLED_SIZE;
	return n;
}

/* ---- feeds ---- */

/*
 * A receive that goes on by itself, for a handle of which nothing but receives
 * will ever read (CIO_OP_AHEAD). It begins when the reader has asked four times
 * in a row before the bytes were there, and ends when two buffers are unread,
 * when one is full, when the ring is empty, or with the handle; then receives
 * are single ones again. So a peer that sends faster than it is read holds two
 * buffers or what one look of the kernel's brings, and starves nobody.
 *
 * Invariant: while the handle is HANDLE_FED, bytes may be in `block` or in
 * completions that nobody has taken yet, older than all that is in the socket:
 * then a receive gets those, or waits for the feed. The kernel brings nothing
 * but when it is entered for completions (DEFER_TASKRUN), so between a look at
 * those that are there and a system call nothing can come.
 *
 * The kernel tells of an end right behind the bytes, but not of a reset that has
 * come before it took them: nothing wakes it again. So after bytes a feed is
 * `unsure` until a send has succeeded or a receive was tried: who answers each
 * message asks for nothing, who only reads asks once for each.
 */

/* Receive ahead from now on; the caller's receive waits for it. False: not now. */
bool cio__feed_begin(struct uring *d, struct handle *h, uint32_t slot);
/* What a receive that had to wait for its bytes brought: is a feed worth it? */
void cio__feed_note(struct handle *h);
/* A completion of the feed's. Tells nobody. */
void cio__feed_came(struct uring *d, uint32_t slot, int32_t res, unsigned flags);
/* If anything has come that is unread, the receive has its result. Else the
 * feed goes on, or the handle is not HANDLE_FED any more. */
bool cio__feed_serve(struct uring *d, struct handle *h, cio_op *op);
/* The same for one that does not wait: looks at completions not yet taken. */
bool cio__feed_serve_now(struct uring *d, struct handle *h, cio_op *op);
/* No more from it than is on the way; who waits for it is armed then. */
void cio__feed_stop(struct uring *d, struct handle *h, uint32_t slot);
/* The handle is being closed: forget what is unread. True: the kernel has still
 * to let go, and cio__feed_came will be called. */
bool cio__feed_close(struct uring *d, struct handle *h, uint32_t slot);
/* Ask those to end that found no place before. */
void cio__feed_flush(struct uring *d);

#endif
