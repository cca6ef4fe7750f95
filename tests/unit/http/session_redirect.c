/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_redirect.c - from hop to hop, and what goes along
 */
#include "canned.h"

#define GO(status, where) \
	"HTTP/1.1 " status " R\r\nLocation: " where \
	"\r\nContent-Length: 4\r\n\r\naway"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const struct answer ways[] = {
	{"/301", GO("301", "/end"), 0, 0, 0},
	{"/302", GO("302", "end?q=1"), 0, 0, 0},
	{"/303", GO("303", "../end"), 0, 0, 0},
	{"/307", GO("307", "/end"), 0, 0, 0},
	{"/308", GO("308", "/end"), 0, 0, 0},
	{"/loop", GO("302", "/loop"), 0, 0, 0},
	{"/nowhere", "HTTP/1.1 302 R\r\nContent-Length: 4\r\n\r\naway", 0, 0, 0},
	{"/ftp", GO("302", "ftp://h/"), 0, 0, 0},
	{"/bad", GO("302", "http://me:secret@h/"), 0, 0, 0},
	{"/long", "HTTP/1.1 302 R\r\nLocation: /end\r\n"
		"Content-Length: 900000\r\n\r\nnever complete", THEN_HANG, 0, 0},
	{"/end", OK, 0, 0, 0},
	{"/end?q=1", OK, 0, 0, 0},
	{0},
};

static bool last_has(const struct canned *c, const char *text)
{
	return strstr(c->last, text) != NULL;
}

static int post(cio_http_session *s, struct canned *c, const char *path,
	cio_http_response *r)
{
	static const cio_http_header headers[] = {
		{"Content-Type", "text/x"}, {"Authorization", "secret"}, {0}};
	return cio_http_request_do(s,
		&(cio_http_request_options){.method = CIO_POST,
			.url = canned_url(c, path),
			.headers = headers,
			.body = "data",
			.body_size = 4},
		r);
}

static int ways_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {.keep_body = true};
	static const char *const paths[] = {"/301", "/302", "/303", "/307",
		"/308"};
	for (size_t i = 0; i < 5; i++) {
		CHECK_INT(ask(s, canned_url(c, paths[i]), &r), 200);
		CHECK(is_text(&r.body, "ok"));
		CHECK_INT(r.redirects, 1);
		CHECK(strstr(r.url.p, "/end") != NULL);
		cio_buf_clear(&r.body);

		bool keeps = i >= 3;
		CHECK_INT(post(s, c, paths[i], &r), 200);
		CHECK(last_has(c, keeps ? "POST /end" : "GET /end"));
		CHECK_INT(last_has(c, "data"), keeps);
		CHECK_INT(last_has(c, "Content-Type"), keeps);
		CHECK_INT(last_has(c, "Content-Length"), keeps);
		CHECK(last_has(c, "Authorization: secret")); /* same origin */
		cio_buf_clear(&r.body);
	}
	CHECK_INT(c->connections, 1);
	CHECK_INT(ask(s, canned_url(c, "/long"), &r), 200);
	CHECK_INT(c->connections, 2); /* what was left was not worth reading */
	CHECK_INT(cio_http_session_get_figures(s).redirects, 11);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int every_way(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = ways}, ways_client);
}

static int stop_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.max_redirects = 3});
	cio_http_response r = {.keep_body = true};
	CHECK_INT(ask(s, canned_url(c, "/loop"), &r), -ELOOP);
	CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT);
	CHECK_INT(r.redirects, 3);
	CHECK_INT(c->requests, 4);
	CHECK_INT(r.body.n, 0);
	CHECK_INT(ask(s, canned_url(c, "/nowhere"), &r), 302);
	CHECK(is_text(&r.body, "away"));
	CHECK_INT(ask(s, canned_url(c, "/ftp"), &r), -CIO_EURL);
	CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT);
	CHECK_INT(ask(s, canned_url(c, "/bad"), &r), -CIO_EURL);
	CHECK(strstr(cio_error_text(), "secret") == NULL);
	CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT);

	cio_http_response_finish(&r);
	r.keep_body = true;
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(c, "/301"), .max_redirects = -1}, &r), 301);
	CHECK(is_text(&r.body, "away"));
	CHECK_INT(r.redirects, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int where_it_stops(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = ways}, stop_client);
}

/* ---- strangers ---- */

struct pair {
	struct canned away_server; /* first: the client is given its address */
	struct canned *home;
	char location[160], back[160];
	struct answer away[2], returning[2];
};

static const cio_http_header credentials[] = {{"Authorization", "secret1"},
	{"cookie", "secret2"}, {"PROXY-Authorization", "secret3"},
	{"authorization", "secret4"}, {"Host", "home.example"}, {"X-Plain", "kept"},
	{0}};

static int stranger_client(struct canned *away)
{
	struct pair *p = (struct pair *)(void *)away;
	snprintf(p->location, sizeof p->location,
		"HTTP/1.1 302 R\r\nLocation: http://127.0.0.1:%u/away\r\n"
		"Content-Length: 0\r\n\r\n", away->port);
	snprintf(p->back, sizeof p->back,
		"HTTP/1.1 302 R\r\nLocation: http://127.0.0.1:%u/home\r\n"
		"Content-Length: 0\r\n\r\n", p->home->port);
	p->away[0] = (struct answer){.path = "/go", .text = p->location};
	p->returning[0] = (struct answer){.path = "/away", .text = p->back};
	p->home->answers = p->away;
	away->answers = p->returning;

	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.headers = (cio_http_header[]){
			{"Authorization", "secret5"}, {"X-Session", "kept"}, {0}}});
	cio_http_response r = {0};
	int status = cio_http_request_do(s, &(cio_http_request_options){
		.url = canned_url(p->home, "/go"), .headers = credentials}, &r);
	CHECK_INT(status, 200);
	CHECK_INT(r.redirects, 2);
	struct canned *met[] = {away, p->home};
	for (int i = 0; i < 2; i++) {
		CHECK(!last_has(met[i], "secret"));
		CHECK(!last_has(met[i], "home.example"));
		CHECK(last_has(met[i], "X-Plain: kept"));
		CHECK(last_has(met[i], "X-Session: kept"));
	}
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int home_client(struct canned *home)
{
	struct pair p = {.home = home};
	return canned_run(&p.away_server, stranger_client);
}

static int strangers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, home_client);
}

/* Quietly: in this the checks above cannot hold. */
static int some_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {.keep_body = true};
	if (s == NULL)
		return -ENOMEM;
	(void)post(s, c, "/307", &r);
	(void)ask(s, canned_url(c, "/302"), &r);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int some_of_it(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = ways}, some_client);
}

RUNS(every_way)
RUNS(where_it_stops)
RUNS(strangers)

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(some_of_it, NULL, "redirects");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(some_of_it, NULL, "redirects");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_every_way),
		cmocka_unit_test(run_where_it_stops),
		cmocka_unit_test(run_strangers),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
