/* SPDX-License-Identifier: MIT */
/*
 * session_reader.c - an answer that is read as it comes
 *
 * The exchange lives on the heap and keeps its connection. Each read is in a
 * scope of its own, with the limits of the attempt.
 */
#include <errno.h>

#include "base/mem.h"
#include "http/session.h"

struct cio_http_reader {
	struct exchange x;
	cio_http_request_options rq; /* ours: it may be a middleware's copy */
	cio_str view;                /* bytes that came and were not read yet */
	int over;                    /* 0: goes on; 1: the end; < 0 */
};

static int open_reader(cio_http_call *call)
{
	cio_http_reader *in = session_inner(call);
	in->rq = *call->request;
	session_start(&in->x, call, true);
	in->x.rq = &in->rq;
	return session_run(&in->x);
}

/* Read through: the answer was given without a connection, by a middleware, or
 * the request failed. */
int cio_http_reader_open(cio_http_reader **out, cio_http_session *s,
	const cio_http_request_options *request, cio_http_response *response)
{
	cio_http_reader *in = cio__zalloc(sizeof *in);
	if (in == NULL)
		return -ENOMEM;
	in->x.r = response;
	in->x.s = s;
	int status = session_call(s, request, response, open_reader, in);
	if (status < 0) {
		cio_http_reader_close(in);
		return status;
	}
	if (in->x.c == NULL) {
		in->view = cio_buf_view(&response->body);
		in->over = 1;
	}
	*out = in;
	return status;
}

static int fetch(struct exchange *x, cio_str *view)
{
	cio_scope limit;
	x->late = NULL;
	cio_scope_begin(&limit, x->deadline);
	x->limit = &limit;
	session_limit(x, x->s->o.read_timeout, "read_timeout");
	int more = session_body(x, view);
	x->limit = NULL;
	return cio_scope_end(&limit, more);
}

ssize_t cio_http_reader_read(cio_http_reader *in, void *buf, size_t n)
{
	while (in->view.n == 0) {
		if (in->over != 0)
			return in->over < 0 ? in->over : 0;
		int more = fetch(&in->x, &in->view);
		if (more < 0 && cio_refused() < 0)
			return more; /* nothing is lost: it may go on */
		if (more > 0)
			continue;
		in->view.n = 0;
		in->over = more < 0 ? more : 1;
		session_release(&in->x, more);
		if (more < 0)
			in->over = session_explain(&in->x, more);
	}
	size_t k = in->view.n < n ? in->view.n : n;
	memcpy(buf, in->view.p, k);
	in->view.p += k;
	in->view.n -= k;
	return (ssize_t)k;
}

void cio_http_reader_close(cio_http_reader *in)
{
	if (in == NULL)
		return;
	session_release(&in->x, -ECANCELED);
	session_finish(&in->x);
	cio__free(in);
}
