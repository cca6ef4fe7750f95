/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_failed.c - calls that fail: what had come, and which errors are tried
 * once more
 */
#include "unit/http/canned.h"

#define HALF "HTTP/1.1 206 X\r\nContent-Length: 9\r\n\r\nhalf"
#define AWAY "HTTP/1.1 302 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"

static const struct answer answers[] = {
	{"/half", HALF, THEN_CLOSE, 0, 0},
	{"/away", AWAY, 0, 0, 0},
	{"/none", "", THEN_CLOSE, 0, 0},
	{"/junk", "junk\r\n\r\n", THEN_CLOSE, 0, 0},
	{0}};

static cio_http_session *open_with(unsigned errors, int redirects)
{
	return cio_http_session_open(&(cio_http_session_options){.retries = 2,
		.backoff = 1, .retry_errors = errors,
		.max_redirects = redirects});
}

static int call(cio_http_session *s, const char *url, cio_http_response *r)
{
	cio_http_response got = {0};
	int err = cio_http_request_do(s,
		&(cio_http_request_options){.url = url}, &got);
	*r = got; /* the numbers */
	cio_http_response_finish(&got);
	return err;
}

static int has_status_client(struct canned *c)
{
	cio_http_session *s = open_with(1, -2);
	cio_http_response r = {0};
	CHECK_INT(call(s, canned_url(c, "/half"), &r), -ECONNRESET);
	CHECK_INT(r.status, 0);
	CHECK_INT(r.failed_status, 206);
	CHECK_INT(r.body_size, 4);
	CHECK_INT(r.attempts, 1);
	CHECK_INT(call(s, canned_url(c, "/away"), &r), -ELOOP);
	CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT);
	CHECK_INT(r.failed_status, 302);
	CHECK_INT(r.redirects, 0);
	CHECK_INT(call(s, canned_url(c, "/none"), &r), -ECONNRESET);
	CHECK_INT(r.failed_status, 0);
	CHECK_INT(call(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(r.failed_status, 0);
	cio_http_session_close(s);
	s = open_with(1, -1);
	CHECK_INT(call(s, canned_url(c, "/away"), &r), 302);
	cio_http_session_close(s);
	return 0;
}

static int has_status(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers},
		has_status_client);
}

static int attempts(struct canned *c, unsigned errors, const char *path)
{
	cio_http_session *s = open_with(errors, 0);
	cio_http_response r = {0};
	CHECK(call(s, canned_url(c, path), &r) < 0);
	cio_http_session_close(s);
	return r.attempts;
}

static int chosen_client(struct canned *c)
{
	const unsigned reset = 1u << CIO_HTTP_ERROR_RESET;
	const unsigned protocol = 1u << CIO_HTTP_ERROR_PROTOCOL;
	CHECK_INT(attempts(c, 0, "/none"), 3);
	CHECK_INT(attempts(c, 0, "/junk"), 1);
	CHECK_INT(attempts(c, 1, "/none"), 1);
	CHECK_INT(attempts(c, reset, "/half"), 3);
	CHECK_INT(attempts(c, protocol, "/half"), 1);
	CHECK_INT(attempts(c, protocol, "/junk"), 3);
	return 0;
}

static int chosen(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, chosen_client);
}

RUNS(has_status)
RUNS(chosen)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_has_status),
		cmocka_unit_test(run_chosen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
