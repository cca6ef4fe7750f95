/* SPDX-License-Identifier: MIT */
/*
 * session_cookies.c - what of the jar goes along, and what of an answer into it
 *
 * Each hop is its own affair: the jar is asked for that hop's URL, and each
 * answer that has a head is looked at, whether it is kept or not.
 */
#include <errno.h>
#include <time.h>

#include "http/cookie.h"
#include "http/session.h"

int session_take_cookies(struct exchange *x)
{
	cio_cookie_jar *jar = x->s->o.cookies;
	const cio_http_response *r = x->r;
	const char *why;
	int err = 0, seen = 0;
	for (size_t i = 0; jar != NULL && i < r->header_count; i++) {
		if (!cio_str_equal_nocase(r->headers[i].name,
			    cio_str_of("Set-Cookie")))
			continue;
		if (seen++ == COOKIES_OF_ANSWER)
			break;
		err = cookies_set(jar, &x->url, r->headers[i].value, time(NULL),
			&why);
		if (err == -ENOMEM) /* what is refused is ignored */
			return err;
	}
	return 0;
}

static bool is_cookie(const cio_http_header *h)
{
	return cio_str_equal_nocase(cio_str_of(h->name), cio_str_of("Cookie"));
}

/* Where the caller's own Cookie headers are: those of a request replace those of
 * the session. */
static const cio_http_header *own_headers(const struct exchange *x)
{
	const cio_http_header *h = x->rq->headers;
	for (; h != NULL && h->name != NULL; h++)
		if (is_cookie(h))
			return x->rq->headers;
	return x->s->o.headers;
}

/* Append them as one value, if they are for this origin. */
static int write_own(const struct exchange *x, cio_buf *b)
{
	const cio_http_header *h = own_headers(x);
	int err = 0;
	for (; err == 0 && h != NULL && h->name != NULL; h++) {
		if (x->strange || !is_cookie(h) || h->value[0] == '\0')
			continue;
		err = b->n > 0 ? cio_buf_puts(b, "; ") : 0;
		err = err < 0 ? err : cio_buf_puts(b, h->value);
	}
	return err;
}

/* One line for both: RFC 6265 5.4 allows no second. */
int session_write_cookies(const struct exchange *x, cio_buf *b)
{
	cio_buf own = {0}, jar = {0};
	int err = write_own(x, &own);
	if (err == 0 && x->s->o.cookies != NULL)
		err = cookies_get(x->s->o.cookies, &x->url,
			cio_buf_view(&own), time(NULL), &jar);
	if (err == 0 && own.n + jar.n > 0) {
		err = cio_buf_puts(b, "Cookie: ");
		err = err < 0 ? err : cio_buf_append(b, own.p, own.n);
		err = err < 0 ? err : cio_buf_append(b, jar.p, jar.n);
		err = err < 0 ? err : cio_buf_puts(b, "\r\n");
	}
	cio_buf_finish(&own);
	cio_buf_finish(&jar);
	return err;
}
