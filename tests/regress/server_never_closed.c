/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * server_never_closed.c - a server that nobody closed leaked when the run ended,
 * and its keeper was said to be a task that nobody awaited
 */
#include <cio/http_server.h>
#include <cio/stream_server.h>

#include "check.h"

static int forget(void *arg)
{
	static const cio_route none[] = {{0}};
	cio_http_server *http;
	cio_stream_server *plain;
	(void)arg;
	CHECK_INT(cio_http_server_open(&http,
		&(cio_http_server_options){.routes = none}), 0);
	return cio_stream_server_open(&plain, NULL, NULL, NULL);
}

static void it_is_freed_and_named(void **state)
{
	(void)state;
	assert_int_equal(check_run(forget, NULL), 0); /* counts the blocks */
	assert_non_null(strstr(check_reports(), "http server on port "));
	assert_non_null(strstr(check_reports(), "stream server on "));
	assert_null(strstr(check_reports(), "neither awaited nor detached"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_freed_and_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
