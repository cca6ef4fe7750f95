/* SPDX-License-Identifier: MIT */
/*
 * http_date.c - the three notations, their limits, and Retry-After
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "wire/http_date.h"

enum { NOW = 1750000000 }; /* June 2025 */

static int64_t parse(const char *text)
{
	int64_t seconds = -1;
	int err = cio__http_date_parse(cio_str_of(text), NOW, &seconds);
	return err < 0 ? err : seconds;
}

static void test_three_forms(void **state)
{
	(void)state;
	assert_int_equal(parse("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
	assert_int_equal(parse("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
	assert_int_equal(parse("Sun Nov  6 08:49:37 1994"), 784111777);
	assert_int_equal(parse("Sun Nov 16 08:49:37 1994"), 784975777);
	assert_int_equal(parse("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	assert_int_equal(parse("Thu, 29 Feb 2024 23:59:60 GMT"), 1709251200);
	assert_int_equal(parse("Fri, 01 Jan 2100 00:00:00 GMT"), 4102444800);
}

/* Two digits: less than 50 years ahead of now, seen from 2025. */
static void test_century(void **state)
{
	(void)state;
	assert_int_equal(parse("Monday, 01-Jan-75 00:00:00 GMT"), 3313526400);
	assert_int_equal(parse("Monday, 01-Jan-76 00:00:00 GMT"), 189302400);
	assert_int_equal(parse("Monday, 01-Jan-00 00:00:00 GMT"), 946684800);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 00:60:00 GMT",
		"Sun, 06 Nov 1994 00:00:61 GMT", "Sun, 00 Nov 1994 00:00:00 GMT",
		"Sun, 31 Nov 1994 00:00:00 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
		"Thu, 29 Feb 2100 00:00:00 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994", "Sunday, 06 Nov 1994 08:49:37 GMT"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(parse(bad[i]), -EINVAL);
}

static void test_format(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} table[] = {
		{784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
		{0, "Thu, 01 Jan 1970 00:00:00 GMT"},
		{-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
		{1709210096, "Thu, 29 Feb 2024 12:34:56 GMT"},
		{253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
		{INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
		{INT64_MIN, "Mon, 01 Jan 0001 00:00:00 GMT"}};
	char text[HTTP_DATE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		cio__http_date_format(text, table[i].seconds);
		assert_string_equal(text, table[i].text);
	}
}

/* Each day of 400 years, and back. */
static void test_round_trip(void **state)
{
	char text[HTTP_DATE_BYTES];

	(void)state;
	for (int64_t day = -100000; day < 100000; day += 1) {
		int64_t seconds = day * 86400 + (day & 0xffff);
		cio__http_date_format(text, seconds);
		assert_int_equal(parse(text), seconds);
	}
}

static void test_retry_after(void **state)
{
	int64_t s = -1;
	cio_str soon = cio_str_of("Sun, 06 Nov 1994 08:49:37 GMT");

	(void)state;
	assert_int_equal(cio__http_retry_after(cio_str_of("120"), NOW, &s), 0);
	assert_int_equal(s, 120);
	assert_int_equal(cio__http_retry_after(soon, 784111770, &s), 0);
	assert_int_equal(s, 7);
	assert_int_equal(cio__http_retry_after(soon, NOW, &s), 0);
	assert_int_equal(s, 0);
	assert_int_equal(cio__http_retry_after(
		cio_str_of("99999999999999999999999"), NOW, &s), 0);
	assert_int_equal(s, INT32_MAX);
	s = -7;
	static const char *const bad[] = {"", "-1", "1.5", "+1", "1 s", "soon"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(cio__http_retry_after(cio_str_of(bad[i]), NOW,
						       &s), -EINVAL);
	assert_int_equal(s, -7); /* written only on success */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_forms),
		cmocka_unit_test(test_century),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_retry_after),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
