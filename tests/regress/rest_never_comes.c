/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * rest_never_comes.c - a dropped body that does not come is not waited for
 *
 * A redirect with a small body was read to its end to keep the connection. Where
 * the server did not send all of it the call waited for its timeout, and failed.
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

RUNS(drops)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_drops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
