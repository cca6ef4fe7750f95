/* SPDX-License-Identifier: MIT */
/*
 * challenge.h - what a server asks for with 401 (RFC 9110 11.6.1)
 *
 *	struct challenge c;
 *	cio_str rest = value; // of WWW-Authenticate
 *	while (cio__challenge_next(&rest, &c))
 *		if (cio__challenge_get(&c, "realm", &realm))
 *			...
 *
 * Several challenges may stand in one value, with the same commas between them
 * as between their parameters. What cannot be read ends it.
 */
#ifndef CIO_WIRE_CHALLENGE_H
#define CIO_WIRE_CHALLENGE_H

#include <cio/base.h>
#include <cio/buf.h>

struct challenge {
	cio_str scheme, params; /* views of the value */
};

/* Take the next one from the front. */
bool cio__challenge_next(cio_str *rest, struct challenge *c);

/* The first parameter of that name, without its quotes but as it was escaped. */
bool cio__challenge_get(const struct challenge *c, const char *name,
	cio_str *value);

/* Append such a value with its escapes undone; append text in quotes, escaped.
 * 0 or -ENOMEM. */
CIO_MUST_CHECK int cio__challenge_unescape(cio_buf *b, cio_str value);
CIO_MUST_CHECK int cio__challenge_quote(cio_buf *b, cio_str text);

#endif
