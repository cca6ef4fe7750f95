/* SPDX-License-Identifier: MIT */
/*
 * session_call.c - the client's calls: middleware, then hop after hop
 */
#include <cio/http_session.h>

#include <errno.h>

#include "base/mem.h"
#include "http/session.h"

/* ---- the way in ---- */

/* What the innermost of a call does. */
struct inner {
	int (*go)(cio_http_call *call);
	void *state;
	const cio_http_body *taken; /* a source that has given bytes away */
};

void *session_inner(const cio_http_call *call)
{
	return ((const struct inner *)call->state)->state;
}

int cio_http_call_next(cio_http_call *call)
{
	const cio_http_middleware *m = call->next;
	if (m == NULL || m->fn == NULL) {
		const struct inner *in = call->state;
		return in->go(call);
	}
	cio_http_call further = *call;
	further.next = m + 1;
	return m->fn(&further, m->arg);
}

int session_call(cio_http_session *s, const cio_http_request_options *rq,
	cio_http_response *r, int (*go)(cio_http_call *call), void *state)
{
	cio_http_request_options copy = *rq;
	struct inner in = {go, state, NULL};
	s->figures.requests++;
	return cio_http_call_next(&(cio_http_call){.session = s,
		.request = &copy,
		.response = r,
		.next = s->o.middleware,
		.state = &in});
}

/* ---- one exchange of words, from the first hop to the last ---- */

static int either(int own, int otherwise)
{
	return own == 0 ? otherwise : own < 0 ? 0 : own;
}

void session_start(struct exchange *x, const cio_http_call *call, bool reading)
{
	cio_http_session *s = call->session;
	const cio_http_request_options *rq = call->request;
	*x = (struct exchange){.s = s,
		.rq = rq,
		.r = call->response,
		.call = ++s->calls,
		.target = rq->url != NULL ? rq->url : "",
		.method = rq->method,
		.reading = reading,
		.body_at = call->response->body.n,
		.retries_left = either(rq->retries, s->o.retries),
		.redirects_left = either(rq->max_redirects, s->o.max_redirects),
		.timeout = rq->timeout > 0 ? rq->timeout : s->o.timeout};
	cio_http_response *r = x->r;
	r->error = CIO_HTTP_OK;
	r->attempts = r->redirects = r->failed_status = 0;
	r->time_wait = 0;
	cio_buf_clear(&r->url);
	session_forget(x);
	r->body_size = r->wire_size = 0;
}

void session_finish(struct exchange *x)
{
	cio_buf_finish(&x->next);
	session_end_auth(x);
}

/* "/path" stands for base_url and the path, which must not lead elsewhere. */
static int complete_url(struct exchange *x)
{
	if (x->s->o.base_url == NULL || x->target[0] != '/')
		return 0;
	if (x->target[1] == '/')
		return session_wrong(x, -CIO_EURL, "two slashes begin the name "
			"of a host: write the whole URL, or one slash");
	int err = cio__url_resolve(&x->next, &x->s->base,
		cio_str_of(x->target), &x->wrong);
	if (err == 0)
		x->target = x->next.p;
	return err;
}

/* A middleware may ask again for what it has asked for. */
static int begin_body(struct exchange *x)
{
	if (x->consumed && !session_can_rewind(x))
		return session_wrong(x, -EINVAL, "the body was taken by an "
			"earlier cio_http_call_next, and cannot be sent twice");
	return session_rewind(x);
}

static int hops(struct exchange *x)
{
	int err = complete_url(x);
	err = err < 0 ? err : session_check_request(x);
	err = err < 0 ? err : begin_body(x);
	err = err < 0 ? err : session_find_auth(x);
	err = err < 0 ? err : session_attempts(x);
	while (err == 0 && (session_challenged(x) || session_redirects(x))) {
		err = session_challenged(x) ? session_answer(x) :
					      session_follow(x);
		err = err < 0 ? err : session_attempts(x);
	}
	return err;
}

int session_run(struct exchange *x)
{
	cio_http_response *r = x->r;
	cio_duration total = x->rq->total_timeout > 0 ? x->rq->total_timeout :
							 x->s->o.total_timeout;
	cio_time began = cio_now();
	cio_scope all;
	session_trace(x, CIO_HTTP_EVENT_START);
	if (total > 0)
		cio_scope_begin(&all, cio_time_add(began, total));
	int err = hops(x);
	if (total > 0) {
		err = cio_scope_end(&all, err);
		if (err == -ETIMEDOUT && cio_scope_expired(&all)) {
			x->late = "total_timeout";
			x->late_after = total;
		}
	}
	if (err == -ETIMEDOUT && cio_refused() < 0)
		err = -ECANCELED; /* not one of our limits */
	r->time_total = cio_now() - began - r->time_wait;
	err = session_explain(x, err);
	session_trace_event(x, CIO_HTTP_EVENT_END, err < 0 ? err : 0, 0);
	return err;
}

static int collect(cio_http_call *call)
{
	struct exchange x;
	struct inner *in = call->state;
	const cio_http_body *source = call->request->source;
	session_start(&x, call, false);
	x.consumed = source != NULL && source == in->taken;
	int status = session_run(&x);
	if (x.consumed)
		in->taken = source;
	session_finish(&x);
	return status;
}

int cio_http_request_do(cio_http_session *s,
	const cio_http_request_options *request, cio_http_response *response)
{
	return session_call(s, request, response, collect, NULL);
}

int cio_http_get(cio_http_session *s, const char *url, cio_buf *body)
{
	cio_http_response r = {.keep_body = true, .body = *body};
	int status = cio_http_request_do(s,
		&(cio_http_request_options){.url = url}, &r);
	*body = r.body;
	r.body = (cio_buf){0};
	cio_http_response_finish(&r);
	return status;
}

/* ---- the answer ---- */

void cio_http_response_finish(cio_http_response *r)
{
	cio_buf_finish(&r->body);
	cio_buf_finish(&r->head);
	cio_buf_finish(&r->url);
	*r = (cio_http_response){0};
}

cio_str cio_http_response_header(const cio_http_response *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (cio_str_equal_nocase(r->headers[i].name, cio_str_of(name)))
			return r->headers[i].value;
	return (cio_str){0};
}
