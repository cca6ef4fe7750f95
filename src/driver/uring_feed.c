/* SPDX-License-Identifier: MIT */
/*
 * uring_feed.c - receives that go on by themselves (see uring.h)
 *
 * A single receive has the kernel watch the socket anew for each message; one
 * that goes on does not. Nobody is told from here: uring.c does that.
 */
#include "driver/uring.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { FEED_AFTER = 4, MOST_UNREAD = 2 };

void cio__feed_note(struct handle *h)
{
	bool waited = (h->flags & HANDLE_DRAINED) != 0;
	if (!waited)
		h->feed.in_a_row = 0;
	else if (h->feed.in_a_row < FEED_AFTER)
		h->feed.in_a_row++;
}

bool cio__feed_begin(struct uring *d, struct handle *h, uint32_t slot)
{
	if (!d->feeds || h->feed.in_a_row < FEED_AFTER)
		return false;
	struct io_uring_sqe *e = cio__uring_entry(d);
	if (e == NULL)
		return false;
	io_uring_prep_recv_multishot(e, h->fd, NULL, 0, 0);
	e->flags |= IOSQE_BUFFER_SELECT;
	e->buf_group = BUFFER_GROUP;
	e->ioprio |= IORING_RECVSEND_POLL_FIRST; /* it is drained */
	io_uring_sqe_set_data64(e, FEED_REQUEST | slot);
	h->feed = (struct feed){.state = FEED_FLYING, .first = NO_BLOCK,
		.last = NO_BLOCK};
	h->flags |= HANDLE_FED;
	return true;
}

static void ask_to_end(struct uring *d, struct handle *h, uint32_t slot)
{
	struct io_uring_sqe *e = cio__uring_entry(d);
	if (h->feed.state == FEED_UNASKED)
		d->unasked--;
	h->feed.state = FEED_UNASKED;
	if (e == NULL) {
		d->unasked++;
		return;
	}
	io_uring_prep_cancel64(e, FEED_REQUEST | slot, 0);
	io_uring_sqe_set_data64(e, CANCEL_REQUEST);
	h->feed.state = FEED_ENDING;
}

void cio__feed_stop(struct uring *d, struct handle *h, uint32_t slot)
{
	if (h->feed.state == FEED_FLYING)
		ask_to_end(d, h, slot);
}

void cio__feed_flush(struct uring *d)
{
	for (uint32_t slot = 0; d->unasked > 0 && slot < d->k.handles.room; slot++)
		if (d->k.handles.items[slot].feed.state == FEED_UNASKED)
			ask_to_end(d, &d->k.handles.items[slot], slot);
}

/* ---- what has come ---- */

static void keep(struct uring *d, struct feed *f, unsigned id, size_t n)
{
	d->block[id] = (struct block){.next = NO_BLOCK, .n = (uint16_t)n};
	if (f->unread == 0)
		f->first = (uint16_t)id;
	else
		d->block[f->last].next = (uint16_t)id;
	f->last = (uint16_t)id;
	f->unread++;
}

/* The first unread buffer, which now is somebody else's. */
static unsigned take(struct uring *d, struct feed *f)
{
	unsigned id = f->first;
	f->first = d->block[id].next;
	f->unread--;
	return id;
}

/* What is left when nothing goes on and nothing is unread: no feed. */
static void note_end(struct handle *h)
{
	const struct feed *f = &h->feed;
	if (f->state == FEED_NONE && f->unread == 0 && !f->over)
		h->flags &= ~(unsigned)HANDLE_FED;
}

/* It ended without bytes. Then it was we who wanted it, or buffers are scarce,
 * and single receives go on; or it is the end of what can be received. */
static void ended(struct uring *d, struct handle *h, int32_t res)
{
	if (res == -ECANCELED || res == -ENOBUFS)
		return;
	if (res == -EINVAL || res == -EOPNOTSUPP) {
		d->feeds = false;
		return;
	}
	h->feed.over = true;
	h->feed.result = res;
	h->flags &= ~(unsigned)HANDLE_DRAINED; /* who asks again is told again */
}

static void received(struct uring *d, struct handle *h, int32_t res,
	unsigned flags)
{
	h->told = 0;
	h->feed.unsure = true;
	h->flags &= ~(unsigned)HANDLE_DRAINED;
	if ((size_t)res < CIO_POOLED_SIZE) {
		h->flags |= HANDLE_DRAINED;
		if (!(flags & IORING_CQE_F_SOCK_NONEMPTY))
			h->told = d->k.turn;
	}
	keep(d, &h->feed, flags >> IORING_CQE_BUFFER_SHIFT, (size_t)res);
}

void cio__feed_came(struct uring *d, uint32_t slot, int32_t res, unsigned flags)
{
	struct handle *h = &d->k.handles.items[slot];
	struct feed *f = &h->feed;
	if (!(flags & IORING_CQE_F_MORE)) {
		d->unasked -= f->state == FEED_UNASKED;
		f->state = FEED_NONE;
	}
	bool wanted = res > 0 && (h->flags & HANDLE_OPEN);
	if ((flags & IORING_CQE_F_BUFFER) && !wanted)
		cio__uring_give_block(d, flags >> IORING_CQE_BUFFER_SHIFT);
	if (wanted)
		received(d, h, res, flags);
	else if (res <= 0)
		ended(d, h, res);
	if (f->unread >= MOST_UNREAD ||
		(res > 0 && (size_t)res >= CIO_POOLED_SIZE))
		cio__feed_stop(d, h, slot);
	note_end(h);
}

/* ---- who reads it ---- */

/* The whole block, its bytes at its begin. */
static void hand_over(struct uring *d, struct feed *f, cio_op *op)
{
	unsigned id = take(d, f);
	char *start = block_start(d, id);
	if (d->block[id].at > 0)
		memmove(start, start + d->block[id].at, d->block[id].n);
	op->buf = start;
	op->res = d->block[id].n;
}

static void copy(struct uring *d, struct feed *f, cio_op *op)
{
	struct block *b = &d->block[f->first];
	size_t n = receive_room(op) < b->n ? receive_room(op) : b->n;
	bool pooled = (op->flags & CIO_OP_POOLED) != 0;
	if (pooled)
		op->buf = cio__buffers_take(&d->k.buffers);
	if (pooled && op->buf == NULL) {
		op->res = -ENOMEM;
		return;
	}
	memcpy(op->buf, block_start(d, f->first) + b->at, n);
	op->res = (int32_t)n;
	if (op->off & MSG_PEEK)
		return;
	b->at += (uint16_t)n;
	b->n -= (uint16_t)n;
	if (b->n == 0)
		cio__uring_give_block(d, take(d, f));
}

static bool takes_all(const struct uring *d, const struct feed *f,
	const cio_op *op)
{
	return (op->flags & CIO_OP_POOLED) && !(op->off & MSG_PEEK) &&
		receive_room(op) >= d->block[f->first].n;
}

bool cio__feed_serve(struct uring *d, struct handle *h, cio_op *op)
{
	struct feed *f = &h->feed;
	bool served = f->unread > 0 || f->over;
	if (f->unread > 0 && takes_all(d, f, op))
		hand_over(d, f, op);
	else if (f->unread > 0)
		copy(d, f, op);
	else if (f->over) {
		op->res = f->result; /* once, by a look too, as of a socket */
		f->over = false;
	}
	note_end(h);
	return served;
}

/* A completion that is used before its turn is no request's any more. */
static void gather(struct uring *d, uint32_t slot)
{
	unsigned n = io_uring_cq_ready(&d->ring);
	for (unsigned i = 0; i < n; i++) {
		struct io_uring_cqe *c = completion(d, i);
		if (c->user_data != (FEED_REQUEST | slot))
			continue;
		c->user_data = CANCEL_REQUEST;
		cio__feed_came(d, slot, c->res, c->flags);
	}
}

bool cio__feed_serve_now(struct uring *d, struct handle *h, cio_op *op)
{
	gather(d, op->fd.slot);
	if (cio__feed_serve(d, h, op))
		return true;
	/* Completions that found no room in the queue cannot be looked at. */
	if (!(h->flags & HANDLE_FED) || !(IO_URING_READ_ONCE(*d->ring.sq.kflags)
		& IORING_SQ_CQ_OVERFLOW))
		return false;
	op->res = -EAGAIN;
	return true;
}

bool cio__feed_close(struct uring *d, struct handle *h, uint32_t slot)
{
	struct feed *f = &h->feed;
	while (f->unread > 0)
		cio__uring_give_block(d, take(d, f));
	f->over = false;
	cio__feed_stop(d, h, slot);
	note_end(h);
	return f->state != FEED_NONE;
}
