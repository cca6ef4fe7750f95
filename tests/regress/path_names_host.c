/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * path_names_host.c - a path after base_url cannot lead to another host
 *
 * "//host/path" was taken for a reference to that host: who could choose a path
 * had the session's headers sent where he liked.
 */
#include "unit/http/canned.h"

static int dialled(void *arg, const char *host, uint16_t port, cio_stream **out)
{
	(void)host;
	(void)port;
	(void)out;
	++*(int *)arg;
	return -ECONNREFUSED;
}

static int paths(void *arg)
{
	(void)arg;
	int count = 0;
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.base_url = "http://here", .dial = dialled, .dial_arg = &count,
		.headers = (const cio_http_header[]){
			{"Authorization", "Bearer secret"}, {0}}});
	cio_http_response r = {0};
	CHECK_INT(ask(s, "//elsewhere/path", &r), -CIO_EURL);
	CHECK_INT(r.error, CIO_HTTP_ERROR_URL);
	CHECK_INT(count, 0);
	CHECK_INT(ask(s, "/path//x", &r), -ECONNREFUSED);
	CHECK_INT(count, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

RUNS(paths)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
