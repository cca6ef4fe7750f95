/* SPDX-License-Identifier: MIT */
#ifndef CIO_BUF_H
#define CIO_BUF_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Buf: bytes that grow. A plain value; all zero is empty and ready to use.
 *
 *	cio_buf b = {0};
 *	int err = cio_buf_printf(&b, "id=%d", 7);
 *	...
 *	cio_buf_finish(&b);
 *
 * The bytes are always followed by a NUL that is not counted, so that `p` of
 * a non-empty buf is a C string when the bytes are text.
 */
typedef struct cio_buf {
	char *p;    /* the bytes; NULL while nothing was ever added */
	size_t n;   /* how many */
	size_t cap; /* private */
} cio_buf;

/* Free the bytes and make the buf empty. Accepts a zeroed one. */
CIO_API void cio_buf_finish(cio_buf *b);

/* Forget the bytes, keep the memory. */
CIO_API void cio_buf_clear(cio_buf *b);

/* Make room for `more` further bytes. 0, or -ENOMEM (nothing changes). */
CIO_API CIO_MUST_CHECK int cio_buf_reserve(cio_buf *b, size_t more);

/* Append bytes, a string, or formatted text. 0, or -ENOMEM (nothing is
 * appended). `p` must not point into the buf itself. */
CIO_API CIO_MUST_CHECK int cio_buf_append(cio_buf *b, const void *p, size_t n);
CIO_API CIO_MUST_CHECK int cio_buf_puts(cio_buf *b, const char *s);
CIO_API CIO_MUST_CHECK int cio_buf_printf(cio_buf *b, const char *format, ...)
	CIO_PRINTF(2, 3);

/* Drop the first n bytes (n <= b->n) and move the rest down. */
CIO_API void cio_buf_consume(cio_buf *b, size_t n);

/* View all bytes, until the next change. */
static inline cio_str cio_buf_view(const cio_buf *b)
{
	cio_str v;
	v.p = b->p;
	v.n = b->n;
	return v;
}

CIO_END_DECLS
#endif
