/* SPDX-License-Identifier: MIT */
/*
 * cookie.h - the jar, for its own files and for the session
 *
 *	cookie_jar.c      what is in it, and for whom
 *	cookie_file.c     saving and loading
 *	cookie_suffix.c   names under which everybody may register (libpsl)
 *	session_cookies.c what of it goes along with a request
 */
#ifndef CIO_HTTP_COOKIE_PRIVATE_H
#define CIO_HTTP_COOKIE_PRIVATE_H

#include <cio/cookie_jar.h>

#include "wire/cookie.h"
#include "wire/url.h"

enum {
	COOKIE_SITES = 64,
	COOKIES_OF_ANSWER = 50, /* Set-Cookie that are looked at */
	COOKIES_SENT = 150,
	COOKIE_LINE = 8190, /* bytes of the header, its name included */
};

/* One of a jar; its texts are behind it. */
struct cookie_entry {
	cio_link link;   /* in `sites` */
	struct cookie c; /* the domain is in lower case, the path is set */
	cio_str site;    /* the end of the domain that one owner has */
	uint64_t born, used; /* when, by the jar's counter */
	char text[];
};

/* Each list is in the order of sending: longest path first, then oldest. */
struct cio_cookie_jar {
	cio_cookie_jar_options o;
	cio_link sites[COOKIE_SITES];
	size_t count;
	uint64_t counter;
};

/* As cio_cookie_jar_set and _get at a time in seconds since 1970. `own` is the
 * value of a Cookie header that comes before; its names are not said again. */
int cookies_set(cio_cookie_jar *jar, const struct url *u, cio_str set_cookie,
	int64_t now, const char **why);
int cookies_get(cio_cookie_jar *jar, const struct url *u, cio_str own,
	int64_t now, cio_buf *out);

/* Is the session's or not yet over? */
bool cookie_lives(const struct cookie *c, int64_t now);

/* Is it no name but an address? */
bool cookie_is_address(cio_str domain);

/* May a cookie be so, wherever it came from? NULL, or why not. */
const char *cookie_refused(const struct cookie *c);

/* A copy that is in no jar; NULL: no memory. */
struct cookie_entry *cookie_entry_new(const struct cookie *c, int64_t now);

/* Put it in, in the place of one of the same name, domain and path. */
void cookies_put(cio_cookie_jar *jar, struct cookie_entry *e, int64_t now);

/* Drop what is over. */
void cookies_expire(cio_cookie_jar *jar, int64_t now);

/* cookie_suffix.c: for a name in lower case. */

/* Do the names under it belong to different owners, as those of "com"? */
bool cookie_is_public_suffix(const char *domain);
/* The end of it that one owner has, "example.com"; or all of it. */
const char *cookie_site(const char *domain);

#endif
