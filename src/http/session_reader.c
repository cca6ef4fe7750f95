/* SPDX-License-Identifier: MIT */
/*
 * session_reader.c - an answer that is read as it comes
 *
 * The exchange lives on the heap and keeps its connection. Each read is in a
 * scope of its own, with the limits of the attempt.
 */
#include <errno.h>
#include <stdio.h>

#include <cio/dns.h>

#include "base/list.h"
#include "base/mem.h"
#include "http/session.h"

struct cio_http_reader {
	struct exchange x;
	cio_http_request_options rq; /* ours: it may be a middleware's copy */
	cio_str view;                /* bytes that came and were not read yet */
	int status;                  /* of the answer */
	int over;                    /* 0: goes on; 1: the end; < 0 */
	cio_handle handle;
};

static int open_reader(cio_http_call *call)
{
	cio_http_reader *in = session_inner(call);
	session_release(&in->x, -ECANCELED); /* a middleware tries again */
	session_finish(&in->x);
	in->rq = *call->request;
	session_start(&in->x, call, true);
	in->x.rq = &in->rq;
	return session_run(&in->x);
}

/* The caller has left it open, and the response behind. */
static void close_left(cio_handle *h)
{
	cio_http_reader *in = container_of(h, cio_http_reader, handle);
	cio_http_response gone = {.status = in->status};
	in->x.r = &gone;
	cio_http_reader_close(in);
}

static void describe(cio_handle *h, char *text)
{
	const cio_http_reader *in = container_of(h, cio_http_reader, handle);
	char remote[CIO_ADDRESS_TEXT];
	if (in->x.c != NULL)
		(void)snprintf(text, CIO_HANDLE_TEXT, "from %s",
			cio_address_text(&in->x.c->remote, remote));
}

/* Read through: the answer was given without a connection, by a middleware, or
 * the request failed. */
int cio__http_reader_open(const char *site, cio_http_reader **out,
	cio_http_session *s, const cio_http_request_options *request,
	cio_http_response *response)
{
	static const cio_handle_kind kind = {"http reader", describe, close_left};
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
	in->status = status;
	cio_handle_note(&in->handle, &kind, site);
	*out = in;
	return status;
}

static int fetch(struct exchange *x, cio_str *view)
{
	cio_scope limit, s;
	x->late = NULL;
	cio_scope_begin(&limit, x->deadline);
	x->limit = &limit;
	session_limit(x, x->s->o.read_timeout, "read_timeout");
	session_receiving(x, &s);
	int more = session_received(x, session_body(x, view));
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
	cio_handle_forget(&in->handle);
	session_release(&in->x, -ECANCELED);
	session_finish(&in->x);
	cio__free(in);
}
