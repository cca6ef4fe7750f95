/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * limit_further_out.c - requests and pools that a limit further out has cut
 *
 * Since ends of scopes tell that as -ECANCELED, a server that let every request
 * wait until `total_timeout`, or the caller's own limit, counted as one that
 * nobody had wanted to hear: its breaker never opened, and the attempt was told
 * as cancelled to who watches. And where a request waits before it has a scope
 * inside, for its rate, it said -ETIMEDOUT as for a limit of its own: a loop that
 * tried again never ended. So did the filling of a pool, and the wait for a place
 * in one without `acquire_timeout`.
 */
#include "unit/http/canned.h"

enum { TRIES = 50 };

static int by_total_timeout(cio_http_session *s, struct canned *c,
	cio_http_response *r)
{
	cio_http_request_options o = {.url = canned_url(c, "/hang"),
		.total_timeout = CIO_MS(20)};
	int err = cio_http_request_do(s, &o, r);
	CHECK_INT(r->error, CIO_HTTP_ERROR_TIMEOUT);
	return err;
}

static int by_caller(cio_http_session *s, struct canned *c,
	cio_http_response *r)
{
	int err = 0;
	CIO_TIMEOUT (CIO_MS(20), &err) {
		err = ask(s, canned_url(c, "/hang"), r);
		CHECK_INT(err, -ECANCELED);
		CHECK_INT(r->error, CIO_HTTP_ERROR_CANCELLED);
	}
	return err;
}

static int met; /* by the last attempt that failed */

static void watch(void *arg, const cio_http_trace *t)
{
	(void)arg;
	if (t->event == CIO_HTTP_EVENT_FAILED)
		met = t->err;
}

static int breaker_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.trace = watch, .breaker = {.failures = 2}});
	cio_http_response r = {0};
	CHECK_INT(by_total_timeout(s, c, &r), -ETIMEDOUT);
	CHECK_INT(met, -ETIMEDOUT);
	CHECK_INT(by_caller(s, c, &r), -ETIMEDOUT);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -EAGAIN);
	CHECK_INT(cio_http_session_get_figures(s).breaker_open, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int breaker(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/hang", "", THEN_HANG, 0, 0}, {0}}}, breaker_client);
}

static int rate_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.rate = 1, .rate_per = CIO_S(3600)});
	cio_http_response r = {0};
	int n = 0, err = 0;
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CIO_TIMEOUT (CIO_MS(5), &err) {
		while (n < TRIES && (err = ask(s, canned_url(c, "/echo"), &r)) ==
			-ETIMEDOUT)
			n++;
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(n, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int rate(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, rate_client);
}

/* A connection to a server that does not answer: its own limit ends it. */
static int open_late(void *arg, cio_str key, const void *how, void **item)
{
	(void)key;
	(void)how;
	*item = arg;
	return arg != NULL ? 0 : -ETIMEDOUT;
}

static void close_item(void *arg, void *item)
{
	(void)arg;
	(void)item;
}

static int fill(void *arg)
{
	cio_pool *p;
	int n = 0, err = 0;
	(void)arg;
	if (!CHECK_INT(cio_pool_open(&p, &(cio_pool_options){.min_idle = 1,
			  .open = open_late, .close = close_item}), 0))
		return -1;
	CIO_TIMEOUT (0, &err) {
		while (n < TRIES && (err = cio_pool_fill(p, cio_str_of("key"),
			NULL)) == -ETIMEDOUT)
			n++;
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(n, 0);
	CHECK_INT(cio_pool_fill(p, cio_str_of("key"), NULL), -ETIMEDOUT);
	return cio_pool_close(p);
}

static int place(void *arg)
{
	cio_pool *p;
	cio_lease held, wanted;
	int err = 0;
	if (!CHECK_INT(cio_pool_open(&p, &(cio_pool_options){.limit = 1,
			  .arg = &arg, .open = open_late,
			  .close = close_item}), 0))
		return -1;
	CHECK_INT(cio_pool_acquire(p, cio_str_of("key"), NULL, &held), 0);
	CIO_TIMEOUT (CIO_MS(5), &err) {
		err = cio_pool_acquire(p, cio_str_of("key"), NULL, &wanted);
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_pool_release(p, &held, true);
	return cio_pool_close(p);
}

RUNS(breaker)
RUNS(rate)
RUNS(fill)
RUNS(place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_breaker),
		cmocka_unit_test(run_rate),
		cmocka_unit_test(run_fill),
		cmocka_unit_test(run_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
