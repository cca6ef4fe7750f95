/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_rules.c - the rules of docs/internals/http_rules.md as the client meets
 * them: whole sessions against answers and arguments that break one each
 *
 * The parser's own tests (wire/http1_rules.c) have the rules in all their forms;
 * here it is seen that a session adds no way around them: the request fails, its
 * connection serves no other, and not a byte of the answer gets into a text.
 */
#include <zlib.h>

#include "canned.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define SMALL OK "Content-Length: 2\r\n\r\nok"

/* ---- answers that are none: rules 1 to 21, 32, 33 ---- */

/* All of them have EvIl in them, which no text may show. */
static const struct {
	int rule;
	const char *text;
} bad[] = {
	{1, OK "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
		"4\r\nEvIl\r\n0\r\n\r\n"},
	{1, OK "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
		"4\r\nEvIl\r\n0\r\n\r\n"},
	{2, OK "Content-Length: 4\r\nContent-Length: 4\r\n\r\nEvIl"},
	{2, OK "Content-Length: 4\r\nContent-Length: 5\r\n\r\nEvIl!"},
	{3, OK "Content-Length: 4, 4\r\n\r\nEvIl"},
	{3, OK "Content-Length: +4\r\n\r\nEvIl"},
	{3, OK "Content-Length: 0x4\r\n\r\nEvIl"},
	{3, OK "Content-Length: -4\r\n\r\nEvIl"},
	{3, OK "Content-Length: \r\n\r\nEvIl"},
	{3, OK "Content-Length: 18446744073709551620\r\n\r\nEvIl"},
	{4, OK "Transfer-Encoding: xchunked\r\n\r\n4\r\nEvIl\r\n0\r\n\r\n"},
	{4, OK "Transfer-Encoding: chunked, identity\r\n\r\n4\r\nEvIl\r\n0\r\n\r\n"},
	{4, OK "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nEvIl\r\n0\r\n\r\n"},
	{4, OK "Transfer-Encoding: ,chunked\r\n\r\n4\r\nEvIl\r\n0\r\n\r\n"},
	{4, OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
		"4\r\nEvIl\r\n0\r\n\r\n"},
	{4, OK "Transfer-Encoding: \x0b" "chunked\r\n\r\n4\r\nEvIl\r\n0\r\n\r\n"},
	{5, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"4\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "0x4\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "+4\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED " 4\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "4 \r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "EvIl\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "FFFFFFFFFFFFFFFF\r\nEvIl\r\n0\r\n\r\n"},
	{6, CHUNKED "10000000000000004\r\nEvIl\r\n0\r\n\r\n"},
	{7, "HTTP/1.1 200 OK\nContent-Length: 4\r\n\r\nEvIl"},
	{7, OK "Content-Length: 4\n\r\nEvIl"},
	{7, OK "Content-Length: 4\r\n\nEvIl"},
	{7, OK "X: a\rEvIl: b\r\nContent-Length: 4\r\n\r\nEvIl"},
	{7, CHUNKED "4\nEvIl\r\n0\r\n\r\n"},
	{7, CHUNKED "4\r\nEvIl\r\n0\n\r\n"},
	{7, CHUNKED "4\r\nEvIl\r\n0\r\n\n"},
	{8, CHUNKED "4\r\nEvIl!\r\n0\r\n\r\n"},
	{8, CHUNKED "4\r\nEvIl0\r\n\r\n"},
	{8, CHUNKED "4\r\nEvIl\n0\r\n\r\n"},
	{9, CHUNKED "4;EvIl=\x01\r\nEvIl\r\n0\r\n\r\n"},
	{9, CHUNKED "4;EvIl=\"\r\nEvIl\r\n0\r\n\r\n"},
	{9, CHUNKED "4;\nEvIl\r\n0\r\n\r\n"},
	{10, CHUNKED "4\r\nEvIl\r\n0\r\nContent-Length: 4\r\n\r\n"},
	{10, CHUNKED "4\r\nEvIl\r\n0\r\nSet-Cookie: EvIl=1\r\n\r\n"},
	{10, CHUNKED "4\r\nEvIl\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{10, CHUNKED "4\r\nEvIl\r\n0\r\n EvIl: x\r\n\r\n"},
	{14, "HTTP/0.9 200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{14, "HTTP/1.2 200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{14, "HTTP/2.0 200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{14, "ICY 200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{14, "EvIl EvIl EvIl EvIl EvIl"},
	{15, "HTTP/1.1  200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{15, "HTTP/1.1\t200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{15, "HTTP/1.1 2000 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{15, "HTTP/1.1 +20 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{15, "HTTP/1.1 099 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{16, "\r\nHTTP/1.1 200 EvIl\r\nContent-Length: 0\r\n\r\n"},
	{17, OK "EvIl : x\r\nContent-Length: 0\r\n\r\n"},
	{17, OK ": EvIl\r\nContent-Length: 0\r\n\r\n"},
	{17, OK "EvIl\r\nContent-Length: 0\r\n\r\n"},
	{17, OK "Ev Il: x\r\nContent-Length: 0\r\n\r\n"},
	{17, OK "Content-Length\x0b: 4\r\n\r\nEvIl"},
	{18, OK "X: a\r\n EvIl\r\nContent-Length: 0\r\n\r\n"},
	{18, OK "Transfer-Encoding:\r\n chunked\r\n\r\n4\r\nEvIl\r\n0\r\n\r\n"},
	{19, OK "X: EvIl\x01\r\nContent-Length: 0\r\n\r\n"},
	{19, OK "X: EvIl\x7f\r\nContent-Length: 0\r\n\r\n"},
};

static void next_is_right(struct canned *c, cio_http_session *s, int rule)
{
	static int count;
	char path[32];
	cio_buf body = {0};
	snprintf(path, sizeof path, "/echo-%d", ++count);
	bool fine = CHECK_INT(cio_http_get(s, canned_url(c, path), &body), 200);
	fine = CHECK(is_text(&body, path)) && fine;
	if (!fine)
		printf("# after rule %d: %s\n", rule, cio_error_text());
	cio_buf_finish(&body);
}

/* As a whole answer, or by a reader: what it failed with. */
static int ask_bad(cio_http_session *s, const char *url, bool reader,
	cio_http_response *r)
{
	cio_http_reader *in;
	char text[64];
	if (!reader)
		return ask(s, url, r);
	ssize_t n = cio_http_reader_open(&in, s,
		&(cio_http_request_options){.url = url}, r);
	if (n < 0)
		return (int)n;
	while ((n = cio_http_reader_read(in, text, sizeof text)) > 0)
		continue;
	cio_http_reader_close(in);
	return (int)n;
}

static int bad_client(struct canned *c)
{
	static const unsigned hows[] = {THEN_CLOSE, BYTE_BY_BYTE | THEN_CLOSE,
		THEN_HANG};
	for (size_t i = 0; i < 6 * (sizeof bad / sizeof *bad); i++) {
		size_t k = i / 6;
		/* hanging: what is wrong is said without waiting for more */
		struct answer a[] = {{"/x", bad[k].text, hows[i % 3], 0, 0}, {0}};
		cio_cookie_jar *jar;
		CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.cookies = jar,
				.retries = 2, .backoff = 1});
		cio_http_response r = {.keep_body = true};
		c->answers = a;
		int before = c->connections;
		int err = ask_bad(s, canned_url(c, "/x"), i % 6 >= 3, &r);
		bool fine = CHECK_INT(err, -CIO_EPROTOCOL);
		fine = CHECK(strstr(cio_error_text(), "EvIl") == NULL) && fine;
		fine = CHECK_INT(r.body.n, 0) && fine;
		fine = CHECK_INT(r.status, 0) && fine;
		fine = CHECK_INT(r.attempts, 1) && fine; /* it is no accident */
		fine = CHECK_INT(cio_cookie_jar_count(jar), 0) && fine;
		next_is_right(c, s, bad[k].rule);
		fine = CHECK_INT(c->connections, before + 2) && fine;
		if (!fine)
			printf("# rule %d, case %zu, way %zu: %s\n", bad[k].rule,
				k, i % 6, cio_error_text());
		cio_http_response_finish(&r);
		cio_http_session_close(s);
		cio_cookie_jar_close(jar);
	}
	return 0;
}

static int rules_1_to_21_refused(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, bad_client);
}

/* ---- answers that look odd, and what is made of them ---- */

static const struct {
	int rule;
	const char *text, *body;
	bool kept; /* may its connection serve another request? */
} odd[] = {
	{6, CHUNKED "0000000000000002\r\nok\r\n00\r\n\r\n", "ok", true},
	{9, CHUNKED "2;a;b=c;d=\"e;\\\"\"\r\nok\r\n0;z\r\n\r\n", "ok", true},
	{10, CHUNKED "2\r\nok\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", "ok", true},
	{19, OK "X:\t a\xff \t\r\nContent-Length: 2\r\n\r\nok", "ok", true},
	{22, OK "Connection: closed, notclose\r\nContent-Length: 2\r\n\r\nok",
		"ok", true},
	{22, OK "Connection: x ,\tCLOSE\r\nContent-Length: 2\r\n\r\nok", "ok",
		false},
	{22, OK "Connection: keep-alive\r\nConnection: close\r\n"
		"Content-Length: 2\r\n\r\nok", "ok", false},
	{22, OK "Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2\r\n"
		"\r\nok", "ok", true},
	{22, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", false},
	{24, OK "Content_Length: 9\r\nTransfer_Encoding: chunked\r\n"
		"Content-Length: 2\r\n\r\nok", "ok", true},
	{30, "HTTP/1.1 103 H\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n"
		"\r\n" SMALL, NULL, false},
	{30, "HTTP/1.1 103 H\r\nLink: x\r\n\r\nHTTP/1.1 100 C\r\n\r\n" SMALL,
		"ok", true},
	{30, OK "Connection: close\r\n\r\nok", "ok", false},
};

static int odd_client(struct canned *c)
{
	static const unsigned hows[] = {0, BYTE_BY_BYTE};
	for (size_t i = 0; i < 2 * (sizeof odd / sizeof *odd); i++) {
		size_t k = i / 2;
		bool closes = strstr(odd[k].text, "Length") == NULL &&
			strstr(odd[k].text, "chunked") == NULL;
		struct answer a[] = {{"/x", odd[k].text, hows[i % 2] |
			(closes ? THEN_CLOSE : 0), 0, 0}, {0}};
		cio_http_session *s = cio_http_session_open(NULL);
		cio_http_response r = {.keep_body = true};
		c->answers = a;
		int before = c->connections;
		int status = ask(s, canned_url(c, "/x"), &r);
		bool fine = CHECK_INT(status,
			odd[k].body != NULL ? 200 : -CIO_EPROTOCOL);
		if (odd[k].body != NULL)
			fine = CHECK(is_text(&r.body, odd[k].body)) && fine;
		/* trailers are no headers */
		fine = CHECK_INT(cio_http_response_header(&r, "X-Sum").n, 0) &&
			fine;
		next_is_right(c, s, odd[k].rule);
		fine = CHECK_INT(c->connections, before + 2 - odd[k].kept) && fine;
		if (!fine)
			printf("# rule %d, case %zu: %s\n", odd[k].rule, k,
				cio_error_text());
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int rules_6_to_30_taken(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, odd_client);
}

/* ---- rule 27: nothing that a caller gives splits a request ---- */

/* How often the requests' lines may end, and what must not stand among them. */
static bool is_one_request(const struct canned *c)
{
	const char *end = strstr(c->last, "\r\n\r\n");
	for (const char *p = c->last; end != NULL && p < end; p++) {
		bool lone = (*p == '\r') != (p[1] == '\n');
		if (lone && (*p == '\r' || p[1] == '\n'))
			return false;
	}
	return end != NULL && strstr(c->last, "\nSpLiT") == NULL;
}

enum { VALUE, NAME, RANGE, USER, PASSWORD, TOKEN, TYPE, PATH, AGENT, OWN_COOKIE,
	SESSION_VALUE, PLACES };

static ssize_t nothing(cio_http_body *b, void *buf, size_t n)
{
	(void)b;
	(void)buf;
	(void)n;
	return 0;
}

static int ask_with(struct canned *c, int place, const char *text,
	cio_http_response *r)
{
	char url[160];
	cio_http_body source = {.size = 0, .type = text, .read = nothing};
	cio_http_header own[2] = {{place == NAME ? text :
		place == OWN_COOKIE ? "Cookie" : "X", place == NAME ? "x" : text},
		{0}};
	bool header = place == VALUE || place == NAME || place == OWN_COOKIE;
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.user_agent = place == AGENT ? text : NULL,
		.headers = place == SESSION_VALUE ? own : NULL});
	if (s == NULL)
		return -EINVAL;
	snprintf(url, sizeof url, "%s%s", canned_url(c, "/echo"),
		place == PATH ? text : "");
	cio_http_request_options o = {.url = url,
		.headers = header ? own : NULL,
		.range = place == RANGE ? text : NULL,
		.method = place == TYPE ? CIO_PUT : CIO_GET,
		.source = place == TYPE ? &source : NULL,
		.auth = {.kind = place == TOKEN ? CIO_HTTP_AUTH_BEARER :
			place == USER || place == PASSWORD ?
			CIO_HTTP_AUTH_BASIC : CIO_HTTP_AUTH_NONE,
			.user = place == USER ? text : "me",
			.password = place == USER ? "x" : text}};
	int status = cio_http_request_do(s, &o, r);
	cio_http_session_close(s);
	return status;
}

static int splitting_client(struct canned *c)
{
	cio_http_response r = {0};
	for (int place = 0; place < PLACES; place++) {
		int taken = 0;
		for (int byte = 1; byte < 256; byte++) {
			char text[32];
			snprintf(text, sizeof text, "a%cSpLiT%s", byte,
				place == USER ? "" : ":b"); /* Basic has none */
			c->last[0] = '\0';
			int requests = c->requests;
			int status = ask_with(c, place, text, &r);
			bool control = (byte < 0x20 && byte != '\t') ||
				byte == 0x7f;
			bool fine = status == 200 ? CHECK(is_one_request(c)) :
				CHECK(c->requests == requests);
			if (control && place != USER && place != PASSWORD)
				fine = CHECK(status < 0) && fine;
			taken += status == 200;
			if (!fine)
				printf("# place %d, byte %d: %s\n", place, byte,
					c->last);
		}
		/* most bytes are harmless, and are taken, but in names */
		CHECK(place == NAME || taken > 50);
	}
	cio_http_response_finish(&r);
	return 0;
}

static int rule_27_nothing_splits_a_request(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, splitting_client);
}

/* ---- rule 29: what a stranger wrote is shown in one line ---- */

static int shown_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	static const char *const targets[] = {"http://h/\x1b[31m",
		"http://127.0.0.1:1/\r\nfake: line", "\n\n", "http://\x07h/"};
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		CHECK(ask(s, targets[i], &r) < 0);
		for (const char *p = cio_error_text(); *p != '\0'; p++)
			CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
	/* a redirect's target is a stranger's, too */
	struct answer a[] = {{"/go", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
		"Location: http://a b\t\xff/\r\n\r\n", 0, 0, 0}, {0}};
	c->answers = a;
	CHECK_INT(ask(s, canned_url(c, "/go"), &r), -CIO_EURL);
	for (const char *p = cio_error_text(); *p != '\0'; p++)
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int rule_29_one_line(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, shown_client);
}

/* ---- what is dropped is not undone (CVE-2026-21441) ---- */

enum { ZEROS = 4 << 20 };

static int send_packed(struct canned *c, cio_stream *s, const char *path)
{
	(void)c;
	if (strncmp(path, "/bomb", 5) != 0)
		return canned_echo(s, path);
	char *zeros = calloc(1, ZEROS), *packed = malloc(ZEROS), head[200];
	z_stream z = {0};
	deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (Bytef *)zeros;
	z.avail_in = ZEROS;
	z.next_out = (Bytef *)packed;
	z.avail_out = ZEROS;
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	int n = snprintf(head, sizeof head, "HTTP/1.1 302 R\r\nLocation: /echo"
		"\r\nContent-Encoding: %s\r\nContent-Length: %lu\r\n\r\n",
		strcmp(path, "/bomb-what") == 0 ? "what" : "gzip", z.total_out);
	int err = cio_stream_write(s, head, (size_t)n, NULL);
	err = err < 0 ? err : cio_stream_write(s, packed, z.total_out, NULL);
	deflateEnd(&z);
	free(zeros);
	free(packed);
	return err;
}

static int dropping_client(struct canned *c)
{
	static const char *const paths[] = {"/bomb", "/bomb-what"};
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.max_body = 100});
	cio_http_response r = {0};
	for (int i = 0; i < 2; i++) {
		CHECK_INT(ask(s, canned_url(c, paths[i]), &r), 200);
		CHECK_INT(r.redirects, 1);
		CHECK_INT(r.body_size, 5);
	}
	CHECK_INT(c->connections, 1); /* it was small as it came */
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int dropped_is_not_undone(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = send_packed},
		dropping_client);
}

/* ---- whose connection it is ---- */

/* Scheme, host and port, and no other spelling of them. */
static int keys_client(struct canned *c)
{
	char url[96];
	cio_http_response r = {0};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.timeout = CIO_S(5), .tls_timeout = CIO_MS(50),
		.resolve = (cio_http_resolve[]){{"a.test:*", "127.0.0.1"},
			{"b.test:*", "127.0.0.1"}, {"a.test.:*", "127.0.0.1"},
			{0}}});
	static const struct {
		const char *host;
		bool reused;
	} hosts[] = {{"127.0.0.1", false}, {"a.test", false}, {"A.TEST", true},
		{"b.test", false}, {"a.test.", false}, {"a.test", true},
		{"127.0.0.1", true}};
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		snprintf(url, sizeof url, "http://%s:%u/echo", hosts[i].host,
			c->port);
		CHECK_INT(ask(s, url, &r), 200);
		if (!CHECK_INT(r.reused, hosts[i].reused))
			printf("# %s\n", url);
	}
	/* a connection in the clear is never taken for a secure one */
	snprintf(url, sizeof url, "https://127.0.0.1:%u/echo", c->port);
	CHECK(ask(s, url, &r) < 0);
	CHECK(!r.reused);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int keys_of_connections(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, keys_client);
}

/* ---- where redirects lead ---- */

static const struct {
	const char *location;
	int result;
	const char *met; /* the target that was asked for then */
} ways[] = { /* by RFC 3986, from /a/b?c */
	{"d", 200, "GET /a/d "}, {"./d", 200, "GET /a/d "},
	{"../d", 200, "GET /d "}, {"../../../d", 200, "GET /d "},
	{"?e", 200, "GET /a/b?e "}, {"/", 200, "GET / "},
	{"#f", 200, "GET /a/b?c "}, {"d#f", 200, "GET /a/d "},
	{"/d%0d%0aX:y", 200, "GET /d%0d%0aX:y "},
	{"mailto:x@y", -CIO_EURL, NULL}, {"file:///etc/passwd", -CIO_EURL, NULL},
	{"gopher://127.0.0.1:6379/_x", -CIO_EURL, NULL},
	{"dict://127.0.0.1/", -CIO_EURL, NULL},
	{"http://u:p@127.0.0.1/", -CIO_EURL, NULL},
	{"//u@127.0.0.1/", -CIO_EURL, NULL},
	{"http://127.0.0.1\\@h/", -CIO_EURL, NULL},
	{"http://0177.1/", -CIO_EURL, NULL},
	{"http://2130706433/", -CIO_EURL, NULL},
	{"http://0x7f.1/", -CIO_EURL, NULL},
	{"http://127.1/", -CIO_EURL, NULL},
	{"http://[::1%25lo]/", -CIO_EURL, NULL},
	{"http://h:0/", -CIO_EURL, NULL}, {"http://h:65536/", -CIO_EURL, NULL},
	{"http:///x", -CIO_EURL, NULL}, {"http:x", -CIO_EURL, NULL},
};

static int ways_client(struct canned *c)
{
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char text[200];
		snprintf(text, sizeof text, "HTTP/1.1 302 R\r\nLocation: %s\r\n"
			"Content-Length: 0\r\n\r\n", ways[i].location);
		struct answer a[] = {{"/a/b?c", text, 0, 1, 0}, {0}};
		cio_http_session *s = cio_http_session_open(NULL);
		cio_http_response r = {0};
		c->answers = a;
		c->used[0] = 0;
		bool fine = CHECK_INT(ask(s, canned_url(c, "/a/b?c"), &r),
			ways[i].result);
		if (ways[i].met != NULL)
			fine = CHECK(strncmp(c->last, ways[i].met,
				strlen(ways[i].met)) == 0) && fine;
		else
			fine = CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT) && fine;
		if (!fine)
			printf("# %s: %s\n# %s\n", ways[i].location,
				cio_error_text(), c->last);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int redirects_by_the_book(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, ways_client);
}

RUNS(rules_1_to_21_refused)
RUNS(rules_6_to_30_taken)
RUNS(rule_27_nothing_splits_a_request)
RUNS(rule_29_one_line)
RUNS(dropped_is_not_undone)
RUNS(keys_of_connections)
RUNS(redirects_by_the_book)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_rules_1_to_21_refused),
		cmocka_unit_test(run_rules_6_to_30_taken),
		cmocka_unit_test(run_rule_27_nothing_splits_a_request),
		cmocka_unit_test(run_rule_29_one_line),
		cmocka_unit_test(run_dropped_is_not_undone),
		cmocka_unit_test(run_keys_of_connections),
		cmocka_unit_test(run_redirects_by_the_book),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
