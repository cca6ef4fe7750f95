/* SPDX-License-Identifier: MIT */
/*
 * http1_splits.c - the way the bytes arrive must not matter
 *
 * Each stream is parsed at once, then in two parts for every place of the
 * cut, then byte by byte; each part in a block of exactly its size, at a new
 * address each time.
 */
#include "http1_feed.h"

#include <cio/buf.h>

#define HOST "Host: a\r\n"

static const char *const requests[] = {
	"GET / HTTP/1.1\r\n" HOST "\r\n",
	"\r\nPOST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"
	"GET /b?c HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
	"PUT /u HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	"Expect: 100-continue\r\n\r\n3;a=\"b\"\r\nabc\r\nA\r\n0123456789\r\n"
	"0\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n",
	"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nnot http",
	"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
	"GET / HTTP/1.1\r\n" HOST "X: a\nY: b\r\n\r\n",
	"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	"2\r\nabc\r\n",
	"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	"2\r\nab\r\n0\r\nHost: b\r\n\r\n",
	"\r\n\r\nGET / HTTP/1.1\r\n",
	"GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n"
	"\r\nhello",
};

static const char *const responses[] = {
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2"
	"\r\n\r\nhiHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304\r\n\r\n",
	"HTTP/1.0 200 OK\r\nA: b\r\n\r\neverything else\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
	"HTTP/1.1 200 OK\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
	"HTTP/1.1 20 OK\r\n\r\n",
};

/* The parser, what it has used so far, and what it said, as text. */
struct log {
	struct http1_parser p;
	struct http1_header headers[8];
	size_t used;
	cio_buf text;
};

static void say(struct log *l, const char *what, cio_str s)
{
	assert_int_equal(cio_buf_puts(&l->text, what), 0);
	assert_int_equal(cio_buf_append(&l->text, s.p, s.n), 0);
}

static void say_head(struct log *l)
{
	say(l, "\nHEAD ", l->p.method);
	say(l, " ", l->p.target);
	say(l, " ", l->p.reason);
	for (size_t i = 0; i < l->p.n_headers; i++) {
		say(l, "\n", l->headers[i].name);
		say(l, "=", l->headers[i].value);
	}
	say(l, "\n", (cio_str){0});
}

/* Offer in[used..have) until more is needed; false after an error. */
static bool offer(struct log *l, const char *in, size_t have)
{
	for (;;) {
		size_t n = have - l->used, used;
		char *block = malloc(n + 1);
		assert_non_null(block);
		/* The last byte of the block is the last of the input. */
		memcpy(block + 1, in + l->used, n);
		cio_str data;
		enum http1_event e = cio__http1_next(&l->p, block + 1, n,
						     &used, &data);
		assert_true(used <= n);
		if (e == HTTP1_HEAD)
			say_head(l);
		if (e == HTTP1_DATA)
			say(l, "", data);
		free(block);
		l->used += used;
		if (e == HTTP1_END) {
			say(l, "\nEND", (cio_str){0});
			cio__http1_reset(&l->p);
		}
		if (e == HTTP1_MORE)
			return true;
		if (e == HTTP1_ERROR)
			return false;
	}
}

static void begin(struct log *l, enum http1_kind kind)
{
	*l = (struct log){0};
	cio__http1_init(&l->p, kind, l->headers, 8, NULL);
}

static void finish(struct log *l)
{
	char place[64];
	bool end = cio__http1_eof(&l->p) == HTTP1_END;
	snprintf(place, sizeof place, "\n%d at %zu: ", end, l->used);
	say(l, place, cio_str_of(l->p.error));
}

static cio_buf in_two(enum http1_kind kind, const char *in, size_t cut)
{
	struct log l;

	begin(&l, kind);
	if (offer(&l, in, cut))
		offer(&l, in, strlen(in));
	finish(&l);
	return l.text;
}

static cio_buf in_bytes(enum http1_kind kind, const char *in)
{
	struct log l;
	bool go_on = true;

	begin(&l, kind);
	for (size_t have = 0; go_on && have <= strlen(in); have++)
		go_on = offer(&l, in, have);
	finish(&l);
	return l.text;
}

static void assert_same(const cio_buf *whole, cio_buf split)
{
	assert_string_equal(split.p, whole->p);
	cio_buf_finish(&split);
}

static void check(enum http1_kind kind, const char *in)
{
	cio_buf whole = in_two(kind, in, strlen(in));

	for (size_t cut = 0; cut < strlen(in); cut++)
		assert_same(&whole, in_two(kind, in, cut));
	assert_same(&whole, in_bytes(kind, in));
	cio_buf_finish(&whole);
}

static void test_requests_in_all_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		check(HTTP1_REQUEST, requests[i]);
}

static void test_responses_in_all_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++)
		check(HTTP1_RESPONSE, responses[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_in_all_splits),
		cmocka_unit_test(test_responses_in_all_splits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
