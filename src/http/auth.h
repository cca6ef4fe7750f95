/* SPDX-License-Identifier: MIT */
/*
 * auth.h - who we are, to servers that ask
 *
 *	session_auth.c  which of request, session and netrc; what is sent
 *	auth_digest.c   the sum that a Digest challenge asks for
 *	netrc.c         names and passwords by host, in a file
 */
#ifndef CIO_HTTP_AUTH_H
#define CIO_HTTP_AUTH_H

#include <cio/http_session.h>

#include "wire/challenge.h"
#include "wire/url.h"

/* ---- Digest (RFC 7616) ---- */

/* A challenge that was met, and may be answered more than once; shared by the
 * calls that use it and their session, which count on. */
struct digest {
	unsigned refs;
	struct url origin; /* its texts are not valid any more */
	bool sha256, session; /* H(A1) is made with the nonces: "-sess" */
	bool named;           /* it named its algorithm */
	bool qop;             /* false: RFC 2069's form */
	bool integrity;       /* "auth-int", where "auth" is not offered */
	bool hashes_user;     /* the name goes out as a hash */
	uint32_t count;       /* answers so far */
	cio_buf realm, nonce, opaque;
	bool has_opaque;
};

/* The challenge of an answer that we would take, SHA-256 before MD5. Without the
 * body's bytes none that wants a sum of them. */
bool digest_choose(const cio_http_response *r, bool has_bytes,
	struct challenge *c);
bool digest_is_stale(const struct challenge *c);

/* Keep it; one reference. NULL: no memory. */
struct digest *digest_new(const struct challenge *c, const struct url *origin);
/* What an answer says of the next one (RFC 7616 3.5): another nonce. 0 or
 * -ENOMEM. */
int digest_renew(struct digest *d, const cio_http_response *r);
struct digest *digest_ref(struct digest *d);
void digest_unref(struct digest *d); /* NULL is ignored */

struct digest_request {
	cio_str method, target, user, password;
	const char *cnonce;
	cio_str body;
};

/* Append the value of Authorization. 0 or -ENOMEM. */
int digest_write(struct digest *d, cio_buf *b, const struct digest_request *q);

/* ---- netrc ---- */

/* The first entry for the host, or "default": 1 and what it says appended (both
 * may be empty), 0 if there is none, -EINVAL if the text is not as it must be
 * before that, -ENOMEM. */
int netrc_find(cio_str text, const char *host, cio_buf *user,
	cio_buf *password);

#endif
