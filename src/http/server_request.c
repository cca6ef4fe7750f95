/* SPDX-License-Identifier: MIT */
/*
 * server_request.c - what a handler may ask of the request
 *
 * Views of the head must live until the handler returns, but reading the body
 * moves the buffer in which the head was parsed. So a request that has a body
 * had its head copied before the handler started; all others leave it where it
 * is, in the stream's buffer, which nothing moves then.
 */
#include "http/server.h"

#include <errno.h>

/* ---- queries ---- */

void *cio_request_state(const cio_request *req)
{
	return req->conn->server->o.state;
}

cio_http_method cio_request_method(const cio_request *req)
{
	return req->method;
}

cio_str cio_request_path(const cio_request *req)
{
	return req->path;
}

cio_str cio_request_query(const cio_request *req)
{
	return req->query;
}

cio_str cio_request_header(const cio_request *req, const char *name)
{
	const struct http1_header *h = cio__http1_find(req->headers,
		req->parser.n_headers, name);
	return h != NULL ? h->value : (cio_str){0};
}

cio_str cio_path_str(const cio_request *req, const char *name)
{
	return cio__route_str(&req->match, name);
}

int64_t cio_path_int(const cio_request *req, const char *name)
{
	return cio__route_int(&req->match, name);
}

uint32_t cio_request_number(const cio_request *req)
{
	return req->conn->requests;
}

void cio_request_abort(cio_request *req)
{
	req->aborted = true;
}

/* ---- the body ---- */

static int final_error(struct cio_request *req, int err)
{
	req->body_error = err;
	return err;
}

/* Wait for more bytes, as long as body_timeout allows. */
static int fill(struct cio_request *req)
{
	cio_duration limit = req->conn->server->o.body_timeout;
	cio_scope scope;
	cio_scope_begin(&scope, cio_time_after(limit));
	ssize_t n = cio_stream_fill(req->conn->stream);
	bool late = cio_scope_expired(&scope);
	int err = cio_scope_end(&scope, n < 0 ? (int)n : 0);
	if (late)
		return final_error(req, cio_fail(-ETIMEDOUT,
			"no byte of the body came in %lld ms",
			(long long)(limit / CIO_MS(1))));
	if (n == 0)
		return final_error(req, cio_fail(-CIO_EEOF,
			"the client closed before the end of the body"));
	return err == 0 || cio_refused() < 0 ? err : final_error(req, err);
}

static int malformed(struct cio_request *req)
{
	bool large = req->parser.error_status == 413;
	return final_error(req, cio_fail(
		large ? -CIO_ETOOLARGE : -CIO_EPROTOCOL, "%s",
		req->parser.error));
}

/* The client waits for our leave to send its body (RFC 9110 §10.1.1). */
static int send_continue(struct cio_request *req)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct conn *c = req->conn;
	if (req->continued || !req->parser.expect_continue)
		return 0;
	req->continued = true;
	if (req->parser.minor == 0 || cio_stream_peek(c->stream).n > 0)
		return 0;
	cio_scope scope;
	cio_scope_begin(&scope, cio_time_after(c->server->o.write_timeout));
	int err = cio_stream_write(c->stream, text, sizeof text - 1, NULL);
	err = cio_scope_end(&scope, err);
	if (err < 0)
		req->aborted = true; /* no final answer after half a 100 */
	return err < 0 ? final_error(req, err) : 0;
}

int cio__request_next(struct cio_request *req, cio_str *data)
{
	cio_stream *stream = req->conn->stream;
	if (req->body_error < 0)
		return req->body_error;
	cio_stream_consume(stream, req->used);
	req->used = 0;
	while (!req->ended) {
		cio_str in = cio_stream_peek(stream);
		size_t used;
		enum http1_event e = cio__http1_next(&req->parser, in.p, in.n,
			&used, data);
		int err = 0;
		if (e == HTTP1_DATA) {
			req->used = used; /* `data` lies there */
			req->body_bytes += used;
			return 1;
		}
		cio_stream_consume(stream, used);
		if (e == HTTP1_ERROR)
			return malformed(req);
		if (e == HTTP1_END)
			req->ended = true;
		else
			err = fill(req);
		if (err < 0)
			return err;
	}
	return 0;
}

static int reserve(struct cio_request *req)
{
	int64_t n = req->parser.content_length;
	if (n <= 0 || req->body.n > 0)
		return 0;
	/* What is merely announced costs no more than this. */
	size_t first = n < KEEP_BYTES ? (size_t)n : KEEP_BYTES;
	return cio_buf_reserve(&req->body, first);
}

static int read_body(struct cio_request *req)
{
	cio_str data;
	int got, err = send_continue(req);
	if (err == 0)
		err = reserve(req);
	while (err == 0 && (got = cio__request_next(req, &data)) != 0)
		err = got < 0 ? got :
			cio_buf_append(&req->body, data.p, data.n);
	if (err == -ENOMEM)
		return final_error(req, err);
	return err;
}

int cio_request_body(cio_request *req, cio_str *out)
{
	if (req->body_error < 0)
		return req->body_error;
	bool more = req->parser.has_body && !req->ended;
	int err = more ? read_body(req) : 0;
	if (err < 0)
		return err;
	*out = req->body.n > 0 ? cio_buf_view(&req->body) : (cio_str){"", 0};
	return 0;
}

/* ---- between requests ---- */

void cio__request_clear(struct cio_request *req)
{
	cio__buf_trim(&req->head);
	cio__buf_trim(&req->decoded);
	cio__buf_trim(&req->body);
	req->match.leaf = NULL;
	req->method = CIO_GET; /* an unknown one must not leave the last */
	req->used = 0;
	req->body_bytes = 0;
	req->body_error = 0;
	req->ended = req->continued = req->aborted = false;
}

void cio__buf_trim(cio_buf *b)
{
	if (b->cap > KEEP_BYTES)
		cio_buf_finish(b);
	else
		cio_buf_clear(b);
}
