/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * cookie_jar.c - which cookies are taken, and whom they are told (RFC 6265bis)
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <cio/cookie_jar.h>

#include "base/mem.h"
#include "check.h"
#include "http/cookie.h"

/* What a jar says to a URL after some Set-Cookie of another. */
struct rule {
	const char *from, *set[4], *to, *want;
};

#define H "http://a.example.org/d/e"
#define S "https://a.example.org/d/e"
#define DEEP "https://x.a.example.org/d/e"
#define UP "https://example.org/d/e"

static const struct rule rules[] = {
	/* host-only, unless a domain is given that the host lies in */
	{H, {"a=b"}, H, "a=b"},
	{H, {"a=b"}, "http://x.a.example.org/d/e", ""},
	{H, {"a=b; Domain=A.example.ORG"}, DEEP, "a=b"},
	{H, {"a=b; Domain=.example.org"}, UP, "a=b"},
	{H, {"a=b; Domain=.example.org"}, "http://notexample.org/d/e", ""},
	{H, {"a=b; Domain=x.a.example.org"}, DEEP, ""},
	{H, {"a=b; Domain=other.org"}, H, ""},
	{H, {"a=b; Domain="}, DEEP, ""},
	/* public suffixes: CVE-2023-46218 (case), CVE-2022-27779 (dot) */
	{H, {"a=b; Domain=org"}, H, ""},
	{H, {"a=b; Domain=ORG"}, H, ""},
	{H, {"a=b; Domain=.oRg"}, H, ""},
	{H, {"a=b; Domain=org."}, H, ""},
	{"http://h.org./", {"a=b; Domain=org."}, "http://h.org./", ""},
	{"http://h.org./", {"a=b; Domain=org"}, "http://h.org./", ""},
	{"http://h.org./", {"a=b"}, "http://h.org/", "a=b"},
	{"http://h.org./", {"a=b"}, "http://g.org./", ""},
	{"http://localhost/", {"a=b; Domain=localhost"}, "http://localhost/",
		"a=b"},
	{"http://localhost/", {"a=b; Domain=localhost"}, "http://x.localhost/",
		""},
	/* addresses have nothing under them */
	{"http://127.0.0.1/", {"a=b; Domain=127.0.0.1"}, "http://127.0.0.1/",
		"a=b"},
	{"http://127.0.0.1/", {"a=b; Domain=0.0.1"}, "http://127.0.0.1/", ""},
	{"http://127.0.0.1/", {"a=b; Domain=.1"}, "http://127.0.0.1/", ""},
	{"http://127.0.0.1/", {"a=b; Domain=127.0.0.2"}, "http://127.0.0.1/",
		""},
	{"http://[::1]/", {"a=b"}, "http://[::1]/", "a=b"},
	/* paths */
	{H, {"a=b"}, "http://a.example.org/d", "a=b"},
	{H, {"a=b"}, "http://a.example.org/d/f/g", "a=b"},
	{H, {"a=b"}, "http://a.example.org/dx", ""},
	{H, {"a=b"}, "http://a.example.org/", ""},
	{H, {"a=b; Path=/"}, "http://a.example.org", "a=b"},
	{"http://a.example.org", {"a=b"}, H, "a=b"},
	{H, {"a=b; Path=x"}, "http://a.example.org/d", "a=b"},
	/* Secure */
	{S, {"a=b; Secure"}, S, "a=b"},
	{S, {"a=b; Secure"}, H, ""},
	{H, {"a=b; Secure"}, S, ""},
	{S, {"a=b"}, H, "a=b"},
	/* prefixes, whatever their case */
	{S, {"__Secure-a=b"}, S, ""},
	{S, {"__Secure-a=b; Secure"}, S, "__Secure-a=b"},
	{S, {"__secure-a=b"}, S, ""},
	{S, {"__Host-a=b; Secure; Path=/"}, S, "__Host-a=b"},
	{S, {"__Host-a=b; Secure"}, S, ""},
	{"https://h.org/", {"__Host-a=b; Secure"}, "https://h.org/", ""},
	{S, {"__hOST-a=b; Path=/"}, S, ""},
	{S, {"__Host-a=b; Secure; Path=/; Domain=a.example.org"}, S, ""},
	{S, {"__Host-a=b; Secure; Path=/d"}, S, ""},
	/* control bytes, CVE-2022-35252; a tab could not be saved */
	{H, {"a=b\x01"}, H, ""},
	{H, {"a\x7f=b"}, H, ""},
	{H, {"a=b; Path=/\x02"}, H, ""},
	{H, {"a=b\tc"}, H, ""},
	{H, {"a=\tb\t"}, H, "a=b"},
	/* ends */
	{H, {"a=b; Max-Age=0"}, H, ""},
	{H, {"a=b", "a=c; Max-Age=-5"}, H, ""},
	{H, {"a=b; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, H,
		"a=b"},
	{H, {"a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, H, ""},
	{H, {"a=b; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT"}, H, ""},
	{H, {"a=b; Expires=nonsense"}, H, "a=b"},
	{H, {"a=b; Max-Age=99999999999999999999999"}, H, "a=b"},
	/* order: longest path, then oldest, also when it was replaced */
	{H, {"a=1; Path=/", "b=2", "c=3; Path=/", "a=4; Path=/"}, H,
		"b=2; a=4; c=3"},
	/* for one host and for all under it are two */
	{H, {"a=1", "a=2; Domain=a.example.org"}, H, "a=1; a=2"},
	{0},
};

static cio_cookie_jar *new_jar(const cio_cookie_jar_options *o)
{
	cio_cookie_jar *jar = NULL;
	assert_int_equal(cio_cookie_jar_open(&jar, o), 0);
	return jar;
}

static void says(cio_cookie_jar *jar, const char *url, const char *want)
{
	cio_buf out = {0};
	assert_int_equal(cio_cookie_jar_get(jar, url, &out), 0);
	if (strcmp(out.p != NULL ? out.p : "", want) != 0)
		fail_msg("%s: '%s', not '%s'", url, out.p, want);
	cio_buf_finish(&out);
}

static void each_rule(void **state)
{
	(void)state;
	uint64_t blocks = cio__heap_blocks();
	for (const struct rule *r = rules; r->from != NULL; r++) {
		cio_cookie_jar *jar = new_jar(NULL);
		for (int i = 0; i < 4 && r->set[i] != NULL; i++)
			(void)cio_cookie_jar_set(jar, r->from, r->set[i]);
		print_message("# %s from %s\n", r->set[0], r->from);
		says(jar, r->to, r->want);
		cio_cookie_jar_close(jar);
	}
	assert_int_equal(cio__heap_blocks(), blocks);
}

static void the_list_of_suffixes(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(NULL);
	if (!cookie_is_public_suffix("co.uk")) {
		cio_cookie_jar_close(jar);
		check_skip("this build has no libpsl");
	}
	static const char *const refused[] = {"a=b; Domain=co.uk",
		"a=b; Domain=CO.UK", "a=b; Domain=.co.uk", "a=b; Domain=Co.Uk."};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(cio_cookie_jar_set(jar, "http://h.co.uk/",
			refused[i]), -EINVAL);
	assert_int_equal(cio_cookie_jar_set(jar, "http://me.github.io/",
		"a=b; Domain=github.io"), -EINVAL);
	assert_non_null(strstr(cio_error_text(), "public suffix"));
	assert_int_equal(cio_cookie_jar_set(jar, "http://co.uk/",
		"a=b; Domain=co.uk"), 0);
	says(jar, "http://co.uk/", "a=b");
	says(jar, "http://h.co.uk/", "");
	cio_cookie_jar_close(jar);
}

static void secure_is_not_hidden(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(NULL);
	assert_int_equal(cio_cookie_jar_set(jar, S, "a=secret; Secure"), 0);
	assert_int_equal(cio_cookie_jar_set(jar, H, "a=evil"), -EINVAL);
	assert_int_equal(cio_cookie_jar_set(jar, H,
		"a=evil; Domain=example.org; Path=/d/e"), -EINVAL);
	assert_int_equal(cio_cookie_jar_set(jar, H, "a=other; Path=/"), 0);
	says(jar, S, "a=secret; a=other");
	cio_cookie_jar_close(jar);
}

static void loopback_as_https(void **state)
{
	(void)state;
	static const char *const urls[] = {"http://localhost/",
		"http://x.localhost/", "http://127.1.2.3/", "http://[::1]/"};
	for (size_t i = 0; i < 4; i++) {
		cio_cookie_jar *jar = new_jar(NULL);
		assert_int_equal(cio_cookie_jar_set(jar, urls[i], "a=b; Secure"),
			-EINVAL);
		cio_cookie_jar_close(jar);
		jar = new_jar(&(cio_cookie_jar_options){.secure_loopback = true});
		assert_int_equal(cio_cookie_jar_set(jar, urls[i], "a=b; Secure"),
			0);
		says(jar, urls[i], "a=b");
		assert_int_equal(cio_cookie_jar_set(jar, H, "a=b; Secure"),
			-EINVAL);
		cio_cookie_jar_close(jar);
	}
}

/* ---- limits ---- */

static int set_long(cio_cookie_jar *jar, size_t name, size_t value,
	const char *rest)
{
	static char text[10000];
	memset(text, 'n', name);
	text[name] = '=';
	memset(text + name + 1, 'v', value);
	strcpy(text + name + 1 + value, rest);
	return cio_cookie_jar_set(jar, H, text);
}

static void sizes(void **state)
{
	(void)state;
	static char path[2000];
	cio_cookie_jar *jar = new_jar(NULL);
	assert_int_equal(set_long(jar, 1, 4095, ""), 0);
	assert_int_equal(set_long(jar, 1, 4096, ""), -EINVAL);
	assert_int_equal(set_long(jar, 4097, 0, ""), -EINVAL);
	cio_cookie_jar_clear(jar, NULL);

	/* an attribute of more than 1024 bytes was not said */
	strcpy(path, "; Path=/");
	memset(path + 8, 'p', 1024);
	assert_int_equal(set_long(jar, 1, 1, path), 0);
	says(jar, H, "n=v");
	path[8 + 1023] = '\0';
	assert_int_equal(set_long(jar, 2, 1, path), 0);
	says(jar, H, "n=v"); /* the other has a path now */
	cio_cookie_jar_close(jar);
}

static size_t line_of(cio_cookie_jar *jar, size_t *cookies)
{
	cio_buf out = {0};
	assert_int_equal(cio_cookie_jar_get(jar, H, &out), 0);
	size_t n = out.n;
	*cookies = n > 0;
	for (size_t i = 0; i < n; i++)
		*cookies += out.p[i] == ';';
	cio_buf_finish(&out);
	return n;
}

/* CVE-2022-32205: too much to be told is not told. */
static void how_much_is_sent(void **state)
{
	(void)state;
	char text[64];
	size_t cookies;
	cio_cookie_jar *jar = new_jar(
		&(cio_cookie_jar_options){.limit_per_site = 1000});
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "c%d=x", i);
		assert_int_equal(cio_cookie_jar_set(jar, H, text), 0);
	}
	line_of(jar, &cookies);
	assert_int_equal(cookies, 150);
	cio_cookie_jar_clear(jar, NULL);
	for (size_t i = 1; i <= 9; i++)
		assert_int_equal(set_long(jar, i, 1000, ""), 0);
	size_t n = line_of(jar, &cookies);
	assert_int_equal(cookies, 8);
	assert_true(n + strlen("Cookie: ") <= 8190);
	cio_cookie_jar_close(jar);
}

static int64_t now_for_tests = 1600000000;

static int set_at(cio_cookie_jar *jar, const char *url, const char *text)
{
	struct url u;
	const char *why;
	assert_int_equal(cio__url_parse(&u, cio_str_of(url), &why), 0);
	return cookies_set(jar, &u, cio_str_of(text), now_for_tests, &why);
}

static void says_at(cio_cookie_jar *jar, const char *url, const char *want)
{
	struct url u;
	const char *why;
	cio_buf out = {0};
	assert_int_equal(cio__url_parse(&u, cio_str_of(url), &why), 0);
	assert_int_equal(cookies_get(jar, &u, (cio_str){0}, now_for_tests,
		&out), 0);
	assert_string_equal(out.p != NULL ? out.p : "", want);
	cio_buf_finish(&out);
}

static void ends(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(NULL);
	now_for_tests = 1600000000;
	assert_int_equal(set_at(jar, H, "a=1; Max-Age=10"), 0);
	assert_int_equal(set_at(jar, H, "b=2; Max-Age=999999999"), 0);
	assert_int_equal(set_at(jar, H,
		"c=3; Expires=Fri, 01 Jan 2100 00:00:00 GMT"), 0);
	assert_int_equal(set_at(jar, H, "d=4"), 0);
	now_for_tests += 9;
	says_at(jar, H, "a=1; b=2; c=3; d=4");
	now_for_tests += 1;
	says_at(jar, H, "b=2; c=3; d=4");
	now_for_tests = 1600000000 + 400 * 86400 - 1;
	says_at(jar, H, "b=2; c=3; d=4");
	now_for_tests++;
	says_at(jar, H, "d=4"); /* at most 400 days, but for the session's */
	assert_int_equal(jar->count, 1);
	cio_cookie_jar_close(jar);
}

/* Who gives way: the expired, then in a site what http could have set, then
 * what was longest of no use. */
static void room(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(&(cio_cookie_jar_options){.limit = 5,
		.limit_per_site = 3});
	now_for_tests = 1600000000;
	assert_int_equal(set_at(jar, S, "s=0; Secure"), 0);
	assert_int_equal(set_at(jar, S, "a=1"), 0);
	assert_int_equal(set_at(jar, S, "b=2; Max-Age=5"), 0);
	now_for_tests += 5;
	assert_int_equal(set_at(jar, S, "c=3"), 0);
	says_at(jar, S, "s=0; a=1; c=3");
	assert_int_equal(set_at(jar, "https://b.example.org/d/",
		"d=4; Domain=example.org"), 0); /* the same site */
	says_at(jar, S, "s=0; c=3; d=4");
	assert_int_equal(jar->count, 3);

	assert_int_equal(set_at(jar, "http://one.net/", "x=1"), 0);
	assert_int_equal(set_at(jar, "http://two.net/", "x=1"), 0);
	says_at(jar, S, "s=0; c=3; d=4"); /* used */
	assert_int_equal(set_at(jar, "http://three.net/", "x=1"), 0);
	says_at(jar, "http://one.net/", "");
	says_at(jar, "http://two.net/", "x=1");
	assert_int_equal(jar->count, 5);
	cio_cookie_jar_close(jar);
}

static void clear_and_count(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(NULL);
	assert_int_equal(cio_cookie_jar_count(jar), 0);
	assert_int_equal(cio_cookie_jar_set(jar, H, "a=1"), 0);
	assert_int_equal(cio_cookie_jar_set(jar, H, "a=2; Domain=example.org"),
		0);
	assert_int_equal(cio_cookie_jar_set(jar, "http://two.net/", "x=1"), 0);
	assert_int_equal(cio_cookie_jar_count(jar), 3);
	cio_cookie_jar_clear(jar, "xample.org");
	assert_int_equal(cio_cookie_jar_count(jar), 3);
	cio_cookie_jar_clear(jar, ".Example.org");
	assert_int_equal(cio_cookie_jar_count(jar), 1);
	says(jar, "http://two.net/", "x=1");
	cio_cookie_jar_clear(jar, NULL);
	assert_int_equal(cio_cookie_jar_count(jar), 0);
	assert_int_equal(cio_cookie_jar_set(jar, "ftp://x/", "a=b"), -CIO_EURL);
	cio_buf out = {0};
	assert_int_equal(cio_cookie_jar_get(jar, "nothing", &out), -CIO_EURL);
	cio_cookie_jar_close(jar);
	cio_cookie_jar_close(NULL);
}

static void what_is_said(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(NULL);
	static const char *const pairs[][2] = {{"nameless", "without a name"},
		{"=x", "without a name"}, {"a=\x01", "control bytes"},
		{"a=b; Secure", "over http"}, {"a=b; Domain=x.net", "Domain"},
		{"__Secure-a=b", "__Secure-"}, {"__Host-a=b", "__Host-"}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_int_equal(cio_cookie_jar_set(jar, H, pairs[i][0]),
			-EINVAL);
		if (strstr(cio_error_text(), pairs[i][1]) == NULL)
			fail_msg("%s: %s", pairs[i][0], cio_error_text());
	}
	cio_cookie_jar_close(jar);
}

/* Headers of the caller come first, and their names are not said again. */
static void own_header(void **state)
{
	(void)state;
	cio_cookie_jar *jar = new_jar(NULL);
	struct url u;
	const char *why;
	cio_buf out = {0};
	assert_int_equal(cio_cookie_jar_set(jar, H, "a=1"), 0);
	assert_int_equal(cio_cookie_jar_set(jar, H, "b=2"), 0);
	assert_int_equal(cio_cookie_jar_set(jar, H, "c=3"), 0);
	assert_int_equal(cio__url_parse(&u, cio_str_of(H), &why), 0);
	assert_int_equal(cookies_get(jar, &u, cio_str_of("x=1;b = 9; ca=3"),
		time(NULL), &out), 0);
	assert_string_equal(out.p, "; a=1; c=3");
	cio_buf_finish(&out);
	cio_cookie_jar_close(jar);
}

static void no_memory(void **state)
{
	(void)state;
	uint64_t blocks = cio__heap_blocks();
	uint64_t n = 0, left;
	do {
		cio_cookie_jar *jar = NULL;
		cio_buf out = {0};
		cio__heap_fail_at(++n);
		int err = cio_cookie_jar_open(&jar, NULL);
		if (err == 0)
			err = cio_cookie_jar_set(jar, H, "a=b");
		if (err == 0)
			err = cio_cookie_jar_set(jar, H, "a=c");
		if (err == 0)
			err = cio_cookie_jar_get(jar, H, &out);
		left = cio__heap_fails_in();
		cio__heap_fail_at(0);
		assert_int_equal(err, left == 0 ? -ENOMEM : 0);
		if (left == 0 && out.p != NULL)
			assert_int_equal(out.n, 0);
		cio_buf_finish(&out);
		cio_cookie_jar_close(jar);
		assert_int_equal(cio__heap_blocks(), blocks);
	} while (left == 0);
	assert_true(n > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),
		cmocka_unit_test(the_list_of_suffixes),
		cmocka_unit_test(secure_is_not_hidden),
		cmocka_unit_test(loopback_as_https),
		cmocka_unit_test(sizes),
		cmocka_unit_test(how_much_is_sent),
		cmocka_unit_test(ends),
		cmocka_unit_test(room),
		cmocka_unit_test(clear_and_count),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(own_header),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
