/* SPDX-License-Identifier: MIT */
/*
 * line.c - reading up to a separator
 *
 * All of it happens in the input buffer. The bytes of a result have left the
 * stream when the call returns, but stay where they are until the next reader
 * enters: the view needs no copy. Until a result is complete nothing leaves, so
 * whatever cuts the call short loses nothing.
 *
 * Only the first `limit` bytes are searched, also when more are here: what is
 * too long does not depend on how the bytes arrived.
 */
#include <cio/stream.h>

#include <errno.h>

#include "io/io.h"

enum { FOUND = 1, ENDED = 0 };

/* The end of the first separator in v, 0 if there is none. The first `seen`
 * bytes are known to hold none. */
static size_t find(cio_str v, cio_str separator, size_t seen)
{
	size_t from = seen >= separator.n ? seen - separator.n + 1 : 0;
	if (from >= v.n)
		return 0;
	const char *at = separator.n == 1 ?
		memchr(v.p + from, separator.p[0], v.n - from) :
		memmem(v.p + from, v.n - from, separator.p, separator.n);
	return at != NULL ? (size_t)(at - v.p) + separator.n : 0;
}

/* FOUND and *n bytes up to the separator's end; ENDED and *n bytes without one;
 * or an error. */
static int search(cio_stream *s, cio_str separator, size_t *n)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	for (size_t seen = 0;;) {
		cio_str v = cio_stream_peek(s);
		if (v.n > s->limit)
			v.n = s->limit;
		*n = find(v, separator, seen);
		if (*n > 0)
			return FOUND;
		if (v.n == s->limit)
			return cio_fail(-CIO_ETOOLARGE, "no separator within "
				"%zu bytes, the stream's limit", v.n);
		seen = v.n;
		ssize_t more = cio__stream_more(s);
		if (more < 0)
			return (int)more;
		if (more == 0) {
			*n = v.n;
			return ENDED;
		}
	}
}

/* The bytes leave, the buffer stays for the view's sake. */
static cio_str take_view(cio_stream *s, size_t n)
{
	cio_str v = {s->input + s->at, n};
	s->at += n;
	s->n -= n;
	return v;
}

static int until(cio_stream *s, cio_str separator, cio_str *out)
{
	size_t n;
	int found = search(s, separator, &n);
	if (found == FOUND)
		*out = take_view(s, n);
	else if (found == ENDED && n > 0)
		return cio_fail(-CIO_EEOF, "the stream ended after %zu bytes "
			"without a separator", n);
	return found;
}

static int line(cio_stream *s, cio_str *out)
{
	size_t n;
	int found = search(s, (cio_str){"\n", 1}, &n);
	if (found < 0 || n == 0)
		return found;
	cio_str v = take_view(s, n);
	if (found == FOUND) {
		v.n--;
		if (v.n > 0 && v.p[v.n - 1] == '\r')
			v.n--;
	}
	*out = v;
	return FOUND;
}

int cio_stream_readuntil(cio_stream *s, cio_str separator, cio_str *out)
{
	if (separator.n == 0)
		return cio_fail(-EINVAL, "the separator is empty");
	int err = cio__stream_enter_read(s);
	if (err < 0)
		return err;
	cio_str v = {"", 0};
	int found = until(s, separator, &v);
	found = (int)cio__stream_leave_read(s, found);
	if (found == FOUND)
		*out = v;
	return found;
}

int cio_stream_readline(cio_stream *s, cio_str *out)
{
	int err = cio__stream_enter_read(s);
	if (err < 0)
		return err;
	cio_str v = {"", 0};
	int found = line(s, &v);
	found = (int)cio__stream_leave_read(s, found);
	if (found == FOUND)
		*out = v;
	return found;
}
