/* SPDX-License-Identifier: MIT */
/*
 * stream.c - the half of a stream that no carrier differs in
 *
 * Invariant: inside a read, `input` is NULL exactly when n is 0, and the bytes
 * stand in one piece. Only the one reader touches the buffer. Between reads an
 * empty buffer may stay, for the view that a read gave out: who enters frees it.
 *
 * Whoever is inside a call, or waits idle, holds the stream; so does its owner
 * until the close. The last one frees it: a close need not wait for the reader
 * that it has woken, and the reader may still look at the struct.
 */
#include <cio/stream.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sys/uio.h>

#include "base/list.h"
#include "base/mem.h"
#include "io/io.h"

enum {
	FIRST_SIZE = 16384, /* of a buffer that we make */
	GOOD_ROOM = 4096,   /* below it, a read is not worth its price */
	DEFAULT_LIMIT = 65536,
	MOST_PIECES = 1024  /* of one writev; Linux' UIO_MAXIOV */
};

/* ---- whose it is ---- */

/* May it be used, here and still? */
static int check(const cio_stream *s)
{
	int err = cio_handle_check(&s->handle);
	if (err == 0 && s->closed)
		cio__handle_closed(&s->handle, "uses");
	return err;
}

/* ---- begin and end of life ---- */

static void close_left(cio_handle *h)
{
	cio_stream_close(container_of(h, cio_stream, handle));
}

void cio__stream_note(cio_stream *s, const char *site)
{
	static const cio_handle_kind kind = {"stream", NULL, close_left};
	cio_handle_note(&s->handle, &kind, site);
}

void cio_stream_init(cio_stream *s, const cio_stream_ops *ops)
{
	*s = (cio_stream){.ops = ops, .limit = DEFAULT_LIMIT, .holders = 1};
	cio__stream_note(s, NULL); /* it is this loop's from now on */
}

static void free_buffer(cio_stream *s)
{
	if (s->pooled)
		cio_op_give(s->input);
	else
		cio__free(s->input);
	s->input = NULL;
	s->at = s->n = s->cap = 0;
	s->pooled = false;
}

void cio_stream_release(cio_stream *s)
{
	assert(s->holders > 0);
	if (--s->holders > 0)
		return;
	if (s->input != NULL)
		free_buffer(s);
	s->ops->free(s);
}

static void end_stream(cio_stream *s, bool abort)
{
	cio__handle_insist(&s->handle, abort ? "cio_stream_abort" :
					       "cio_stream_close");
	if (s->closed)
		cio__handle_closed(&s->handle, "closes");
	s->closed = true;
	cio_handle_forget(&s->handle);
	s->ops->close(s, abort);
	cio_stream_release(s);
}

void cio_stream_close(cio_stream *s)
{
	if (s != NULL)
		end_stream(s, false);
}

void cio_stream_abort(cio_stream *s)
{
	if (s != NULL)
		end_stream(s, true);
}

void cio_stream_drop(cio_stream *s)
{
	if (s == NULL)
		return;
	cio__handle_insist(&s->handle, "cio_stream_drop");
	if (s->closed)
		return;
	s->closed = true;
	cio_handle_forget(&s->handle);
	s->ops->drop(s);
}

/* ---- one reader, one writer ---- */

static int enter(cio_stream *s, bool *busy)
{
	int err = check(s);
	if (err < 0)
		return err;
	if (*busy)
		return cio_fail(-EBUSY, "another task uses this end of the stream");
	*busy = true;
	s->holders++;
	return 0;
}

static void drop_view(cio_stream *s)
{
	if (s->n == 0 && s->input != NULL)
		free_buffer(s);
}

int cio__stream_enter_read(cio_stream *s)
{
	int err = enter(s, &s->reading);
	if (err == 0)
		drop_view(s);
	return err;
}

/* A stream that was closed meanwhile is dead for the caller, whatever came. */
static ssize_t leave(cio_stream *s, bool *busy, ssize_t result)
{
	*busy = false;
	if (s->closed)
		result = -ECANCELED;
	cio_stream_release(s);
	return result;
}

ssize_t cio__stream_leave_read(cio_stream *s, ssize_t result)
{
	return leave(s, &s->reading, result);
}

/* ---- the input buffer ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int grow(cio_stream *s)
{
	size_t cap = s->cap == 0 ? FIRST_SIZE : s->cap * 2;
	char *input = cio__alloc(smaller(cap, s->limit));
	if (input == NULL)
		return -ENOMEM;
	size_t n = s->n;
	if (s->input != NULL) {
		memcpy(input, s->input + s->at, n);
		free_buffer(s);
	}
	s->input = input;
	s->n = n;
	s->cap = smaller(cap, s->limit);
	return 0;
}

/* Behind the bytes, for a read that is worth it or for all that the limit
 * allows (more than nothing). */
static int make_room(cio_stream *s)
{
	size_t want = smaller(s->limit - s->n, GOOD_ROOM);
	if (s->input != NULL && s->cap - s->at - s->n >= want)
		return 0;
	if (s->cap - s->n < want)
		return grow(s);
	memmove(s->input, s->input + s->at, s->n);
	s->at = 0;
	return 0;
}

static ssize_t read_behind(cio_stream *s,
	ssize_t (*read)(cio_stream *s, void *buf, size_t n))
{
	int err = make_room(s);
	if (err < 0)
		return err;
	size_t end = s->at + s->n;
	size_t room = smaller(s->cap - end, s->limit - s->n);
	ssize_t n = read(s, s->input + end, room);
	if (n > 0)
		s->n += (size_t)n;
	else if (s->n == 0)
		free_buffer(s);
	return n;
}

static int full(const cio_stream *s)
{
	return cio_fail(-CIO_ETOOLARGE, "the input buffer is full: %zu bytes",
		s->n);
}

/* A fill by who is the reader already. */
static ssize_t fill(cio_stream *s)
{
	if (s->closed)
		return -ECANCELED;
	if (s->ended)
		return cio_checkpoint();
	if (s->n >= s->limit)
		return full(s);
	bool brings_its_own = s->ops->fill != NULL && s->n == 0 &&
		s->limit >= CIO_POOLED_SIZE;
	ssize_t n = brings_its_own ? s->ops->fill(s) :
				     read_behind(s, s->ops->read);
	if (n == 0)
		s->ended = true;
	return n;
}

ssize_t cio__stream_more(cio_stream *s)
{
	return fill(s);
}

ssize_t cio_stream_fill(cio_stream *s)
{
	int err = cio__stream_enter_read(s);
	if (err < 0)
		return err;
	return leave(s, &s->reading, fill(s));
}

ssize_t cio__stream_try_fill(cio_stream *s)
{
	if (s->closed)
		return -ECANCELED;
	if (s->ended)
		return 0;
	if (s->ops->try_read == NULL)
		return -EOPNOTSUPP;
	if (s->n >= s->limit)
		return full(s);
	ssize_t n = read_behind(s, s->ops->try_read);
	if (n == 0)
		s->ended = true;
	return n;
}

ssize_t cio_stream_try_fill(cio_stream *s)
{
	int err = cio_handle_check(&s->handle);
	if (err < 0)
		return err;
	if (s->reading)
		return -EBUSY;
	drop_view(s);
	return cio__stream_try_fill(s);
}

void cio_stream_take(cio_stream *s, void *pooled, size_t n)
{
	assert(s->input == NULL && n > 0 && n <= CIO_POOLED_SIZE);
	s->input = pooled;
	s->at = 0;
	s->n = n;
	s->cap = CIO_POOLED_SIZE;
	s->pooled = true;
}

cio_str cio_stream_peek(const cio_stream *s)
{
	if (s->n == 0)
		return (cio_str){"", 0};
	return (cio_str){s->input + s->at, s->n};
}

void cio_stream_consume(cio_stream *s, size_t n)
{
	if (n > s->n)
		cio__misuse("consumes %zu bytes of the input buffer of a stream, "
			"which has %zu", n, s->n);
	s->at += n;
	s->n -= n;
	drop_view(s);
}

void cio_stream_set_limit(cio_stream *s, size_t bytes)
{
	s->limit = bytes > 0 ? bytes : 1;
}

/* ---- read ---- */

static size_t take_out(cio_stream *s, void *buf, size_t n)
{
	n = smaller(n, s->n);
	if (n > 0)
		memcpy(buf, s->input + s->at, n);
	cio_stream_consume(s, n);
	return n;
}

/* The buffer is empty and the place is worth a read of its own. */
static ssize_t read_past_buffer(cio_stream *s, void *buf, size_t n)
{
	ssize_t got = s->closed ? -ECANCELED : s->ops->read(s, buf, n);
	if (got == 0)
		s->ended = true;
	return got;
}

static ssize_t read_some(cio_stream *s, void *buf, size_t n)
{
	if (s->n > 0 || s->ended || n == 0) {
		int err = cio_checkpoint();
		return err < 0 ? err : (ssize_t)take_out(s, buf, n);
	}
	if (n >= GOOD_ROOM)
		return read_past_buffer(s, buf, n);
	ssize_t got = fill(s);
	return got > 0 ? (ssize_t)take_out(s, buf, n) : got;
}

ssize_t cio_stream_read(cio_stream *s, void *buf, size_t n)
{
	int err = cio__stream_enter_read(s);
	if (err < 0)
		return err;
	return leave(s, &s->reading, read_some(s, buf, n));
}

static int early_end(size_t have, size_t want)
{
	return cio_fail(-CIO_EEOF, "the stream ended after %zu of %zu bytes",
		have, want);
}

/* All of it goes through the buffer, so on an error nothing has happened. */
static int collect(cio_stream *s, void *buf, size_t n)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	while (s->n < n) {
		ssize_t got = fill(s);
		if (got < 0)
			return (int)got;
		if (got == 0)
			return early_end(s->n, n);
	}
	take_out(s, buf, n);
	return 0;
}

/* More than the buffer may hold. */
static int collect_large(cio_stream *s, void *buf, size_t n, size_t *done)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	*done = take_out(s, buf, n);
	while (*done < n) {
		ssize_t got = s->ended ? 0 :
			read_past_buffer(s, (char *)buf + *done, n - *done);
		if (got < 0)
			return (int)got;
		if (got == 0)
			return early_end(*done, n);
		*done += (size_t)got;
	}
	return 0;
}

int cio_stream_read_exactly(cio_stream *s, void *buf, size_t n, size_t *done)
{
	size_t ignored;
	size_t *count = done != NULL ? done : &ignored;
	*count = 0;
	int err = cio__stream_enter_read(s);
	if (err < 0)
		return err;
	if (n <= s->limit) {
		err = collect(s, buf, n);
		*count = err == 0 ? n : 0;
	} else {
		err = collect_large(s, buf, n, count);
	}
	return (int)leave(s, &s->reading, err);
}

/* ---- write ---- */

/* Skip n bytes, and what is empty then. The count of pieces left. */
static int advance(struct iovec **iov, int count, size_t n)
{
	while (count > 0 && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		++*iov;
		count--;
	}
	if (count > 0) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
	return count;
}

static int write_all(cio_stream *s, struct iovec *iov, int count, size_t *done)
{
	count = advance(&iov, count, 0);
	if (count == 0)
		return cio_checkpoint();
	while (count > 0) {
		int pieces = count < MOST_PIECES ? count : MOST_PIECES;
		ssize_t n = s->closed ? -ECANCELED :
			s->ops->write_some(s, iov, pieces);
		if (n < 0) {
			s->torn = s->torn || *done > 0;
			return (int)n;
		}
		*done += (size_t)n;
		count = advance(&iov, count, (size_t)n);
	}
	return 0;
}

ssize_t cio__stream_try_write(cio_stream *s, const void *p, size_t n)
{
	if (s->closed)
		return -ECANCELED;
	if (s->writing)
		return -EBUSY;
	if (s->torn)
		return -EPIPE;
	return s->ops->try_write != NULL ? s->ops->try_write(s, p, n) :
					   -EOPNOTSUPP;
}

static int is_torn(void)
{
	return cio_fail(-EPIPE, "an earlier write to this stream was cut in the "
		"middle: what is sent now would stand behind a hole; close it");
}

static int write_pieces(cio_stream *s, struct iovec *iov, int count,
	size_t *done, bool on)
{
	size_t ignored;
	size_t *sent = done != NULL ? done : &ignored;
	*sent = 0;
	int err = enter(s, &s->writing);
	if (err < 0)
		return err;
	err = s->torn && !on ? is_torn() : write_all(s, iov, count, sent);
	return (int)leave(s, &s->writing, err);
}

int cio_stream_writev(cio_stream *s, struct iovec *iov, int count, size_t *done)
{
	return write_pieces(s, iov, count, done, false);
}

/* iovec has no const; a write only reads it. */
static struct iovec one_piece(const void *p, size_t n)
{
	return (struct iovec){.iov_base = (void *)(uintptr_t)p, .iov_len = n};
}

int cio_stream_write(cio_stream *s, const void *p, size_t n, size_t *done)
{
	struct iovec one = one_piece(p, n);
	return write_pieces(s, &one, 1, done, false);
}

int cio__stream_write_on(cio_stream *s, const void *p, size_t n, size_t *done)
{
	struct iovec one = one_piece(p, n);
	return write_pieces(s, &one, 1, done, true);
}

int cio_stream_shutdown(cio_stream *s)
{
	int err = check(s);
	return err < 0 ? err : s->ops->shutdown(s);
}

/* ---- its state ---- */

bool cio_stream_reusable(cio_stream *s)
{
	cio__handle_insist(&s->handle, "cio_stream_reusable");
	if (s->n > 0 || s->ended || s->torn || s->reading || s->writing)
		return false;
	return s->ops->reusable(s);
}

bool cio_stream_torn(const cio_stream *s)
{
	return s->torn;
}

int cio_stream_peer(cio_stream *s, struct cio_address *out)
{
	int err = check(s);
	return err < 0 ? err : s->ops->name(s, out, true);
}

int cio_stream_local(cio_stream *s, struct cio_address *out)
{
	int err = check(s);
	return err < 0 ? err : s->ops->name(s, out, false);
}

/* ---- waiting without a stack ---- */

int cio_stream_wait_idle(cio_stream *s, cio_stream_idle *idle, cio_group *group,
	cio_time deadline)
{
	int err = check(s);
	if (err < 0)
		return err;
	if (s->reading)
		return -EBUSY;
	if (s->n > 0 || s->ended)
		return 1;
	if (group == NULL)
		return cio_fail(-EINVAL, "an idle wait needs a group, whose end "
			"ends it");
	drop_view(s);
	idle->stream = s;
	idle->op = (cio_op){.group = group, .deadline = deadline};
	s->reading = true;
	s->holders++;
	int started = s->ops->wait_idle(s, idle);
	if (started != 0) {
		s->reading = false;
		s->holders--;
	}
	return started;
}

void cio_stream_idle_ready(cio_stream_idle *idle, int err)
{
	cio_stream *s = idle->stream;
	s->reading = false;
	idle->ready(idle, s->closed ? -ECANCELED : err); /* may free idle */
	cio_stream_release(s);
}
