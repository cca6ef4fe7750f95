/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_cookies.c - cookies on their way through a session: every answer is
 * heard, every hop is asked for
 */
#include "canned.h"

#define EMPTY "Content-Length: 0\r\n\r\n"

static bool sent(const struct canned *c, const char *line)
{
	return strstr(c->last, line) != NULL;
}

static const struct answer ways[] = {
	{"/set", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n"
		"set-cookie: b=2; Path=/deep\r\nSet-Cookie: bad\r\n" EMPTY, 0, 0, 0},
	{"/hop", "HTTP/1.1 302 R\r\nSet-Cookie: hop=1; Path=/\r\n"
		"Location: /end\r\n" EMPTY, 0, 0, 0},
	{"/error", "HTTP/1.1 404 No\r\nSet-Cookie: error=1\r\n" EMPTY, 0, 0, 0},
	{"/again", "HTTP/1.1 503 Wait\r\nSet-Cookie: wait=1\r\n" EMPTY, 0, 1, 0},
	{"/early", "HTTP/1.1 103 Hints\r\nSet-Cookie: early=1\r\n\r\n"
		"HTTP/1.1 200 OK\r\n" EMPTY, 0, 0, 0},
	{0},
};

static int hops_client(struct canned *c)
{
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.cookies = jar, .retries = 1});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/set"), &r), 200);
	CHECK(!sent(c, "Cookie:"));
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK(sent(c, "\r\nCookie: a=1\r\n"));
	CHECK_INT(ask(s, canned_url(c, "/deep/echo"), &r), 200);
	CHECK(sent(c, "\r\nCookie: b=2; a=1\r\n"));

	CHECK_INT(ask(s, canned_url(c, "/hop"), &r), 200);
	CHECK(sent(c, "GET /end"));
	CHECK(sent(c, "\r\nCookie: a=1; hop=1\r\n"));
	CHECK_INT(ask(s, canned_url(c, "/error"), &r), 404);
	CHECK_INT(ask(s, canned_url(c, "/again"), &r), 200); /* an echo */
	CHECK_INT(r.attempts, 2);
	CHECK(sent(c, "\r\nCookie: a=1; hop=1; error=1; wait=1\r\n"));
	CHECK_INT(ask(s, canned_url(c, "/early"), &r), 200);
	CHECK_INT(cio_cookie_jar_count(jar), 5);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	cio_cookie_jar_close(jar);
	return 0;
}

static int every_hop(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = ways}, hops_client);
}

/* ---- the caller's own ---- */

static int own_client(struct canned *c)
{
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.cookies = jar, .headers = (cio_http_header[]){
			{"Cookie", "all=s"}, {0}}});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK(sent(c, "\r\nCookie: all=s\r\n"));
	CHECK_INT(ask(s, canned_url(c, "/set"), &r), 200);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK(sent(c, "\r\nCookie: all=s; a=1\r\n"));
	static const cio_http_header mine[] = {{"cookie", "x=y"},
		{"Cookie", "a=mine"}, {0}};
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(c, "/deep/echo"), .headers = mine}, &r), 200);
	CHECK(sent(c, "\r\nCookie: x=y; a=mine; b=2\r\n"));
	CHECK(strstr(strstr(c->last, "ookie") + 1, "ookie") == NULL);
	cio_http_response_finish(&r);
	cio_http_session_close(s);

	/* and without a jar */
	s = cio_http_session_open(NULL);
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(c, "/echo"), .headers = mine}, &r), 200);
	CHECK(sent(c, "\r\nCookie: x=y; a=mine\r\n"));
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	cio_cookie_jar_close(jar);
	return 0;
}

static int own_headers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = ways}, own_client);
}

/* To another host: neither the caller's header nor the jar's of the first; those
 * of that host's own, and what it sets, are its. */
static int stranger_client(struct canned *c)
{
	char go[128];
	snprintf(go, sizeof go, "HTTP/1.1 302 R\r\nSet-Cookie: home=1; Path=/\r\n"
		"Location: http://localhost:%u/away\r\n" EMPTY, c->port);
	const struct answer answers[] = {{"/go", go, 0, 0, 0},
		{"/away", "HTTP/1.1 302 R\r\nSet-Cookie: away=1; Path=/\r\n"
			"Location: /end\r\n" EMPTY, 0, 0, 0}, {0}};
	c->answers = answers;
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	CHECK_INT(cio_cookie_jar_set(jar, "http://localhost/", "known=1"), 0);
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.cookies = jar, .resolve = (cio_http_resolve[]){
			{"localhost:*", "127.0.0.1"}, {0}}});
	cio_http_response r = {0};
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(c, "/go"), .headers = (cio_http_header[]){
			{"Cookie", "secret=1"}, {0}}}, &r), 200);
	CHECK_INT(r.redirects, 2);
	CHECK(sent(c, "\r\nCookie: known=1; away=1\r\n"));
	CHECK(!sent(c, "secret"));
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK(sent(c, "\r\nCookie: home=1\r\n"));
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	cio_cookie_jar_close(jar);
	return 0;
}

static int strangers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, stranger_client);
}

/* ---- too many ---- */

static int many_client(struct canned *c)
{
	static char text[8192];
	size_t n = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 60; i++)
		n += (size_t)sprintf(text + n, "Set-Cookie: c%d=x\r\n", i);
	sprintf(text + n, EMPTY);
	c->answers = (const struct answer[]){{"/many", text, 0, 0, 0}, {0}};
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.cookies = jar});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/many"), &r), 200);
	CHECK_INT(cio_cookie_jar_count(jar), 50);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	cio_cookie_jar_close(jar);
	return 0;
}

static int fifty_of_one(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, many_client);
}

/* ---- cut short ---- */

static int some_client(struct canned *c)
{
	cio_cookie_jar *jar;
	if (cio_cookie_jar_open(&jar, NULL) < 0)
		return -ENOMEM;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.cookies = jar});
	cio_http_response r = {0};
	if (s != NULL) {
		(void)ask(s, canned_url(c, "/set"), &r);
		(void)ask(s, canned_url(c, "/hop"), &r);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	cio_cookie_jar_close(jar);
	return 0;
}

static int some_of_it(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = ways}, some_client);
}

RUNS(every_hop)
RUNS(own_headers)
RUNS(strangers)
RUNS(fifty_of_one)

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(some_of_it, NULL, "cookies");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(some_of_it, NULL, "cookies");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_every_hop),
		cmocka_unit_test(run_own_headers),
		cmocka_unit_test(run_strangers),
		cmocka_unit_test(run_fifty_of_one),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
