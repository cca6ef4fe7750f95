/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * left_open.c - what is still open when cio_run ends is named and closed
 *
 * check_run looks after the rest: no descriptor and no block may be left.
 */
#include <cio.h>

#include <errno.h>
#include <signal.h>
#include <cio/http_server.h>
#include <cio/http_session.h>

#include "check.h"

static int opened_at; /* the line */
static uint16_t port;

#define HERE (opened_at = __LINE__)

static const cio_task_options fetch = {.name = "fetch"};

/* "warning: KIND WHAT still open, opened at THIS FILE:LINE by task 'TASK'" */
static bool told(const char *kind_and_what, int line, const char *task)
{
	char text[300];
	snprintf(text, sizeof text,
		"warning: %s still open, opened at %s:%d by task '%s'\n",
		kind_and_what, __FILE__, line, task);
	if (strstr(check_reports(), text) != NULL)
		return true;
	print_error("wanted: %sgot: %s", text, check_reports());
	return false;
}

static int warnings(void)
{
	int n = 0;
	for (const char *at = check_reports();
		(at = strstr(at, "warning")) != NULL; at++)
		n++;
	return n;
}

/* ---- streams and listeners ---- */

static int leave_stream(cio_stream **out)
{
	HERE; return cio_tcp_connect(out, "127.0.0.1", port, NULL);
}

static int run_leave_stream(cio_stream **const *out)
{
	return leave_stream(*out);
}

static int stream_body(void *arg)
{
	cio_listener *l;
	cio_stream *s, **out = &s;
	(void)arg;
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	port = cio_listener_port(l);
	CHECK_INT(cio_await(cio_spawn_with(&fetch, run_leave_stream, &out)), 0);
	return 0; /* the listener is left, too: a stream without a peer has no name */
}

static void a_stream(void **state)
{
	char what[64];
	(void)state;
	assert_int_equal(check_run(stream_body, NULL), 0);
	snprintf(what, sizeof what, "stream to 127.0.0.1:%u", port);
	assert_true(told(what, opened_at, "fetch"));
	assert_int_equal(warnings(), 2);
}

static int accepted_body(void *arg)
{
	cio_listener *l;
	cio_stream *s, *t;
	(void)arg;
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	port = cio_listener_port(l);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), 0);
	HERE; CHECK_INT(cio_listener_accept(l, &t), 0);
	cio_stream_close(s);
	return 0; /* the listener and its end of the connection are left */
}

/* The youngest comes first. */
static void a_listener_and_its_guest(void **state)
{
	char what[64];
	(void)state;
	assert_int_equal(check_run(accepted_body, NULL), 0);
	snprintf(what, sizeof what, "listener on 127.0.0.1:%u", port);
	assert_int_equal(warnings(), 2);
	const char *second = strstr(check_reports(), what);
	assert_non_null(second);
	const char *first = strstr(check_reports(), "stream to 127.0.0.1:");
	assert_non_null(first);
	assert_true(first < second);
}

static int nothing_body(void *arg)
{
	cio_listener *l;
	cio_stream *s[3], *t[3];
	cio_signals signals;
	(void)arg;
	CHECK_INT(cio_signals_open(&signals, CIO_SIGNAL(SIGUSR1)), 0);
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(cio_tcp_connect(&s[i], "127.0.0.1",
			cio_listener_port(l), NULL), 0);
		CHECK_INT(cio_listener_accept(l, &t[i]), 0);
		cio_stream_drop(t[i]);
	}
	cio_stream_close(s[0]);
	cio_stream_abort(s[1]);
	cio_stream_close(s[2]);
	cio_listener_close(l);
	cio_signals_close(&signals);
	return 0;
}

static void nothing(void **state)
{
	(void)state;
	assert_int_equal(check_run(nothing_body, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* A task that ends during the drain closes its own: it is not named. */
static int closes_late(cio_listener *const *l)
{
	int err = cio_sleep(CIO_S(1000));
	CHECK_INT(err, -ECANCELED);
	cio_listener_close(*l);
	return err;
}

static int late_body(void *arg)
{
	cio_listener *l;
	(void)arg;
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	cio_detach(cio_spawn(closes_late, &l), NULL);
	return cio_yield();
}

static void who_closes_in_the_drain_is_not_named(void **state)
{
	(void)state;
	assert_int_equal(check_run(late_body, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* Part of something larger. */
static int part_body(void *arg)
{
	cio_listener *l;
	(void)arg;
	CHECK_INT(cio__tcp_listen(NULL, &l, "127.0.0.1", 0, NULL), 0);
	cio_listener_close(l);
	return 0;
}

static void parts_are_not_named(void **state)
{
	(void)state;
	assert_int_equal(check_run(part_body, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- servers ---- */

static int wait_long(cio_request *req, cio_response *res)
{
	(void)req;
	(void)res;
	return cio_sleep(CIO_S(1000));
}

static int http_server_body(void *arg)
{
	static const cio_route routes[] = {{CIO_GET, "/", wait_long}, {0}};
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	cio_http_server *server;
	cio_stream *s;
	(void)arg;
	HERE; int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	CHECK_INT(err, 0);
	port = cio_http_server_port(server);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), 0);
	CHECK_INT(cio_stream_write(s, text, sizeof text - 1, NULL), 0);
	while (cio_http_server_get_figures(server).active == 0)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_stream_close(s);
	return 0;
}

static void an_http_server(void **state)
{
	char what[64];
	(void)state;
	assert_int_equal(check_run(http_server_body, NULL), 0);
	snprintf(what, sizeof what, "http server on port %u", port);
	assert_true(told(what, opened_at, "main"));
	assert_int_equal(warnings(), 1);
}

static int read_one(cio_stream *s, void *arg)
{
	char c;
	*(bool *)arg = true;
	return (int)cio_stream_read(s, &c, 1);
}

static int stream_server_body(void *arg)
{
	cio_stream_server *server;
	cio_stream *s;
	static bool entered;
	(void)arg;
	entered = false;
	HERE; CHECK_INT(cio_stream_server_open(&server, read_one, &entered, NULL), 0);
	port = cio_stream_server_port(server);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), 0);
	while (!entered)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_stream_close(s);
	return 0;
}

static void a_stream_server(void **state)
{
	char what[64];
	(void)state;
	assert_int_equal(check_run(stream_server_body, NULL), 0);
	snprintf(what, sizeof what, "stream server on 127.0.0.1:%u", port);
	assert_true(told(what, opened_at, "main"));
	assert_int_equal(warnings(), 1);
}

/* ---- pools ---- */

static int items;

static int open_item(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg, (void)key, (void)how;
	items++;
	*item = &items;
	return 0;
}

static void close_item(void *arg, void *item)
{
	(void)arg, (void)item;
	items--;
}

static int pool_line;

static int pool_body(void *arg)
{
	cio_pool *p;
	cio_lease a, b;
	(void)arg;
	pool_line = __LINE__ + 1;
	CHECK_INT(cio_pool_open(&p, &(cio_pool_options){.name = "db",
		.open = open_item, .close = close_item}), 0);
	HERE; CHECK_INT(cio_pool_acquire(p, cio_str_of("k"), NULL, &a), 0);
	CHECK_INT(cio_pool_acquire(p, cio_str_of("k"), NULL, &b), 0);
	cio_pool_release(p, &b, true);
	CHECK_INT(items, 2);
	return 0;
}

static void a_pool_and_a_lease(void **state)
{
	(void)state;
	assert_int_equal(check_run(pool_body, NULL), 0);
	assert_true(told("pool lease of db", opened_at, "main"));
	assert_non_null(strstr(check_reports(), "pool db still open"));
	assert_int_equal(warnings(), 2);
	assert_int_equal(items, 0);
	assert_true(pool_line > 0);
}

/* ---- the rest ---- */

static int signals_body(void *arg)
{
	cio_signals s, t;
	(void)arg;
	HERE; CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	CHECK_INT(cio_signals_open(&t, CIO_SIGNAL(SIGUSR2) |
		CIO_SIGNAL(SIGWINCH)), 0);
	return 0; /* and their memory is gone */
}

static void signals(void **state)
{
	char what[64];
	(void)state;
	for (int i = 0; i < 2; i++) { /* nobody watches them any more */
		assert_int_equal(check_run(signals_body, NULL), 0);
		snprintf(what, sizeof what, "signals watcher for signal %d",
			SIGUSR1);
		assert_true(told(what, opened_at, "main"));
		assert_int_equal(warnings(), 2);
	}
}

static int session_body(void *arg)
{
	(void)arg;
	HERE; cio_http_session *s = cio_http_session_open(NULL);
	CHECK(s != NULL);
	return 0;
}

static void a_session(void **state)
{
	(void)state;
	assert_int_equal(check_run(session_body, NULL), 0);
	assert_true(told("http session", opened_at, "main"));
	assert_int_equal(warnings(), 1); /* and not its pool */
}

static int executor_body(void *arg)
{
	cio_executor *e;
	(void)arg;
	HERE; CHECK_INT(cio_executor_open(&e,
		&(cio_executor_options){.name = "disk"}), 0);
	return 0;
}

static void an_executor(void **state)
{
	(void)state;
	assert_int_equal(check_run(executor_body, NULL), 0);
	assert_non_null(strstr(check_reports(), "executor disk still open, "
		"opened at "));
	assert_int_equal(warnings(), 1);
}

static int from_callback(void *arg)
{
	static cio_pool *p;
	(void)arg;
	HERE; return cio_pool_open(&p, &(cio_pool_options){
		.open = open_item, .close = close_item});
}

static int callback_body(void *arg)
{
	static cio_call c;
	cio_call_soon(&c, from_callback, arg);
	return cio_sleep(CIO_MS(1));
}

static void opened_without_a_task(void **state)
{
	(void)state;
	assert_int_equal(check_run(callback_body, NULL), 0);
	assert_int_equal(warnings(), 1);
	assert_null(strstr(check_reports(), "by task"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream),
		cmocka_unit_test(a_listener_and_its_guest),
		cmocka_unit_test(nothing),
		cmocka_unit_test(who_closes_in_the_drain_is_not_named),
		cmocka_unit_test(parts_are_not_named),
		cmocka_unit_test(an_http_server),
		cmocka_unit_test(a_stream_server),
		cmocka_unit_test(a_pool_and_a_lease),
		cmocka_unit_test(signals),
		cmocka_unit_test(a_session),
		cmocka_unit_test(an_executor),
		cmocka_unit_test(opened_without_a_task),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
