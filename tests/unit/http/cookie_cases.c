/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * cookie_cases.c - cookies and dates collected by the authors of RFC 6265
 *
 * Each case is a list of Set-Cookie from one URL and what is then sent to
 * another. They were written in 2011: so is the clock.
 */
#include "../wire/json_fixture.h"

#include "check.h"
#include "http/cookie.h"
#include "wire/http_date.h"

enum { NOW = 1300000000 };

#define HERE "http://home.example.org:8888"

/* What their authors disabled and we decide otherwise: control bytes drop a
 * cookie whole, and nothing in a path is decoded. */
static const char *const differs[] = {"DISABLED_CHROMIUM0022",
	"DISABLED_CHROMIUM0023", "DISABLED_PATH0029"};

static void parse(struct url *u, const char *url)
{
	const char *why;
	if (cio__url_parse(u, cio_str_of(url), &why) < 0)
		fail_msg("%s: %s", url, why);
}

static void receive(struct json *j, cio_cookie_jar *jar, const char *test)
{
	cio_buf text = {0}, url = {0};
	struct url u;
	const char *why;
	assert_int_equal(cio_buf_printf(&url, HERE "/cookie-parser?%s", test),
		0);
	parse(&u, url.p);
	assert_true(json_take(j, '['));
	while (!json_take(j, ']')) {
		json_string(j, &text);
		(void)cookies_set(jar, &u, cio_buf_view(&text), NOW, &why);
		json_take(j, ',');
	}
	cio_buf_finish(&text);
	cio_buf_finish(&url);
}

/* [{"name": ..., "value": ...}, ...] as a header. */
static void expected(struct json *j, cio_buf *out)
{
	cio_buf key = {0}, text = {0};
	cio_buf_clear(out);
	assert_true(json_take(j, '['));
	while (!json_take(j, ']')) {
		assert_true(json_take(j, '{'));
		while (!json_take(j, '}')) {
			json_string(j, &key);
			assert_true(json_take(j, ':'));
			json_string(j, &text);
			bool name = strcmp(key.p, "name") == 0;
			if (name && out->n > 0)
				assert_int_equal(cio_buf_puts(out, "; "), 0);
			if (!name)
				assert_int_equal(cio_buf_puts(out, "="), 0);
			assert_int_equal(cio_buf_append(out, text.p, text.n),
				0);
			json_take(j, ',');
		}
		json_take(j, ',');
	}
	cio_buf_finish(&key);
	cio_buf_finish(&text);
}

static void check_case(cio_cookie_jar *jar, const char *test, const char *to,
	const cio_buf *want, int *different)
{
	cio_buf url = {0}, got = {0};
	struct url u;
	if (to[0] == '\0')
		to = "/cookie-parser-result";
	assert_int_equal(cio_buf_printf(&url, "%s%s", to[0] == '/' ? HERE : "",
		to), 0);
	parse(&u, url.p);
	assert_int_equal(cookies_get(jar, &u, (cio_str){0}, NOW, &got), 0);
	bool same = cio_str_equal(cio_buf_view(&got), cio_buf_view(want));
	bool meant = false;
	for (size_t i = 0; i < sizeof differs / sizeof *differs; i++)
		meant = meant || strcmp(differs[i], test) == 0;
	if (same == meant)
		fail_msg("%s: '%s', not '%s'", test, got.p, want->p);
	*different += meant;
	cio_buf_finish(&url);
	cio_buf_finish(&got);
}

static void one_case(struct json *j, int *different)
{
	cio_buf key = {0}, test = {0}, to = {0}, want = {0};
	cio_cookie_jar *jar;
	assert_int_equal(cio_cookie_jar_open(&jar, NULL), 0);
	assert_true(json_take(j, '{'));
	while (!json_take(j, '}')) {
		json_string(j, &key);
		assert_true(json_take(j, ':'));
		if (strcmp(key.p, "test") == 0)
			json_string(j, &test);
		else if (strcmp(key.p, "received") == 0)
			receive(j, jar, test.p);
		else if (strcmp(key.p, "sent-to") == 0)
			json_string(j, &to);
		else
			expected(j, &want);
		json_take(j, ',');
	}
	check_case(jar, test.p, to.n > 0 ? to.p : "", &want, different);
	cio_cookie_jar_close(jar);
	cio_buf_finish(&key);
	cio_buf_finish(&test);
	cio_buf_finish(&to);
	cio_buf_finish(&want);
}

static void cookies(void **state)
{
	(void)state;
	cio_buf text = json_corpus("cookies/parser.json");
	if (text.n == 0)
		skip();
	struct json j = {text.p};
	int cases = 0, different = 0;
	assert_true(json_take(&j, '['));
	do {
		one_case(&j, &different);
		cases++;
	} while (json_take(&j, ','));
	print_message("# %d cases, %d of them decided otherwise\n", cases,
		different);
	assert_int_equal(cases, 222);
	assert_int_equal(different, 3);
	cio_buf_finish(&text);
}

static int check_dates(const char *name)
{
	cio_buf text = json_corpus(name), key = {0}, value = {0}, test = {0};
	if (text.n == 0)
		skip();
	const char *begin = strchr(text.p, '['); /* after a licence */
	struct json j = {begin};
	int cases = 0;
	assert_true(json_take(&j, '['));
	do {
		cio_buf_clear(&value);
		assert_true(json_take(&j, '{'));
		while (!json_take(&j, '}')) {
			json_string(&j, &key);
			assert_true(json_take(&j, ':'));
			bool is_test = strcmp(key.p, "test") == 0;
			if (json_peek(&j) == '"')
				json_string(&j, is_test ? &test : &value);
			else
				json_skip(&j); /* null: no date */
			json_take(&j, ',');
		}
		char got[HTTP_DATE_BYTES] = "";
		int64_t seconds;
		if (cio__cookie_date(cio_buf_view(&test), &seconds) == 0)
			cio__http_date_format(got, seconds);
		if (strcmp(got, value.n > 0 ? value.p : "") != 0)
			fail_msg("'%s': '%s', not '%s'", test.p, got, value.p);
		cases++;
	} while (json_take(&j, ','));
	cio_buf_finish(&text);
	cio_buf_finish(&key);
	cio_buf_finish(&value);
	cio_buf_finish(&test);
	return cases;
}

static void dates(void **state)
{
	(void)state;
	int n = check_dates("cookies/dates/examples.json");
	n += check_dates("cookies/dates/bsd-examples.json");
	print_message("# %d dates\n", n);
	assert_int_equal(n, 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies),
		cmocka_unit_test(dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
