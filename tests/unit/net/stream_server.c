/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream_server.c - a task for each connection, and the three steps to the end
 */
#include <cio/stream_server.h>

#include <errno.h>
#include <unistd.h>

#include <cio/event.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "check.h"
#include "descriptors.h"

struct site {
	cio_stream_server *server;
	uint16_t port;
	int entered, ended;
	cio_event go;
};

static int echo(cio_stream *s, void *arg)
{
	struct site *site = arg;
	char buf[256];
	ssize_t n;
	int err = 0;
	site->entered++;
	while (err == 0 && (n = cio_stream_read(s, buf, sizeof buf)) != 0)
		err = n < 0 ? (int)n : cio_stream_write(s, buf, (size_t)n, NULL);
	site->ended++;
	return err;
}

static int open_with(struct site *site, cio_stream_handler *h,
	cio_stream_server_options o)
{
	*site = (struct site){0};
	int err = cio_stream_server_open(&site->server, h, site, &o);
	if (err == 0)
		site->port = cio_stream_server_port(site->server);
	return err;
}

static int open_site(struct site *site)
{
	return open_with(site, echo, (cio_stream_server_options){0});
}

static void close_site(struct site *site)
{
	CHECK_INT(cio_stream_server_close(site->server, CIO_S(20)), 0);
}

static cio_stream *dial(const struct site *site)
{
	cio_stream *s = NULL;
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", site->port, NULL), 0);
	return s;
}

static void echoes(cio_stream *s)
{
	char got[8] = "";
	CHECK_INT(cio_stream_write(s, "hello", 6, NULL), 0);
	CHECK_INT(cio_stream_read_exactly(s, got, 6, NULL), 0);
	CHECK(strcmp(got, "hello") == 0);
}

static void expect_end(cio_stream *s)
{
	char c;
	CHECK_INT(cio_stream_read(s, &c, 1), 0);
}

#define TEST(name) \
	static int name##_body(void *arg); \
	static void name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name##_body, NULL), 0); \
	} \
	static int name##_body(void *arg __attribute__((unused)))

/* ---- serving ---- */

TEST(serves_many_at_once)
{
	enum { N = 50 };
	static cio_stream *s[N];
	struct site site;
	CHECK_INT(open_site(&site), 0);
	CHECK(cio_stream_server_serving(site.server));
	for (int i = 0; i < N; i++)
		s[i] = dial(&site);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < N; i++)
			echoes(s[i]);
	cio_stream_server_figures f = cio_stream_server_get_figures(site.server);
	CHECK_INT(f.connections, N);
	CHECK_INT(f.accepted, N);
	for (int i = 0; i < N; i++)
		cio_stream_close(s[i]);
	close_site(&site);
	CHECK_INT(site.ended, N);
	return 0;
}

TEST(serves_unix_sockets)
{
	char name[64];
	struct site site;
	cio_stream *s;
	snprintf(name, sizeof name, "@cio-stream-server-%d", (int)getpid());
	CHECK_INT(open_with(&site, echo,
		(cio_stream_server_options){.path = name}), 0);
	CHECK_INT(site.port, 0);
	CHECK_INT(cio_unix_connect(&s, name), 0);
	echoes(s);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(a_taken_port_is_said)
{
	struct site site, other;
	CHECK_INT(open_site(&site), 0);
	CHECK_INT(open_with(&other, echo,
		(cio_stream_server_options){.port = site.port}), -EADDRINUSE);
	close_site(&site);
	CHECK_INT(cio_stream_server_close(NULL, 0), 0);
	return 0;
}

static int fails(cio_stream *s, void *arg)
{
	(void)s;
	((struct site *)arg)->entered++;
	return cio_fail(-EPROTO, "it said %d", 7);
}

static int failing_body(void *arg)
{
	struct site site;
	(void)arg;
	CHECK_INT(open_with(&site, fails, (cio_stream_server_options){0}), 0);
	cio_stream *s = dial(&site), *t = dial(&site);
	expect_end(s);
	expect_end(t);
	CHECK_INT(cio_stream_server_get_figures(site.server).failed, 2);
	cio_stream_close(s);
	cio_stream_close(t);
	close_site(&site);
	return 0;
}

static void errors_are_told(void **state)
{
	(void)state;
	assert_int_equal(check_run(failing_body, NULL), 0);
	assert_non_null(strstr(check_reports(), "warning: stream server on "
		"127.0.0.1:"));
	assert_non_null(strstr(check_reports(), "it said 7"));
}

TEST(more_than_allowed_wait)
{
	struct site site;
	CHECK_INT(open_with(&site, echo,
		(cio_stream_server_options){.max_connections = 2}), 0);
	cio_stream *a = dial(&site), *b = dial(&site), *c = dial(&site);
	echoes(a);
	echoes(b);
	CHECK_INT(cio_stream_write(c, "hello", 6, NULL), 0);
	CHECK_INT(cio_sleep(CIO_MS(10)), 0);
	CHECK_INT(site.entered, 2);
	cio_stream_close(a);
	char got[6];
	CHECK_INT(cio_stream_read_exactly(c, got, 6, NULL), 0);
	CHECK_INT(cio_stream_server_get_figures(site.server).connections, 2);
	cio_stream_close(b);
	cio_stream_close(c);
	close_site(&site);
	return 0;
}

/* ---- no descriptors ---- */

static int without_descriptors(void *arg)
{
	struct site site;
	struct rlimit limit;
	(void)arg;
	CHECK_INT(open_site(&site), 0);
	allow_one_more(&limit);
	cio_stream *s = dial(&site);
	while (strstr(check_reports(), "cannot accept") == NULL)
		CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	CHECK_INT(cio_sleep(CIO_MS(250)), 0); /* it tries again, quietly */
	CHECK_INT(site.entered, 0);
	allow_all(&limit);
	echoes(s);
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
	cio_stream_close(s);
	return 0;
}

/* ---- the end ---- */

static void expect_refused(const struct site *site)
{
	cio_stream *s;
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", site->port, NULL),
		-ECONNREFUSED);
}

TEST(connections_outlive_the_listener)
{
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	echoes(s);
	cio_stream_server_close_listeners(site.server);
	cio_stream_server_close_listeners(site.server); /* again: nothing */
	CHECK(!cio_stream_server_serving(site.server));
	expect_refused(&site);
	echoes(s);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(a_drain_waits_and_may_be_late)
{
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	echoes(s);
	CHECK_INT(cio_stream_server_drain(site.server, CIO_MS(10)), -ETIMEDOUT);
	expect_refused(&site);
	echoes(s); /* it goes on */
	CHECK_INT(cio_stream_shutdown(s), 0);
	CHECK_INT(cio_stream_server_drain(site.server, CIO_S(20)), 0);
	CHECK_INT(site.ended, 1);
	CHECK_INT(cio_stream_server_drain(site.server, 0), 0);
	expect_end(s);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

TEST(an_abort_resets)
{
	struct site site;
	char c;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	echoes(s);
	CHECK_INT(cio_stream_server_abort(site.server), 0);
	CHECK_INT(site.ended, 1);
	CHECK_INT(cio_stream_read(s, &c, 1), -ECONNRESET);
	cio_stream_close(s);
	CHECK_INT(cio_stream_server_get_figures(site.server).cut, 1);
	CHECK_INT(cio_stream_server_close(site.server, CIO_S(20)), -ETIMEDOUT);
	CHECK(strstr(check_reports(), "warning") == NULL);
	return 0;
}

TEST(a_close_cuts_what_does_not_end)
{
	struct site site;
	CHECK_INT(open_site(&site), 0);
	cio_stream *s = dial(&site);
	echoes(s);
	CHECK_INT(cio_stream_server_close(site.server, CIO_MS(5)), -ETIMEDOUT);
	CHECK_INT(site.ended, 1);
	cio_stream_close(s);
	return 0;
}

static int end_from_within(cio_stream *s, void *arg)
{
	struct site *site = arg;
	(void)s;
	cio_stream_server_close_listeners(site->server); /* waits for nobody */
	CHECK_INT(cio_stream_server_drain(site->server, 0), -EDEADLK);
	CHECK_INT(cio_stream_server_abort(site->server), -EDEADLK);
	CHECK_INT(cio_stream_server_close(site->server, 0), -EDEADLK);
	site->ended++;
	return 0;
}

TEST(a_handler_cannot_wait_for_itself)
{
	struct site site;
	CHECK_INT(open_with(&site, end_from_within,
		(cio_stream_server_options){0}), 0);
	cio_stream *s = dial(&site);
	expect_end(s);
	CHECK_INT(site.ended, 1);
	cio_stream_close(s);
	close_site(&site);
	return 0;
}

/* ---- whatever fails ---- */

/* Errors are not looked at: it must come to an end and leave nothing. */
static int a_life(void *arg)
{
	struct site site;
	cio_stream *s[3] = {0};
	(void)arg;
	if (open_with(&site, echo,
		    (cio_stream_server_options){.max_connections = 2}) < 0)
		return 0;
	for (int i = 0; i < 3; i++) {
		char got[2];
		if (cio_tcp_connect(&s[i], "127.0.0.1", site.port, NULL) < 0)
			continue;
		if (cio_stream_write(s[i], "a", 1, NULL) == 0 && i < 2)
			(void)cio_stream_read(s[i], got, 1);
	}
	cio_stream_server_close_listeners(site.server);
	cio_stream_close(s[0]);
	(void)cio_stream_server_drain(site.server, CIO_MS(1));
	(void)cio_stream_server_abort(site.server);
	cio_stream_close(s[1]);
	cio_stream_close(s[2]);
	(void)cio_stream_server_close(site.server, CIO_S(1));
	return 0;
}

static void survives_cancels(void **state)
{
	(void)state;
	check_cancel_everywhere(a_life, NULL, "stream server");
}

static void survives_failing_memory(void **state)
{
	(void)state;
	check_fail_allocations(a_life, NULL, "stream server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_many_at_once),
		cmocka_unit_test(serves_unix_sockets),
		cmocka_unit_test(a_taken_port_is_said),
		cmocka_unit_test(errors_are_told),
		cmocka_unit_test(more_than_allowed_wait),
		cmocka_unit_test(goes_on_when_descriptors_are_back),
		cmocka_unit_test(closes_while_it_cannot_accept),
		cmocka_unit_test(connections_outlive_the_listener),
		cmocka_unit_test(a_drain_waits_and_may_be_late),
		cmocka_unit_test(an_abort_resets),
		cmocka_unit_test(a_close_cuts_what_does_not_end),
		cmocka_unit_test(a_handler_cannot_wait_for_itself),
		cmocka_unit_test(survives_cancels),
		cmocka_unit_test(survives_failing_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
