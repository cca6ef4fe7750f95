/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * breaker_for_ever.c - a breaker whose cooldown has no end stays open
 *
 * Its end was counted beyond the last moment there is, and so had passed.
 */
#include "unit/http/canned.h"

#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"

static int for_ever_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.breaker = {.failures = 1, .cooldown = CIO_NEVER}});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/busy"), &r), 503);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -EAGAIN);
	CHECK_INT(c->requests, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int for_ever(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/busy", BUSY, 0, 0, 0}, {0}}}, for_ever_client);
}

RUNS(for_ever)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
