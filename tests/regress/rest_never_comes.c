/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * rest_never_comes.c - a dropped body that does not come is not waited for
 *
 * A redirect with a small body was read to its end to keep the connection. Where
 * the server did not send all of it the call waited for its timeout, and failed.
 * Nor is it read where the request has not gone out whole: such a connection is
 * not kept in any case.
 */
#include "unit/http/canned.h"

#define GO "HTTP/1.1 302 R\r\nLocation: /echo\r\nContent-Length: 4\r\n\r\n"
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\n"

static const struct {
	const char *path, *text;
	unsigned how;
	int connections;
} ways[] = {
	{"/rest", GO "ab", THEN_HANG, 2},
	{"/none", GO, THEN_HANG, 2},
	{"/chunks", "HTTP/1.1 302 R\r\nLocation: /echo\r\n"
		"Transfer-Encoding: chunked\r\n\r\n4\r\nab", THEN_HANG, 2},
	{"/busy", BUSY "ab", THEN_HANG, 2},
	{"/slowly", GO "abcd", BYTE_BY_BYTE, 1}, /* worth the short wait */
};

static int client(struct canned *c)
{
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct answer a[] = {{ways[i].path, ways[i].text, ways[i].how,
			1, 0}, {0}};
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.total_timeout = CIO_S(2),
				.retries = 1, .backoff = 1});
		cio_http_response r = {0};
		cio_time begun = cio_now();
		c->answers = a;
		c->used[0] = c->connections = 0;
		if (!CHECK_INT(ask(s, canned_url(c, ways[i].path), &r), 200))
			printf("# %s: %s\n", ways[i].path, cio_error_text());
		CHECK_INT(c->connections, ways[i].connections);
		if (strcmp(check_driver(), "sim") == 0) /* its clock is exact */
			CHECK(cio_now() - begun <= CIO_MS(60));
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int drops(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, client);
}

enum { LARGE = 8 << 20 };

static int early_client(struct canned *c)
{
	char *large = calloc(1, LARGE);
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	cio_time begun = cio_now();
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.method = CIO_PUT, .url = canned_url(c, "/early"),
		.body = large, .body_size = LARGE}, &r), 200);
	CHECK_INT(r.redirects, 1);
	if (strcmp(check_driver(), "sim") == 0)
		CHECK(cio_now() - begun < CIO_MS(50));
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	free(large);
	return 0;
}

static int early(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/early", "HTTP/1.1 303 R\r\nLocation: /echo\r\n"
			"Content-Length: 4\r\n\r\nab", THEN_HANG, 0, 0},
		{0}}}, early_client);
}

RUNS(drops)
RUNS(early)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_drops),
		cmocka_unit_test(run_early),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
