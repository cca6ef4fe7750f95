/* SPDX-License-Identifier: MIT */
/*
 * session_check.c - what is asked for, and whether it can be
 *
 * All that is wrong with a request is found before anything is sent.
 */
#include <errno.h>

#include "http/session.h"

/* Headers that decide where a message ends, or when a body is sent. */
static bool is_ours(cio_str name)
{
	static const char *const ours[] = {"Content-Length",
		"Transfer-Encoding", "Connection", "Expect"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (cio_str_equal_nocase(name, cio_str_of(ours[i])))
			return true;
	return false;
}

static bool list_has(const cio_http_header *h, const char *name)
{
	for (; h != NULL && h->name != NULL; h++)
		if (cio_str_equal_nocase(cio_str_of(h->name), cio_str_of(name)))
			return true;
	return false;
}

/* Headers of which a second one makes the message another for each reader. */
static const char *said_twice(const cio_http_header *h)
{
#define ONE_ONLY(name) {name, "more than one " name " header: give one"}
	static const struct {
		const char *name, *wrong;
	} once[] = {ONE_ONLY("Host"), ONE_ONLY("Range")};
#undef ONE_ONLY
	for (size_t i = 0; i < sizeof once / sizeof *once; i++)
		if (cio_str_equal_nocase(cio_str_of(h->name),
			    cio_str_of(once[i].name)) &&
			list_has(h + 1, once[i].name))
			return once[i].wrong;
	return NULL;
}

static int check_headers(struct exchange *x, const cio_http_header *h)
{
	for (; h != NULL && h->name != NULL; h++) {
		cio_str name = cio_str_of(h->name);
		if (is_ours(name))
			return session_wrong(x, -EINVAL,
				"Content-Length, Transfer-Encoding, Connection "
				"and Expect are set by the session: leave them out");
		if (!cio__http1_is_token(name))
			return session_wrong(x, -EINVAL,
				"a header's name has bytes that no name may have");
		if (h->value == NULL ||
			!cio__http1_is_value(cio_str_of(h->value)))
			return session_wrong(x, -EINVAL,
				"a header's value has control bytes or blanks "
				"at an end");
		const char *twice = said_twice(h);
		if (twice != NULL)
			return session_wrong(x, -EINVAL, twice);
	}
	return 0;
}

bool session_has_header(const struct exchange *x, const char *name)
{
	return list_has(x->rq->headers, name) ||
		list_has(x->s->o.headers, name);
}

bool session_asks_range(const struct exchange *x)
{
	return x->rq->range != NULL || session_has_header(x, "Range");
}

int session_check_url(struct exchange *x)
{
	int err = cio__url_parse(&x->url, cio_str_of(x->target), &x->wrong);
	if (err < 0)
		return err;
	if (!x->url.tls && x->s->o.https_only)
		return session_wrong(x, -CIO_EURL,
			"not https, and the session is https_only");
	if (x->url.userinfo.n > 0)
		return session_wrong(x, -CIO_EURL, x->r->redirects > 0 ?
			"a redirect to a URL with a name and password" :
			"a name and password in the URL are not sent: give "
			"them as `auth`");
	return 0;
}

/* The body in whatever form it was given, as a source. */
static int check_body(struct exchange *x)
{
	const cio_http_request_options *rq = x->rq;
	int forms = (rq->body_size > 0) + (rq->json != NULL) +
		(rq->source != NULL);
	if (forms > 1)
		return session_wrong(x, -EINVAL,
			"more than one of body, json and source");
	if (rq->body_size > 0 && rq->body == NULL)
		return session_wrong(x, -EINVAL, "body_size without a body");
	x->bytes.size = (int64_t)rq->body_size;
	if (rq->json != NULL) {
		x->bytes.size = (int64_t)strlen(rq->json);
		x->bytes.type = "application/json";
	}
	x->body = rq->source;
	if (rq->body_size > 0 || rq->json != NULL)
		x->body = &x->bytes;
	if (x->body != NULL && x->body->type != NULL &&
		!cio__http1_is_value(cio_str_of(x->body->type)))
		return session_wrong(x, -EINVAL,
			"the body's type has control bytes or blanks at an end");
	return 0;
}

/* It is part of a connection's key, which has a bound. */
static int check_server_name(struct exchange *x)
{
	const char *name = x->rq->server_name;
	if (name == NULL)
		return 0;
	size_t n = strlen(name);
	if (n == 0 || n >= URL_HOST_BYTES || strchr(name, '\n') != NULL)
		return session_wrong(x, -EINVAL,
			"a server_name is a host's name or an address");
	return 0;
}

static int check_range(struct exchange *x)
{
	const char *range = x->rq->range;
	if (range != NULL && !cio__http1_is_value(cio_str_of(range)))
		return session_wrong(x, -EINVAL, "a range is like \"0-499\"");
	if (range != NULL && list_has(x->rq->headers, "Range"))
		return session_wrong(x, -EINVAL,
			"a `range` and a Range header: give one of them");
	return 0;
}

int session_check_request(struct exchange *x)
{
	int err = session_check_url(x);
	if (err < 0)
		return err;
	if ((unsigned)x->rq->method >= CIO_METHODS)
		return session_wrong(x, -EINVAL, "unknown method");
	err = check_headers(x, x->s->o.headers);
	err = err < 0 ? err : check_headers(x, x->rq->headers);
	err = err < 0 ? err : check_range(x);
	err = err < 0 ? err : check_server_name(x);
	return err < 0 ? err : check_body(x);
}
