/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * failure_in_words.c - what a failed request says of itself
 *
 * A password with a slash in it was shown; an announced length beyond max_wire
 * was blamed on max_body; an error of `dial` without words was "(null)".
 */
#include "unit/http/canned.h"

static int dialled(void *arg, const char *host, uint16_t port, cio_stream **out)
{
	(void)host;
	(void)port;
	(void)out;
	return *(int *)arg;
}

static int words(void *arg)
{
	(void)arg;
	const char *urls[] = {"http://me:sec/ret@h/x", "http://me:sec?ret@h/x",
		"http://me:secret@h/x@y", "http://me:1x#ret@h"};
	int errors[] = {-CIO_EPROTOCOL, -CIO_ETOOLARGE};
	int err = 0;
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.dial = dialled, .dial_arg = &err});
	cio_http_response r = {0};
	for (size_t i = 0; i < 4; i++) {
		CHECK_INT(ask(s, urls[i], &r), -CIO_EURL);
		CHECK(strstr(cio_error_text(), "GET http://h") != NULL);
		CHECK(strstr(cio_error_text(), "ret") == NULL);
	}
	CHECK_INT(ask(s, "http://h:x/y@z", &r), -CIO_EURL);
	for (size_t i = 0; i < 2; i++) {
		err = errors[i];
		CHECK_INT(ask(s, "http://[::1]:80/y@z", &r), err);
		CHECK(strstr(cio_error_text(), "http://[::1]:80/y@z") != NULL);
		CHECK(strstr(cio_error_text(), "(null)") == NULL);
	}
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int large_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.max_wire = 100});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/x"), &r), -CIO_ETOOLARGE);
	CHECK(strstr(cio_error_text(), "100 bytes (max_wire)") !=
		NULL);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int large(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/x", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", 0, 0, 0},
		{0}}}, large_client);
}

RUNS(words)
RUNS(large)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_words),
		cmocka_unit_test(run_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
