/* SPDX-License-Identifier: MIT */
/*
 * session_redirect.c - from one hop to the next (RFC 9110 15.4)
 *
 * An origin is scheme, host and port. Once a call has left the origin of its
 * request it is among strangers: no credential is sent any more, not even back
 * at home, for a stranger has led us there.
 */
#include <errno.h>

#include <cio/dns.h>

#include "http/session.h"

bool session_redirects(const struct exchange *x)
{
	switch (x->r->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308: break;
	default: return false;
	}
	int own = x->rq->max_redirects;
	return (own != 0 ? own : x->s->o.max_redirects) != -1 &&
		cio_http_response_header(x->r, "Location").n > 0;
}

/* What the next request is, and whether it still has a body. */
static int change_method(struct exchange *x)
{
	int status = x->r->status;
	bool to_get = status == 303 ? x->method != CIO_HEAD :
		(status == 301 || status == 302) && x->method == CIO_POST;
	if (to_get) {
		x->method = CIO_GET;
		x->body = NULL;
	}
	return session_rewind(x);
}

static int follow(struct exchange *x, const cio_buf *text)
{
	struct url from = x->url, to;
	int err = cio__url_parse(&to, cio_buf_view(text), &x->wrong);
	if (err < 0)
		return err;
	if (from.tls && !to.tls)
		return session_wrong(x, -CIO_EURL,
			"a redirect from https to http");
	if (!cio__url_same_origin(&from, &to))
		x->strange = true;
	return change_method(x);
}

int session_follow(struct exchange *x)
{
	cio_buf next = {0};
	x->phase = PHASE_REQUEST;
	x->from_public |= cio_address_is_public(&x->r->remote);
	if (x->redirects_left-- <= 0)
		return session_wrong(x, -ELOOP, "too many redirects");
	int err = cio__url_resolve(&next, &x->url,
		cio_http_response_header(x->r, "Location"), &x->wrong);
	err = err < 0 ? err : follow(x, &next);
	if (err < 0 && err != -ENOMEM)
		x->redirect_failed = true;
	if (err < 0) {
		cio_buf_finish(&next);
		return err;
	}
	cio_buf_finish(&x->next);
	x->next = next;
	x->target = next.p;
	x->r->redirects++;
	x->s->figures.redirects++;
	err = session_check_url(x);
	x->redirect_failed = err < 0;
	session_trace(x, CIO_HTTP_EVENT_REDIRECT);
	if (err == 0) {
		cio_buf_clear(&x->r->url);
		err = cio_buf_puts(&x->r->url, x->target);
	}
	return err;
}
