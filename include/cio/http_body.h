/* SPDX-License-Identifier: MIT */
#ifndef CIO_HTTP_BODY_H
#define CIO_HTTP_BODY_H

#include <cio/buf.h>

CIO_BEGIN_DECLS

/*
 * HTTP body: a request's body that is made while it is sent, and the forms that
 * bodies and queries have.
 *
 *	cio_http_multipart form = {0};
 *	int err = cio_http_multipart_text(&form, "title", "holidays");
 *	if (err == 0)
 *		err = cio_http_multipart_file(&form, "photo", "a.jpg", NULL);
 *	if (err == 0)
 *		status = cio_http_request_do(http, &(cio_http_request_options){
 *			.method = CIO_POST, .url = url,
 *			.source = cio_http_multipart_body(&form)}, &response);
 *	cio_http_multipart_finish(&form);
 */
typedef struct cio_http_body {
	int64_t size;     /* bytes; -1: not known, then it is sent in chunks */
	const char *type; /* Content-Type, if the request has none; may be NULL */
	/* At most n bytes into buf: the count, 0 at the end, -errno, which the
	 * request then fails with. In the task of the request or one of its own;
	 * may wait. */
	ssize_t (*read)(struct cio_http_body *b, void *buf, size_t n);
	/* Begin again, for another attempt: 0 or -errno. NULL: it cannot, and the
	 * request is not repeated once a byte was read. May wait. */
	int (*rewind)(struct cio_http_body *b);
} cio_http_body;

/* ---- a file ---- */

typedef struct cio_http_file_body {
	cio_http_body body; /* give its address as `.source` */
	int fd;             /* private, all of it */
	int64_t at;
} cio_http_file_body;

/* Open a regular file to be sent. 0, or -errno (cio_error_text names the file);
 * read by threads, so the loop does not wait for the disk. Yields. */
CIO_API CIO_MUST_CHECK int cio_http_file_body_open(cio_http_file_body *b,
	const char *path, const char *type);
CIO_API void cio_http_file_body_close(cio_http_file_body *b);

/* ---- multipart/form-data (RFC 7578) ---- */

/* A plain value: start zeroed. Grows as parts are added; the files are opened
 * one after another while it is sent. */
typedef struct cio_http_multipart {
	cio_http_body body; /* private, all of it */
	struct cio_http_part *parts;
	size_t count;
	size_t part;        /* being sent */
	uint64_t at;        /* in it */
	int fd;             /* of its file, -1: none is open */
	bool begun;
	char boundary[36];
	char type[80];
} cio_http_multipart;

/* Add a field. Both are copied. -EINVAL for a name with control bytes, -EALREADY
 * after cio_http_multipart_body, -ENOMEM. Never yields. */
CIO_API CIO_MUST_CHECK int cio_http_multipart_text(cio_http_multipart *m,
	const char *name, const char *value);

/* Add bytes, copied, as if they were a file of that name. */
CIO_API CIO_MUST_CHECK int cio_http_multipart_bytes(cio_http_multipart *m,
	const char *name, const char *filename, const char *type,
	const void *p, size_t n);

/* Add a file, which is sent under its last name; `type` NULL:
 * application/octet-stream. It must exist, and must not change its size until it
 * was sent (-EIO then). 0 or -errno. Yields. */
CIO_API CIO_MUST_CHECK int cio_http_multipart_file(cio_http_multipart *m,
	const char *name, const char *path, const char *type);

/* The whole as a body, valid until the finish; it may be sent again. */
CIO_API cio_http_body *cio_http_multipart_body(cio_http_multipart *m);

CIO_API void cio_http_multipart_finish(cio_http_multipart *m);

/* ---- application/x-www-form-urlencoded ---- */

/* Append "name=value", escaped, after a "&" if the buf is not empty: for a body
 * with that Content-Type, and for the query of a URL. 0 or -ENOMEM. Never
 * yields. */
CIO_API CIO_MUST_CHECK int cio_http_form_add(cio_buf *form, const char *name,
	const char *value);

CIO_END_DECLS
#endif
