/* SPDX-License-Identifier: MIT */
/* drivers: sim */
/*
 * session_time.c - the client's pauses and limits by the virtual clock
 */
#include "canned.h"

#include <time.h>

#include <cio/sim.h>

#include "wire/http_date.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct fetch {
	cio_http_session *s;
	const char *url;
	cio_http_method method;
};

static int fetch(const struct fetch *f)
{
	cio_http_response r = {0};
	int status = cio_http_request_do(f->s,
		&(cio_http_request_options){.url = f->url, .method = f->method},
		&r);
	cio_http_response_finish(&r);
	return status;
}

/* Retry-After is obeyed, up to the longest pause, and no connection is held
 * meanwhile: the only one serves somebody else. */
static int after_client(struct canned *c)
{
	struct answer answers[] = {
		{"/after",
			"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
			"Retry-After: 7\r\n\r\n",
			0, 1, 0},
		{"/after", OK, 0, 0, 0},
		{"/long",
			"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n"
			"Retry-After: 99999999999\r\n\r\n",
			0, 1, 0},
		{"/long", OK, 0, 0, 0}, {0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit = 1, .retries = 1});
	cio_time began = cio_now();
	cio_task *t = cio_spawn(fetch,
		&(struct fetch){s, canned_url(c, "/after"), 0});
	CHECK_INT(cio_sleep(CIO_S(1)), 0);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	CHECK_INT(fetch(&(struct fetch){s, canned_url(c, "/echo"), 0}), 200);
	CHECK(cio_now() - began < CIO_S(2));
	CHECK_INT(cio_await(t), 200);
	CHECK(cio_now() - began >= CIO_S(7) && cio_now() - began < CIO_S(8));
	CHECK_INT(c->connections, 1);

	began = cio_now();
	CHECK_INT(fetch(&(struct fetch){s, canned_url(c, "/long"), 0}), 200);
	CHECK(cio_now() - began >= CIO_S(30) && cio_now() - began < CIO_S(31));
	cio_http_session_close(s);
	return 0;
}

static int retry_after(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, after_client);
}

static int date_client(struct canned *c)
{
	char date[HTTP_DATE_BYTES], text[200];
	cio__http_date_format(date, time(NULL) + 20);
	snprintf(text, sizeof text,
		"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
		"Retry-After: %s\r\n\r\n",
		date);
	struct answer answers[] = {{"/date", text, 0, 1, 0},
		{"/date", OK, 0, 0, 0}, {0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.retries = 1});
	cio_time began = cio_now();
	CHECK_INT(fetch(&(struct fetch){s, canned_url(c, "/date"), 0}), 200);
	/* the wall clock may go on while this runs */
	CHECK(cio_now() - began > CIO_S(5) && cio_now() - began <= CIO_S(20));
	cio_http_session_close(s);
	return 0;
}

static int retry_after_a_date(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, date_client);
}

/* Full jitter: each pause is anything up to a bound that doubles. */
static int jitter_client(struct canned *c)
{
	static const struct answer answers[] = {
		{.path = "/busy",
			.text = "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"},
		{0}};
	static const cio_duration bounds[] = {CIO_MS(100), CIO_MS(200),
		CIO_MS(250), CIO_MS(250)};
	c->answers = answers;
	cio_duration least = CIO_S(9), most = 0;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.retries = 4,
			.backoff = CIO_MS(100),
			.backoff_max = CIO_MS(250)});
	for (int i = 0; i < 200; i++) {
		cio_time began = cio_now();
		CHECK_INT(fetch(&(struct fetch){s, canned_url(c, "/busy"), 0}),
			502);
		cio_duration d = cio_now() - began;
		least = d < least ? d : least;
		most = d > most ? d : most;
	}
	cio_duration sum = 0;
	for (size_t i = 0; i < 4; i++)
		sum += bounds[i];
	CHECK(least < sum / 4 && most > sum - sum / 4 && most <= sum);
	CHECK_INT(c->requests, 1000);
	cio_http_session_close(s);
	return 0;
}

static int pauses_are_random(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, jitter_client);
}

/* A cancel ends the pause, and nothing is repeated. */
static int cancelled_client(struct canned *c)
{
	static const struct answer answers[] = {
		{.path = "/after",
			.text = "HTTP/1.1 503 Busy\r\n"
				"Content-Length: 0\r\nRetry-After: 7\r\n\r\n"},
		{0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.retries = 9});
	int err = 0;
	cio_http_response r = {0};
	CIO_TIMEOUT (CIO_S(10), &err) {
		err = ask(s, canned_url(c, "/after"), &r);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK(strstr(cio_error_text(), "pause") != NULL);
	CHECK_INT(c->requests, 2);
	CHECK_INT(r.status, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int cancelled_in_a_pause(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, cancelled_client);
}

/* Each attempt has the whole timeout; a slow trickle does not lengthen it. */
static int late_client(struct canned *c)
{
	static const struct answer answers[] = {
		{.path = "/hang",
			.text = "HTTP/1.1 200 OK\r\n",
			.how = THEN_HANG},
		{0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.timeout = CIO_S(5),
			.retries = 2,
			.backoff = 1});
	cio_http_response r = {0};
	CHECK_INT(ask(s, canned_url(c, "/hang"), &r), -ETIMEDOUT);
	CHECK_INT(r.attempts, 3);
	CHECK(r.time_total >= CIO_S(15) &&
		r.time_total < CIO_S(15) + CIO_MS(10));
	CHECK(r.time_connect <= r.time_starttransfer);
	CHECK(strstr(cio_error_text(), "timeout of 5 s") != NULL);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int attempts_time_out(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, late_client);
}

/* Kept connections are closed after a while, by themselves. */
static int idle_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.keep_alive = CIO_S(3)});
	CHECK_INT(fetch(&(struct fetch){s, canned_url(c, "/echo"), 0}), 200);
	CHECK_INT(cio_sleep(CIO_S(2)), 0);
	CHECK_INT(c->open, 1);
	CHECK_INT(cio_sleep(CIO_S(2)), 0);
	CHECK_INT(c->open, 0);
	CHECK_INT(cio_http_session_get_figures(s).connections.expired, 1);
	cio_http_session_close(s);
	return 0;
}

static int idle_connections_end(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, idle_client);
}

/* No descriptor left: said plainly, and not tried again. */
static int descriptors_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.retries = 3});
	cio_http_response r = {0};
	CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){.fail_fd_after = 1}), 0);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -EMFILE);
	CHECK_INT(r.error, CIO_HTTP_ERROR_OTHER);
	CHECK_INT(r.attempts, 1);
	CHECK(strstr(cio_error_text(), "ulimit") != NULL);
	CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){0}), 0);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int no_descriptor(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, descriptors_client);
}

/* One byte a read and a write, and time passing: all the same, and the times are
 * those of the wire. */
static int slow_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {.keep_body = true};
	CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){.max_transfer = 1,
			  .latency_us = 1000}),
		0);
	CHECK_INT(ask(s, canned_url(c, "/echo/slow"), &r), 200);
	CHECK(is_text(&r.body, "/echo/slow"));
	CHECK(r.time_connect >= CIO_MS(1));
	CHECK(r.time_starttransfer > r.time_connect + CIO_MS(60));
	CHECK(r.time_total >= r.time_starttransfer + CIO_MS(40));
	CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){0}), 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int slow_wires(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, slow_client);
}

/* A request that waits for the only place is not late for that: its total is
 * what it took once it had the place. */
struct timed {
	struct fetch fetch;
	cio_duration waited;
};

static int times(struct timed *const *self)
{
	cio_http_response r = {0};
	CHECK_INT(ask((*self)->fetch.s, (*self)->fetch.url, &r), -ETIMEDOUT);
	CHECK(r.time_total >= CIO_S(5) && r.time_total < CIO_S(6));
	(*self)->waited = r.time_wait;
	cio_http_response_finish(&r);
	return 0;
}

static int queueing_client(struct canned *c)
{
	static const struct answer answers[] = {
		{.path = "/hang",
			.text = "HTTP/1.1 200 OK\r\n",
			.how = THEN_HANG},
		{0}};
	c->answers = answers;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit = 1, .timeout = CIO_S(5)});
	struct timed first = {.fetch = {s, canned_url(c, "/hang"), CIO_GET}};
	struct timed second = first;
	int err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, times, &(struct timed *){&first});
		if (err == 0)
			err = cio_group_spawn(&g, times,
				&(struct timed *){&second});
	}
	CHECK_INT(err, 0);
	CHECK_INT(first.waited, 0);
	CHECK(second.waited >= CIO_S(5) && second.waited < CIO_S(6));
	cio_http_session_close(s);
	return 0;
}

static int waiting_is_not_counted(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, queueing_client);
}

RUNS(no_descriptor)
RUNS(waiting_is_not_counted)
RUNS(slow_wires)
RUNS(retry_after)
RUNS(retry_after_a_date)
RUNS(pauses_are_random)
RUNS(cancelled_in_a_pause)
RUNS(attempts_time_out)
RUNS(idle_connections_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_no_descriptor),
		cmocka_unit_test(run_waiting_is_not_counted),
		cmocka_unit_test(run_slow_wires),
		cmocka_unit_test(run_retry_after),
		cmocka_unit_test(run_retry_after_a_date),
		cmocka_unit_test(run_pauses_are_random),
		cmocka_unit_test(run_cancelled_in_a_pause),
		cmocka_unit_test(run_attempts_time_out),
		cmocka_unit_test(run_idle_connections_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
