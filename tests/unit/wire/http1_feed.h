/* SPDX-License-Identifier: MIT */
/*
 * http1_feed.h - what the tests of the HTTP/1.1 parser have in common
 */
#ifndef CIO_TEST_HTTP1_FEED_H
#define CIO_TEST_HTTP1_FEED_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/http1.h"

enum { FEED_HEADERS = 100, FEED_BODY = 4096 };

/* What became of the first message of a stream that was given at once. */
struct fed {
	struct http1_parser p;
	struct http1_header headers[FEED_HEADERS];
	enum http1_event last; /* HTTP1_END, or why there was none */
	bool head;
	char body[FEED_BODY];
	size_t n_body, used;
};

static inline void feed_bytes(struct fed *f, const char *in, size_t n)
{
	for (;;) {
		size_t used;
		cio_str data;
		f->last = cio__http1_next(&f->p, in + f->used, n - f->used,
					  &used, &data);
		f->used += used;
		f->head |= f->last == HTTP1_HEAD;
		if (f->last == HTTP1_DATA) {
			assert_true(f->n_body + data.n <= FEED_BODY);
			memcpy(f->body + f->n_body, data.p, data.n);
			f->n_body += data.n;
		} else if (f->last != HTTP1_HEAD) {
			return;
		}
	}
}

static inline void feed(struct fed *f, enum http1_kind kind, const char *in)
{
	*f = (struct fed){0};
	cio__http1_init(&f->p, kind, f->headers, FEED_HEADERS, NULL);
	feed_bytes(f, in, strlen(in));
}

/* The whole text is one message, and its body is `body`. */
#define assert_taken(f, kind, in, text)                                        \
	do {                                                                   \
		feed(f, kind, in);                                             \
		if ((f)->last == HTTP1_ERROR)                                  \
			fail_msg("refused: %s", (f)->p.error);                 \
		assert_int_equal((f)->last, HTTP1_END);                        \
		assert_int_equal((f)->used, strlen(in));                       \
		assert_int_equal((f)->n_body, strlen(text));                   \
		assert_memory_equal((f)->body, text, strlen(text));            \
	} while (0)

/* It is refused, with that status for the peer. */
#define assert_refused(kind, in, status)                                       \
	do {                                                                   \
		struct fed f_;                                                 \
		feed(&f_, kind, in);                                           \
		if (f_.last != HTTP1_ERROR)                                    \
			fail_msg("not refused: %s", in);                       \
		assert_non_null(f_.p.error);                                   \
		if (f_.p.error_status != (status))                             \
			fail_msg("%d %s", f_.p.error_status, f_.p.error);      \
	} while (0)

#endif
