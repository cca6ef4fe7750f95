/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * context_of_request.c - what a handler sets is its request's alone
 *
 * The task of one request puts the connection to sleep, and the next begins from
 * there: it saw the context variables of the one before.
 */
#include <cio/http_server.h>

#include <cio/context.h>
#include <cio/net.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

static const CIO_CONTEXT_VAR(request_id, int, NULL);
static const CIO_CONTEXT_VAR(of_server, int, NULL);

static int seen(const cio_context_var *var)
{
	const int *value = cio_context_get(var);
	return value != NULL ? *value : 0;
}

static int handle(cio_request *req, cio_response *res)
{
	CHECK_INT(seen(&request_id), 0);
	CHECK_INT(seen(&of_server), 5);
	CHECK_INT(cio_context_set(&request_id, &(int){7}, NULL), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(seen(&request_id), 7);
	return cio_respond_format(res, 200, "text/plain", "%u",
		cio_request_number(req));
}

static const cio_route routes[] = {{CIO_GET, "/", handle}, {0}};

#define REQUEST "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static int hear(cio_stream *s)
{
	cio_str line;
	int err = cio_stream_readuntil(s, cio_str_of("\r\n\r\n"), &line);
	char body;
	size_t n;
	return err < 0 ? err : cio_stream_read_exactly(s, &body, 1, &n);
}

static int app(void *arg)
{
	(void)arg;
	cio_http_server *server;
	cio_stream *s;
	CHECK_INT(cio_context_set(&of_server, &(int){5}, NULL), 0);
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	CHECK_INT(cio_context_set(&of_server, &(int){6}, NULL), 0);
	err = cio_tcp_connect(&s, "127.0.0.1", cio_http_server_port(server),
		NULL);
	if (err == 0) {
		for (int i = 0; i < 3; i++) { /* idle between them */
			CHECK_INT(cio_stream_write(s, REQUEST,
					  sizeof REQUEST - 1, NULL), 0);
			CHECK(hear(s) >= 0);
			CHECK_INT(cio_sleep(CIO_MS(5)), 0);
		}
		/* and two at once, which one task serves */
		CHECK_INT(cio_stream_write(s, REQUEST REQUEST,
				  2 * (sizeof REQUEST - 1), NULL), 0);
		CHECK(hear(s) >= 0);
		CHECK(hear(s) >= 0);
		cio_stream_close(s);
	}
	int closed = cio_http_server_close(server, CIO_S(1), NULL);
	return err < 0 ? err : closed;
}

static void each_request_has_its_own(void **state)
{
	(void)state;
	assert_int_equal(check_run(app, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_has_its_own),
	};
	return cmocka_run_group_tests_name("context of request", tests, NULL,
		NULL);
}
