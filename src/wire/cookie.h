/* SPDX-License-Identifier: MIT */
/*
 * cookie.h - cookies as they are written, in headers and in files (RFC 6265bis)
 *
 *	struct cookie c;
 *	const char *why;
 *	if (cio__cookie_parse(&c, set_cookie, &why) < 0)
 *		... it is to be ignored, because of `why`
 *
 * What a server sends is read leniently, as browsers do: what cannot be
 * understood of the attributes is passed over. Beyond the letter of the draft a
 * cookie without a name, and a tab within one, are refused, as curl does: neither
 * could be told again unchanged. Nothing is allocated, no clock is read.
 */
#ifndef CIO_WIRE_COOKIE_H
#define CIO_WIRE_COOKIE_H

#include <cio/base.h>
#include <cio/buf.h>

enum {
	COOKIE_BYTES = 4096,           /* most of name and value together */
	COOKIE_ATTRIBUTE_BYTES = 1024, /* longer ones are passed over */
};

/* The views point into the text that was parsed. */
struct cookie {
	cio_str name, value;
	cio_str domain; /* without a dot before it, any case; empty: none */
	cio_str path;   /* begins with "/"; empty: the default one */
	bool secure, http_only;
	bool host_only; /* in a file; in a header: no domain */
	enum cookie_same_site {
		COOKIE_SAME_SITE_UNSAID,
		COOKIE_SAME_SITE_NONE,
		COOKIE_SAME_SITE_LAX,
		COOKIE_SAME_SITE_STRICT,
	} same_site;
	bool has_max_age, has_expires;
	int64_t max_age; /* seconds from now; beyond 68 years only "long" */
	int64_t expires; /* seconds since 1970 */
};

/* The value of a Set-Cookie header. 0, or -EINVAL with the reason in `*why`
 * (static). `*c` is written only on success. */
CIO_MUST_CHECK int cio__cookie_parse(struct cookie *c, cio_str text,
	const char **why);

/* A date as servers write it into Expires: any order, any separators. Seconds
 * since 1970, or -EINVAL. */
CIO_MUST_CHECK int cio__cookie_date(cio_str text, int64_t *seconds);

/* Does "__Host-" or "__Secure-" begin the name? Case is ignored. */
bool cio__cookie_is_host_prefixed(cio_str name);
bool cio__cookie_is_secure_prefixed(cio_str name);

/* Is `host` this domain, or a name under it? Case is ignored. Addresses have no
 * names under them: the caller compares those. */
bool cio__cookie_domain_matches(cio_str host, cio_str domain);

/* Is `path` that of the cookie, or below it? */
bool cio__cookie_path_matches(cio_str path, cio_str of_cookie);

/* The path of a cookie that names none, for a URL's path. */
cio_str cio__cookie_default_path(cio_str path);

/* A line of a cookie file in Netscape's format, without its line end: 1 and a
 * cookie (`expires` alone tells its end, has_expires is false for one of the
 * session); 0 for a comment or nothing; -EINVAL with the reason. */
CIO_MUST_CHECK int cio__cookie_line_parse(struct cookie *c, cio_str line,
	const char **why);

/* Append such a line, with its end. `domain` and `path` must be set. 0 or
 * -ENOMEM. */
CIO_MUST_CHECK int cio__cookie_line_write(cio_buf *b, const struct cookie *c);

#endif
