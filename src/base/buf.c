/* SPDX-License-Identifier: MIT */
/*
 * buf.c - bytes that grow
 *
 * Invariant: p is NULL and n and cap are 0, or n < cap and p[n] is a NUL. A
 * call that fails leaves all three as they were. Growth doubles, so that a
 * byte is moved twice on average however the buf is filled.
 */
#include <cio/buf.h>

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum { FIRST_CAP = 64 };

void cio_buf_finish(cio_buf *b)
{
	cio__free(b->p);
	*b = (cio_buf){0};
}

void cio_buf_clear(cio_buf *b)
{
	b->n = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

int cio_buf_reserve(cio_buf *b, size_t more)
{
	if (more > SIZE_MAX - 1 - b->n)
		return -ENOMEM;
	size_t need = b->n + more + 1;
	if (need <= b->cap)
		return 0;

	size_t cap = b->cap > SIZE_MAX / 2 ? need : b->cap * 2;
	if (cap < FIRST_CAP)
		cap = FIRST_CAP;
	if (cap < need)
		cap = need;
	char *p = cio__realloc(b->p, cap);
	if (p == NULL)
		return -ENOMEM;
	p[b->n] = '\0';
	b->p = p;
	b->cap = cap;
	return 0;
}

int cio_buf_append(cio_buf *b, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	int err = cio_buf_reserve(b, n);
	if (err < 0)
		return err;
	memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return 0;
}

int cio_buf_puts(cio_buf *b, const char *s)
{
	return cio_buf_append(b, s, strlen(s));
}

/* Format into the room that there is: the length that it needs, or < 0. */
static int format_into(cio_buf *b, const char *format, va_list args)
{
	if (b->p == NULL)
		return vsnprintf(NULL, 0, format, args);
	int n = vsnprintf(b->p + b->n, b->cap - b->n, format, args);
	if (n < 0 || (size_t)n >= b->cap - b->n)
		b->p[b->n] = '\0';
	return n;
}

int cio_buf_printf(cio_buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = format_into(b, format, args);
	va_end(args);
	if (n <= 0) /* < 0: an argument that cannot be converted */
		return n < 0 ? -EINVAL : 0;

	if ((size_t)n >= b->cap - b->n) {
		int err = cio_buf_reserve(b, (size_t)n);
		if (err < 0)
			return err;
		va_start(args, format);
		n = format_into(b, format, args);
		va_end(args);
		assert(n > 0 && (size_t)n < b->cap - b->n);
	}
	b->n += (size_t)n;
	return 0;
}

void cio_buf_consume(cio_buf *b, size_t n)
{
	assert(n <= b->n);
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}
