/* SPDX-License-Identifier: MIT */
/*
 * http1_rules.c - one test for each rule of HTTP/1.1 that cio enforces
 *
 * The rules are those of RFC 9110 and 9112 whose neglect has led to request
 * smuggling or crashes elsewhere. Rules 26, 28 and 29 belong to the session,
 * rule 27 to the writer (http1_write.c).
 */
#include "http1_feed.h"

#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n"

static void refuse_all(enum http1_kind kind, const char *before,
		       const char *const *middles, const char *after,
		       int status)
{
	for (; *middles != NULL; middles++) {
		char text[1024];
		snprintf(text, sizeof text, "%s%s%s", before, *middles, after);
		assert_refused(kind, text, status);
	}
}

static void test_rule_01_length_and_coding(void **state)
{
	(void)state;
	assert_refused(HTTP1_REQUEST,
		       POST "Content-Length: 5\r\nTransfer-Encoding: chunked"
			    "\r\n\r\n0\r\n\r\n", 400);
	assert_refused(HTTP1_REQUEST,
		       POST "Transfer-Encoding: chunked\r\nContent-Length: 5"
			    "\r\n\r\n0\r\n\r\n", 400);
	assert_refused(HTTP1_RESPONSE,
		       OK "Content-Length: 5\r\nTransfer-Encoding: chunked"
			  "\r\n\r\n0\r\n\r\n", 400);
}

static void test_rule_02_two_content_lengths(void **state)
{
	(void)state;
	assert_refused(HTTP1_REQUEST, POST "Content-Length: 1\r\n"
		       "Content-Length: 2\r\n\r\nab", 400);
	assert_refused(HTTP1_REQUEST, POST "Content-Length: 1\r\n"
		       "content-length: 1\r\n\r\na", 400);
	assert_refused(HTTP1_RESPONSE, OK "Content-Length: 1\r\n"
		       "Content-Length: 1\r\n\r\na", 400);
}

static void test_rule_03_length_is_digits(void **state)
{
	static const char *const bad[] = {
		"+1", "-1", "0x1", "1 1", "1_0", "", "1,1", "1, 1", "1;", "1.0",
		"a", "\xb2", "9223372036854775808", "18446744073709551617",
		"99999999999999999999999999", NULL};
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, POST "Content-Length: ", bad, "\r\n\r\n", 400);
	refuse_all(HTTP1_RESPONSE, OK "Content-Length: ", bad, "\r\n\r\n", 400);
	assert_taken(&f, HTTP1_REQUEST,
		     POST "Content-Length: \t2 \r\n\r\nhi", "hi");
	assert_int_equal(f.p.content_length, 2);
	assert_taken(&f, HTTP1_REQUEST, POST "Content-Length: 0\r\n\r\n", "");
	assert_false(f.p.has_body);
}

static void test_rule_04_coding_is_chunked(void **state)
{
	static const char *const bad[] = {
		",chunked", "chunked,chunked", "chunked, identity",
		"gzip, chunked", "\xa0" "chunked", "\x85" "chunked",
		"chunked\xa0", "\"chunked\"", "chunked;q=1", "", NULL};
	static const char *const unknown[] = {"xchunked", "gzip", "identity",
					      "chunke", NULL};
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, POST "Transfer-Encoding: ", bad, "\r\n\r\n",
		   400);
	refuse_all(HTTP1_REQUEST, POST "Transfer-Encoding: ", unknown,
		   "\r\n\r\n", 501);
	refuse_all(HTTP1_RESPONSE, OK "Transfer-Encoding: ", bad, "\r\n\r\n",
		   400);
	assert_refused(HTTP1_REQUEST, POST "Transfer-Encoding: chunked\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
	assert_taken(&f, HTTP1_REQUEST, POST "transfer-encoding: CHUNKED\r\n\r\n"
		     "2\r\nhi\r\n0\r\n\r\n", "hi");
	assert_true(f.p.chunked && f.p.has_body);
}

static void test_rule_05_coding_in_http_1_0(void **state)
{
	(void)state;
	assert_refused(HTTP1_REQUEST, "POST / HTTP/1.0\r\nTransfer-Encoding: "
		       "chunked\r\n\r\n0\r\n\r\n", 400);
	assert_refused(HTTP1_RESPONSE, "HTTP/1.0 200 OK\r\nTransfer-Encoding: "
		       "chunked\r\n\r\n0\r\n\r\n", 400);
}

static void test_rule_06_chunk_size(void **state)
{
	static const char *const bad[] = {
		"", "0x1", "+1", "-1", " 1", "1 ", "g", "1_0",
		"00000000000000001", "FFFFFFFFFFFFFFFF", "8000000000000000",
		"1\t", NULL};
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, CHUNKED, bad, "\r\na\r\n0\r\n\r\n", 400);
	assert_taken(&f, HTTP1_REQUEST, CHUNKED "0000000000000001\r\na\r\n"
		     "A\r\n0123456789\r\n00\r\n\r\n", "a0123456789");
	feed(&f, HTTP1_REQUEST, CHUNKED "7fffffffffffffff\r\nabc");
	assert_int_equal(f.last, HTTP1_MORE);
	assert_int_equal(f.n_body, 3);
}

static void test_rule_07_lines_end_with_crlf(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n\n",
		"GET / HTTP/1.1\rHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
		"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
		CHUNKED "1\na\r\n0\r\n\r\n",
		CHUNKED "1\r\r\na\r\n0\r\n\r\n",
		CHUNKED "1\ra\r\n0\r\n\r\n",
		CHUNKED "0\n\r\n",
		CHUNKED "0\r\n\n",
		CHUNKED "0\r\nX: a\n\r\n",
		CHUNKED "0\r\nX: a\rb\r\n\r\n", NULL};

	(void)state;
	refuse_all(HTTP1_REQUEST, "", bad, "", 400);
	assert_refused(HTTP1_RESPONSE, "HTTP/1.1 200 OK\n\r\n", 400);
	assert_refused(HTTP1_RESPONSE, OK "A: b\n\r\n", 400);
}

static void test_rule_08_crlf_after_chunk(void **state)
{
	static const char *const bad[] = {
		"1\r\nab\r\n0\r\n\r\n", "1\r\na\n0\r\n\r\n",
		"1\r\na\r0\r\n\r\n", "1\r\na0\r\n\r\n", "1\r\na\n\r0\r\n\r\n",
		NULL};

	(void)state;
	refuse_all(HTTP1_REQUEST, CHUNKED, bad, "", 400);
}

static void test_rule_09_chunk_extensions(void **state)
{
	static const char *const bad[] = {"1;", "1;a=", "1;=b", "1 ;a", "1; a",
		"1;a\"b\"", "1;a=\"b", "1;a=\x01", "1;a=\"\x7f\"", "1a;b c",
		"1;a;", NULL};
	char text[6000];
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, CHUNKED, bad, "\r\na\r\n0\r\n\r\n", 400);
	assert_taken(&f, HTTP1_REQUEST,
		     CHUNKED "1;a;b=c;d=\"e \\\" ;f\"\r\nx\r\n0;z\r\n\r\n", "x");
	snprintf(text, sizeof text, CHUNKED "1;%05000d\r\na\r\n", 1);
	assert_refused(HTTP1_REQUEST, text, 413);

	/* The limit is for all of them together. */
	struct http1_limits limits = {.extensions = 6};
	f = (struct fed){0};
	cio__http1_init(&f.p, HTTP1_REQUEST, f.headers, 5, &limits);
	const char *in = CHUNKED "1;ab\r\nx\r\n1;ab\r\ny\r\n1;a\r\nz\r\n";
	feed_bytes(&f, in, strlen(in));
	assert_int_equal(f.last, HTTP1_ERROR);
	assert_int_equal(f.n_body, 2);
}

static void test_rule_10_trailers(void **state)
{
	static const char *const bad[] = {
		"Content-Length: 1", "transfer-encoding: chunked", "Host: b",
		"Authorization: x", "Cookie: a=b", "Set-Cookie: a=b",
		"Connection: close", "Content-Type: a/b", "no colon", ": x",
		" x: y", "a : b", "a: \x01", NULL};
	char text[10000];
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, CHUNKED "0\r\n", bad, "\r\n\r\n", 400);
	assert_taken(&f, HTTP1_REQUEST,
		     CHUNKED "1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", "a");
	assert_int_equal(f.p.n_headers, 2); /* not merged */
	assert_null(cio__http1_find(f.p.headers, f.p.n_headers, "X-Sum"));
	snprintf(text, sizeof text, CHUNKED "0\r\nX: %09000d\r\n\r\n", 1);
	assert_refused(HTTP1_REQUEST, text, 431);
}

static void test_rule_11_no_resync_after_error(void **state)
{
	struct fed f;

	(void)state;
	feed(&f, HTTP1_REQUEST, POST "Content-Length: x\r\n\r\n" GET "\r\n");
	assert_int_equal(f.last, HTTP1_ERROR);
	const char *error = f.p.error;
	f.used = 0;
	feed_bytes(&f, GET "\r\n", strlen(GET "\r\n"));
	assert_int_equal(f.last, HTTP1_ERROR);
	assert_int_equal(f.used, 0);
	assert_ptr_equal(f.p.error, error);
	assert_int_equal(cio__http1_eof(&f.p), HTTP1_ERROR);
	assert_ptr_equal(f.p.error, error);
}

static void test_rule_12_method(void **state)
{
	static const char *const bad[] = {"G(T", "G/T", "\x80GET", "GE\tT",
					  "", "@", "G\x01T", NULL};
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, "", bad, " / HTTP/1.1\r\nHost: a\r\n\r\n",
		   400);
	assert_taken(&f, HTTP1_REQUEST, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-01234 / "
		     "HTTP/1.1\r\nHost: a\r\n\r\n", "");
	assert_int_equal(f.p.method.n, 32);
	assert_refused(HTTP1_REQUEST, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-012345 / "
		       "HTTP/1.1\r\nHost: a\r\n\r\n", 501);
	assert_refused(HTTP1_REQUEST, "\x16\x03\x01", 400); /* TLS, at once */
}

static void test_rule_13_target(void **state)
{
	static const char *const bad[] = {
		"GET a", "GET *", "GET a:80", "GET /a#b", "GET /a\tb",
		"GET /\x7f", "GET /\xc3\xa9", "GET ftp://a/", "GET http:///x",
		"GET http://u@a/", "GET http://a:x/", "CONNECT /", "CONNECT a",
		"CONNECT *", "CONNECT http://a/", "OPTIONS **", NULL};
	static const char *const good[] = {
		"GET /", "GET /a?b=c%20\"<>", "GET http://a/x?y",
		"GET HTTP://A:80?q", "OPTIONS *", "CONNECT a:443",
		"GET https://a:443/", NULL};
	static char text[20000];
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, "", bad, " HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	for (int i = 0; good[i] != NULL; i++) {
		snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: a\r\n\r\n",
			 good[i]);
		assert_taken(&f, HTTP1_REQUEST, text, "");
	}
	snprintf(text, sizeof text, "GET /%08191d HTTP/1.1\r\nHost: a\r\n\r\n",
		 0);
	assert_taken(&f, HTTP1_REQUEST, text, "");
	snprintf(text, sizeof text, "GET /%08192d HTTP/1.1\r\nHost: a\r\n\r\n",
		 0);
	assert_refused(HTTP1_REQUEST, text, 414);
	snprintf(text, sizeof text, "GET /%017000d", 0); /* no end in sight */
	assert_refused(HTTP1_REQUEST, text, 414);
}

static void test_rule_14_version(void **state)
{
	static const char *const malformed[] = {
		"GET /", "GET / http/1.1", "GET / HTTP/", "GET / HTTP/1.1x",
		"GET / HTTP1.1", "GET / HTTP/+1.1", "GET / HTTPS/1.1",
		"GET / ICE/1.0", NULL};
	static const char *const other[] = {
		"GET / HTTP/0.9", "GET / HTTP/1.2", "PRI * HTTP/2.0",
		"GET / HTTP/1", "GET / HTTP/1.10", "GET / HTTP/01.1",
		"GET / HTTP/11", NULL};

	(void)state;
	refuse_all(HTTP1_REQUEST, "", malformed, "\r\nHost: a\r\n\r\n", 400);
	refuse_all(HTTP1_REQUEST, "", other, "\r\nHost: a\r\n\r\n", 505);
	assert_refused(HTTP1_RESPONSE, "HTTP/2.0 200 OK\r\n\r\n", 505);
	assert_refused(HTTP1_RESPONSE, "ICY 200 OK\r\n\r\n", 400);
}

static void test_rule_15_single_blanks(void **state)
{
	static const char *const bad[] = {
		"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ",
		" GET / HTTP/1.1", "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", NULL};
	static const char *const replies[] = {
		"HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK",
		"HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK",
		"HTTP/1.1 +20 OK", "HTTP/1.1", "HTTP/1.1 ", " HTTP/1.1 200 OK",
		"HTTP/1.1 200 a\x01", NULL};
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, "", bad, "\r\nHost: a\r\n\r\n", 400);
	refuse_all(HTTP1_RESPONSE, "", replies, "\r\n\r\n", 400);
	feed(&f, HTTP1_RESPONSE, "HTTP/1.1 200  two words \r\n\r\n");
	assert_true(f.head);
	assert_int_equal(f.p.reason.n, 11); /* the reason may have blanks */
	feed(&f, HTTP1_RESPONSE, "HTTP/1.1 299\r\n\r\n");
	assert_true(f.head && f.p.status == 299 && f.p.reason.n == 0);
}

static void test_rule_16_one_empty_line(void **state)
{
	struct fed f;

	(void)state;
	assert_taken(&f, HTTP1_REQUEST, "\r\n" GET "\r\n", "");
	assert_refused(HTTP1_REQUEST, "\r\n\r\n" GET "\r\n", 400);
	assert_refused(HTTP1_REQUEST, "\n" GET "\r\n", 400);
	assert_refused(HTTP1_RESPONSE, "\r\n" OK "\r\n", 400);
}

static void test_rule_17_header_names(void **state)
{
	static const char *const bad[] = {
		"X : a", "X\t: a", ": a", "X", "X Y: a", "X\x01: a",
		"X\x80: a", "(X): a", "X\xa0: a", "\"X\": a", NULL};

	(void)state;
	refuse_all(HTTP1_REQUEST, GET, bad, "\r\n\r\n", 400);
	refuse_all(HTTP1_RESPONSE, OK, bad, "\r\n\r\n", 400);
}

static void test_rule_18_no_continued_lines(void **state)
{
	static const char *const bad[] = {"X: a\r\n b", "X: a\r\n\tb",
					  " X: a", "X:\r\n  a", "X: a\r\n ",
					  NULL};

	(void)state;
	refuse_all(HTTP1_REQUEST, GET, bad, "\r\n\r\n", 400);
	refuse_all(HTTP1_REQUEST, "GET / HTTP/1.1\r\n", bad,
		   "\r\nHost: a\r\n\r\n", 400);
	refuse_all(HTTP1_RESPONSE, OK, bad, "\r\n\r\n", 400);
}

static void test_rule_19_header_values(void **state)
{
	struct fed f;
	char text[] = GET "X: a?b\r\n\r\n";
	char *at = strchr(text, '?');

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool good = c == '\t' || (c >= 0x20 && c != 0x7f);
		*at = (char)c;
		f = (struct fed){0};
		cio__http1_init(&f.p, HTTP1_REQUEST, f.headers, 9, NULL);
		feed_bytes(&f, text, sizeof text - 1);
		assert_int_equal(f.last, good ? HTTP1_END : HTTP1_ERROR);
	}
	assert_taken(&f, HTTP1_REQUEST, GET "A: \t b\xa0 \t\r\nB:\r\n\r\n", "");
	assert_int_equal(f.headers[1].value.n, 2); /* NBSP is not trimmed */
	assert_int_equal(f.headers[2].value.n, 0);
}

static void test_rule_20_host(void **state)
{
	static const char *const bad[] = {
		"", "Host: a\r\nHost: a", "Host:", "Host: a b", "Host: a,b",
		"Host: a:", "Host: a:x", "Host: a:99999", "Host: u@a",
		"Host: a/b", "Host: [::1", "Host: [::1%25eth0]",
		"Host: 0177.0.0.1", "Host: 2130706433", "Host: a..b",
		"Host: \xc3\xa9", "Host: a?b", "Host: a#b", NULL};
	static const char *const good[] = {"a", "A.b-c_d.", "a:80", "1.2.3.4",
					   "[::1]:8080", NULL};
	char text[200];
	struct fed f;

	(void)state;
	refuse_all(HTTP1_REQUEST, "GET / HTTP/1.1\r\nX: y\r\n", bad,
		   "\r\n\r\n", 400);
	for (int i = 0; good[i] != NULL; i++) {
		snprintf(text, sizeof text,
			 "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", good[i]);
		assert_taken(&f, HTTP1_REQUEST, text, "");
	}
	assert_taken(&f, HTTP1_REQUEST, "GET / HTTP/1.0\r\n\r\n", "");
	assert_refused(HTTP1_REQUEST, "GET / HTTP/1.0\r\nHost: a\r\nHost: b"
		       "\r\n\r\n", 400);
	assert_refused(HTTP1_REQUEST, "GET http://a/ HTTP/1.1\r\nHost: b"
		       "\r\n\r\n", 400);
	assert_refused(HTTP1_REQUEST, "GET http://a/ HTTP/1.1\r\nHost: a:81"
		       "\r\n\r\n", 400);
	assert_refused(HTTP1_REQUEST, "CONNECT a:1 HTTP/1.1\r\nHost: b:1"
		       "\r\n\r\n", 400);
	assert_taken(&f, HTTP1_REQUEST, "GET http://a/ HTTP/1.1\r\nHost: A:80"
		     "\r\n\r\n", "");
}

static void test_rule_21_size_of_head(void **state)
{
	static char text[40000];
	struct fed f;
	int n = snprintf(text, sizeof text, "%s", GET);

	(void)state;
	for (int i = 0; i < 99; i++)
		n += snprintf(text + n, 40, "X%d: y\r\n", i);
	snprintf(text + n, 40, "\r\n");
	assert_taken(&f, HTTP1_REQUEST, text, ""); /* 100 with Host */
	snprintf(text + n, 40, "X: y\r\n\r\n");
	assert_refused(HTTP1_REQUEST, text, 431);
	snprintf(text, sizeof text, GET "X: %016400d\r\n\r\n", 0);
	assert_refused(HTTP1_REQUEST, text, 431);
	snprintf(text, sizeof text, GET "X: %016400d", 0);
	assert_refused(HTTP1_REQUEST, text, 431);
	snprintf(text, sizeof text, OK "X: %016400d", 0);
	assert_refused(HTTP1_RESPONSE, text, 431);
	int fits = HTTP1_HEAD_BYTES - (int)strlen(GET "X: \r\n\r\n");
	snprintf(text, sizeof text, GET "X: %0*d\r\n\r\n", fits, 0);
	assert_taken(&f, HTTP1_REQUEST, text, "");
	snprintf(text, sizeof text, GET "X: %0*d\r\n\r\n", fits + 1, 0);
	assert_refused(HTTP1_REQUEST, text, 431);
}

static void test_rule_22_whole_tokens(void **state)
{
	struct fed f;

	(void)state;
	assert_taken(&f, HTTP1_REQUEST, GET "Connection: notupgrade, closed\r\n"
		     "Upgrade: x\r\n\r\n", "");
	assert_true(f.p.keep_alive && !f.p.upgrade);
	assert_taken(&f, HTTP1_REQUEST, GET "Connection: keep-alive ,\tUPGRADE"
		     "\r\nUpgrade: x\r\n\r\n", "");
	assert_true(f.p.keep_alive && f.p.upgrade);
	assert_taken(&f, HTTP1_REQUEST, GET "Connection: a\r\n"
		     "Connection: Close\r\n\r\n", "");
	assert_false(f.p.keep_alive);
	assert_taken(&f, HTTP1_REQUEST, "GET / HTTP/1.0\r\n\r\n", "");
	assert_false(f.p.keep_alive);
	assert_taken(&f, HTTP1_REQUEST,
		     "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "");
	assert_true(f.p.keep_alive);
	assert_taken(&f, HTTP1_REQUEST, "GET / HTTP/1.0\r\nConnection: "
		     "keep-alive, close\r\n\r\n", "");
	assert_false(f.p.keep_alive);
	/* The body of an upgrade is still read as a body. */
	assert_taken(&f, HTTP1_REQUEST, POST "Connection: upgrade\r\nUpgrade: "
		     "x\r\nContent-Length: 2\r\n\r\nhi", "hi");
	assert_true(f.p.upgrade);
	assert_refused(HTTP1_REQUEST, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
		       "Content-Length: 0\r\n\r\n", 400);
}

static void test_rule_23_expect(void **state)
{
	struct fed f;

	(void)state;
	assert_taken(&f, HTTP1_REQUEST, POST "Expect: 100-Continue\r\n"
		     "Content-Length: 1\r\n\r\na", "a");
	assert_true(f.p.expect_continue);
	assert_taken(&f, HTTP1_REQUEST, GET "Expect: 100-continue\r\n\r\n", "");
	assert_false(f.p.expect_continue); /* nothing to wait for */
	assert_refused(HTTP1_REQUEST, POST "Expect: 200-ok\r\n\r\n", 417);
	assert_refused(HTTP1_REQUEST, POST "Expect: 100-continue, x\r\n\r\n",
		       417);
	assert_taken(&f, HTTP1_REQUEST, "POST / HTTP/1.0\r\nExpect: x\r\n"
		     "Content-Length: 1\r\n\r\na", "a");
	assert_false(f.p.expect_continue);
}

static void test_rule_24_dash_is_not_underscore(void **state)
{
	struct fed f;

	(void)state;
	assert_taken(&f, HTTP1_REQUEST, GET "Content_Length: 5\r\n"
		     "X_Y: a\r\nX-Y: b\r\n\r\n", "");
	assert_int_equal(f.p.content_length, -1);
	assert_ptr_equal(cio__http1_find(f.headers, f.p.n_headers, "x-y"),
			 &f.headers[3]);
	assert_ptr_equal(cio__http1_find(f.headers, f.p.n_headers, "x_y"),
			 &f.headers[2]);
}

static void test_rule_25_pipelining_is_the_callers(void **state)
{
	struct fed f;

	(void)state;
	feed(&f, HTTP1_REQUEST, GET "\r\n" GET "\r\n");
	assert_int_equal(f.last, HTTP1_END);
	assert_int_equal(f.used, strlen(GET "\r\n")); /* not a byte more */
	cio__http1_reset(&f.p);
	f.used = 0;
	feed_bytes(&f, GET "\r\n", strlen(GET "\r\n"));
	assert_int_equal(f.last, HTTP1_END);
}

static void feed_answer(struct fed *f, enum http1_answers to, const char *in)
{
	*f = (struct fed){0};
	cio__http1_init(&f->p, HTTP1_RESPONSE, f->headers, FEED_HEADERS, NULL);
	cio__http1_answers(&f->p, to);
	feed_bytes(f, in, strlen(in));
}

static void test_rule_30_bodies_of_responses(void **state)
{
	struct fed f;

	(void)state;
	assert_taken(&f, HTTP1_RESPONSE, "HTTP/1.1 100 Continue\r\n\r\n", "");
	assert_taken(&f, HTTP1_RESPONSE,
		     "HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n", "");
	assert_taken(&f, HTTP1_RESPONSE,
		     "HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n", "");
	feed_answer(&f, HTTP1_TO_HEAD, OK "Content-Length: 5\r\n\r\n");
	assert_int_equal(f.last, HTTP1_END);
	assert_true(f.p.content_length == 5 && !f.p.has_body);
	feed_answer(&f, HTTP1_TO_CONNECT, OK "Content-Length: 5\r\n\r\n");
	assert_int_equal(f.last, HTTP1_END);
	assert_true(f.p.upgrade && !f.p.has_body);
	feed_answer(&f, HTTP1_TO_CONNECT,
		    "HTTP/1.1 403 no\r\nContent-Length: 2\r\n\r\nno");
	assert_int_equal(f.n_body, 2);

	feed(&f, HTTP1_RESPONSE, OK "Content-Length: 5\r\n\r\nhalf");
	assert_int_equal(f.last, HTTP1_MORE);
	assert_int_equal(cio__http1_eof(&f.p), HTTP1_ERROR);
	feed(&f, HTTP1_RESPONSE,
	     OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n");
	assert_int_equal(cio__http1_eof(&f.p), HTTP1_ERROR);
	feed(&f, HTTP1_RESPONSE, OK "\r\nuntil close");
	assert_true(f.p.until_close && !f.p.keep_alive && f.n_body == 11);
	assert_int_equal(cio__http1_eof(&f.p), HTTP1_END);
}

static void test_rule_31_bytes_after_a_response(void **state)
{
	struct fed f;
	const char *in = "HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\nextra";

	(void)state;
	feed(&f, HTTP1_RESPONSE, in);
	assert_int_equal(f.last, HTTP1_END);
	assert_int_equal(strlen(in) - f.used, 5); /* the caller sees them */
	cio__http1_reset(&f.p);
	feed_bytes(&f, in, strlen(in));
	assert_int_equal(f.last, HTTP1_ERROR);
}

/* The same bytes in a head are refused in both directions. */
static void test_rule_32_responses_are_no_exception(void **state)
{
	static const char *const bad[] = {
		"Content-Length: 1, 1", "Content-Length: 1\r\nContent-Length: 1",
		"X : a", "X: a\r\n b", "X: a\rb", "X", ": a", "X: \x01",
		"Transfer-Encoding: chunked, identity", "X: a\nY: b", NULL};

	(void)state;
	refuse_all(HTTP1_REQUEST, GET, bad, "\r\n\r\n", 400);
	refuse_all(HTTP1_RESPONSE, OK, bad, "\r\n\r\n", 400);
}

/* The text of an error is static: no byte of the peer's gets into it. */
static void test_rule_33_error_text_is_static(void **state)
{
	struct fed a, b;

	(void)state;
	feed(&a, HTTP1_RESPONSE, OK "Evil\r\n\r\n");
	feed(&b, HTTP1_RESPONSE, OK "Other\r\n\r\n");
	assert_int_equal(a.last, HTTP1_ERROR);
	assert_ptr_equal(a.p.error, b.p.error);
}

static void test_limit_of_the_body(void **state)
{
	static const char *const texts[] = {
		OK "Content-Length: 4\r\n\r\nabcd",
		OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n",
		OK "\r\nabcd"};
	struct http1_limits limits = {.body = 3};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct fed f = {0};
		cio__http1_init(&f.p, HTTP1_RESPONSE, f.headers, 5, &limits);
		feed_bytes(&f, texts[i], strlen(texts[i]));
		assert_int_equal(f.last, HTTP1_ERROR);
		assert_int_equal(f.p.error_status, 413);
	}
}

static void test_idle(void **state)
{
	struct fed f;

	(void)state;
	feed(&f, HTTP1_REQUEST, "");
	assert_true(cio__http1_idle(&f.p));
	feed(&f, HTTP1_REQUEST, "G");
	assert_false(cio__http1_idle(&f.p));
	assert_int_equal(cio__http1_eof(&f.p), HTTP1_ERROR);
	feed(&f, HTTP1_REQUEST, GET "\r\n");
	assert_false(cio__http1_idle(&f.p));
	cio__http1_reset(&f.p);
	assert_true(cio__http1_idle(&f.p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule_01_length_and_coding),
		cmocka_unit_test(test_rule_02_two_content_lengths),
		cmocka_unit_test(test_rule_03_length_is_digits),
		cmocka_unit_test(test_rule_04_coding_is_chunked),
		cmocka_unit_test(test_rule_05_coding_in_http_1_0),
		cmocka_unit_test(test_rule_06_chunk_size),
		cmocka_unit_test(test_rule_07_lines_end_with_crlf),
		cmocka_unit_test(test_rule_08_crlf_after_chunk),
		cmocka_unit_test(test_rule_09_chunk_extensions),
		cmocka_unit_test(test_rule_10_trailers),
		cmocka_unit_test(test_rule_11_no_resync_after_error),
		cmocka_unit_test(test_rule_12_method),
		cmocka_unit_test(test_rule_13_target),
		cmocka_unit_test(test_rule_14_version),
		cmocka_unit_test(test_rule_15_single_blanks),
		cmocka_unit_test(test_rule_16_one_empty_line),
		cmocka_unit_test(test_rule_17_header_names),
		cmocka_unit_test(test_rule_18_no_continued_lines),
		cmocka_unit_test(test_rule_19_header_values),
		cmocka_unit_test(test_rule_20_host),
		cmocka_unit_test(test_rule_21_size_of_head),
		cmocka_unit_test(test_rule_22_whole_tokens),
		cmocka_unit_test(test_rule_23_expect),
		cmocka_unit_test(test_rule_24_dash_is_not_underscore),
		cmocka_unit_test(test_rule_25_pipelining_is_the_callers),
		cmocka_unit_test(test_rule_30_bodies_of_responses),
		cmocka_unit_test(test_rule_31_bytes_after_a_response),
		cmocka_unit_test(test_rule_32_responses_are_no_exception),
		cmocka_unit_test(test_rule_33_error_text_is_static),
		cmocka_unit_test(test_limit_of_the_body),
		cmocka_unit_test(test_idle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
