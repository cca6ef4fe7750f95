/* SPDX-License-Identifier: MIT */
/*
 * session_exchange.c - one request and its answer over one connection
 *
 * A connection is kept only if the exchange came to its very end: the request
 * went out whole, the answer is complete, and not a byte came after it. Bytes
 * that nobody asked for would be taken for the answer to the next request.
 */
#include "http/session.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>

#include <cio/net.h>
#include <cio/time.h>

#include "base/mem.h"
#include "wire/http1_write.h"
#include "wire/http_date.h"

enum {
	MOST_INTERIM = 16,        /* 1xx answers before the real one */
	BODY_AHEAD = 1024 * 1024, /* most memory taken on a length's word */
	OUT_KEPT = 4096,          /* larger heads are not kept as memory */
	STREAM_HOLDS = 65536,     /* unless it is told otherwise */
	BEHIND_HEAD = 16384,
};

/* ---- connections ---- */

static int write_host_line(cio_buf *b, const struct url *u)
{
	int err = cio_buf_puts(b, "Host: ");
	err = err < 0 ? err : cio__url_write_host(b, u);
	return err < 0 ? err : cio_buf_puts(b, "\r\n");
}

static int dial(struct exchange *x, struct connection *c)
{
	cio_duration left = x->deadline - x->begun;
	cio_tcp_options o = {.resolve_time = &x->r->time_namelookup,
		.connect_timeout = x->s->o.connect_timeout};
	if (o.connect_timeout > left)
		o.connect_timeout = left > 0 ? left : 1;
	int err = cio_tcp_connect(&c->stream, x->url.host, x->url.port, &o);
	if (err < 0)
		return err;
	x->r->time_connect = cio_now() - x->begun;
	/* a whole head must fit in, and something behind it */
	if (x->s->o.max_head > STREAM_HOLDS - BEHIND_HEAD)
		cio_stream_set_limit(c->stream, x->s->o.max_head + BEHIND_HEAD);
	return 0;
}

void session_begin(struct exchange *x)
{
	x->begun = cio_now();
	if (x->deadline == 0)
		x->deadline = session_later(x->begun, x->timeout);
}

int session_connect(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg;
	(void)key;
	struct exchange *x = *(struct exchange *const *)how;
	x->phase = PHASE_CONNECT;
	session_begin(x);
	cio_fail(0, "%s", ""); /* lest an old text explain a new failure */
	struct connection *c = cio__alloc(sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->host = c->out = (cio_buf){0};
	int err = write_host_line(&c->host, &x->url);
	if (err == 0)
		err = dial(x, c);
	if (err < 0) {
		cio_buf_finish(&c->host);
		cio__free(c);
		return err;
	}
	*item = c;
	return 0;
}

void session_disconnect(void *arg, void *item)
{
	(void)arg;
	struct connection *c = item;
	cio_stream_drop(c->stream);
	cio_buf_finish(&c->host);
	cio_buf_finish(&c->out);
	cio__free(c);
}

bool session_check(void *arg, void *item)
{
	(void)arg;
	return cio_stream_reusable(((struct connection *)item)->stream);
}

/* ---- the request ---- */

static bool has_header(const struct exchange *x, const char *name)
{
	const cio_http_header *h = x->rq->headers;
	for (; h != NULL && h->name != NULL; h++)
		if (cio_str_equal_nocase(cio_str_of(h->name), cio_str_of(name)))
			return true;
	return false;
}

static int write_default(struct exchange *x, cio_buf *b, const char *name,
	const char *value)
{
	if (has_header(x, name))
		return 0;
	return cio__http1_write_header(b, cio_str_of(name), cio_str_of(value));
}

static int write_line(struct exchange *x, cio_buf *b)
{
	int err = cio_buf_puts(b, cio_http_method_name(x->rq->method));
	err = err < 0 ? err : cio_buf_puts(b, " ");
	err = err < 0 ? err : cio__url_write_target(b, &x->url);
	return err < 0 ? err : cio_buf_puts(b, " HTTP/1.1\r\n");
}

/* A body announces its length, even an empty one where one is expected. */
static int write_length(struct exchange *x, cio_buf *b)
{
	cio_http_method m = x->rq->method;
	if (x->rq->body_size == 0 && m != CIO_POST && m != CIO_PUT &&
		m != CIO_PATCH)
		return 0;
	return cio__http1_write_length(b, x->rq->body_size);
}

static int write_head(struct exchange *x, struct connection *c)
{
	cio_buf *b = &c->out;
	cio_buf_clear(b);
	int err = write_line(x, b);
	if (err == 0 && !has_header(x, "Host"))
		err = cio_buf_append(b, c->host.p, c->host.n);
	err = err < 0 ? err :
			write_default(x, b, "User-Agent", x->s->user_agent);
	err = err < 0 ? err : write_default(x, b, "Accept", "*/*");
	const cio_http_header *h = x->rq->headers;
	for (; err == 0 && h != NULL && h->name != NULL; h++)
		err = cio__http1_write_header(b, cio_str_of(h->name),
			cio_str_of(h->value));
	err = err < 0 ? err : write_length(x, b);
	return err < 0 ? err : cio__http1_write_end(b);
}

static int send_request(struct exchange *x, struct connection *c)
{
	x->phase = PHASE_SEND;
	int err = write_head(x, c);
	if (err < 0)
		return err;
	struct iovec iov[] = {
		{.iov_base = c->out.p, .iov_len = c->out.n},
		{.iov_base = (void *)(uintptr_t)x->rq->body,
			.iov_len = x->rq->body_size},
	};
	int pieces = x->rq->body_size > 0 ? 2 : 1;
	err = cio_stream_writev(c->stream, iov, pieces, &x->sent);
	if (c->out.cap > OUT_KEPT)
		cio_buf_finish(&c->out);
	return err;
}

/* ---- the answer ---- */

static int wrong(struct exchange *x, int err, const char *what)
{
	x->wrong = what;
	return err;
}

void session_forget(struct exchange *x)
{
	cio_http_response *r = x->r;
	cio_buf_clear(&r->head);
	if (r->body.p != NULL) {
		r->body.n = x->body_at;
		r->body.p[r->body.n] = '\0';
	}
	r->status = 0;
	r->headers = NULL;
	r->header_count = 0;
}

/* The view v of what is at `from`, as a view of its copy at `to`. */
static cio_str moved(cio_str v, const char *from, const char *to)
{
	return (cio_str){v.n > 0 ? to + (v.p - from) : to, v.n};
}

/* One block: the table of headers, then the text that it points into. */
static int keep_head(cio_http_response *r, const struct http1_parser *p,
	cio_str text)
{
	size_t table = p->n_headers * sizeof *r->headers;
	cio_buf_clear(&r->head);
	int err = cio_buf_reserve(&r->head, table + text.n);
	if (err < 0)
		return err;
	char *copy = r->head.p + table;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	r->head.n = table + text.n;
	r->headers = (struct cio_http_field *)(void *)r->head.p;
	r->header_count = p->n_headers;
	for (size_t i = 0; i < p->n_headers; i++) {
		r->headers[i].name = moved(p->headers[i].name, text.p, copy);
		r->headers[i].value = moved(p->headers[i].value, text.p, copy);
	}
	return 0;
}

static void note_retry_after(struct exchange *x, const struct http1_parser *p)
{
	const struct http1_header *h = cio__http1_find(p->headers, p->n_headers,
		"Retry-After");
	int64_t s;
	if (h == NULL || cio__http_retry_after(h->value, time(NULL), &s) < 0)
		return;
	x->retry_after = s > CIO_NEVER / CIO_S(1) ? CIO_NEVER : CIO_S(s);
}

/* Memory for the body at once, as far as its announced length can be trusted. */
static int expect_body(struct exchange *x, const struct http1_parser *p)
{
	if (!p->has_body || p->content_length <= 0)
		return 0;
	uint64_t n = (uint64_t)p->content_length;
	if (n > x->s->o.max_body)
		return -CIO_ETOOLARGE;
	if (!x->r->keep_body)
		return 0;
	return cio_buf_reserve(&x->r->body, n < BODY_AHEAD ? n : BODY_AHEAD);
}

static int take_head(struct exchange *x, const struct http1_parser *p,
	cio_str text, int *interim)
{
	if (p->status == 101)
		return wrong(x, -CIO_EPROTOCOL,
			"it switches protocols and nobody asked for that");
	if (p->status < 200) {
		if (++*interim > MOST_INTERIM)
			return wrong(x, -CIO_EPROTOCOL,
				"interim answers (1xx) without an end");
		return 0;
	}
	x->phase = PHASE_BODY;
	x->r->status = p->status;
	if (p->status >= 400)
		note_retry_after(x, p);
	int err = keep_head(x->r, p, text);
	return err < 0 ? err : expect_body(x, p);
}

static int take_data(struct exchange *x, cio_str data)
{
	x->r->body_size += data.n;
	if (x->r->body_size > x->s->o.max_body)
		return -CIO_ETOOLARGE;
	if (!x->r->keep_body)
		return 0;
	return cio_buf_append(&x->r->body, data.p, data.n);
}

static int bad_answer(struct exchange *x, const struct http1_parser *p)
{
	bool large = p->error_status == 431 && x->phase < PHASE_BODY;
	return wrong(x, large ? -CIO_ETOOLARGE : -CIO_EPROTOCOL, p->error);
}

/* More bytes, or what their end means: < 0, or 1 if it completes the answer. */
static int more(struct exchange *x, struct connection *c)
{
	ssize_t n = cio_stream_fill(c->stream);
	if (n == -CIO_ETOOLARGE)
		return wrong(x, -CIO_ETOOLARGE, "no end within the buffer");
	if (n < 0)
		return (int)n;
	if (n > 0) {
		if (x->phase < PHASE_HEAD) {
			x->phase = PHASE_HEAD;
			x->r->time_starttransfer = cio_now() - x->begun;
		}
		return 0;
	}
	if (cio__http1_eof(&c->parser) == HTTP1_END)
		return 1;
	return wrong(x, -ECONNRESET, "the server closed the connection");
}

static int receive(struct exchange *x, struct connection *c)
{
	struct http1_parser *p = &c->parser;
	int interim = 0;
	int err = 0;
	x->phase = PHASE_WAIT;
	while (err == 0) {
		cio_str in = cio_stream_peek(c->stream);
		cio_str data;
		size_t used;
		enum http1_event e = cio__http1_next(p, in.p, in.n, &used,
			&data);
		if (e == HTTP1_HEAD)
			err = take_head(x, p, (cio_str){in.p, used}, &interim);
		else if (e == HTTP1_DATA)
			err = take_data(x, data);
		else if (e == HTTP1_ERROR)
			err = bad_answer(x, p);
		cio_stream_consume(c->stream, used);

		if (e == HTTP1_END && p->status >= 200)
			break;
		if (e == HTTP1_END)
			cio__http1_reset(p);
		else if (e == HTTP1_MORE)
			err = more(x, c);
	}
	return err < 0 ? err : 0;
}

int session_exchange(struct exchange *x, struct connection *c)
{
	const struct http1_limits limits = {.head = x->s->o.max_head};
	cio__http1_init(&c->parser, HTTP1_RESPONSE, c->headers, HTTP1_HEADERS,
		&limits);
	if (x->rq->method == CIO_HEAD)
		cio__http1_answers(&c->parser, HTTP1_TO_HEAD);

	int sent = send_request(x, c);
	/* A server may refuse a body before it has taken all of it, and close:
	 * then its answer is here, and says more than our broken write. */
	if (sent < 0 && sent != -EPIPE && sent != -ECONNRESET)
		return sent;
	int err = receive(x, c);
	if (sent < 0 && err < 0 && x->phase <= PHASE_WAIT &&
		(err == -EPIPE || err == -ECONNRESET)) {
		x->phase = PHASE_SEND;
		return wrong(x, sent, NULL);
	}
	x->keep = err == 0 && sent == 0 && c->parser.keep_alive &&
		cio_stream_peek(c->stream).n == 0;
	return err;
}
