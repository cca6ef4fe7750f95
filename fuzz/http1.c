/* SPDX-License-Identifier: MIT */
/*
 * http1.c - fuzz the HTTP/1.1 parser
 *
 * The first byte chooses: bit 0 a response, bits 1-2 what it answers, bit 3
 * small limits, bits 4-7 where to split. The rest is a stream of messages.
 *
 * Properties:
 *  1. all at once, byte by byte and in odd pieces give the same events;
 *  2. nothing outside of the input is read: each call gets an exact copy;
 *  3. whatever we accept as a whole message, llhttp accepts as well, with the
 *     same first line, headers and body. The other way round is not expected,
 *     we are stricter.
 */
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cio/buf.h>

#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

enum { HEADERS = 16, LONGEST = 4096 };

struct setting {
	enum http1_kind kind;
	enum http1_answers answers;
	struct http1_limits limits;
	size_t headers;
};

static void put(cio_buf *b, cio_str s)
{
	CHECK(cio_buf_append(b, s.p, s.n) == 0);
}

static void puts_to(cio_buf *b, const char *s)
{
	put(b, cio_str_of(s));
}

/* ---- property 3: llhttp as a second opinion ---- */

/* One message in a common notation: first line, "name: value" lines, an
 * empty line, body. */
struct opinion {
	llhttp_t parser;
	const struct setting *setting;
	cio_buf first, headers, value, body;
	bool head_done, complete;
};

static int on_first(llhttp_t *l, const char *p, size_t n)
{
	put(&((struct opinion *)l->data)->first, (cio_str){p, n});
	return 0;
}

static int on_name(llhttp_t *l, const char *p, size_t n)
{
	struct opinion *o = l->data;
	if (!o->head_done)
		put(&o->headers, (cio_str){p, n});
	return 0;
}

static int on_value(llhttp_t *l, const char *p, size_t n)
{
	put(&((struct opinion *)l->data)->value, (cio_str){p, n});
	return 0;
}

/* llhttp leaves blanks at the end of values for its caller to trim. */
static int on_value_end(llhttp_t *l)
{
	struct opinion *o = l->data;
	cio_str v = cio_buf_view(&o->value);

	while (v.n > 0 && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	if (!o->head_done) {
		puts_to(&o->headers, ": ");
		put(&o->headers, v);
		puts_to(&o->headers, "\n");
	}
	cio_buf_clear(&o->value);
	return 0;
}

/* llhttp trusts framing headers of responses that cannot have a body (RFC
 * 9112 6.3 does not), so it must be told, as for HEAD and CONNECT. */
static int on_head_end(llhttp_t *l)
{
	struct opinion *o = l->data;
	int status = l->status_code;

	o->head_done = true;
	if (o->setting->kind == HTTP1_REQUEST)
		return 0;
	if (o->setting->answers == HTTP1_TO_CONNECT && status / 100 == 2)
		return 2;
	return o->setting->answers == HTTP1_TO_HEAD || status < 200 ||
	       status == 204 || status == 304;
}

static int on_body(llhttp_t *l, const char *p, size_t n)
{
	put(&((struct opinion *)l->data)->body, (cio_str){p, n});
	return 0;
}

static int on_end(llhttp_t *l)
{
	((struct opinion *)l->data)->complete = true;
	return 0;
}

static void format_head(cio_buf *b, const struct http1_parser *p)
{
	for (size_t i = 0; i < p->n_headers; i++) {
		put(b, p->headers[i].name);
		puts_to(b, ": ");
		put(b, p->headers[i].value);
		puts_to(b, "\n");
	}
}

/* llhttp knows a fixed list of methods and accepts some of them only for RTSP
 * or as the preface of HTTP/2; we take any token, the router refuses. */
static bool unknown_method(const struct setting *s, cio_str method)
{
	if (s->kind == HTTP1_RESPONSE)
		return false;
	for (int i = 0; i <= HTTP_SOURCE; i++) {
		const char *name = llhttp_method_name((llhttp_method_t)i);
		if (i != HTTP_PRI && cio_str_equal(method, cio_str_of(name)))
			return false;
	}
	return true;
}

/* llhttp 8.1 does not read all that RFC 9112 7.1.1 allows in a chunk line: not
 * a further extension after one with a value, nor an escape in a quoted value.
 * Any line of the message that begins like that counts, chunk data as well,
 * which only makes the exception a little wider. */
static bool rich_extensions(const struct http1_parser *p, cio_str message)
{
	while (p->chunked && message.n > 0) {
		const char *end = memchr(message.p, '\n', message.n);
		size_t n = end != NULL ? (size_t)(end - message.p) + 1
				       : message.n;
		const char *value = memchr(message.p, '=', n);
		if (memchr(message.p, ';', n) != NULL && value != NULL &&
		    (memchr(message.p, '\\', n) != NULL ||
		     memchr(value, ';',
			    n - (size_t)(value - message.p)) != NULL))
			return true;
		message = (cio_str){message.p + n, message.n - n};
	}
	return false;
}

/* Nor does it take a tab after a Content-Length, which RFC 9112 5 allows. */
static bool tab_after_length(cio_str message)
{
	static const char name[] = "content-length:";
	while (message.n > 0) {
		const char *end = memchr(message.p, '\n', message.n);
		size_t n = end != NULL ? (size_t)(end - message.p) + 1
				       : message.n;
		if (n >= sizeof name - 1 &&
		    strncasecmp(message.p, name, sizeof name - 1) == 0 &&
		    memchr(message.p, '\t', n) != NULL)
			return true;
		message = (cio_str){message.p + n, message.n - n};
	}
	return false;
}

/* A message as we have read it. */
struct ours {
	cio_str whole, method, first, headers, body;
};

static void second_opinion(const struct setting *s,
			   const struct http1_parser *p, const struct ours *m)
{
	llhttp_settings_t callbacks;
	struct opinion o = {.setting = s};

	llhttp_settings_init(&callbacks);
	callbacks.on_url = on_first;
	callbacks.on_status = on_first;
	callbacks.on_header_field = on_name;
	callbacks.on_header_value = on_value;
	callbacks.on_header_value_complete = on_value_end;
	callbacks.on_headers_complete = on_head_end;
	callbacks.on_body = on_body;
	callbacks.on_message_complete = on_end;
	llhttp_init(&o.parser, s->kind == HTTP1_REQUEST ? HTTP_REQUEST
							: HTTP_RESPONSE,
		    &callbacks);
	o.parser.data = &o;
	llhttp_errno_t err = llhttp_execute(&o.parser, m->whole.p, m->whole.n);
	if (err == HPE_OK && p->until_close)
		err = llhttp_finish(&o.parser);
	if (err != HPE_OK && err != HPE_PAUSED_UPGRADE)
		fprintf(stderr, "llhttp: %s %s\n", llhttp_errno_name(err),
			o.parser.reason);
	CHECK(err == HPE_OK || err == HPE_PAUSED_UPGRADE);
	CHECK(o.complete);
	CHECK(cio_str_equal(cio_buf_view(&o.first), m->first));
	CHECK(cio_str_equal(cio_buf_view(&o.headers), m->headers));
	CHECK(cio_str_equal(cio_buf_view(&o.body), m->body));
	CHECK(o.parser.http_major == 1 && o.parser.http_minor == p->minor);
	if (s->kind == HTTP1_RESPONSE)
		CHECK(o.parser.status_code == p->status);
	else
		CHECK(cio_str_equal(
			cio_str_of(llhttp_method_name(
				(llhttp_method_t)o.parser.method)),
			m->method));
	cio_buf_finish(&o.first);
	cio_buf_finish(&o.headers);
	cio_buf_finish(&o.value);
	cio_buf_finish(&o.body);
}

/* ---- properties 1 and 2: the stream in pieces ---- */

/* What happened, as text: DATA as the bytes themselves, so that adjacent
 * pieces join; everything else as a line. */
struct run {
	const struct setting *setting;
	struct http1_header headers[HEADERS];
	struct http1_parser parser;
	const char *in;
	size_t n, done, start; /* used; where this message began */
	cio_buf log;
	/* the message at hand, for the second opinion */
	cio_buf method, first, heads, body;
};

static void log_head(struct run *r)
{
	const struct http1_parser *p = &r->parser;
	CHECK(cio_buf_printf(
		      &r->log, "HEAD %d %d %lld %d%d%d%d%d%d\n", p->status,
		      p->minor, (long long)p->content_length, p->has_body,
		      p->chunked, p->until_close, p->keep_alive,
		      p->expect_continue, p->upgrade) == 0);
	put(&r->method, p->method);
	put(&r->first, p->kind == HTTP1_REQUEST ? p->target : p->reason);
	format_head(&r->heads, p);
	put(&r->log, p->method);
	puts_to(&r->log, " ");
	put(&r->log, cio_buf_view(&r->first));
	puts_to(&r->log, "\n");
	put(&r->log, cio_buf_view(&r->heads));
}

static void message_end(struct run *r, bool compare)
{
	struct ours m = {
		.whole = {r->in + r->start, r->done - r->start},
		.method = cio_buf_view(&r->method),
		.first = cio_buf_view(&r->first),
		.headers = cio_buf_view(&r->heads),
		.body = cio_buf_view(&r->body),
	};

	puts_to(&r->log, "\nEND\n");
	if (compare && !unknown_method(r->setting, m.method) &&
	    !rich_extensions(&r->parser, m.whole) &&
	    !tab_after_length(m.whole))
		second_opinion(r->setting, &r->parser, &m);
	cio_buf_clear(&r->method);
	cio_buf_clear(&r->first);
	cio_buf_clear(&r->heads);
	cio_buf_clear(&r->body);
	r->start = r->done;
}

/* Offer in[done..have) once; false when the parser wants more or gives up. */
static bool step(struct run *r, size_t have, bool compare)
{
	size_t n = have - r->done, used = SIZE_MAX;
	cio_str data = {0};
	char *exact = malloc(n > 0 ? n : 1);
	CHECK(exact != NULL);
	memcpy(exact, r->in + r->done, n);

	enum http1_event e = cio__http1_next(&r->parser, n > 0 ? exact : NULL,
					     n, &used, &data);
	CHECK(used <= n);
	if (e == HTTP1_HEAD)
		log_head(r);
	if (e == HTTP1_DATA) {
		CHECK(data.n > 0 && data.p >= exact &&
		      data.p + data.n <= exact + used);
		put(&r->log, data);
		put(&r->body, data);
	}
	free(exact);
	r->done += used;
	if (e == HTTP1_END) {
		message_end(r, compare);
		cio__http1_reset(&r->parser);
		return r->done < have;
	}
	return e == HTTP1_HEAD || e == HTTP1_DATA;
}

static void finish(struct run *r, bool compare)
{
	bool failed = r->parser.error != NULL;
	bool idle = cio__http1_idle(&r->parser);

	enum http1_event e = cio__http1_eof(&r->parser);
	CHECK(e == HTTP1_END || e == HTTP1_ERROR);
	if (e == HTTP1_END)
		message_end(r, compare);
	CHECK(cio_buf_printf(&r->log, "eof %d failed %d idle %d: %d %s at %zu",
			     (int)e, failed, idle, r->parser.error_status,
			     r->parser.error != NULL ? r->parser.error : "-",
			     r->done) == 0);
}

/* `piece` bytes at a time, 0 for all at once; odd sizes if `odd` is not 0. */
static cio_buf run(const struct setting *s, const char *in, size_t n,
		   size_t piece, unsigned odd)
{
	struct run r = {.setting = s, .in = in, .n = n};
	size_t have = piece == 0 ? n : 0;

	cio__http1_init(&r.parser, s->kind, r.headers, s->headers, &s->limits);
	if (s->kind == HTTP1_RESPONSE)
		cio__http1_answers(&r.parser, s->answers);
	for (;;) {
		while (step(&r, have, piece == 0))
			;
		if (have == n || r.parser.error != NULL)
			break;
		odd = odd * 1103515245 + 12345;
		have += piece + (odd != 0 ? odd / 65536 % piece : 0);
		have = have > n ? n : have;
	}
	finish(&r, piece == 0);
	cio_buf_finish(&r.method);
	cio_buf_finish(&r.first);
	cio_buf_finish(&r.heads);
	cio_buf_finish(&r.body);
	return r.log;
}

static void same(const cio_buf *whole, cio_buf split)
{
	if (!cio_str_equal(cio_buf_view(whole), cio_buf_view(&split)))
		fprintf(stderr, "--- whole\n%s\n--- split\n%s\n", whole->p,
			split.p);
	CHECK(cio_str_equal(cio_buf_view(whole), cio_buf_view(&split)));
	cio_buf_finish(&split);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum http1_answers answers[] = {
		HTTP1_TO_ANY, HTTP1_TO_HEAD, HTTP1_TO_CONNECT, HTTP1_TO_ANY};
	static const struct http1_limits small = {120, 24, 12, 32, 40};

	if (n == 0 || n > LONGEST)
		return 0;
	unsigned c = data[0];
	struct setting s = {
		.kind = c & 1 ? HTTP1_RESPONSE : HTTP1_REQUEST,
		.answers = answers[c >> 1 & 3],
		.headers = c & 8 ? 4 : HEADERS,
	};
	if (c & 8)
		s.limits = small;
	const char *in = (const char *)data + 1;
	n--;

	cio_buf whole = run(&s, in, n, 0, 0);
	same(&whole, run(&s, in, n, 1, 0));
	same(&whole, run(&s, in, n, 2 + (c >> 4), 0));
	same(&whole, run(&s, in, n, 7, c));
	cio_buf_finish(&whole);
	return 0;
}
