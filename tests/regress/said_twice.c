/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * said_twice.c - what a request may say once goes out once, or not at all
 *
 * A Range header beside the `range` option went out as two lines, so did two
 * Hosts; and the name and password in a base_url were dropped without a word.
 */
#include "unit/http/canned.h"

static int count(const char *text, const char *what)
{
	int n = 0;
	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static const struct {
	cio_http_header headers[3];
	const char *range;
	int result;
	const char *said;
} requests[] = {
	{{{"Host", "a.test"}, {"host", "b.test"}, {0}}, NULL, -EINVAL, "Host"},
	{{{"Host", "a.test"}, {0}}, NULL, 200, "Host: a.test\r\n"},
	{{{"Range", "bytes=1-2"}, {0}}, "3-4", -EINVAL, "range"},
	{{{"range", "bytes=1-2"}, {"Range", "bytes=3-4"}, {0}}, NULL, -EINVAL,
		"Range"},
	{{{"Range", "bytes=1-2"}, {0}}, NULL, 200, "Range: bytes=1-2\r\n"},
	{{{0}}, "3-4", 200, "Range: bytes=3-4\r\n"},
	{{{"X-Many", "x"}, {"X-Many", "y"}, {0}}, NULL, 200, "X-Many: x\r\nX-Many: y\r\n"},
};

static int client(struct canned *c)
{
	static const cio_http_header own[] = {{"Host", "own.test"},
		{"Range", "bytes=7-8"}, {0}};
	for (size_t i = 0; i < 2 * (sizeof requests / sizeof *requests); i++) {
		size_t k = i / 2;
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){
				.headers = i % 2 ? own : NULL});
		cio_http_response r = {0};
		cio_http_request_options rq = {.url = canned_url(c, "/echo"),
			.headers = requests[k].headers,
			.range = requests[k].range};
		c->last[0] = '\0';
		int status = cio_http_request_do(s, &rq, &r);
		if (!CHECK_INT(status, requests[k].result))
			printf("# request %zu: %s\n", k, cio_error_text());
		const char *text = status < 0 ? cio_error_text() : c->last;
		if (!CHECK(strstr(text, requests[k].said) != NULL))
			printf("# request %zu: %s\n", k, text);
		if (status > 0) {
			CHECK_INT(count(c->last, "Host: "), 1);
			CHECK(count(c->last, "Range: ") <= 1);
		}
		/* half of what is packed cannot be unpacked */
		if (status > 0 && strstr(c->last, "Range: ") != NULL)
			CHECK_INT(count(c->last, "Accept-Encoding: "), 0);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int said_once(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, client);
}

static int bad_base(void *arg)
{
	(void)arg;
	static const char *const urls[] = {"http://me:secret@127.0.0.1/",
		"http://me:sec/ret@127.0.0.1/", "http://secret@127.0.0.1"};
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		CHECK(cio_http_session_open(&(cio_http_session_options){
			.base_url = urls[i]}) == NULL);
		if (i != 1)
			CHECK(strstr(cio_error_text(), "`auth`") != NULL);
		CHECK(strstr(cio_error_text(), "base_url") != NULL);
		CHECK(strstr(cio_error_text(), "sec") == NULL);
	}
	return 0;
}

RUNS(said_once)
RUNS(bad_base)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_said_once),
		cmocka_unit_test(run_bad_base),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
