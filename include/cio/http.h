/* SPDX-License-Identifier: MIT */
#ifndef CIO_HTTP_H
#define CIO_HTTP_H

#include <cio/base.h>
#include <cio/buf.h>

CIO_BEGIN_DECLS

/*
 * HTTP: what client and server have in common. Header names are compared
 * without regard to ASCII case (RFC 9110 §5.1).
 */
typedef enum cio_http_method {
	CIO_GET,
	CIO_HEAD,
	CIO_POST,
	CIO_PUT,
	CIO_DELETE,
	CIO_PATCH,
	CIO_OPTIONS,
	CIO_METHODS /* how many there are */
} cio_http_method;

/* A header field. In lists that end with a zeroed one: {{"Accept", "a/b"}, {0}}. */
typedef struct cio_http_header {
	const char *name;
	const char *value;
} cio_http_header;

/* "GET" ... static storage. */
CIO_API const char *cio_http_method_name(cio_http_method m);

/* "Not Found" for 404; "" for a status without a standard phrase. */
CIO_API const char *cio_http_reason(int status);

CIO_END_DECLS
#endif
