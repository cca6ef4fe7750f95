/* SPDX-License-Identifier: MIT */
#ifndef CIO_COOKIE_JAR_H
#define CIO_COOKIE_JAR_H

#include <cio/base.h>
#include <cio/buf.h>

CIO_BEGIN_DECLS

/*
 * Cookie jar: what servers asked to be told again (RFC 6265bis).
 *
 *	cio_cookie_jar *jar;
 *	int err = cio_cookie_jar_open(&jar, NULL);
 *	... a session with .cookies = jar ...
 *	err = cio_cookie_jar_save(jar, "cookies.txt");
 *	cio_cookie_jar_close(jar);
 *
 * A jar belongs to one loop and may serve several sessions of it. What the rules
 * refuse is not kept, and of what is kept a URL gets what the rules allow:
 *
 *   - a Domain must be the host or lie above it, and be no public suffix (by
 *     libpsl's list if the build has it, else a name of one label is one);
 *     without one a cookie is for that host alone;
 *   - Secure ones come from and go to https only, and http cannot hide them;
 *     `__Secure-` and `__Host-` names keep what they promise;
 *   - no control bytes, no tab within, no empty name; name and value of at most
 *     4,096 bytes; attributes of more than 1,024 bytes are passed over;
 *   - 50 of an answer are kept, 150 sent, in at most 8,190 bytes;
 *   - Max-Age goes before Expires, both end after 400 days.
 *
 * SameSite is read and means nothing: a client has no page that it comes from.
 */
typedef struct cio_cookie_jar cio_cookie_jar;

typedef struct cio_cookie_jar_options {
	uint32_t limit;          /* cookies; 0: 3,000; the oldest used give way */
	uint32_t limit_per_site; /* of one owner's names (example.com and all
	                            under it); 0: 180; those not Secure first */
	bool secure_loopback;    /* Secure cookies go to http on loopback too */
} cio_cookie_jar_options;

/* 0 or -ENOMEM. NULL options are all defaults. Never yields. */
CIO_API int cio_cookie_jar_open(cio_cookie_jar **out,
	const cio_cookie_jar_options *options);

/* Free. Sessions that use it must be closed before. NULL is ignored. */
CIO_API void cio_cookie_jar_close(cio_cookie_jar *jar);

/* Take a Set-Cookie value as if it had come from this URL: 0, -EINVAL if the rules
 * refuse it (cio_error_text says which), -CIO_EURL, -ENOMEM. Never yields. */
CIO_API int cio_cookie_jar_set(cio_cookie_jar *jar, const char *url,
	const char *set_cookie);

/* Append the value of the Cookie header for a request to this URL; nothing if
 * there is none. 0, -CIO_EURL, -ENOMEM. Never yields. */
CIO_API int cio_cookie_jar_get(cio_cookie_jar *jar, const char *url,
	cio_buf *out);

/* Forget all, or all of one domain and what lies under it (NULL: all). Never
 * yields. */
CIO_API void cio_cookie_jar_clear(cio_cookie_jar *jar, const char *domain);

/* How many there are, expired ones not counted. Never yields. */
CIO_API size_t cio_cookie_jar_count(cio_cookie_jar *jar);

/* Write all of them, those of the session too, to a file (mode 0600, by a
 * temporary one beside it) in Netscape's format, as curl and wget read it. 0 or
 * -errno; cio_error_text names the file. Yields (a thread writes). */
CIO_API CIO_MUST_CHECK int cio_cookie_jar_save(cio_cookie_jar *jar,
	const char *path);

/* Add those of such a file that are not over: how many, or -errno; -EINVAL names
 * the line, and then nothing was added (one that the rules above refuse is such a
 * line). Yields. */
CIO_API CIO_MUST_CHECK int cio_cookie_jar_load(cio_cookie_jar *jar,
	const char *path);

CIO_END_DECLS
#endif
