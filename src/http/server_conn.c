/* SPDX-License-Identifier: MIT */
/*
 * server_conn.c - one connection, from its first byte until it is idle or over
 *
 * A task that lives as long as there is input. One request at a time: the next
 * one is looked at when the answer to this one is out, so what a client sends
 * ahead stays in one buffer of bounded size and then in the kernel.
 *
 * How it goes on after a request:
 *	NEXT    the message was read to its end; another may follow
 *	PARKED  it waits idle: nothing here may touch it any more
 *	LINGER  the client may still be sending: a plain close would make the
 *	        kernel send a reset, which can overtake the answer on its way
 *	        (RFC 9112 §9.6); so send the end, read on for a while, close
 *	CLOSE   nothing is on its way, or nobody is there
 *	ABORT   the answer was cut short: a clean end would be a lie
 */
#include "http/server.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/uio.h>

#include <cio/context.h>

#include "base/list.h"
#include "base/mem.h"

enum fate { NEXT, PARKED, LINGER, CLOSE, ABORT };

#define LINGER_TIME CIO_S(2)

/* ---- exchanges ---- */

void cio__exchange_free(struct exchange *x)
{
	cio_buf_finish(&x->req.head);
	cio_buf_finish(&x->req.decoded);
	cio_buf_finish(&x->req.body);
	cio_buf_finish(&x->res.fields);
	cio_buf_finish(&x->res.body);
	cio_buf_finish(&x->out);
	cio__free(x);
}

static struct exchange *exchange_take(struct conn *c)
{
	cio_http_server *s = c->server;
	struct exchange *x = s->free;
	if (x != NULL) {
		s->free = x->next;
		s->free_n--;
	} else {
		x = cio__zalloc(sizeof *x);
	}
	if (x == NULL)
		return NULL;
	assert(x->req.used == 0 && x->res.status == 0 && "it was cleared");
	x->req.conn = c;
	cio__http1_init(&x->req.parser, HTTP1_REQUEST, x->req.headers,
		HTTP1_HEADERS, &(struct http1_limits){.head = s->o.max_head,
			.body = s->o.max_body});
	return x;
}

static void exchange_put(cio_http_server *s, struct exchange *x)
{
	if (s->free_n == KEEP_EXCHANGES) {
		cio__exchange_free(x);
		return;
	}
	x->next = s->free;
	s->free = x;
	s->free_n++;
}

/* ---- the head: 0, a status to refuse it with, or < 0: nobody is there ---- */

static int parse_head(struct cio_request *req)
{
	cio_stream *stream = req->conn->stream;
	cio_str in = cio_stream_peek(stream), data;
	size_t used;
	switch (cio__http1_next(&req->parser, in.p, in.n, &used, &data)) {
	case HTTP1_HEAD:
		req->used = used;
		return 0;
	case HTTP1_MORE:
		cio_stream_consume(stream, used);
		return -EAGAIN;
	default:
		return req->parser.error_status;
	}
}

static int wait_for_head(struct cio_request *req)
{
	struct conn *c = req->conn;
	cio_scope scope;
	int err;
	cio_scope_begin(&scope, cio_time_after(c->server->o.head_timeout));
	do {
		ssize_t n = cio_stream_fill(c->stream);
		if (n <= 0)
			err = n < 0 ? (int)n : -CIO_EEOF;
		else
			err = parse_head(req);
	} while (err == -EAGAIN);
	bool late = cio_scope_expired(&scope);
	err = cio_scope_end(&scope, err);
	if (late)
		return 408;
	return err == -CIO_ETOOLARGE ? 431 : err;
}

static void move(cio_str *view, const char *from, const char *to)
{
	if (view->p != NULL)
		view->p = to + (view->p - from);
}

/* Copy the head, with all that was parsed out of it, and consume it. */
static int keep_head(struct cio_request *req)
{
	struct http1_parser *p = &req->parser;
	cio_stream *stream = req->conn->stream;
	const char *from = cio_stream_peek(stream).p;
	int err = cio_buf_append(&req->head, from, req->used);
	if (err < 0)
		return err;
	const char *to = req->head.p;
	move(&p->method, from, to);
	move(&p->target, from, to);
	for (size_t i = 0; i < p->n_headers; i++) {
		move(&p->headers[i].name, from, to);
		move(&p->headers[i].value, from, to);
	}
	cio_stream_consume(stream, req->used);
	req->used = 0;
	return 0;
}

static int read_head(struct cio_request *req)
{
	int err = parse_head(req); /* mostly all of it is here */
	if (err == -EAGAIN)
		err = wait_for_head(req);
	if (err == 0 && req->parser.has_body)
		err = keep_head(req);
	return err == -ENOMEM ? 503 : err;
}

/* ---- which handler: 0 or a status ---- */

static bool find_method(cio_str name, cio_http_method *out)
{
	for (int m = 0; m < CIO_METHODS; m++) {
		cio_http_method method = (cio_http_method)m;
		if (cio_str_equal(name,
			    cio_str_of(cio_http_method_name(method)))) {
			*out = method;
			return true;
		}
	}
	return false;
}

/* Origin form, or absolute form, whose authority the parser has compared with
 * Host (RFC 9112 §3.2.2); "*" stays what it is. */
static void split_target(struct cio_request *req)
{
	cio_str t = req->parser.target;
	if (t.n > 0 && t.p[0] != '/' && t.p[0] != '*') {
		const char *at = memmem(t.p, t.n, "://", 3);
		size_t i = at != NULL ? (size_t)(at - t.p) + 3 : t.n;
		while (i < t.n && t.p[i] != '/' && t.p[i] != '?')
			i++;
		t = (cio_str){t.p + i, t.n - i};
	}
	const char *query = t.n > 0 ? memchr(t.p, '?', t.n) : NULL;
	size_t n = query != NULL ? (size_t)(query - t.p) : t.n;
	req->path = n > 0 ? (cio_str){t.p, n} : (cio_str){"/", 1};
	req->query = (cio_str){0};
	if (query != NULL)
		req->query = (cio_str){query + 1, t.n - n - 1};
}

/* "GET, HEAD" */
static void list_methods(unsigned allow, char *text, size_t room)
{
	size_t n = 0;
	for (int m = 0; m < CIO_METHODS; m++) {
		if (!(allow & 1u << m))
			continue;
		int k = snprintf(text + n, room - n, "%s%s", n > 0 ? ", " : "",
			cio_http_method_name((cio_http_method)m));
		assert(k > 0 && (size_t)k < room - n);
		n += (size_t)k;
	}
}

static int add_allow(struct exchange *x)
{
	char list[80] = "";
	list_methods(x->req.match.allow, list, sizeof list);
	return cio_response_header(&x->res, "Allow", list);
}

static int tell_allowed(struct exchange *x)
{
	int err = cio__response_status(&x->res, 405, NULL);
	if (err < 0)
		return 503;
	x->res.status = 0; /* not quite yet: one more field */
	err = add_allow(x);
	x->res.status = 405;
	return err < 0 ? 503 : 405;
}

/* What the server as a whole can do (RFC 9110 §9.3.7); nobody has a route for
 * "*". */
static int options_of_all(cio_request *req, cio_response *res)
{
	int err = add_allow(container_of(req, struct exchange, req));
	return err < 0 ? err :
		cio_respond(res, 204, NULL, "");
}

static int find_route(struct exchange *x)
{
	struct cio_request *req = &x->req;
	split_target(req);
	if (!find_method(req->parser.method, &req->method)) {
		x->res.close = true; /* CONNECT: what follows may not be HTTP */
		return 501;
	}
	if (req->method == CIO_OPTIONS &&
		cio_str_equal(req->path, (cio_str){"*", 1})) {
		req->match.leaf = NULL;
		req->match.handler = options_of_all;
		req->match.allow = cio__router_allow(req->conn->server->router);
		return 0;
	}
	switch (-cio__router_find(req->conn->server->router, req->method,
		req->path, &req->decoded, &req->match)) {
	case 0:
		return 0;
	case ENOENT:
		return 404;
	case EOPNOTSUPP:
		return tell_allowed(x);
	case EINVAL:
		return 400;
	default:
		return 503;
	}
}

/* ---- the handler: 0 (answered) or a status ---- */

static int status_of(const struct cio_request *req, int err)
{
	if (err == -ETIMEDOUT && req->body_error == err)
		return 408; /* the client's fault, not ours */
	switch (-err) {
	case ENOENT:
		return 404;
	case EINVAL:
	case CIO_EPROTOCOL:
	case CIO_EEOF:
		return 400;
	case EACCES:
		return 403;
	case CIO_ETOOLARGE:
		return 413;
	case ETIMEDOUT:
		return 504;
	case EBUSY:
		return 503;
	default:
		return 500;
	}
}

/* Did the connection break while the body was read? */
static bool is_loss(int err)
{
	return err == -ECONNRESET || err == -EPIPE || err == -ECONNABORTED ||
		err == -EHOSTUNREACH;
}

static void report(const struct cio_request *req, int status, int err)
{
	const char *text = cio_error_text();
	int n = req->path.n < 200 ? (int)req->path.n : 200;
	cio_report(status >= 500 ? CIO_LEVEL_WARNING : CIO_LEVEL_DEBUG,
		"%s %.*s: handler failed: %s%s%s; answered %d",
		cio_http_method_name(req->method), n, req->path.p,
		err < 0 ? cio_strerror(err) : "it gave no answer",
		err < 0 && text[0] != '\0' ? ": " : "", err < 0 ? text : "",
		status);
}

static int call_handler(void *exchange)
{
	struct exchange *x = exchange;
	return x->req.match.handler(&x->req, &x->res);
}

static int run_handler(struct exchange *x)
{
	struct cio_request *req = &x->req;
	/* what it sets there is this request's, not the next one's */
	cio_context *context = cio_context_copy();
	int err = cio_context_run(context, call_handler, x);
	cio_context_free(context);
	if (x->res.status != 0 && err < 0)
		report(req, x->res.status, err);
	if (x->res.status != 0 || req->aborted || cio_refused() < 0)
		return 0;
	if (err < 0 && err == req->body_error && is_loss(err)) {
		req->aborted = true; /* nobody is there to be answered */
		return 0;
	}
	int status = err < 0 ? status_of(req, err) : 500;
	report(req, status, err);
	return status;
}

/* ---- the answer ---- */

/* Is the rest of the body so small that reading it is cheaper than a new
 * connection? */
static bool can_read_on(const struct cio_request *req)
{
	const struct http1_parser *p = &req->parser;
	if (req->ended || !p->has_body)
		return true;
	if (req->body_error < 0 || (p->expect_continue && !req->continued))
		return false;
	return p->content_length < 0 ||
		(uint64_t)p->content_length - req->body_bytes <= DRAIN_BYTES;
}

static bool must_close(const struct exchange *x, bool broken)
{
	const struct conn *c = x->req.conn;
	const cio_http_server *s = c->server;
	return broken || x->res.close || !x->req.parser.keep_alive ||
		s->draining || c->requests >= s->o.max_requests ||
		!can_read_on(&x->req);
}

static const char *connection_field(const struct exchange *x, bool close)
{
	if (close)
		return "close";
	return x->req.parser.minor == 0 ? "keep-alive" : NULL;
}

static int send_answer(struct exchange *x, bool head_only)
{
	struct conn *c = x->req.conn;
	bool two = !head_only && x->res.body.n > SMALL_BODY;
	struct iovec iov[] = {
		{.iov_base = x->out.p, .iov_len = x->out.n},
		{.iov_base = x->res.body.p, .iov_len = x->res.body.n},
	};
	cio_scope scope;
	cio_scope_begin(&scope, cio_time_after(c->server->o.write_timeout));
	int err = cio_stream_writev(c->stream, iov, two ? 2 : 1, NULL);
	return cio_scope_end(&scope, err);
}

/* The last resort needs no memory. */
static enum fate say_busy(struct conn *c)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
				   "Content-Length: 0\r\n"
				   "Connection: close\r\n\r\n";
	cio_scope scope;
	cio_scope_begin(&scope, cio_time_after(c->server->o.write_timeout));
	int err = cio_stream_write(c->stream, text, sizeof text - 1, NULL);
	return cio_scope_end(&scope, err) < 0 ? ABORT : LINGER;
}

/* Read what the handler did not: 0 at the end of the message. body_timeout is
 * for all of it here, since nobody is interested in these bytes. */
static int skip_body(struct cio_request *req)
{
	uint64_t end = req->body_bytes + DRAIN_BYTES;
	cio_str data;
	cio_scope scope;
	int err;
	cio_scope_begin(&scope, cio_time_after(req->conn->server->o.body_timeout));
	do {
		err = cio__request_next(req, &data);
	} while (err > 0 && req->body_bytes <= end);
	return cio_scope_end(&scope, err);
}

/* Make ready for the next message. */
static enum fate finish_message(struct cio_request *req)
{
	cio_str data;
	bool all_here = req->ended || !req->parser.has_body;
	int err = all_here ? cio__request_next(req, &data) : skip_body(req);
	if (err != 0)
		return err == -CIO_EEOF ? CLOSE : LINGER;
	cio__http1_reset(&req->parser);
	return NEXT;
}

static enum fate how_to_close(const struct exchange *x, bool broken)
{
	const struct cio_request *req = &x->req;
	bool all_read = req->ended || !req->parser.has_body;
	bool more = cio_stream_peek(req->conn->stream).n > req->used;
	return broken || !all_read || more ? LINGER : CLOSE;
}

/* Send what stands in x->res. `broken`: the head was refused. */
static enum fate answer(struct exchange *x, bool broken)
{
	cio_http_server *s = x->req.conn->server;
	bool head_only = !broken && x->req.method == CIO_HEAD;
	bool close = must_close(x, broken);
	int err = cio__response_print(&x->res, s, head_only,
		connection_field(x, close), &x->out);
	if (err < 0)
		return say_busy(x->req.conn);
	err = send_answer(x, head_only);
	if (err < 0)
		return ABORT;
	return close ? how_to_close(x, broken) : finish_message(&x->req);
}

/* ---- one request ---- */

/* Refuse it ourselves. */
static enum fate refuse(struct exchange *x, int status, bool broken)
{
	const char *detail = broken ? x->req.parser.error : NULL;
	if (status < 500)
		x->req.conn->server->figures.refused++;
	if (status == 503)
		return say_busy(x->req.conn);
	if (x->res.status == 0 &&
		cio__response_status(&x->res, status, detail) < 0)
		return say_busy(x->req.conn);
	return answer(x, broken);
}

static enum fate handle(struct exchange *x)
{
	int status = find_route(x);
	if (status != 0)
		return refuse(x, status, false);
	status = run_handler(x);
	if (x->req.aborted)
		return ABORT;
	if (status != 0 && cio__response_status(&x->res, status, NULL) < 0)
		return say_busy(x->req.conn);
	return cio_refused() < 0 ? ABORT : answer(x, false);
}

static enum fate one_request(struct exchange *x)
{
	struct conn *c = x->req.conn;
	cio_http_server *s = c->server;
	int status = read_head(&x->req);
	if (status < 0) {
		if (cio_refused() < 0)
			s->drain.idle++;
		return CLOSE;
	}
	if (status > 0)
		return refuse(x, status, true);

	c->requests++;
	s->figures.requests++;
	s->figures.active++;
	enum fate fate = handle(x);
	s->figures.active--;
	if (fate == ABORT && cio_refused() < 0)
		s->drain.cut++;
	else if (s->draining)
		s->drain.finished++;
	return fate;
}

/* ---- the connection ---- */

static enum fate wait_idle(struct conn *c)
{
	cio_http_server *s = c->server;
	c->task = NULL;
	int err = cio_stream_wait_idle(c->stream, &c->idle, &s->waits,
		cio_time_after(c->requests > 0 ? s->o.keep_alive :
					      s->o.head_timeout));
	if (err == 0) {
		cio__conn_idle(c);
		return PARKED;
	}
	c->task = cio_current_task();
	if (err == -ECANCELED)
		s->drain.idle++;
	return err == 1 ? NEXT : CLOSE;
}

static enum fate begin(struct conn *c)
{
	if (cio__conn_secure(c) < 0) {
		if (cio_refused() < 0)
			c->server->drain.idle++;
		return CLOSE;
	}
	return cio_stream_peek(c->stream).n > 0 ? NEXT : wait_idle(c);
}

static enum fate serve_all(struct exchange *x)
{
	struct conn *c = x->req.conn;
	enum fate fate = begin(c);
	while (fate == NEXT) {
		fate = one_request(x);
		cio__request_clear(&x->req);
		cio__response_clear(&x->res);
		cio__buf_trim(&x->out);
		if (fate == NEXT && cio_stream_peek(c->stream).n == 0)
			fate = wait_idle(c);
	}
	return fate;
}

static void linger(struct conn *c)
{
	size_t total = 0;
	ssize_t n = cio_stream_shutdown(c->stream);
	cio_scope scope;
	cio_scope_begin(&scope, cio_time_after(LINGER_TIME));
	while (n >= 0 && total <= LINGER_BYTES) {
		cio_stream_consume(c->stream, cio_stream_peek(c->stream).n);
		n = cio_stream_fill(c->stream);
		if (n <= 0)
			break;
		total += (size_t)n;
	}
	(void)cio_scope_end(&scope, 0);
}

int cio__conn_serve(struct conn *const *self)
{
	struct conn *c = *self;
	cio_http_server *s = c->server;
	enum fate fate;
	c->task = cio_current_task();
	struct exchange *x = exchange_take(c);
	if (x != NULL) {
		fate = serve_all(x);
		exchange_put(s, x);
	} else {
		fate = say_busy(c);
	}
	if (fate == PARKED)
		return 0;
	assert(c->task == cio_current_task());
	if (fate == LINGER)
		linger(c);
	if (fate == ABORT)
		cio_stream_abort(c->stream);
	else
		cio_stream_close(c->stream);
	cio__conn_free(c);
	return 0;
}
