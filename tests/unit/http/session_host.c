/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_host.c - rates, breakers, adaptive limits, the retry budget
 */
#include <cio/http_server.h>

#include "canned.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"

/* ---- rates ---- */

static int rate_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.rate = 4, .rate_per = CIO_MS(40)});
	cio_http_response r = {0};
	cio_time begun = cio_now();
	for (int i = 0; i < 12; i++)
		CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	/* four at once, eight more at 10 ms each */
	CHECK(cio_now() - begun >= CIO_MS(80));
	CHECK(cio_http_session_get_figures(s).requests == 12);
	cio_http_session_close(s);

	s = cio_http_session_open(&(cio_http_session_options){.rate_per_host = 1,
		.rate_per = CIO_S(3600), .acquire_timeout = CIO_MS(5)});
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -ETIMEDOUT);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TIMEOUT);
	CHECK(strstr(cio_error_text(), "acquire_timeout") != NULL);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int rates(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, rate_client);
}

/* ---- the breaker ---- */

static int breaker_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.breaker = {.failures = 3, .cooldown = CIO_MS(50)}});
	cio_http_response r = {0};
	for (int i = 0; i < 3; i++)
		CHECK_INT(ask(s, canned_url(c, "/busy"), &r), 503);
	int requests = c->requests;
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -EAGAIN);
	CHECK_INT(r.error, CIO_HTTP_ERROR_BLOCKED);
	CHECK(strstr(cio_error_text(), "3 requests in a row") != NULL);
	CHECK_INT(c->requests, requests);
	CHECK_INT(cio_http_session_get_figures(s).breaker_open, 1);

	/* one goes to find out, and finds it as it was */
	CHECK_INT(cio_sleep(CIO_MS(50)), 0);
	CHECK_INT(ask(s, canned_url(c, "/busy"), &r), 503);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -EAGAIN);
	/* and then mended */
	CHECK_INT(cio_sleep(CIO_MS(50)), 0);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int breaker(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/busy", BUSY, 0, 0, 0}, {0}}}, breaker_client);
}

/* ---- the budget ---- */

static int budget_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.retries = 5, .backoff = 1, .retry_budget = 20});
	cio_http_response r = {0};
	for (int i = 0; i < 20; i++)
		CHECK_INT(ask(s, canned_url(c, "/busy"), &r), 503);
	/* ten to begin with, and a fifth of twenty */
	cio_http_session_figures f = cio_http_session_get_figures(s);
	CHECK(f.retries >= 10 && f.retries <= 14);
	CHECK_INT(c->requests, 20 + (int)f.retries);
	CHECK(f.refused_retries > 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int budget(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/busy", BUSY, 0, 0, 0}, {0}}}, budget_client);
}

/* ---- the adaptive limit: a server that is quick for eight, then slow ---- */

struct load {
	int now, most, capacity;
};

static int work(cio_request *req, cio_response *res)
{
	struct load *l = cio_request_state(req);
	l->now++;
	l->most = l->now > l->most ? l->now : l->most;
	cio_duration d = l->now > l->capacity ? CIO_MS(200) : CIO_MS(20);
	int err = cio_sleep(d);
	l->now--;
	return err < 0 ? err : cio_respond(res, 200, "text/plain", "ok");
}

static const cio_route routes[] = {{CIO_GET, "/", work}, {0}};

struct job {
	cio_http_session *s;
	const char *url;
};

static int ask_once(struct job *j)
{
	cio_http_response r = {0};
	int status = ask(j->s, j->url, &r);
	cio_http_response_finish(&r);
	return status < 0 ? status : 0;
}

static int adapt_to(struct load *l, uint16_t port)
{
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.adaptive = true, .limit = 200});
	struct job jobs[1000];
	for (int i = 0; i < 1000; i++)
		jobs[i] = (struct job){s, url};
	CHECK_INT(cio_map(ask_once, jobs, 1000), 0);
	int met = l->most;
	CHECK(met <= l->capacity + 4 || met < 30);
	cio_http_session_close(s);
	return 0;
}

static int adaptive(void *arg)
{
	(void)arg;
	struct load l = {.capacity = 16};
	cio_http_server *server;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes, .state = &l});
	if (err < 0)
		return err;
	err = adapt_to(&l, cio_http_server_port(server));
	cio_http_server_close(server, CIO_S(1), NULL);
	return err;
}

RUNS(rates)
RUNS(breaker)
RUNS(budget)

/* Many answers wait on each other here: real clocks would make it a gamble. */
static void run_adaptive(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "sim") != 0)
		check_skip("latencies are exact on sim only");
	assert_int_equal(check_run(adaptive, NULL), 0);
	assert_string_equal(check_reports(), "");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_rates),
		cmocka_unit_test(run_breaker),
		cmocka_unit_test(run_budget),
		cmocka_unit_test(run_adaptive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
