/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * server_end.c - the three steps to a server's end, and who gives way when there
 * are too many
 */
#include "server_site.h"

static const char hello_text[] = "GET /hello HTTP/1.1\r\n" HOST "\r\n";
static const char wait_text[] = "GET /wait HTTP/1.1\r\n" HOST "\r\n";

static void ask_hello(cio_stream *s)
{
	struct answer a;
	CHECK_INT(say(s, hello_text), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 200);
}

/* A connection whose handler waits for `go`. */
static cio_stream *dial_waiting(struct site *site)
{
	cio_stream *s = dial(site);
	CHECK_INT(say(s, wait_text), 0);
	CHECK_INT(cio_event_wait(&site->entered), 0);
	return s;
}

/* Wait until all but `active` are idle. */
static void wait_idle(const struct site *site, uint64_t connections,
	uint64_t active)
{
	cio_http_server_figures f;
	while (f = cio_http_server_get_figures(site->server),
		f.connections != connections || f.active != active)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
}

static void expect_refused(const struct site *site)
{
	cio_stream *s;
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", site->port, NULL),
		-ECONNREFUSED);
}

/* ---- close_listeners ---- */

TEST(connections_outlive_the_listener)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site), *busy = dial_waiting(&site);
	ask_hello(s);
	cio_http_server_close_listeners(site.server);
	cio_http_server_close_listeners(site.server); /* again: nothing */
	expect_refused(&site);
	for (int i = 0; i < 3; i++)
		ask_hello(s);
	cio_event_set(&site.go);
	CHECK_INT(hear(busy, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK(strstr(a.head, "Connection: close") == NULL);
	cio_stream_close(busy);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* ---- drain ---- */

TEST(a_drain_may_be_late_and_come_again)
{
	struct site site;
	struct answer a;
	cio_http_server_drained told = {0};
	CHECK_INT(open_site(&site), 0);
	cio_stream *idle = dial(&site), *busy = dial_waiting(&site);
	ask_hello(idle);
	CHECK_INT(cio_http_server_drain(site.server, CIO_MS(20), &told),
		-ETIMEDOUT);
	CHECK_INT(told.idle, 1);
	CHECK_INT(told.cut + told.finished, 0);
	expect_end(idle);
	expect_refused(&site);

	cio_event_set(&site.go); /* it goes on, and ends well */
	CHECK_INT(cio_http_server_drain(site.server, CIO_S(20), &told), 0);
	CHECK_INT(told.finished, 1);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 0);
	CHECK_INT(hear(busy, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK(strstr(a.head, "Connection: close\r\n") != NULL);
	cio_stream_close(idle);
	cio_stream_close(busy);
	CHECK_INT(cio_http_server_drain(site.server, 0, NULL), 0);
	close_site(&site);
	return 0;
}

static int drain_for_ever(struct site *const *site)
{
	CHECK_INT(cio_http_server_drain((*site)->server, CIO_NEVER, NULL),
		-ECANCELED);
	return 0;
}

TEST(a_drain_can_be_cancelled)
{
	struct site site, *p = &site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *busy = dial_waiting(&site);
	cio_task *t = cio_spawn(drain_for_ever, &p);
	CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	cio_task_cancel(t, "enough");
	CHECK_INT(cio_await(t), 0);
	cio_event_set(&site.go);
	CHECK_INT(hear(busy, &a), 0);
	cio_stream_close(busy);
	close_site(&site);
	return 0;
}

/* ---- abort ---- */

TEST(an_abort_cuts_at_once)
{
	struct site site;
	cio_http_server_drained told = {0};
	CHECK_INT(open_site(&site), 0);
	cio_stream *idle = dial(&site), *busy = dial_waiting(&site);
	ask_hello(idle);
	CHECK_INT(cio_http_server_abort(site.server), 0);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 0);
	CHECK_INT(cio_stream_fill(busy), -ECONNRESET);
	expect_end(idle);
	expect_refused(&site);
	CHECK_INT(cio_http_server_abort(site.server), 0);
	cio_stream_close(busy);
	cio_stream_close(idle);
	CHECK_INT(cio_http_server_close(site.server, CIO_S(20), &told),
		-ETIMEDOUT);
	CHECK_INT(told.cut, 1);
	CHECK_INT(told.idle, 1);
	return 0;
}

static int end_from_within(cio_request *req, cio_response *res)
{
	cio_http_server **server = cio_request_state(req);
	cio_http_server_close_listeners(*server); /* it waits for nobody */
	CHECK_INT(cio_http_server_drain(*server, 0, NULL), -EDEADLK);
	CHECK_INT(cio_http_server_abort(*server), -EDEADLK);
	CHECK_INT(cio_http_server_close(*server, 0, NULL), -EDEADLK);
	return cio_respond(res, 200, NULL, "");
}

TEST(a_handler_cannot_wait_for_itself)
{
	static const cio_route own[] = {{CIO_GET, "/", end_from_within}, {0}};
	struct site site = {0};
	struct answer a;
	CHECK_INT(cio_http_server_open(&site.server, &(cio_http_server_options){
		.routes = own, .state = &site.server}), 0);
	site.port = cio_http_server_port(site.server);
	ask(&site, "GET / HTTP/1.1\r\n" HOST "\r\n", &a);
	CHECK_INT(a.status, 200);
	close_site(&site);
	return 0;
}

/* ---- too many ---- */

TEST(the_oldest_idle_one_gives_way)
{
	struct site site;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_connections = 2}), 0);
	cio_stream *a = dial(&site), *b = dial(&site);
	ask_hello(a);
	wait_idle(&site, 2, 0);
	ask_hello(b);
	wait_idle(&site, 2, 0);
	ask_hello(a); /* b is the oldest now */
	wait_idle(&site, 2, 0);
	cio_stream *c = dial(&site);
	ask_hello(c);
	expect_end(b);
	CHECK_INT(cio_http_server_get_figures(site.server).evicted, 1);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 2);
	ask_hello(a); /* still there */
	cio_stream_close(a);
	cio_stream_close(b);
	cio_stream_close(c);
	close_site(&site);
	return 0;
}

/* Nobody gives way who is at work, or has not said anything yet. */
TEST(who_is_no_idle_one_stays)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_connections = 2}), 0);
	cio_stream *fresh = dial(&site), *busy = dial_waiting(&site);
	cio_stream *late = dial(&site);
	CHECK_INT(say(late, hello_text), 0);
	wait_idle(&site, 2, 1);
	CHECK_INT(cio_sleep(CIO_MS(10)), 0);
	CHECK_INT(cio_http_server_get_figures(site.server).evicted, 0);
	CHECK_INT(cio_http_server_get_figures(site.server).accepted, 2);

	cio_event_set(&site.go); /* its answer first, then its place */
	CHECK_INT(hear(busy, &a), 0);
	CHECK_INT(a.status, 200);
	CHECK_INT(hear(late, &a), 0);
	CHECK_INT(a.status, 200);
	expect_end(busy);
	CHECK_INT(cio_http_server_get_figures(site.server).evicted, 1);
	ask_hello(fresh);
	cio_stream_close(fresh);
	cio_stream_close(busy);
	cio_stream_close(late);
	close_site(&site);
	return 0;
}

/* One place, and each newcomer takes it. */
TEST(many_share_one_place)
{
	enum { N = 50 };
	static cio_stream *s[N];
	struct site site;
	CHECK_INT(open_with(&site,
		(cio_http_server_options){.max_connections = 1}), 0);
	for (int i = 0; i < N; i++) {
		s[i] = dial(&site);
		ask_hello(s[i]);
		CHECK(cio_http_server_get_figures(site.server).connections <= 1);
	}
	CHECK_INT(cio_http_server_get_figures(site.server).evicted, N - 1);
	for (int i = 0; i < N; i++)
		cio_stream_close(s[i]);
	close_site(&site);
	return 0;
}

/* ---- OPTIONS * ---- */

TEST(tells_what_it_can_do)
{
	struct site site;
	struct answer a;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	CHECK_INT(say(s, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK_INT(a.status, 204);
	CHECK(strstr(a.head, "Allow: GET, HEAD, POST, PUT, OPTIONS\r\n") != NULL);
	CHECK(strstr(a.head, "Content-Length") == NULL);
	ask_hello(s);
	CHECK_INT(say(s, "GET * HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(a.status == 400 || a.status == 404);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* ---- whatever fails ---- */

/* Errors are not looked at: it must come to an end and leave nothing. */
static int a_life(void *arg)
{
	struct site site = {0};
	cio_stream *s[3] = {0};
	(void)arg;
	if (open_with(&site, (cio_http_server_options){.max_connections = 2}) < 0)
		return 0;
	for (int i = 0; i < 3; i++) {
		struct answer a;
		if (cio_tcp_connect(&s[i], "127.0.0.1", site.port, NULL) < 0)
			continue;
		if (say(s[i], i == 1 ? wait_text : hello_text) == 0 && i != 1)
			(void)hear(s[i], &a);
	}
	cio_http_server_close_listeners(site.server);
	(void)cio_http_server_drain(site.server, CIO_MS(1), NULL);
	(void)cio_http_server_abort(site.server);
	for (int i = 0; i < 3; i++)
		cio_stream_close(s[i]);
	(void)cio_http_server_close(site.server, CIO_S(1), NULL);
	return 0;
}

static void survives_cancels(void **state)
{
	(void)state;
	check_cancel_everywhere(a_life, NULL, "http server's end");
}

static void survives_failing_memory(void **state)
{
	(void)state;
	check_fail_allocations(a_life, NULL, "http server's end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_outlive_the_listener),
		cmocka_unit_test(a_drain_may_be_late_and_come_again),
		cmocka_unit_test(a_drain_can_be_cancelled),
		cmocka_unit_test(an_abort_cuts_at_once),
		cmocka_unit_test(a_handler_cannot_wait_for_itself),
		cmocka_unit_test(the_oldest_idle_one_gives_way),
		cmocka_unit_test(who_is_no_idle_one_stays),
		cmocka_unit_test(many_share_one_place),
		cmocka_unit_test(tells_what_it_can_do),
		cmocka_unit_test(survives_cancels),
		cmocka_unit_test(survives_failing_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
