/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_auth.c - who we are: whom it is told, and whom not
 */
#include <unistd.h>

#include "canned.h"

#define EMPTY "Content-Length: 0\r\n\r\n"
#define ASK(challenge) \
	"HTTP/1.1 401 No\r\nWWW-Authenticate: " challenge "\r\n" EMPTY
#define DIGEST "Digest realm=\"r\", qop=\"auth\", algorithm=SHA-256, "
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static bool sent(const struct canned *c, const char *text)
{
	return strstr(c->last, text) != NULL;
}

static int with(cio_http_session *s, const char *url, cio_http_auth auth,
	cio_http_response *r)
{
	return cio_http_request_do(s, &(cio_http_request_options){.url = url,
		.auth = auth}, r);
}

static const cio_http_auth basic = {CIO_HTTP_AUTH_BASIC, "Aladdin",
	"open sesame"}, digest = {CIO_HTTP_AUTH_DIGEST, "me", "secret"},
	bearer = {CIO_HTTP_AUTH_BEARER, NULL, "abc.DEF-1_2~3+/="};

/* ---- whom ---- */

static int kinds_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	CHECK_INT(with(s, canned_url(c, "/echo"), basic, &r), 200);
	CHECK(sent(c, "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
	CHECK_INT(with(s, canned_url(c, "/echo"), bearer, &r), 200);
	CHECK(sent(c, "\r\nAuthorization: Bearer abc.DEF-1_2~3+/=\r\n"));
	CHECK_INT(with(s, canned_url(c, "/echo"), digest, &r), 200);
	CHECK(!sent(c, "Authorization"));
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK(!sent(c, "Authorization"));

	/* a header of the caller's own is all that is said */
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(c, "/echo"), .auth = basic,
		.headers = (cio_http_header[]){{"authorization", "mine"}, {0}}},
		&r), 200);
	CHECK(sent(c, "authorization: mine") && !sent(c, "Basic"));
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int each_kind(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, kinds_client);
}

static int impossible_client(struct canned *c)
{
	static const cio_http_auth none[] = {
		{CIO_HTTP_AUTH_BASIC, "a:b", "c"},
		{CIO_HTTP_AUTH_BASIC, "a", "b\r\nX: y"},
		{CIO_HTTP_AUTH_DIGEST, "a\n", "b"},
		{CIO_HTTP_AUTH_BEARER, NULL, NULL},
		{CIO_HTTP_AUTH_BEARER, NULL, "two words"},
		{CIO_HTTP_AUTH_BEARER, NULL, "x\r\nY: z"}};
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		CHECK_INT(with(s, canned_url(c, "/echo"), none[i], &r), -EINVAL);
		CHECK(strstr(cio_error_text(), "auth: ") != NULL);
		CHECK(cio_http_session_open(&(cio_http_session_options){
			.base_url = "http://h/", .auth = none[i]}) == NULL);
	}
	char url[64];
	snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%u/", c->port);
	CHECK_INT(ask(s, url, &r), -CIO_EURL);
	CHECK(strstr(cio_error_text(), "`auth`") != NULL);
	CHECK(strstr(cio_error_text(), "secret") == NULL);
	CHECK_INT(c->requests, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int impossible(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, impossible_client);
}

/* The session's for base_url's origin; nobody's to a stranger, not even back at
 * home, nor in answer to his challenge. */
static int strangers_client(struct canned *c)
{
	char go[128], back[128], base[64];
	snprintf(go, sizeof go, "HTTP/1.1 302 R\r\n"
		"Location: http://localhost:%u/away\r\n" EMPTY, c->port);
	snprintf(back, sizeof back, "HTTP/1.1 302 R\r\n"
		"Location: http://127.0.0.1:%u/home\r\n" EMPTY, c->port);
	snprintf(base, sizeof base, "http://127.0.0.1:%u/", c->port);
	const struct answer answers[] = {{"/go", go, 0, 0, 0},
		{"/away", ASK(DIGEST "nonce=n"), 0, 2, 0},
		{"/away", back, 0, 0, 0}, {"/home", OK, 0, 0, 0}, {0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.base_url = base, .auth = basic, .resolve = (cio_http_resolve[]){
			{"localhost:*", "127.0.0.1"}, {0}}});
	cio_http_response r = {0};
	CHECK_INT(ask(s, "/home", &r), 200);
	CHECK(sent(c, "Authorization: Basic"));
	CHECK_INT(ask(s, "/go", &r), 401);
	CHECK(sent(c, "GET /away") && !sent(c, "Authorization"));
	CHECK_INT(with(s, "/go", digest, &r), 401);
	CHECK(sent(c, "GET /away") && !sent(c, "Authorization"));
	CHECK_INT(ask(s, "/go", &r), 200);
	CHECK(sent(c, "GET /home") && !sent(c, "Authorization"));
	snprintf(base, sizeof base, "http://localhost:%u/home", c->port);
	CHECK_INT(ask(s, base, &r), 200);
	CHECK(!sent(c, "Authorization"));
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int strangers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, strangers_client);
}

/* ---- Digest ---- */

static const struct answer challenges[] = {
	{"/one", ASK("Basic realm=x, " DIGEST "nonce=\"n1\""), 0, 1, 0},
	{"/one", OK, 0, 0, 0},
	{"/never", ASK(DIGEST "nonce=\"n2\""), 0, 0, 0},
	{"/stale", ASK(DIGEST "nonce=\"old\""), 0, 1, 0},
	{"/stale", ASK(DIGEST "nonce=\"new\", stale=TRUE"), 0, 1, 0},
	{"/stale", OK, 0, 0, 0},
	{"/ever", ASK(DIGEST "nonce=\"old\", stale=true"), 0, 0, 0},
	{"/basic", ASK("Basic realm=x"), 0, 0, 0},
	{"/whole", ASK("Digest realm=r, qop=auth-int, nonce=w"), 0, 1, 0},
	{"/whole", OK, 0, 0, 0},
	{"/next", ASK(DIGEST "nonce=\"first\""), 0, 1, 0},
	{"/next", "HTTP/1.1 200 OK\r\nAuthentication-Info: nextnonce=\"second\""
		"\r\n" EMPTY, 0, 1, 0},
	{"/next", OK, 0, 0, 0},
	{0},
};

static int challenge_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.resolve = (cio_http_resolve[]){
			{"localhost:*", "127.0.0.1"}, {0}}});
	cio_http_response r = {.keep_body = true};
	CHECK_INT(with(s, canned_url(c, "/one"), digest, &r), 200);
	CHECK(is_text(&r.body, "ok"));
	CHECK_INT(c->requests, 2);
	CHECK_INT(c->connections, 1);
	CHECK(sent(c, "Authorization: Digest username=\"me\", realm=\"r\", "
		"nonce=\"n1\", uri=\"/one\", algorithm=SHA-256, qop=auth, "
		"nc=00000001, cnonce="));
	CHECK(!sent(c, "secret"));

	/* the nonce is known now */
	cio_buf_clear(&r.body);
	CHECK_INT(with(s, canned_url(c, "/one"), digest, &r), 200);
	CHECK_INT(c->requests, 3);
	CHECK(sent(c, "nc=00000002"));

	/* answered once with this nonce, whatever we had before */
	CHECK_INT(with(s, canned_url(c, "/never"), digest, &r), 401);
	CHECK_INT(c->requests, 5);
	CHECK_INT(r.error, CIO_HTTP_ERROR_STATUS);
	CHECK_INT(with(s, canned_url(c, "/stale"), digest, &r), 200);
	CHECK(sent(c, "nonce=\"new\"") && sent(c, "nc=00000001"));
	CHECK_INT(c->requests, 8);
	CHECK_INT(with(s, canned_url(c, "/ever"), digest, &r), 401);
	CHECK_INT(c->requests, 11);
	CHECK_INT(with(s, canned_url(c, "/basic"), digest, &r), 401);
	CHECK_INT(c->requests, 12);
	CHECK_INT(with(s, canned_url(c, "/never"), basic, &r), 401);
	CHECK_INT(c->requests, 13);
	char url[64]; /* another origin, which has not asked */
	snprintf(url, sizeof url, "http://localhost:%u/echo", c->port);
	CHECK_INT(with(s, url, digest, &r), 200);
	CHECK(!sent(c, "Authorization"));
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int challenged(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = challenges},
		challenge_client);
}

struct once {
	cio_http_body body;
	int left, rewound;
};

static ssize_t read_once(cio_http_body *b, void *buf, size_t n)
{
	struct once *o = (struct once *)(void *)b;
	(void)n;
	if (o->left-- <= 0)
		return 0;
	memcpy(buf, "body", 4);
	return 4;
}

static int rewind_once(cio_http_body *b)
{
	struct once *o = (struct once *)(void *)b;
	o->left = 1;
	o->rewound++;
	return 0;
}

/* The body goes again, or the 401 is the answer. */
static int body_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	struct once o = {.body = {4, NULL, read_once, rewind_once}, .left = 1};
	cio_http_request_options rq = {.method = CIO_POST, .auth = digest,
		.url = canned_url(c, "/one"), .source = &o.body};
	CHECK_INT(cio_http_request_do(s, &rq, &r), 200);
	CHECK_INT(o.rewound, 1);
	CHECK(sent(c, "POST /one") && sent(c, "body") && sent(c, "nc=00000001"));
	o = (struct once){.body = {4, NULL, read_once, NULL}, .left = 1};
	rq.url = canned_url(c, "/never");
	CHECK_INT(cio_http_request_do(s, &rq, &r), 401);
	CHECK_INT(c->requests, 3);
	rq = (cio_http_request_options){.auth = digest,
		.url = canned_url(c, "/stale")};

	cio_http_reader *in;
	char buf[8];
	CHECK_INT(cio_http_reader_open(&in, s, &rq, &r), 200);
	CHECK_INT(cio_http_reader_read(in, buf, sizeof buf), 2);
	cio_http_reader_close(in);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

/* A sum over the body, where all of it is there to be summed; and the nonce that
 * the server wants next, without another 401. */
static int further_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	struct once o = {.body = {4, NULL, read_once, rewind_once}, .left = 1};
	cio_http_request_options rq = {.method = CIO_POST, .auth = digest,
		.url = canned_url(c, "/whole"), .source = &o.body};
	CHECK_INT(cio_http_request_do(s, &rq, &r), 401);
	CHECK_INT(o.rewound, 0);
	c->used[8] = 0;
	rq.source = NULL;
	rq.body = "body";
	rq.body_size = 4;
	CHECK_INT(cio_http_request_do(s, &rq, &r), 200);
	CHECK(sent(c, "qop=auth-int, nc=00000001") && sent(c, "body"));
	/* what is known of the origin is of no use for this one */
	o.left = 1;
	rq.source = &o.body;
	rq.body = NULL;
	rq.body_size = 0;
	CHECK_INT(cio_http_request_do(s, &rq, &r), 200);
	CHECK(!sent(c, "Authorization"));

	int requests = c->requests;
	CHECK_INT(with(s, canned_url(c, "/next"), digest, &r), 200);
	CHECK_INT(with(s, canned_url(c, "/next"), digest, &r), 200);
	CHECK(sent(c, "nonce=\"second\"") && sent(c, "nc=00000001"));
	CHECK_INT(c->requests, requests + 3);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int further(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = challenges},
		further_client);
}

static int bodies(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = challenges}, body_client);
}

/* ---- netrc ---- */

static char netrc[] = "/tmp/cio-netrc-XXXXXX";

static void write_netrc(void)
{
	FILE *f = fopen(netrc, "w");
	if (!CHECK(f != NULL))
		return;
	fputs("machine 127.0.0.1 login me password pw\n"
	      "machine localhost login other password pw\n", f);
	fclose(f);
}

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(netrc);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(netrc);
}

static int netrc_client(struct canned *c)
{
	write_netrc();
	char go[128];
	snprintf(go, sizeof go, "HTTP/1.1 302 R\r\n"
		"Location: http://localhost:%u/away\r\n" EMPTY, c->port);
	const struct answer answers[] = {{"/go", go, 0, 0, 0}, {0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.netrc = netrc, .resolve = (cio_http_resolve[]){
			{"localhost:*", "127.0.0.1"}, {0}}});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK(sent(c, "Authorization: Basic bWU6cHc=\r\n"));
	CHECK_INT(truncate(netrc, 0), 0); /* it was read */
	CHECK_INT(ask(s, canned_url(c, "/echo2"), &r), 200);
	CHECK(sent(c, "Authorization: Basic bWU6cHc=\r\n"));
	/* CVE-2024-11053, CVE-2025-0167: not where a redirect leads */
	CHECK_INT(ask(s, canned_url(c, "/go"), &r), 200);
	CHECK(sent(c, "GET /away") && !sent(c, "Authorization"));
	CHECK_INT(with(s, canned_url(c, "/echo"), bearer, &r), 200);
	CHECK(sent(c, "Bearer") && !sent(c, "Basic"));
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(c, "/echo"), .headers = (cio_http_header[]){
			{"Authorization", "mine"}, {0}}}, &r), 200);
	CHECK(sent(c, "Authorization: mine") && !sent(c, "Basic"));
	cio_http_session_close(s);

	s = cio_http_session_open(&(cio_http_session_options){
		.netrc = "/nowhere/netrc"});
	int requests = c->requests;
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -ENOENT);
	CHECK(strstr(cio_error_text(), "/nowhere/netrc") != NULL);
	CHECK_INT(c->requests, requests);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int from_a_file(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, netrc_client);
}

/* ---- cut short ---- */

static int some_client(struct canned *c)
{
	write_netrc();
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.netrc = netrc});
	cio_http_response r = {0};
	if (s == NULL)
		return -ENOMEM;
	(void)with(s, canned_url(c, "/stale"), digest, &r);
	(void)with(s, canned_url(c, "/one"), basic, &r);
	(void)ask(s, canned_url(c, "/one"), &r);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int some_of_it(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = challenges}, some_client);
}

RUNS(each_kind)
RUNS(impossible)
RUNS(strangers)
RUNS(challenged)
RUNS(bodies)
RUNS(further)
RUNS(from_a_file)

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(some_of_it, NULL, "auth");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(some_of_it, NULL, "auth");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_each_kind),
		cmocka_unit_test(run_impossible),
		cmocka_unit_test(run_strangers),
		cmocka_unit_test(run_challenged),
		cmocka_unit_test(run_bodies),
		cmocka_unit_test(run_further),
		cmocka_unit_test(run_from_a_file),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
