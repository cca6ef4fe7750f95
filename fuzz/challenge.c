/* SPDX-License-Identifier: MIT */
/*
 * challenge.c - fuzz WWW-Authenticate: it ends, its views lie within the input,
 * and a value that is quoted again is read as the same
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

static void quote_again(cio_str value)
{
	cio_buf plain = {0}, text = {0}, again = {0};
	struct challenge c;
	cio_str found, rest;

	CHECK(cio__challenge_unescape(&plain, value) == 0);
	CHECK(cio_buf_puts(&text, "X a=") == 0);
	CHECK(cio__challenge_quote(&text, cio_buf_view(&plain)) == 0);
	rest = cio_buf_view(&text);
	CHECK(cio__challenge_next(&rest, &c));
	CHECK(cio__challenge_get(&c, "A", &found));
	CHECK(cio__challenge_unescape(&again, found) == 0);
	CHECK(cio_str_equal(cio_buf_view(&plain), cio_buf_view(&again)));
	cio_buf_finish(&plain);
	cio_buf_finish(&text);
	cio_buf_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cio_str text = {(const char *)data, n}, rest = text, value;
	struct challenge c;

	for (size_t rounds = 0; cio__challenge_next(&rest, &c); rounds++) {
		CHECK(rounds <= n && c.scheme.n > 0);
		CHECK(c.scheme.p >= text.p &&
			c.params.p + c.params.n <= text.p + text.n);
		if (cio__challenge_get(&c, "realm", &value))
			quote_again(value);
	}
	return 0;
}
