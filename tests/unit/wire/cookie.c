/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * cookie.c - what is understood of Set-Cookie, and of dates in it
 */
#include <errno.h>

#include "check.h"
#include "wire/cookie.h"
#include "wire/http_date.h"

static struct cookie parse(const char *text)
{
	struct cookie c = {0};
	const char *why;
	if (cio__cookie_parse(&c, cio_str_of(text), &why) < 0)
		fail_msg("%s: %s", text, why);
	return c;
}

static bool is(cio_str s, const char *text)
{
	return cio_str_equal(s, cio_str_of(text));
}

static void attributes(void **state)
{
	(void)state;
	struct cookie c = parse(" a = b=c ;Domain=.H.org; PATH=/x ;secure;"
		"HttpOnly=1;SameSite=LAX;Max-Age=-07;x;=y;;");
	assert_true(is(c.name, "a") && is(c.value, "b=c"));
	assert_true(is(c.domain, "H.org") && is(c.path, "/x"));
	assert_true(c.secure && c.http_only && c.has_max_age);
	assert_int_equal(c.max_age, -7);
	assert_int_equal(c.same_site, COOKIE_SAME_SITE_LAX);
	assert_false(c.has_expires);
	c = parse("a=b; SameSite=strict; SameSite=what");
	assert_int_equal(c.same_site, COOKIE_SAME_SITE_UNSAID);
	assert_int_equal(parse("a=;samesite=None").same_site,
		COOKIE_SAME_SITE_NONE);
	assert_int_equal(parse("a=;samesite=Strict").same_site,
		COOKIE_SAME_SITE_STRICT);
	assert_int_equal(parse("a=; max-age=99999999999999999999").max_age,
		INT32_MAX);
	assert_false(parse("a=; max-age=1.5").has_max_age);
	assert_false(parse("a=; max-age=").has_max_age);
	assert_false(parse("a=; max-age=-").has_max_age);
	assert_false(parse("a=; max-age=+1").has_max_age);
	c = parse("a=; expires=Sun, 06 Nov 1994 08:49:37 GMT; expires=never");
	assert_true(c.has_expires);
	assert_int_equal(c.expires, 784111777);
}

static const struct {
	const char *text, *want; /* NULL: no date */
} dates[] = {
	{"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"},
	{"1994 08:49:37 06 NOVember", "Sun, 06 Nov 1994 08:49:37 GMT"},
	{"6th Nov 94 8:49:37x", "Sun, 06 Nov 1994 08:49:37 GMT"},
	{"31 Feb 2020 00:00:00", NULL},
	{"1 Jan 1600 00:00:00", NULL},
	{"1 Jan 1601 00:00:00", "Mon, 01 Jan 1601 00:00:00 GMT"},
	{"1 Jan 2020 24:00:00", NULL},
	{"1 Jan 2020 00:60:00", NULL},
	{"1 Jan 2020 00:00:60", NULL},
	{"1 Jan 69 00:00:00", "Tue, 01 Jan 2069 00:00:00 GMT"},
	{"1 Jan 70 00:00:00", "Thu, 01 Jan 1970 00:00:00 GMT"},
	{"1 Jan 20200 00:00:00", NULL},
	{"1 Jan 2020", NULL},
	{"", NULL},
};

static void lenient_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		char text[HTTP_DATE_BYTES] = "";
		int64_t seconds;
		if (cio__cookie_date(cio_str_of(dates[i].text), &seconds) == 0)
			cio__http_date_format(text, seconds);
		if (strcmp(text, dates[i].want ? dates[i].want : "") != 0)
			fail_msg("%s: %s", dates[i].text, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes),
		cmocka_unit_test(lenient_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
