/* SPDX-License-Identifier: MIT */
/*
 * url.h - absolute http and https URLs as people type them
 *
 *	struct url u;
 *	const char *why;
 *	if (cio__url_parse(&u, cio_str_of(text), &why) < 0)
 *		return cio_fail(-CIO_EURL, "%s", why);
 *	... connect to u.host, u.port ...
 *	err = cio__url_write_target(&b, &u);
 *
 * Strict: what a browser would quietly mend (blanks, backslashes, "http:/x",
 * 0177.1, missing slashes) is refused with a reason. Nothing is decoded and
 * dot segments stay as they are; only the scheme and host are lower-cased.
 */
#ifndef CIO_WIRE_URL_H
#define CIO_WIRE_URL_H

#include <cio/base.h>
#include <cio/buf.h>

#include "wire/authority.h"

enum {
	URL_BYTES = 8 * 1024, /* longest URL */
	URL_HOST_BYTES = 254, /* longest host: 253 and a trailing dot */
};

/* The views point into the text that was parsed. */
struct url {
	bool tls;      /* https */
	uint16_t port; /* as written, or 80 / 443 */
	enum authority_kind host_kind;
	char host[URL_HOST_BYTES + 1]; /* lower case, no brackets, NUL */
	cio_str userinfo;              /* "user:password", empty if none */
	cio_str path;                  /* "/a/b", or empty */
	cio_str query;                 /* without "?", has_query tells "" */
	bool has_query;
	cio_str fragment; /* without "#" */
};

/* Parse. 0, or -CIO_EURL with the reason in `*why` (static text; set only
 * then). `*u` is written only on success. */
CIO_MUST_CHECK int cio__url_parse(struct url *u, cio_str text,
				  const char **why);

/* Append the request target: path ("/" if empty) and query; bytes beyond
 * ASCII are percent-encoded. 0 or -ENOMEM (a part may have been appended). */
CIO_MUST_CHECK int cio__url_write_target(cio_buf *b, const struct url *u);

/* Append the value of the Host header: the port only if it is not the
 * scheme's own, IPv6 in brackets. 0 or -ENOMEM. */
CIO_MUST_CHECK int cio__url_write_host(cio_buf *b, const struct url *u);

/* Append "host:port", always with the port, for CONNECT. 0 or -ENOMEM. */
CIO_MUST_CHECK int cio__url_write_authority(cio_buf *b, const struct url *u);

/* Append the absolute URL that `reference` (a Location header) means when it
 * is found at `base` (RFC 3986 5.2), dot segments removed, userinfo of the
 * base dropped. The result still has to be parsed. 0, -ENOMEM, or -CIO_EURL
 * with `*why` for a reference that is too long. */
CIO_MUST_CHECK int cio__url_resolve(cio_buf *b, const struct url *base,
				    cio_str reference, const char **why);

/* Same scheme, host and port: may credentials of one be sent to the other? */
bool cio__url_same_origin(const struct url *a, const struct url *b);

#endif
