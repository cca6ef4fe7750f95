/* SPDX-License-Identifier: MIT */
/*
 * pair.c - two streams that are joined in memory
 *
 * Invariant: `bytes` is a ring of what the peer has written and this end has not
 * read yet. Who waits, waits at his own end: a reader for bytes, a writer for
 * room at the peer. Every change wakes whom it may concern, and he looks again.
 *
 * The ends are freed each by itself: the first to be closed takes leave of the
 * other.
 */
#include <cio/stream.h>

#include <errno.h>
#include <sys/uio.h>

#include "base/list.h"
#include "base/mem.h"

enum { DEFAULT_ROOM = 65536 };

struct end {
	cio_stream base;
	struct end *peer; /* NULL: closed */
	size_t at, n, room;
	cio_link readers, writers; /* one of each at most */
	cio_link closers;          /* until the idle wait has ended */
	cio_stream_idle *idle;     /* in place of a reader */
	bool ended; /* nothing comes behind the bytes */
	bool reset; /* and that is an error */
	bool shut;  /* by us */
	char bytes[];
};

static struct end *end_of(cio_stream *s)
{
	return container_of(s, struct end, base);
}

/* ---- waking ---- */

static void wake(cio_link *q)
{
	cio_waiter *w = cio_first_waiter(q);
	if (w != NULL)
		cio_unpark(w);
}

/* Bytes, or the end of them. */
static void wake_reader(struct end *e)
{
	if (e->idle != NULL)
		cio_op_finish(&e->idle->op, 0);
	else
		wake(&e->readers);
}

/* ---- bytes ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void take_out(struct end *e, char *to, size_t n)
{
	size_t first = smaller(n, e->room - e->at);
	memcpy(to, e->bytes + e->at, first);
	memcpy(to + first, e->bytes, n - first);
	e->at = (e->at + n) % e->room;
	e->n -= n;
}

static void put_in(struct end *e, const char *from, size_t n)
{
	size_t at = (e->at + e->n) % e->room;
	size_t first = smaller(n, e->room - at);
	memcpy(e->bytes + at, from, first);
	memcpy(e->bytes, from + first, n - first);
	e->n += n;
}

static ssize_t pair_try_read(cio_stream *s, void *buf, size_t n)
{
	struct end *e = end_of(s);
	if (s->closed)
		return -ECANCELED;
	if (e->n == 0 && e->reset)
		return -ECONNRESET;
	if (e->n == 0)
		return e->ended ? 0 : -EAGAIN;
	n = smaller(n, e->n);
	take_out(e, buf, n);
	if (e->peer != NULL)
		wake(&e->peer->writers);
	return (ssize_t)n;
}

static ssize_t try_write(struct end *e, const struct iovec *iov, int count)
{
	size_t done = 0;
	if (e->base.closed)
		return -ECANCELED;
	if (e->reset)
		return -ECONNRESET;
	if (e->shut || e->peer == NULL)
		return -EPIPE;
	for (int i = 0; i < count; i++) {
		size_t n = smaller(iov[i].iov_len, e->peer->room - e->peer->n);
		if (n > 0)
			put_in(e->peer, iov[i].iov_base, n);
		done += n;
	}
	if (done == 0)
		return -EAGAIN;
	wake_reader(e->peer);
	return (ssize_t)done;
}

static ssize_t pair_try_write(cio_stream *s, const void *p, size_t n)
{
	struct iovec piece = {.iov_base = (void *)p, .iov_len = n};
	return try_write(end_of(s), &piece, 1);
}

static ssize_t pair_read(cio_stream *s, void *buf, size_t n)
{
	cio_waiter w;
	ssize_t got = cio_checkpoint();
	while (got == 0 && (got = pair_try_read(s, buf, n)) == -EAGAIN)
		got = cio_park(&w, &end_of(s)->readers,
			"bytes of a stream in memory");
	return got;
}

/* Into a buffer that is made when there is something to be put into it. */
static ssize_t pair_fill(cio_stream *s)
{
	struct end *e = end_of(s);
	cio_waiter w;
	ssize_t n = cio_checkpoint();
	while (n == 0 && !s->closed && e->n == 0 && !e->ended)
		n = cio_park(&w, &e->readers, "bytes of a stream in memory");
	return n < 0 ? n : cio__stream_try_fill(s);
}

static ssize_t pair_write_some(cio_stream *s, struct iovec *iov, int count)
{
	struct end *e = end_of(s);
	cio_waiter w;
	ssize_t n = cio_checkpoint();
	while (n == 0 && (n = try_write(e, iov, count)) == -EAGAIN)
		n = cio_park(&w, &e->writers, "room in a stream in memory");
	return n;
}

/* ---- the end ---- */

/* Nothing comes from here any more. */
static void end_output(struct end *e, bool reset)
{
	e->shut = true;
	wake(&e->writers);
	if (e->peer == NULL)
		return;
	e->peer->ended = true;
	e->peer->reset = reset;
	wake_reader(e->peer);
	wake(&e->peer->writers);
}

static int pair_shutdown(cio_stream *s)
{
	struct end *e = end_of(s);
	if (e->reset)
		return -ENOTCONN;
	end_output(e, false);
	return 0;
}

static void leave(struct end *e, bool reset)
{
	end_output(e, reset);
	if (e->peer != NULL)
		e->peer->peer = NULL;
	e->peer = NULL;
	wake(&e->readers);
	if (e->idle != NULL)
		cio_op_finish(&e->idle->op, -ECANCELED);
}

static void pair_close(cio_stream *s, bool abort)
{
	struct end *e = end_of(s);
	cio_waiter w;
	leave(e, abort);
	if (e->idle != NULL)
		cio_settle(&w, &e->closers, "the end of an idle wait", NULL,
			NULL);
}

static void pair_drop(cio_stream *s)
{
	leave(end_of(s), false);
	cio_stream_release(s);
}

static void pair_free(cio_stream *s)
{
	cio__free(end_of(s));
}

/* ---- its state ---- */

static bool pair_reusable(cio_stream *s)
{
	const struct end *e = end_of(s);
	return e->n == 0 && !e->ended && !e->shut && e->peer != NULL;
}

static int pair_name(cio_stream *s, cio_address *out, bool peer)
{
	(void)s;
	(void)peer;
	*out = (cio_address){0};
	return 0;
}

/* ---- waiting without a stack ---- */

/* Who closes it waits for us, and holds it until then. */
static void idle_done(cio_op *op)
{
	cio_stream_idle *idle = container_of(op, cio_stream_idle, op);
	struct end *e = end_of(idle->stream);
	cio_waiter *closer = cio_first_waiter(&e->closers);
	ssize_t n = op->res < 0 ? op->res : cio__stream_try_fill(&e->base);
	e->idle = NULL;
	cio_stream_idle_ready(idle, n < 0 ? (int)n : 0);
	if (closer != NULL)
		cio_unpark(closer);
}

static int pair_wait_idle(cio_stream *s, cio_stream_idle *idle)
{
	struct end *e = end_of(s);
	if (e->n > 0 || e->ended) {
		ssize_t n = cio__stream_try_fill(s);
		return n < 0 ? (int)n : 1;
	}
	idle->op.kind = CIO_OP_EXTERNAL;
	idle->op.done = idle_done;
	int err = cio_submit(&idle->op);
	if (err == CIO_PENDING)
		e->idle = idle;
	return err;
}

/* ---- making two ---- */

static const cio_stream_ops pair_ops = {
	.read = pair_read,
	.write_some = pair_write_some,
	.shutdown = pair_shutdown,
	.close = pair_close,
	.drop = pair_drop,
	.reusable = pair_reusable,
	.wait_idle = pair_wait_idle,
	.name = pair_name,
	.fill = pair_fill,
	.free = pair_free,
	.try_read = pair_try_read,
	.try_write = pair_try_write,
};

/* Within half of all memory neither this sum nor that of two offsets wraps. */
static struct end *make(size_t room)
{
	struct end *e = room < SIZE_MAX / 2 - sizeof *e ?
		cio__alloc(sizeof *e + room) : NULL;
	if (e == NULL)
		return NULL;
	*e = (struct end){.room = room};
	cio_stream_init(&e->base, &pair_ops);
	return e;
}

int cio__stream_pair(const char *site, cio_stream **a, cio_stream **b,
	size_t room)
{
	struct end *x = make(room > 0 ? room : DEFAULT_ROOM);
	struct end *y = x != NULL ? make(x->room) : NULL;
	if (y == NULL) {
		cio__free(x);
		return -ENOMEM;
	}
	x->peer = y;
	y->peer = x;
	cio__stream_note(&x->base, site);
	cio__stream_note(&y->base, site);
	*a = &x->base;
	*b = &y->base;
	return 0;
}
