/* SPDX-License-Identifier: MIT */
/*
 * json_text.c - JSON literals of any bytes
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "wire/json_text.h"

#define assert_json(in, size, out)                                             \
	do {                                                                   \
		cio_buf b_ = {0};                                              \
		assert_int_equal(cio__json_string(&b_, (cio_str){in, size}),   \
				 0);                                           \
		assert_string_equal(b_.p, out);                                \
		cio_buf_finish(&b_);                                           \
	} while (0)

#define assert_number(d, out)                                                  \
	do {                                                                   \
		cio_buf b_ = {0};                                              \
		assert_int_equal(cio__json_double(&b_, d), 0);                 \
		assert_string_equal(b_.p, out);                                \
		cio_buf_finish(&b_);                                           \
	} while (0)

static void test_escapes(void **state)
{
	(void)state;
	assert_json(NULL, 0, "\"\"");
	assert_json("plain", 5, "\"plain\"");
	assert_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
	assert_json("\n\r\t", 3, "\"\\n\\r\\t\"");
	assert_json("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
	assert_json("\xe2\x80\xa8|\xe2\x80\xa9", 7, "\"\\u2028|\\u2029\"");
	assert_json("\xe2\x80\xa7", 3, "\"\xe2\x80\xa7\"");
}

#define FFFD "\xef\xbf\xbd"

static void test_utf8(void **state)
{
	(void)state;
	assert_json("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
		    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	assert_json("\x80", 1, "\"" FFFD "\"");
	assert_json("\xc0\x80", 2, "\"" FFFD FFFD "\"");	 /* overlong */
	assert_json("\xe0\x9f\xbf", 3, "\"" FFFD FFFD FFFD "\""); /* overlong */
	assert_json("\xed\xa0\x80", 3, "\"" FFFD FFFD FFFD "\""); /* surrogate */
	assert_json("\xf4\x90\x80\x80", 4, "\"" FFFD FFFD FFFD FFFD "\"");
	assert_json("a\xe2\x82", 3, "\"a" FFFD FFFD "\""); /* cut off */
	assert_json("\xe2\"\xff", 3, "\"" FFFD "\\\"" FFFD "\"");
}

static void test_numbers(void **state)
{
	(void)state;
	assert_number(0.0, "0");
	assert_number(1.5, "1.5");
	assert_number(0.1, "0.1");
	assert_number(-3.0, "-3");
	assert_number(1.0 / 3, "0.3333333333333333");
	assert_number(1e300, "1e+300");
	assert_number(1e308 * 10, "null");
	assert_number(-1e308 * 10, "null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
