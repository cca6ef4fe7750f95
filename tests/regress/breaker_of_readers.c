/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * breaker_of_readers.c - an answer that is not read to its end is one
 *
 * Whoever closed a reader at a 500 had cancelled, and the breaker heard nothing:
 * a host that failed every request was asked on and on. Nor did a 200 count that
 * was closed early, and what had failed before it was "in a row" with what came
 * after.
 */
#include "unit/http/canned.h"

static int glance(cio_http_session *s, const char *url)
{
	cio_http_response r = {0};
	cio_http_reader *in;
	int status = cio_http_reader_open(&in, s,
		&(cio_http_request_options){.url = url, .retries = -1}, &r);
	if (status >= 0)
		cio_http_reader_close(in);
	cio_http_response_finish(&r);
	return status;
}

static int client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.breaker = {.failures = 2, .cooldown = CIO_S(100)}});
	CHECK_INT(glance(s, canned_url(c, "/500")), 500);
	CHECK_INT(glance(s, canned_url(c, "/200")), 200);
	CHECK_INT(glance(s, canned_url(c, "/500")), 500);
	CHECK_INT(glance(s, canned_url(c, "/500")), 500);
	CHECK_INT(glance(s, canned_url(c, "/200")), -EAGAIN);
	cio_http_session_close(s);
	return 0;
}

static int glances(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/500", "HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nhello",
			0, 0, 0},
		{"/200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
			0, 0, 0}, {0}}}, client);
}

RUNS(glances)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_glances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
