/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * reader_never_closed.c - an answer that is still being read when the run ends
 *
 * The reader was no handle, so nothing closed it; its connection was in use when
 * the session was closed, which then stayed allocated with all that it had. And
 * the response that it writes to may be gone: it lay on the main task's stack.
 */
#include "unit/http/canned.h"

static const struct answer answers[] = {
	{"/long", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234",
		THEN_HANG, 0, 0},
	{0},
};

static int leaves_it_open(struct canned *c)
{
	cio_http_reader *in;
	cio_http_response *r = calloc(1, sizeof *r);
	cio_http_request_options *o = calloc(1, sizeof *o);
	char *url = strdup(canned_url(c, "/long")), byte;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit_per_host = 1,
			.rate_per_host = 100});
	o->url = url;
	CHECK_INT(cio_http_reader_open(&in, s, o, r), 200);
	CHECK_INT(cio_http_reader_read(in, &byte, 1), 1);
	cio_http_response_finish(r);
	free(r);
	free(o);
	free(url);
	return 0;
}

static int forgets(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, leaves_it_open);
}

static void it_is_named_and_closed_before_its_session(void **state)
{
	(void)state;
	assert_int_equal(check_run(forgets, NULL), 0);
	const char *reader = strstr(check_reports(),
		"warning: http reader from 127.0.0.1:");
	assert_non_null(reader);
	assert_non_null(strstr(reader, "still open, opened at "));
	assert_non_null(strstr(reader, "warning: http session still open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_named_and_closed_before_its_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
