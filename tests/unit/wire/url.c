/* SPDX-License-Identifier: MIT */
/*
 * url.c - URLs that are taken, URLs that are refused, and references
 *
 * Against the browsers' own test data (absolute http and https URLs of it): a
 * URL that they refuse we must refuse. One that they accept we may refuse, for
 * we mend nothing; if we accept it, host and port must be theirs.
 */
#include "json_fixture.h"

#include "wire/chars.h"
#include "wire/url.h"

static const char *refusal(const char *text)
{
	struct url u;
	const char *why = "accepted";

	if (cio__url_parse(&u, cio_str_of(text), &why) == 0)
		return "accepted";
	return why;
}

static void test_parts(void **state)
{
	struct url u;
	const char *why;
	cio_str text = cio_str_of("HTTPS://me:pw@Ex-ample.COM:8443/a/b?q=1#f?g");

	(void)state;
	assert_int_equal(cio__url_parse(&u, text, &why), 0);
	assert_true(u.tls && u.port == 8443 && u.host_kind == AUTHORITY_NAME);
	assert_string_equal(u.host, "ex-ample.com");
	assert_true(cio_str_equal(u.userinfo, cio_str_of("me:pw")));
	assert_true(cio_str_equal(u.path, cio_str_of("/a/b")));
	assert_true(u.has_query && cio_str_equal(u.query, cio_str_of("q=1")));
	assert_true(cio_str_equal(u.fragment, cio_str_of("f?g")));
}

static void test_target_and_host(void **state)
{
	static const char *const table[][3] = {
		{"http://a", "/", "a"},
		{"http://a?x", "/?x", "a"},
		{"http://a/?", "/?", "a"},
		{"http://A.b:80/x#y", "/x", "a.b"},
		{"https://a:80/", "/", "a:80"},
		{"https://a:443/", "/", "a"},
		{"http://[::1]:8080/x", "/x", "[::1]:8080"},
		{"http://[2001:DB8::1]", "/", "[2001:db8::1]"},
		{"http://127.0.0.1/", "/", "127.0.0.1"},
		{"http://a/\xc3\xa9?\xff", "/%C3%A9?%FF", "a"},
		{"http://a/%zz/../b|", "/%zz/../b|", "a"},
		{"http://a./", "/", "a."},
		{"http://a/#x#y", "/", "a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct url u;
		const char *why;
		cio_buf b = {0};
		assert_int_equal(
			cio__url_parse(&u, cio_str_of(table[i][0]), &why), 0);
		assert_int_equal(cio__url_write_target(&b, &u), 0);
		assert_string_equal(b.p, table[i][1]);
		cio_buf_clear(&b);
		assert_int_equal(cio__url_write_host(&b, &u), 0);
		assert_string_equal(b.p, table[i][2]);
		cio_buf_finish(&b);
	}
}

static void test_refused_with_a_reason(void **state)
{
	static const char *const table[][2] = {
		{"", "empty URL"},
		{"example.com", "missing scheme: write http://..."},
		{"localhost:80/", "missing scheme: write http://..."},
		{"//a/b", "missing scheme: write http://..."},
		{"ftp://a/", "unknown scheme: only http and https"},
		{"http:a",
		 "two slashes must follow the scheme: write http://..."},
		{"http:/a",
		 "two slashes must follow the scheme: write http://..."},
		{"http://", "empty host"},
		{"http:///a", "empty host"},
		{"http://:80/", "empty host"},
		{"http://u@/", "empty host"},
		{"http://a b/", "blank in URL: write %20"},
		{" http://a/", "blank in URL: write %20"},
		{"http://a/\n", "control byte in URL"},
		{"http://a\\b", "backslash in URL: write / or %5C"},
		{"http://a:/", "empty port"},
		{"http://a:0/", "port must be a number 1-65535"},
		{"http://a:65536/", "port must be a number 0-65535"},
		{"http://a:8o/", "port must be a number 0-65535"},
		{"http://a@b@c/",
		 "two @ in URL: write %40 in names and passwords"},
		{"http://\xc3\xa9/",
		 "host needs IDNA (not built in): write it as xn--..."},
		{"http://a%41/", "forbidden byte in host"},
		{"http://a..b/", "empty label in host"},
		{"http://.a/", "empty label in host"},
		{"http://./", "empty label in host"},
		{"http://[::1/", "IPv6 address without closing bracket"},
		{"http://[::g]/", "bad IPv6 address"},
		{"http://[::1%25eth0]/", "bad IPv6 address"},
		{"http://[::1]x/", "only a port may follow the host"},
		{"http://127.1/",
		 "IPv4 address must be four decimal numbers 0-255"},
		{"http://0177.0.0.1/",
		 "IPv4 address must be four decimal numbers 0-255"},
		{"http://0x7f.1/",
		 "IPv4 address must be four decimal numbers 0-255"},
		{"http://2130706433/",
		 "IPv4 address must be four decimal numbers 0-255"},
		{"http://1.2.3.256/",
		 "IPv4 address must be four decimal numbers 0-255"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_string_equal(refusal(table[i][0]), table[i][1]);
}

static void test_lengths(void **state)
{
	static char text[URL_BYTES + 100];

	(void)state;
	snprintf(text, sizeof text, "http://a/%0*d", URL_BYTES - 9, 0);
	assert_string_equal(refusal(text), "accepted");
	snprintf(text, sizeof text, "http://a/%0*d", URL_BYTES - 8, 0);
	assert_string_equal(refusal(text), "URL is longer than 8 KiB");
	snprintf(text, sizeof text, "http://a%062d.b/", 0);
	assert_string_equal(refusal(text), "accepted");
	snprintf(text, sizeof text, "http://a%063d.b/", 0);
	assert_string_equal(refusal(text),
			    "label of the host is longer than 63 bytes");
	int n = snprintf(text, sizeof text, "http://");
	for (int i = 0; i < 127; i++)
		n += snprintf(text + n, 3, "a.");
	assert_string_equal(refusal(text), "accepted"); /* 253 and a dot */
	snprintf(text + n, 3, "a.");
	assert_string_equal(refusal(text), "host is longer than 253 bytes");
}

/* The examples of RFC 3986 5.4, and what they do not have. */
static void test_references(void **state)
{
	static const char *const table[][2] = {
		{"g", "http://a/b/c/g"},
		{"./g", "http://a/b/c/g"},
		{"g/", "http://a/b/c/g/"},
		{"/g", "http://a/g"},
		{"//g", "http://g"},
		{"?y", "http://a/b/c/d;p?y"},
		{"g?y", "http://a/b/c/g?y"},
		{"#s", "http://a/b/c/d;p?q#s"},
		{"g#s", "http://a/b/c/g#s"},
		{";x", "http://a/b/c/;x"},
		{"", "http://a/b/c/d;p?q"},
		{".", "http://a/b/c/"},
		{"./", "http://a/b/c/"},
		{"..", "http://a/b/"},
		{"../g", "http://a/b/g"},
		{"../..", "http://a/"},
		{"../../g", "http://a/g"},
		{"../../../g", "http://a/g"},
		{"../../../../g", "http://a/g"},
		{"/./g", "http://a/g"},
		{"/../g", "http://a/g"},
		{"g.", "http://a/b/c/g."},
		{"..g", "http://a/b/c/..g"},
		{"./g/.", "http://a/b/c/g/"},
		{"g/../h", "http://a/b/c/h"},
		{"g;x=1/../y", "http://a/b/c/y"},
		{"g?y/../x", "http://a/b/c/g?y/../x"},
		{"%2e%2E/g", "http://a/b/g"},
		{"https://x/y", "https://x/y"},
		{"mailto:a@b", "mailto:a@b"},
	};
	struct url base;
	const char *why;

	(void)state;
	assert_int_equal(cio__url_parse(&base,
					cio_str_of("http://u:p@a/b/c/d;p?q#f"),
					&why), 0);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		cio_buf b = {0};
		assert_int_equal(cio__url_resolve(
			&b, &base, cio_str_of(table[i][0]), &why), 0);
		assert_string_equal(b.p, table[i][1]);
		cio_buf_finish(&b);
	}
}

static void test_same_origin(void **state)
{
	static const char *const others[] = {"https://a/", "http://b/",
					     "http://a:81/", "http://x.a/"};
	struct url a, b;
	const char *why;

	(void)state;
	assert_int_equal(cio__url_parse(&a, cio_str_of("http://a/x"), &why), 0);
	assert_int_equal(
		cio__url_parse(&b, cio_str_of("http://u@A:80/y"), &why), 0);
	assert_true(cio__url_same_origin(&a, &b));
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(cio__url_parse(&b, cio_str_of(others[i]),
						&why), 0);
		assert_false(cio__url_same_origin(&a, &b));
	}
}

/* ---- the browsers' test data ---- */

struct sample {
	cio_buf input, hostname, port;
	bool absolute, failure;
};

static void read_sample(struct json *j, struct sample *s)
{
	cio_buf key = {0};

	assert_true(json_take(j, '{'));
	while (!json_take(j, '}')) {
		json_string(j, &key);
		assert_true(json_take(j, ':'));
		bool text = json_peek(j) == '"';
		if (strcmp(key.p, "input") == 0) {
			json_string(j, &s->input);
		} else if (text && strcmp(key.p, "hostname") == 0) {
			json_string(j, &s->hostname);
		} else if (text && strcmp(key.p, "port") == 0) {
			json_string(j, &s->port);
		} else {
			s->absolute |= strcmp(key.p, "base") == 0 && !text;
			s->failure |= strcmp(key.p, "failure") == 0;
			json_skip(j);
		}
		json_take(j, ',');
	}
	cio_buf_finish(&key);
}

/* 1 if accepted, 0 if refused; a wrong one fails. */
static int check_sample(struct sample *s)
{
	struct url u;
	const char *why;
	cio_buf port = {0};

	if (cio__url_parse(&u, cio_buf_view(&s->input), &why) < 0)
		return 0;
	/* Whether xn-- labels decode to something sensible is IDNA's business,
	 * which we do not have: for us they are letters. */
	if (s->failure && strstr(u.host, "xn--") != NULL)
		return 1;
	if (s->failure)
		fail_msg("must be refused: %s", s->input.p);
	bool v6 = u.host_kind == AUTHORITY_IPV6;
	if (u.port != (u.tls ? 443 : 80))
		assert_int_equal(cio_buf_printf(&port, "%d", u.port), 0);
	assert_true(cio_str_equal(cio_buf_view(&port), cio_buf_view(&s->port)));
	/* They print IPv6 in its shortest form; we leave it as written. */
	if (!v6)
		assert_string_equal(u.host, s->hostname.p);
	cio_buf_finish(&port);
	return 1;
}

static void test_browsers_data(void **state)
{
	cio_buf text = json_corpus("url/urltestdata.json");
	int accepted = 0, refused = 0;

	(void)state;
	if (text.n == 0)
		skip();
	struct json j = {text.p};
	assert_true(json_take(&j, '['));
	while (!json_take(&j, ']')) {
		struct sample s = {.failure = false};
		if (json_peek(&j) != '{') { /* remarks between the samples */
			json_skip(&j);
		} else {
			read_sample(&j, &s);
			if (s.absolute && check_sample(&s))
				accepted++;
			else if (s.absolute)
				refused++;
		}
		cio_buf_finish(&s.input);
		cio_buf_finish(&s.hostname);
		cio_buf_finish(&s.port);
		json_take(&j, ',');
	}
	cio_buf_finish(&text);
	print_message("%d accepted, %d refused\n", accepted, refused);
	assert_true(accepted > 30 && refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_target_and_host),
		cmocka_unit_test(test_refused_with_a_reason),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_same_origin),
		cmocka_unit_test(test_browsers_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
