/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * json_read.c - the reader of JSON lines: strict, and no byte outside the line
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "../../../cmd/cio/json_read.c"

/* In memory that ends with the line. */
static int members(const char *line, int *count)
{
	size_t n = strlen(line);
	char *copy = malloc(n + (n == 0));
	struct json_reader r;
	struct json_member m;
	int more;
	assert_non_null(copy);
	memcpy(copy, line, n);
	*count = 0;
	json_open(&r, (cio_str){copy, n});
	while ((more = json_next(&r, &m)) > 0)
		++*count;
	assert_true((more < 0) == (r.wrong != NULL));
	free(copy);
	return more;
}

static void test_good(void **state)
{
	static const struct {
		const char *line;
		int count;
	} good[] = {
		{"{}", 0},
		{" { } \r", 0},
		{"{\"a\":1}", 1},
		{"{\"a\":-0.5e+10,\"b\":0,\"c\":1E2}", 3},
		{"{\"a\" : true , \"b\":false,\"c\":null}", 3},
		{"{\"a\":{\"b\":[1,{\"c\":[]}],\"d\":{}}}", 1},
		{"{\"\\u00e9\\n\":\"\\\"\\\\\\/\"}", 1},
	};
	int n;
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(members(good[i].line, &n), 0);
		assert_int_equal(n, good[i].count);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {"", "[]", "1", "{", "{\"", "{\"a",
		"{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{,}", "{a:1}",
		"{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}",
		"{\"a\":1e}", "{\"a\":-}", "{\"a\":tru}", "{\"a\":True}",
		"{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":[1,]}",
		"{\"a\":[1}", "{\"a\":1}{}", "{\"a\":1} x", "{\"a\" 1}",
		"{\"a\":1 \"b\":2}", "{\"a\":NaN}"};
	int n;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (members(bad[i], &n) != -1)
			fail_msg("taken: %s", bad[i]);
}

static void test_depth(void **state)
{
	char line[4000] = "{\"a\":";
	int n;
	(void)state;
	memset(line + 5, '[', 3000);
	assert_int_equal(members(line, &n), -1);
}

static void assert_text(const char *value, const char *wanted)
{
	cio_buf b = {0};
	int err = json_text(&b, cio_str_of(value));
	if (wanted == NULL) {
		assert_int_equal(err, -EINVAL);
	} else {
		assert_int_equal(err, 0);
		assert_string_equal(b.p, wanted);
	}
	cio_buf_finish(&b);
}

static void test_text(void **state)
{
	(void)state;
	assert_text("\"plain\"", "plain");
	assert_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	assert_text("\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac");
	assert_text("\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!");
	assert_text("\"\\ud83d\"", NULL);
	assert_text("\"\\ud83dx\"", NULL);
	assert_text("\"\\ud83d\\u0041\"", NULL);
	assert_text("\"\\ude00\"", NULL);
	assert_text("\"a\\u0000b\"", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
