/* SPDX-License-Identifier: MIT */
/*
 * server.c - bytes in, bytes out: what the server makes of requests
 */
#include "server_site.h"

/* ---- ordinary requests ---- */

TEST(answers)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	ask(&site, "GET /hello HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 200);
	CHECK(strncmp(a.head, "HTTP/1.1 200 OK\r\n", 17) == 0);
	CHECK(strcmp(a.body, "hello\n") == 0);
	CHECK(strncmp(field(&a, "Content-Type: "), "text/plain\r\n", 12) == 0);
	CHECK(strncmp(field(&a, "Date: ") + 25, " GMT\r\n", 6) == 0);
	CHECK(strstr(a.head, "Connection") == NULL);
	cio_http_server_figures f = cio_http_server_get_figures(site.server);
	CHECK_INT(f.accepted, 1);
	CHECK_INT(f.requests, 1);
	CHECK_INT(f.refused, 0);
	close_site(&site);
	return 0;
}

TEST(keeps_alive)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	for (int i = 1; i <= 5; i++) {
		char want[24];
		snprintf(want, sizeof want, "7 of %d", i);
		CHECK_INT(say(s, "GET /n/7 HTTP/1.1\r\n" HOST "\r\n"), 0);
		CHECK_INT(hear(s, &a), 0);
		CHECK(strcmp(a.body, want) == 0);
	}
	cio_stream_close(s);
	CHECK_INT(cio_http_server_get_figures(site.server).accepted, 1);
	close_site(&site);
	return 0;
}

TEST(answers_a_pipeline_in_order)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /n/1 HTTP/1.1\r\n" HOST "\r\n"
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
		"GET /n/3 HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "1 of 1") == 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "abc") == 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "3 of 3") == 0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(reads_byte_by_byte)
{
	static const char text[] = "\r\nPOST /echo?q=1 HTTP/1.1\r\n" HOST
		"X-Tag: t\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n";
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	for (size_t i = 0; i < sizeof text - 1; i++) {
		CHECK_INT(cio_stream_write(s, text + i, 1, NULL), 0);
		CHECK_INT(cio_yield(), 0);
	}
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK(strcmp(a.body, "abcde") == 0);
	CHECK(strncmp(field(&a, "X-Tag: "), "t\r\n", 3) == 0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(answers_head_without_body)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "HEAD /hello HTTP/1.1\r\n" HOST "\r\n"
		"GET /hello HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear_as(s, &a, true), 0);
	CHECK_INT(atoi(field(&a, "Content-Length: ")), 6);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "hello\n") == 0);
	/* a method that nobody knows is not a HEAD, whatever came before it */
	CHECK_INT(say(s, "HEAD /nothing HTTP/1.1\r\n" HOST "\r\n"
		"BREW /hello HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear_as(s, &a, true), 0);
	CHECK_INT(a.status, 404);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 501);
	expect_end(s);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(speaks_1_0)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	ask_last(&site, "GET /hello HTTP/1.0\r\n\r\n", &a);
	CHECK_INT(a.status, 200);
	cio_stream *s = dial(&site);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(say(s, "GET /hello HTTP/1.0\r\n"
			"Connection: keep-alive\r\n\r\n"), 0);
		CHECK_INT(hear(s, &a), 0);
		CHECK(strstr(a.head, "Connection: keep-alive\r\n") != NULL);
	}
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(closes_when_told)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_requests = 2}), 0);
	ask_last(&site, "GET /hello HTTP/1.1\r\n" HOST
		"Connection: close\r\n\r\n", &a);
	/* the third request of the pipeline is left unanswered */
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /n/1 HTTP/1.1\r\n" HOST "\r\n"
		"GET /n/1 HTTP/1.1\r\n" HOST "\r\n"
		"GET /n/1 HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strstr(a.head, "Connection: close\r\n") != NULL);
	expect_end(s);
	cio_stream_close(s);
	CHECK_INT(site.calls, 3);
	close_site(&site);
	return 0;
}

TEST(takes_the_absolute_form)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	ask(&site, "GET http://a/hello?x HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 200);
	ask(&site, "GET http://a HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 404);
	ask(&site, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 204);
	ask_last(&site, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", &a);
	CHECK_INT(a.status, 501);
	close_site(&site);
	return 0;
}

TEST(sends_large_answers)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	static const size_t sizes[] = {0, 1, 16384, 16385, 3000000};
	cio_stream *s = dial(&site);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char text[80];
		snprintf(text, sizeof text, "GET /large/%zu HTTP/1.1\r\n" HOST
			"\r\n", sizes[i]);
		CHECK_INT(say(s, text), 0);
		CHECK_INT(hear(s, &a), 0);
		CHECK_INT(a.n, sizes[i]);
	}
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* ---- routes ---- */

TEST(routes_are_found)
{
	static const struct { const char *line; int status; } cases[] = {
		{"GET /nothing", 404}, {"GET /n/12", 200}, {"GET /n/x", 404},
		{"GET /n/99999999999999999999", 404}, {"GET /name/%00", 400},
		{"GET /name/%2", 400}, {"GET /name/a%20b", 200},
		{"BREW /hello", 501}, {"GET /hello/", 404},
	};
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[128];
		snprintf(text, sizeof text, "%s HTTP/1.1\r\n" HOST "\r\n",
			cases[i].line);
		ask(&site, text, &a);
		if (!CHECK_INT(a.status, cases[i].status))
			printf("# %s\n", cases[i].line);
	}
	ask(&site, "DELETE /echo HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 405);
	CHECK(strncmp(field(&a, "Allow: "), "POST, PUT\r\n", 11) == 0);
	ask(&site, "POST /hello HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
		&a);
	CHECK(strncmp(field(&a, "Allow: "), "GET, HEAD\r\n", 11) == 0);
	close_site(&site);
	return 0;
}

TEST(bad_routes_do_not_open)
{
	cio_http_server *server = NULL;
	CHECK_INT(cio_http_server_open(&server, &(cio_http_server_options){
		.routes = (cio_route[]){{CIO_GET, "/{a}", hello},
			{CIO_GET, "/{b}", hello}, {0}}}), -EINVAL);
	CHECK(strstr(cio_error_text(), "/{a}") != NULL);
	CHECK(strstr(cio_error_text(), "/{b}") != NULL);
	CHECK_INT(cio_http_server_open(&server, &(cio_http_server_options){
		.keep_alive = -1}), -EINVAL);
	CHECK(server == NULL);
	CHECK_INT(cio_http_server_close(NULL, 0, NULL), 0);
	return 0;
}

TEST(a_taken_port_is_said)
{
	struct site site;
	cio_http_server *second = NULL;
	CHECK_INT(open_site(&site), 0);
	CHECK_INT(cio_http_server_open(&second, &(cio_http_server_options){
		.port = site.port}), -EADDRINUSE);
	CHECK(second == NULL);
	close_site(&site);
	return 0;
}

/* ---- bodies ---- */

TEST(reads_bodies)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 5\r\n\r\nabcde"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "abcde") == 0);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 0\r\n\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.n, 0);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n"
		"5\r\nabcde\r\n0\r\n\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "abcde") == 0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

static int send_zeros(cio_stream *s, size_t n)
{
	static const char zeros[4096];
	int err = 0;
	for (; err == 0 && n > 0; n -= n < sizeof zeros ? n : sizeof zeros)
		err = cio_stream_write(s, zeros, n < sizeof zeros ? n :
			sizeof zeros, NULL);
	return err;
}

TEST(reads_large_bodies)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 1000000\r\n\r\n"), 0);
	CHECK_INT(send_zeros(s, 1000000), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK_INT(a.n, 1000000);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(drains_small_unread_bodies)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /ignore HTTP/1.1\r\n" HOST
		"Content-Length: 60000\r\n\r\n"), 0);
	CHECK_INT(send_zeros(s, 60000), 0);
	CHECK_INT(say(s, "GET /n/1 HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "ignored") == 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "1 of 2") == 0);
	cio_stream_close(s);

	ask_last(&site, "POST /ignore HTTP/1.1\r\n" HOST
		"Content-Length: 900000\r\n\r\n", &a);
	CHECK(strcmp(a.body, "ignored") == 0);
	close_site(&site);
	return 0;
}

/* Byte after byte, of a body that nobody reads: not for ever. */
TEST(unread_bodies_expire)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.body_timeout = span()}), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /ignore HTTP/1.1\r\n" HOST
		"Content-Length: 60000\r\n\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	for (int i = 0; i < 2000; i++) {
		if (cio_http_server_get_figures(site.server).connections == 0)
			break;
		(void)say(s, "x");
		CHECK_INT(cio_sleep(span() / 5), 0);
	}
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(refuses_large_bodies)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_body = 1000}), 0);
	ask_last(&site, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 1001\r\n\r\n", &a);
	CHECK_INT(a.status, 413);
	ask_last(&site, "POST /echo HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n3e9\r\n", &a);
	CHECK_INT(a.status, 413);
	ask_last(&site, "POST /echo HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n2\r\nabc", &a);
	CHECK_INT(a.status, 400);
	close_site(&site);
	return 0;
}

TEST(answers_arrive_though_the_client_goes_on)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 2000000\r\n\r\n"), 0);
	(void)send_zeros(s, 300000);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 413);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(a_flood_after_an_error_is_cut)
{
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 2000000\r\n\r\n"), 0);
	CHECK(send_zeros(s, 64000000) < 0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(gives_leave_to_send)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		"Expect: 100-continue\r\n\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 100);
	CHECK_INT(say(s, "abc"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK(strcmp(a.body, "abc") == 0);
	cio_stream_close(s);
	/* nobody wants the body: no leave, and no guessing what follows */
	ask_last(&site, "POST /ignore HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		"Expect: 100-continue\r\n\r\n", &a);
	CHECK_INT(a.status, 200);
	ask_last(&site, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		"Expect: tea\r\n\r\n", &a);
	CHECK_INT(a.status, 417);
	close_site(&site);
	return 0;
}

TEST(a_body_can_be_read_in_two_goes)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "POST /patient HTTP/1.1\r\n" HOST
		"Content-Length: 6\r\nExpect: 100-continue\r\n\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 100);
	CHECK_INT(say(s, "abc"), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);
	CHECK_INT(say(s, "def"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK(strcmp(a.body, "abcdef") == 0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(a_body_that_stops_is_408)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.body_timeout = span()}), 0);
	ask_last(&site, "POST /echo HTTP/1.1\r\n" HOST
		"Content-Length: 9\r\n\r\nabc", &a);
	CHECK_INT(a.status, 408);
	close_site(&site);
	return 0;
}

/* ---- what is refused ---- */

TEST(refuses_what_is_malformed)
{
	static const struct { const char *text; int status; } cases[] = {
		{"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		 "Content-Length: 4\r\n\r\nabc", 400},
		{"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		 "Content-Length: 3\r\n\r\nabc", 400},
		{"POST /echo HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc",
		 400},
		{"POST /echo HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: xchunked\r\n\r\n", 501},
		{"POST /echo HTTP/1.0\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"GET /hello HTTP/1.1\r\n\r\n", 400},
		{"GET /hello HTTP/1.1\r\n" HOST HOST "\r\n", 400},
		{"GET /hello HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400},
		{"GET /hello HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400},
		{"GET /hello HTTP/1.1\nHost: a\n\n", 400},
		{"GET  /hello HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET /hello HTTP/2.0\r\n" HOST "\r\n", 505},
		{"\x16\x03\x01", 400},
	};
	struct site site;
	struct answer a;
	size_t n = sizeof cases / sizeof cases[0];
	CHECK_INT(open_site(&site), 0);
	for (size_t i = 0; i < n; i++) {
		ask_last(&site, cases[i].text, &a);
		if (!CHECK_INT(a.status, cases[i].status))
			printf("# %s\n", cases[i].text);
	}
	CHECK_INT(site.calls, 0);
	CHECK_INT(cio_http_server_get_figures(site.server).refused, n - 2);
	close_site(&site);
	return 0;
}

static void ask_long(struct site *site, const char *before, size_t n,
	const char *after, int status)
{
	struct answer a;
	char filler[1024];
	memset(filler, 'x', sizeof filler);
	cio_stream *s = dial(site);
	CHECK_INT(say(s, before), 0);
	for (; n >= sizeof filler; n -= sizeof filler)
		(void)cio_stream_write(s, filler, sizeof filler, NULL);
	(void)say(s, after);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, status);
	expect_end(s);
	cio_stream_close(s);
}

TEST(refuses_what_is_too_long)
{
	struct site site;
	struct answer a;
	char text[5000];
	CHECK_INT(open_site(&site), 0);
	snprintf(text, sizeof text, "GET /name/%04000d HTTP/1.1\r\n" HOST
		"\r\n", 1);
	ask(&site, text, &a);
	CHECK_INT(a.status, 200);
	CHECK_INT(a.n, 4000);
	ask_long(&site, "GET /name/", 9000, " HTTP/1.1\r\n" HOST "\r\n", 414);
	ask_long(&site, "GET /hello HTTP/1.1\r\n" HOST "A: ", 17000, "\r\n\r\n",
		431);
	close_site(&site);

	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_head = 300000}), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /hello HTTP/1.1\r\n" HOST "A: "), 0);
	for (int i = 0; i < 60; i++)
		CHECK_INT(cio_stream_write(s, text + 10, 4000, NULL), 0);
	CHECK_INT(say(s, "\r\n\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(refuses_many_headers)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /hello HTTP/1.1\r\n" HOST), 0);
	for (int i = 0; i < 101; i++)
		CHECK_INT(say(s, "A: b\r\n"), 0);
	CHECK_INT(say(s, "\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 431);
	expect_end(s);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* ---- handlers that fail ---- */

TEST(errors_become_statuses)
{
	static const int statuses[] = {500, 404, 400, 403, 504, 503, 500};
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	for (int i = 0; i < 7; i++) {
		char text[80];
		snprintf(text, sizeof text, "GET /fail/%d HTTP/1.1\r\n" HOST
			"\r\n", i);
		ask(&site, text, &a);
		CHECK_INT(a.status, statuses[i]);
	}
	close_site(&site);
	CHECK(strstr(check_reports(), "GET /fail/0: handler failed: it gave no "
		"answer") != NULL);
	CHECK(strstr(check_reports(), "warning: GET /fail/6: handler failed")
		!= NULL);
	CHECK(strstr(check_reports(), "number 6") != NULL);
	CHECK(strstr(check_reports(), "warning: GET /fail/1") == NULL);
	return 0;
}

TEST(answers_are_checked)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	ask(&site, "GET /choosy HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 204);
	CHECK(strstr(a.head, "X-Good: yes\r\n") != NULL);
	CHECK(strstr(a.head, "Content-Length") == NULL);
	CHECK(strstr(a.head, "X-B") == NULL);
	CHECK(strstr(a.head, "X-Late") == NULL);
	close_site(&site);
	return 0;
}

TEST(aborts)
{
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /abort HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(cio_stream_fill(s), -ECONNRESET);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(a_handler_cannot_close_its_server)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	ask_last(&site, "GET /close HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 200);
	close_site(&site);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(keeps_alive),
		cmocka_unit_test(answers_a_pipeline_in_order),
		cmocka_unit_test(reads_byte_by_byte),
		cmocka_unit_test(answers_head_without_body),
		cmocka_unit_test(speaks_1_0),
		cmocka_unit_test(closes_when_told),
		cmocka_unit_test(takes_the_absolute_form),
		cmocka_unit_test(sends_large_answers),
		cmocka_unit_test(routes_are_found),
		cmocka_unit_test(bad_routes_do_not_open),
		cmocka_unit_test(a_taken_port_is_said),
		cmocka_unit_test(reads_bodies),
		cmocka_unit_test(reads_large_bodies),
		cmocka_unit_test(drains_small_unread_bodies),
		cmocka_unit_test(unread_bodies_expire),
		cmocka_unit_test(refuses_large_bodies),
		cmocka_unit_test(answers_arrive_though_the_client_goes_on),
		cmocka_unit_test(a_flood_after_an_error_is_cut),
		cmocka_unit_test(gives_leave_to_send),
		cmocka_unit_test(a_body_can_be_read_in_two_goes),
		cmocka_unit_test(a_body_that_stops_is_408),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(refuses_many_headers),
		cmocka_unit_test(errors_become_statuses),
		cmocka_unit_test(answers_are_checked),
		cmocka_unit_test(aborts),
		cmocka_unit_test(a_handler_cannot_close_its_server),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
