/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * breaker_of_ours.c - what is no failure of the host does not open its breaker
 *
 * A kept connection that the peer had closed counted as a failure, so that the
 * replay on a new one was refused; so did a wait for a place in our own pool.
 */
#include "unit/http/canned.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static int stale_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.breaker = {.failures = 1}});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/stale"), &r), 200);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(cio_http_session_get_figures(s).replays, 1);
	CHECK_INT(cio_http_session_get_figures(s).breaker_open, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int stale(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/stale", OK, STALE, 1, 0}, {0}}}, stale_client);
}

static int full_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.limit = 1, .acquire_timeout = CIO_MS(5),
		.breaker = {.failures = 1}});
	cio_http_response r = {0}, other = {0};
	cio_http_reader *in;
	CHECK_INT(cio_http_reader_open(&in, s, &(cio_http_request_options){
		.url = canned_url(c, "/echo")}, &r), 200);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &other), -ETIMEDOUT);
	cio_http_reader_close(in);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &other), 200);
	CHECK_INT(cio_http_session_get_figures(s).breaker_open, 0);
	cio_http_response_finish(&r);
	cio_http_response_finish(&other);
	cio_http_session_close(s);
	return 0;
}

static int full(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, full_client);
}

RUNS(stale)
RUNS(full)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_stale),
		cmocka_unit_test(run_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
