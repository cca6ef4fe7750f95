/* SPDX-License-Identifier: MIT */
/*
 * json_text.c - fuzz the JSON writer
 *
 * A literal is one line of valid UTF-8 in quotes whose undone escapes give the
 * input back, but for broken bytes, which have become U+FFFD. A number reads
 * back as the same double.
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire/chars.h"
#include "wire/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

/* What the literal must mean. */
static void expect(cio_buf *b, cio_str s)
{
	while (s.n > 0) {
		size_t n = cio__utf8_length(s);
		if (n > 0)
			CHECK(cio_buf_append(b, s.p, n) == 0);
		else
			CHECK(cio_buf_puts(b, "\xef\xbf\xbd") == 0);
		s = cio__after(s, n > 0 ? n : 1);
	}
}

/* Undo one escape at s.p; how long it was. */
static size_t undo(cio_buf *b, cio_str s)
{
	static const char from[] = "\"\\nrt", to[] = "\"\\\n\r\t";
	CHECK(s.n >= 2);
	const char *at = strchr(from, s.p[1]);
	if (s.p[1] != '\0' && at != NULL) {
		CHECK(cio_buf_append(b, &to[at - from], 1) == 0);
		return 2;
	}
	CHECK(s.p[1] == 'u' && s.n >= 6);
	unsigned code = 0;
	for (int i = 2; i < 6; i++) {
		CHECK(cio__char_is(s.p[i], CHAR_HEX));
		code = code * 16 + cio__hex(s.p[i]);
	}
	CHECK(code < 0x20 || code == 0x7f || code == 0x2028 || code == 0x2029);
	char low = (char)code;
	if (code < 0x80)
		CHECK(cio_buf_append(b, &low, 1) == 0);
	else
		CHECK(cio_buf_puts(b, code == 0x2028 ? "\xe2\x80\xa8"
						     : "\xe2\x80\xa9") == 0);
	return 6;
}

static void read_back(cio_buf *b, cio_str s)
{
	while (s.n > 0) {
		size_t n = cio__utf8_length(s);
		CHECK(n > 0 && (unsigned char)s.p[0] >= 0x20 && s.p[0] != '"');
		if (s.p[0] == '\\')
			n = undo(b, s);
		else
			CHECK(cio_buf_append(b, s.p, n) == 0);
		s = cio__after(s, n);
	}
}

static void check_double(const uint8_t *data)
{
	cio_buf b = {0};
	double d;

	memcpy(&d, data, sizeof d);
	CHECK(cio__json_double(&b, d) == 0);
	if (d - d != 0)
		CHECK(strcmp(b.p, "null") == 0);
	else
		CHECK(!(strtod(b.p, NULL) < d) && !(strtod(b.p, NULL) > d));
	cio_buf_finish(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cio_buf literal = {0}, meant = {0}, got = {0};
	cio_str s = {(const char *)data, n};

	CHECK(cio__json_string(&literal, s) == 0);
	CHECK(literal.n >= 2 && literal.p[0] == '"' &&
	      literal.p[literal.n - 1] == '"');
	expect(&meant, s);
	read_back(&got, (cio_str){literal.p + 1, literal.n - 2});
	CHECK(cio_str_equal(cio_buf_view(&meant), cio_buf_view(&got)));
	if (n >= sizeof(double))
		check_double(data);
	cio_buf_finish(&literal);
	cio_buf_finish(&meant);
	cio_buf_finish(&got);
	return 0;
}
