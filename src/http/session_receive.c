/* SPDX-License-Identifier: MIT */
/*
 * session_receive.c - the answer, from a connection
 *
 * A connection is kept only if the exchange came to its very end: the request
 * went out whole, the answer is complete, and not a byte came after it. Bytes
 * that nobody asked for would be taken for the answer to the next request.
 */
#include <errno.h>
#include <time.h>

#include "base/mem.h"
#include "http/session.h"
#include "wire/http_date.h"

enum {
	MOST_INTERIM = 16,        /* 1xx answers before the real one */
	BODY_AHEAD = 1024 * 1024, /* most memory taken on a length's word */
	TURN_BYTES = 512 * 1024,  /* undone in one turn of the loop */
};

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

/* ---- the head ---- */

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
	if (!p->has_body || p->content_length <= 0 || x->drop)
		return 0;
	uint64_t n = (uint64_t)p->content_length;
	if (n > x->s->o.max_wire)
		return session_wrong(x, -CIO_ETOOLARGE, "max_wire");
	if (!x->r->keep_body || x->reading)
		return 0;
	return cio_buf_reserve(&x->r->body, n < BODY_AHEAD ? n : BODY_AHEAD);
}

static int take_interim(struct exchange *x, int status, int *interim)
{
	if (status == 101)
		return session_wrong(x, -CIO_EPROTOCOL,
			"it switches protocols and nobody asked for that");
	if (++*interim > MOST_INTERIM)
		return session_wrong(x, -CIO_EPROTOCOL,
			"interim answers (1xx) without an end");
	if (status == 100) {
		x->continued = true;
		cio_event_set(&x->go_on);
	}
	return 0;
}

static int begin_decoding(struct exchange *x);

static int take_head(struct exchange *x, cio_str text, int *interim)
{
	const struct http1_parser *p = &x->c->parser;
	if (p->status < 200)
		return take_interim(x, p->status, interim);
	x->phase = PHASE_BODY;
	x->r->status = p->status;
	if (p->status >= 400)
		note_retry_after(x, p);
	int err = keep_head(x->r, p, text);
	if (err < 0)
		return err;
	err = session_take_cookies(x);
	err = err < 0 ? err : session_take_nonce(x);
	if (err < 0)
		return err;
	x->drop = session_goes_on(x);
	session_trace(x, CIO_HTTP_EVENT_HEAD);
	session_limit(x, x->s->o.read_timeout, "read_timeout");
	err = expect_body(x, p);
	return err < 0 ? err : begin_decoding(x);
}

/* ---- events ---- */

static int bad_answer(struct exchange *x)
{
	const struct http1_parser *p = &x->c->parser;
	bool large = p->error_status == 431 && x->phase < PHASE_BODY;
	return session_wrong(x, large ? -CIO_ETOOLARGE : -CIO_EPROTOCOL,
		p->error);
}

static void first_byte(struct exchange *x)
{
	x->phase = PHASE_HEAD;
	x->r->time_starttransfer = cio_now() - x->begun;
	session_trace(x, CIO_HTTP_EVENT_FIRST_BYTE);
}

/* More bytes, or what their end means: < 0, or 1 if it completes the answer. */
static int more(struct exchange *x)
{
	struct connection *c = x->c;
	ssize_t n = cio_stream_fill(c->stream);
	if (n == -CIO_ETOOLARGE)
		return session_wrong(x, -CIO_ETOOLARGE, "no end within the buffer");
	if (n == -CIO_EEOF)
		return session_wrong(x, -ECONNRESET, "the server closed the "
			"connection without TLS's goodbye");
	if (n < 0)
		return (int)n;
	if (n > 0) {
		if (x->phase < PHASE_HEAD)
			first_byte(x);
		/* a server that is still being sent to need not say anything */
		if (x->whole || x->phase == PHASE_BODY)
			session_limit(x, x->s->o.read_timeout, "read_timeout");
		return 0;
	}
	if (cio__http1_eof(&c->parser) == HTTP1_END)
		return 1;
	return session_wrong(x, -ECONNRESET, "the server closed the connection");
}

/* The next event but HTTP1_MORE; its bytes are consumed by the next call. < 0. */
static int next_event(struct exchange *x, cio_str *in, cio_str *data)
{
	struct connection *c = x->c;
	for (;;) {
		cio_stream_consume(c->stream, x->used);
		*in = cio_stream_peek(c->stream);
		enum http1_event e = cio__http1_next(&c->parser, in->p, in->n,
			&x->used, data);
		in->n = x->used;
		if (e == HTTP1_ERROR)
			return bad_answer(x);
		if (e != HTTP1_MORE)
			return (int)e;
		cio_stream_consume(c->stream, x->used);
		x->used = 0;
		int err = more(x);
		if (err != 0)
			return err < 0 ? err : HTTP1_END;
	}
}

/* The table of headers is large, and needed only while a head comes in, mostly
 * without a wait: the session keeps one, who finds it gone makes another. */
static struct http1_header *take_table(cio_http_session *s)
{
	struct http1_header *table = s->table;
	s->table = NULL;
	return table != NULL ? table : cio__alloc(HTTP1_HEADERS * sizeof *table);
}

static void give_table(cio_http_session *s, struct http1_header *table)
{
	if (s->table == NULL)
		s->table = table;
	else
		cio__free(table);
}

static int parse_head(struct exchange *x, struct http1_header *table)
{
	struct connection *c = x->c;
	const struct http1_limits limits = {.head = x->s->o.max_head};
	cio__http1_init(&c->parser, HTTP1_RESPONSE, table, HTTP1_HEADERS,
		&limits);
	if (x->method == CIO_HEAD)
		cio__http1_answers(&c->parser, HTTP1_TO_HEAD);
	int interim = 0;
	while (x->r->status == 0) {
		cio_str in, none;
		int e = next_event(x, &in, &none);
		if (e == HTTP1_HEAD)
			e = take_head(x, in, &interim);
		else if (e == HTTP1_END)
			cio__http1_reset(&c->parser);
		if (e < 0)
			return e;
	}
	return 0;
}

/* Nothing of it is here yet: 0 if it is now. */
static int await_head(struct exchange *x)
{
	if (cio_stream_peek(x->c->stream).n > 0)
		return 0;
	cio__http1_init(&x->c->parser, HTTP1_RESPONSE, NULL, 0, NULL);
	return more(x);
}

int session_receive_head(struct exchange *x)
{
	int err = await_head(x);
	if (err < 0)
		return err;
	struct http1_header *table = take_table(x->s);
	if (table == NULL)
		return -ENOMEM;
	err = parse_head(x, table);
	x->c->parser.headers = NULL;
	x->c->parser.n_headers = 0;
	give_table(x->s, table);
	return err;
}

/* ---- the body ---- */

static int complete(struct exchange *x)
{
	struct connection *c = x->c;
	cio_stream_consume(c->stream, x->used);
	x->used = 0;
	x->keep = x->whole && x->send_err == 0 && c->parser.keep_alive &&
		cio_stream_peek(c->stream).n == 0;
	session_trace(x, CIO_HTTP_EVENT_RECEIVED);
	return 0;
}

int session_next(struct exchange *x, cio_str *data)
{
	cio_str in;
	int e = next_event(x, &in, data);
	if (e == HTTP1_END)
		return complete(x);
	if (e < 0)
		return e;
	x->r->wire_size += data->n;
	return 1;
}

/* ---- as it is to be seen ---- */

static int begin_decoding(struct exchange *x)
{
	const struct http1_parser *p = &x->c->parser;
	const struct http1_header *h = cio__http1_find(p->headers, p->n_headers,
		"Content-Encoding");
	if (h == NULL || !p->has_body || x->drop || x->s->o.no_decode ||
		session_asks_range(x))
		return 0;
	int err = decoder_open(&x->decoder, h->value, &x->wrong);
	if (err < 0 || x->decoder == NULL)
		return err;
	decoder_set_limit(x->decoder, x->s->o.max_body);
	x->raw = (cio_str){0};
	x->plain = cio__alloc(PLAIN_BYTES);
	return x->plain != NULL ? 0 : -ENOMEM;
}

void session_end_body(struct exchange *x)
{
	decoder_close(x->decoder);
	cio__free(x->plain);
	x->decoder = NULL;
	x->plain = NULL;
}

/* A little that came can be a lot to undo: the others have their turn. */
static int take_turns(struct exchange *x)
{
	if (x->in_turn < TURN_BYTES)
		return 0;
	x->in_turn = 0;
	return cio_yield();
}

static int next_plain(struct exchange *x, cio_str *data)
{
	if (x->decoder == NULL)
		return session_next(x, data);
	for (;;) {
		int err = take_turns(x);
		if (err < 0)
			return err;
		ssize_t n = decoder_read(x->decoder, &x->raw, x->plain,
			PLAIN_BYTES, &x->wrong);
		*data = (cio_str){x->plain, n > 0 ? (size_t)n : 0};
		x->in_turn += data->n;
		if (n != 0)
			return n > 0 ? 1 : (int)n;
		int came = session_next(x, &x->raw);
		if (came == 0)
			return decoder_end(x->decoder, &x->wrong);
		if (came < 0)
			return came;
		if (x->r->wire_size > x->s->o.max_wire)
			return session_wrong(x, -CIO_ETOOLARGE, "max_wire");
	}
}

int session_body(struct exchange *x, cio_str *data)
{
	int came = next_plain(x, data);
	if (came <= 0)
		return came;
	x->r->body_size += data->n;
	if (x->r->body_size > x->s->o.max_body)
		return session_wrong(x, -CIO_ETOOLARGE, "max_body");
	if (x->r->wire_size > x->s->o.max_wire)
		return session_wrong(x, -CIO_ETOOLARGE, "max_wire");
	return 1;
}

/* Read what is for nobody, if that is cheaper than another connection. */
static int skip(struct exchange *x)
{
	cio_scope s;
	cio_str data;
	int err;
	if (!x->whole || x->c->parser.content_length > DROP_MOST)
		return 0;
	cio_scope_begin(&s, cio_time_after(DROP_WAIT));
	do
		err = session_next(x, &data);
	while (err > 0 && x->r->wire_size <= DROP_MOST);
	err = cio_scope_end(&s, err);
	return err < 0 && cio_refused() < 0 ? err : 0;
}

int session_receive_body(struct exchange *x)
{
	if (x->drop)
		return skip(x);
	cio_str data;
	int err = session_body(x, &data);
	for (; err > 0; err = session_body(x, &data)) {
		if (!x->r->keep_body)
			continue;
		err = cio_buf_append(&x->r->body, data.p, data.n);
		if (err < 0)
			break;
	}
	return err;
}
