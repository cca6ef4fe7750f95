/* SPDX-License-Identifier: MIT */
/*
 * http1_write.h - print HTTP/1.1 messages into a buf
 *
 *	int err = cio__http1_write_status(&b, 200, (cio_str){0});
 *	err = err < 0 ? err : cio__http1_write_header(&b, name, value);
 *	err = err < 0 ? err : cio__http1_write_length(&b, body.n);
 *	err = err < 0 ? err : cio__http1_write_end(&b);
 *
 * Everything that comes from outside is checked, so that no CR, LF, NUL or
 * other control can split a message: -EINVAL. -ENOMEM if the buf cannot grow.
 * After an error nothing has been appended.
 */
#ifndef CIO_WIRE_HTTP1_WRITE_H
#define CIO_WIRE_HTTP1_WRITE_H

#include <cio/base.h>
#include <cio/buf.h>

/* "GET /x HTTP/1.1" CRLF. The target must be visible ASCII without '#'. */
CIO_MUST_CHECK int cio__http1_write_request(cio_buf *b, cio_str method,
					    cio_str target);

/* "HTTP/1.1 200 OK" CRLF, status 100-999. An empty reason stands for the
 * standard one. */
CIO_MUST_CHECK int cio__http1_write_status(cio_buf *b, int status,
					   cio_str reason);

/* "name: value" CRLF. The name must be a token; the value must be free of
 * controls (but HTAB) and of blanks at either end. */
CIO_MUST_CHECK int cio__http1_write_header(cio_buf *b, cio_str name,
					   cio_str value);

/* The two ways to frame a body; never both in one head. */
CIO_MUST_CHECK int cio__http1_write_length(cio_buf *b, uint64_t n);
CIO_MUST_CHECK int cio__http1_write_chunked(cio_buf *b);

/* The empty line that ends a head. */
CIO_MUST_CHECK int cio__http1_write_end(cio_buf *b);

/* Chunk framing: the line before n > 0 bytes, the CRLF after them, and the
 * last chunk that ends the body (with no trailers). */
CIO_MUST_CHECK int cio__http1_write_chunk_begin(cio_buf *b, uint64_t n);
CIO_MUST_CHECK int cio__http1_write_chunk_end(cio_buf *b);
CIO_MUST_CHECK int cio__http1_write_last_chunk(cio_buf *b);

/* The standard reason of a status, "" if there is none. Static. */
const char *cio__http1_reason(int status);

#endif
