/* SPDX-License-Identifier: MIT */
/*
 * server_life.c - connections that wait, that stay away, that are too many,
 * and the drain
 */
#include "server_site.h"

#include "descriptors.h"

static const char hello_text[] = "GET /hello HTTP/1.1\r\n" HOST "\r\n";
static const char wait_text[] = "GET /wait HTTP/1.1\r\n" HOST "\r\n";

static void ask_hello(cio_stream *s)
{
	struct answer a;
	CHECK_INT(say(s, hello_text), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
}

/* Give the server time to see what was sent or closed; nothing may depend on
 * its having seen it. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_sleep(CIO_MS(5)), 0);
}

/* Wait until it is so. */
static void wait_for(const struct site *site, uint64_t connections,
	uint64_t active)
{
	cio_http_server_figures f;
	while (f = cio_http_server_get_figures(site->server),
		f.connections != connections || f.active != active)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
}

/* ---- idle connections ---- */

TEST(idle_connections_hold_no_task)
{
	enum { N = 100 };
	static cio_stream *s[N];
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *first = dial(&site);
	ask_hello(first);
	wait_for(&site, 1, 0);
	cio_run_figures before = cio_run_get_figures();
	for (int i = 0; i < N; i++) {
		s[i] = dial(&site);
		if (i % 2 == 0) /* the others have never said anything */
			ask_hello(s[i]);
	}
	wait_for(&site, N + 1, 0);
	cio_run_figures after = cio_run_get_figures();
	CHECK_INT(after.tasks_alive, before.tasks_alive);
	CHECK_INT(after.stacks, before.stacks);
	CHECK_INT(after.tasks_alive, 2); /* this one and the server's own */

	for (int i = 0; i < N; i++)
		ask_hello(s[i]);
	for (int i = 0; i < N; i++)
		cio_stream_close(s[i]);
	cio_stream_close(first);
	close_site(&site);
	return 0;
}

/* The heap is asked to refuse: a warm connection does not notice. */
TEST(warm_requests_allocate_nothing)
{
	struct site site;
	if (on_sim())
		return 0; /* its network is on the heap */
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	for (int i = 0; i < 3; i++)
		ask_hello(s);
	cio_sim_fail_allocation(1);
	for (int i = 0; i < 3; i++)
		ask_hello(s);
	void *p = cio__alloc(1); /* the first one since */
	CHECK(p == NULL);
	cio__free(p);
	cio_sim_fail_allocation(0);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(idle_connections_expire)
{
	struct site site;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.keep_alive = span()}), 0);
	cio_stream *s = dial(&site);
	ask_hello(s);
	cio_time begun = cio_now();
	expect_end(s);
	if (on_sim())
		CHECK_INT(cio_now() - begun, span());
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(silent_connections_expire)
{
	struct site site;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.head_timeout = span()}), 0);
	cio_stream *s = dial(&site);
	cio_time begun = cio_now();
	expect_end(s);
	if (on_sim())
		CHECK_INT(cio_now() - begun, span());
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* It sends now and then, and never comes to an end. */
TEST(slow_heads_expire)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.head_timeout = span()}), 0);
	cio_stream *s = dial(&site);
	cio_time begun = cio_now();
	CHECK_INT(say(s, "GET / HTTP/1.1\r\n"), 0);
	while (cio_http_server_get_figures(site.server).refused == 0) {
		CHECK_INT(say(s, "A: b\r\n"), 0);
		CHECK_INT(cio_sleep(span() / 7), 0);
	}
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 408);
	expect_end(s);
	if (on_sim())
		CHECK(cio_now() - begun < 2 * span());
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* It asks for much and takes nothing. */
TEST(slow_readers_expire)
{
	struct site site;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.write_timeout = span()}), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /large/30000000 HTTP/1.1\r\n" HOST "\r\n"), 0);
	while (site.calls == 0 ||
		cio_http_server_get_figures(site.server).connections > 0)
		CHECK_INT(cio_sleep(span() / 10), 0);
	ssize_t n;
	while ((n = cio_stream_fill(s)) > 0)
		cio_stream_consume(s, cio_stream_peek(s).n);
	CHECK_INT(n, -ECONNRESET);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* ---- clients that leave ---- */

static void stays_up(struct site *site)
{
	struct answer a;
	ask(site, hello_text, &a);
	CHECK_INT(a.status, 200);
	wait_for(site, 0, 0);
}

TEST(clients_close_in_the_middle)
{
	static const char *const parts[] = {"", "\r\n", "GET",
		"GET / HTTP/1.1\r\n",
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n",
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\na",
		"POST /echo HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n3\r\na",
		"GET /large/3000000 HTTP/1.1\r\n" HOST "\r\n"};
	struct site site;
	CHECK_INT(open_site(&site), 0);
	for (size_t i = 0; i < 2 * sizeof parts / sizeof parts[0]; i++) {
		cio_stream *s = dial(&site);
		CHECK_INT(say(s, parts[i / 2]), 0);
		settle();
		if (i % 2 == 0)
			cio_stream_close(s);
		else
			cio_stream_abort(s);
	}
	stays_up(&site);
	close_site(&site);
	CHECK(strstr(check_reports(), "warning") == NULL);
	return 0;
}

TEST(client_resets_while_the_handler_waits)
{
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, wait_text), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);
	CHECK_INT(cio_http_server_get_figures(site.server).active, 1);
	cio_stream_abort(s);
	settle();
	cio_event_set(&site.go);
	stays_up(&site);
	close_site(&site);
	return 0;
}

/* ---- too many ---- */

TEST(more_connections_than_allowed_wait)
{
	struct site site;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_connections = 2}), 0);
	cio_stream *a = dial(&site), *b = dial(&site), *c = dial(&site);
	ask_hello(a);
	ask_hello(b);
	CHECK_INT(say(c, hello_text), 0);
	settle();
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 2);
	cio_stream_close(a);
	struct answer answer;
	CHECK_INT(hear(c, &answer), 0);
	CHECK_INT(answer.status, 200);
	cio_stream_close(b);
	cio_stream_close(c);
	close_site(&site);
	return 0;
}

static int without_descriptors(void *arg)
{
	struct site site;
	struct rlimit limit;
	struct answer a;
	(void)arg;
	CHECK_INT(open_site(&site), 0);
	allow_one_more(&limit);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, hello_text), 0);
	while (strstr(check_reports(), "cannot accept") == NULL)
		CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	CHECK_INT(cio_sleep(CIO_MS(300)), 0);
	CHECK_INT(cio_http_server_get_figures(site.server).accepted, 0);
	allow_all(&limit);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

static void goes_on_when_descriptors_are_back(void **state)
{
	(void)state;
	if (check_wrapped())
		check_skip("the tool has its own limits of descriptors");
	assert_int_equal(check_run(without_descriptors, NULL), 0);
	const char *first = strstr(check_reports(), "cannot accept");
	assert_non_null(first);
	assert_non_null(strstr(first, "ulimit -n"));
	assert_null(strstr(first + 1, "cannot accept"));
}

TEST(closes_while_it_cannot_accept)
{
	struct site site;
	struct rlimit limit;
	CHECK_INT(open_site(&site), 0);
	allow_one_more(&limit);
	cio_stream *s = dial(&site);
	while (strstr(check_reports(), "cannot accept") == NULL)
		CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	close_site(&site);
	allow_all(&limit);
	CHECK_INT(cio_sleep(CIO_MS(200)), 0); /* its timer must not fire */
	CHECK(cio_stream_fill(s) <= 0);
	cio_stream_close(s);
	return 0;
}

/* ---- the drain ---- */

static int set_event(cio_event *const *e)
{
	int err = cio_sleep(CIO_MS(20));
	cio_event_set(*e);
	return err;
}

TEST(drains)
{
	struct site site;
	struct answer a;
	cio_http_server_drained told;
	CHECK_INT(open_site(&site), 0);
	cio_stream *idle = dial(&site), *fresh = dial(&site);
	ask_hello(idle);
	cio_stream *active = dial(&site);
	CHECK_INT(say(active, wait_text), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);
	wait_for(&site, 3, 1);

	cio_event *go = &site.go;
	cio_task *t = cio_spawn(set_event, &go);
	CHECK_INT(cio_http_server_close(site.server, CIO_S(20), &told), 0);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(told.finished, 1);
	CHECK_INT(told.cut, 0);
	CHECK_INT(told.idle, 2);

	CHECK_INT(hear(active, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK(strstr(a.head, "Connection: close\r\n") != NULL);
	expect_end(active);
	expect_end(idle);
	expect_end(fresh);
	cio_stream_close(active);
	cio_stream_close(idle);
	cio_stream_close(fresh);
	return 0;
}

TEST(cuts_what_does_not_finish)
{
	struct site site;
	cio_http_server_drained told;
	CHECK_INT(open_site(&site), 0);
	cio_stream *stuck = dial(&site);
	CHECK_INT(say(stuck, wait_text), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);
	CHECK_INT(cio_http_server_close(site.server, CIO_MS(20), &told),
		-ETIMEDOUT);
	CHECK_INT(told.finished, 0);
	CHECK_INT(told.cut, 1);
	CHECK_INT(cio_stream_fill(stuck), -ECONNRESET);
	cio_stream_close(stuck);
	CHECK(strstr(check_reports(), "warning") == NULL);
	return 0;
}

struct closing { struct site *site; int result; cio_http_server_drained told; };

static int close_it(struct closing *const *c)
{
	(*c)->result = cio_http_server_close((*c)->site->server, CIO_S(1000),
		&(*c)->told);
	return 0;
}

TEST(a_cancelled_closer_cuts_at_once)
{
	struct site site;
	struct closing closing = {.site = &site}, *c = &closing;
	CHECK_INT(open_site(&site), 0);
	cio_stream *stuck = dial(&site);
	CHECK_INT(say(stuck, wait_text), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);
	cio_task *t = cio_spawn(close_it, &c);
	settle();
	cio_task_cancel(t, "enough");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(closing.result, -ETIMEDOUT);
	CHECK_INT(closing.told.cut, 1);
	cio_stream_close(stuck);
	return 0;
}

/* A request that comes in the very turn of the drain is answered or not at
 * all. */
TEST(never_half_an_answer)
{
	for (int yields = 0; yields < 12; yields++) {
		struct site site;
		struct answer a;
		CHECK_INT(open_site(&site), 0);
		cio_stream *s = dial(&site);
		ask_hello(s);
		CHECK_INT(say(s, hello_text), 0);
		for (int i = 0; i < yields; i++)
			CHECK_INT(cio_yield(), 0);
		close_site(&site);
		int err = hear(s, &a);
		if (err == 0)
			CHECK(strcmp(a.body, "hello\n") == 0);
		else
			CHECK(a.status == 0 && (err == -CIO_EEOF ||
				err == -ECONNRESET));
		cio_stream_close(s);
	}
	return 0;
}

TEST(half_a_head_does_not_hold_the_drain_up)
{
	struct site site;
	cio_http_server_drained told;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "GET /hel"), 0);
	while (cio_run_get_figures().tasks_alive < 3) /* it has one now */
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(cio_http_server_close(site.server, CIO_MS(20), &told), 0);
	CHECK_INT(told.idle, 1);
	cio_stream_close(s);
	return 0;
}

/* ---- whatever fails ---- */

/* Errors are not looked at: it must come to an end and leave nothing. */
static int a_day(void *arg)
{
	struct site site = {0};
	static const char text[] = "POST /echo HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
		"GET /name/a%20b HTTP/1.1\r\n" HOST "\r\n"
		"GET /nothing HTTP/1.1\r\n" HOST "\r\n"
		"GET /large/20000 HTTP/1.1\r\n" HOST
		"Connection: close\r\n\r\n";
	(void)arg;
	int err = cio_http_server_open(&site.server, &(cio_http_server_options){
		.routes = routes, .state = &site});
	if (err < 0)
		return 0;
	for (int i = 0; i < 2; i++) {
		cio_stream *s;
		err = cio_tcp_connect(&s, "127.0.0.1",
			cio_http_server_port(site.server), NULL);
		if (err < 0)
			continue;
		err = cio_stream_write(s, text, sizeof text - 1, NULL);
		while (err == 0 && cio_stream_fill(s) > 0)
			cio_stream_consume(s, cio_stream_peek(s).n);
		cio_stream_close(s);
	}
	(void)cio_http_server_close(site.server, CIO_S(1), NULL);
	return 0;
}

static void survives_cancels(void **state)
{
	(void)state;
	check_cancel_everywhere(a_day, NULL, "http server");
}

static void survives_failing_memory(void **state)
{
	(void)state;
	check_fail_allocations(a_day, NULL, "http server");
}

static int a_day_in_pieces(void *arg)
{
	if (on_sim())
		CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){
			.max_transfer = 1, .latency_us = 50}), 0);
	return a_day(arg);
}

static void survives_small_transfers(void **state)
{
	(void)state;
	assert_int_equal(check_run(a_day_in_pieces, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_connections_hold_no_task),
		cmocka_unit_test(warm_requests_allocate_nothing),
		cmocka_unit_test(idle_connections_expire),
		cmocka_unit_test(silent_connections_expire),
		cmocka_unit_test(slow_heads_expire),
		cmocka_unit_test(slow_readers_expire),
		cmocka_unit_test(clients_close_in_the_middle),
		cmocka_unit_test(client_resets_while_the_handler_waits),
		cmocka_unit_test(more_connections_than_allowed_wait),
		cmocka_unit_test(goes_on_when_descriptors_are_back),
		cmocka_unit_test(closes_while_it_cannot_accept),
		cmocka_unit_test(drains),
		cmocka_unit_test(cuts_what_does_not_finish),
		cmocka_unit_test(a_cancelled_closer_cuts_at_once),
		cmocka_unit_test(never_half_an_answer),
		cmocka_unit_test(half_a_head_does_not_hold_the_drain_up),
		cmocka_unit_test(survives_cancels),
		cmocka_unit_test(survives_failing_memory),
		cmocka_unit_test(survives_small_transfers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
