/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * breaker_probe.c - one request tries a host whose breaker is open, not two
 *
 * One that had been let in before the breaker opened, and gave up waiting for
 * its turn, left as if it had been the one that tries: so another could, too.
 */
#include "unit/http/canned.h"

#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"

static int probe_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.rate_per_host = 1, .rate_per = CIO_S(3600),
		.breaker = {.failures = 1, .cooldown = 1}});
	struct asked fails = {s, canned_url(c, "/busy"), 0}, waits = fails,
		tries = fails;
	cio_http_response r = {0};
	int status = 0;
	cio_task *first = begin_ask(&fails);
	cio_task *early = begin_ask(&waits); /* the breaker is still closed */
	CHECK_INT(cio_await(first), 0);
	CHECK_INT(fails.status, 503);
	CHECK_INT(waits.status, 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_task *probe = begin_ask(&tries);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(early, "it took too long");
	CHECK_INT(cio_await(early), 0);
	CHECK_INT(waits.status, -ECANCELED);
	CIO_TIMEOUT(CIO_MS(5), &status)
		status = ask(s, fails.url, &r);
	CHECK_INT(status, -EAGAIN);
	CHECK_INT(cio_http_session_get_figures(s).breaker_open, 1);
	cio_task_cancel(probe, "enough");
	CHECK_INT(cio_await(probe), 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int probe(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/busy", BUSY, DELAYED, 0, 0}, {0}}}, probe_client);
}

RUNS(probe)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
