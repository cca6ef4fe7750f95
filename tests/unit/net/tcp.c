/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * tcp.c - connecting, listening, accepting
 */
#include "check.h"

#include <cio/sim.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "unit/io/pair.h"

static bool is_sim(void)
{
	return strcmp(cio_driver_name(), "sim") == 0;
}

static int listen_here(cio_listener **l, int backlog)
{
	return cio_tcp_listen(l, "127.0.0.1", 0,
		&(cio_listen_options){.backlog = backlog});
}

/* ---- connect ---- */

static int refused(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s = NULL;
	char text[64];
	if (!CHECK_INT(listen_here(&l, 0), 0))
		return -1;
	uint16_t port = cio_listener_port(l);
	CHECK(port > 0);
	cio_listener_close(l);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), -ECONNREFUSED);
	snprintf(text, sizeof text, "127.0.0.1:%u: connection refused", port);
	CHECK(strcmp(cio_error_text(), text) == 0);
	CHECK(s == NULL);
	return 0;
}

/* localhost is 127.0.0.1 first; a listener on ::1 alone is found as well. */
static int next_address(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s, *t;
	int err = cio_tcp_listen(&l, "::1", 0, NULL);
	if (err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT)
		return 1; /* a machine without IPv6 */
	if (!CHECK_INT(err, 0))
		return err;
	cio_duration took = -1;
	cio_tcp_options o = {.resolve_time = &took};
	CHECK_INT(cio_tcp_connect(&s, "localhost", cio_listener_port(l), &o), 0);
	CHECK(took >= 0);
	CHECK_INT(cio_listener_accept(l, &t), 0);
	cio_stream_close(s);
	cio_stream_close(t);
	cio_listener_close(l);
	return 0;
}

/* A full backlog leaves further callers waiting. */
static int no_answer(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s[4] = {0}, *one;
	char text[80];
	int err = 0, n = 0;
	if (!CHECK_INT(listen_here(&l, 1), 0))
		return -1;
	uint16_t port = cio_listener_port(l);
	cio_tcp_options o = {.connect_timeout = CIO_MS(100)};
	while (n < 4 && err == 0)
		err = cio_tcp_connect(&s[n++], "127.0.0.1", port, &o);
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(n, 3);
	snprintf(text, sizeof text, "127.0.0.1:%u: no connection within 100 ms",
		port);
	CHECK(strcmp(cio_error_text(), text) == 0);

	/* The caller's own limit is not the connection's. */
	CIO_TIMEOUT(CIO_MS(10), &err) {
		err = cio_tcp_connect(&one, "127.0.0.1", port, NULL);
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);
	for (int i = 0; i < 4; i++)
		cio_stream_close(s[i]);
	cio_listener_close(l);
	return 0;
}

/* 127.0.0.1 is silent, ::1 answers: the first must not use up the time. */
static int silent_first(void *arg)
{
	(void)arg;
	cio_listener *l, *m;
	cio_stream *full[2] = {0}, *s = NULL;
	cio_address a;
	if (!CHECK_INT(listen_here(&l, 1), 0))
		return -1;
	uint16_t port = cio_listener_port(l);
	int err = cio_tcp_listen(&m, "::1", port, NULL);
	if (err < 0) { /* a machine without IPv6 */
		cio_listener_close(l);
		return 1;
	}
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_tcp_connect(&full[i], "127.0.0.1", port, NULL), 0);
	cio_tcp_options o = {.connect_timeout = CIO_MS(400)};
	CHECK_INT(cio_tcp_connect(&s, "localhost", port, &o), 0);
	if (s != NULL) {
		CHECK_INT(cio_stream_peer(s, &a), 0);
		CHECK_INT(a.storage.ss_family, AF_INET6);
	}
	cio_stream_close(s);
	cio_stream_close(full[0]);
	cio_stream_close(full[1]);
	cio_listener_close(l);
	cio_listener_close(m);
	return 0;
}

static int bad_names(void *arg)
{
	(void)arg;
	cio_stream *s;
	cio_listener *l;
	CHECK_INT(cio_tcp_connect(&s, "", 80, NULL), -CIO_EDNS);
	CHECK_INT(cio_tcp_connect(&s, "two words", 80, NULL), -CIO_EDNS);
	CHECK(strstr(cio_error_text(), "\"two words\"") != NULL);
	CHECK_INT(cio_tcp_listen(&l, "127.1", 80, NULL), -CIO_EDNS);
	return 0;
}

/* ---- listen ---- */

static int in_use(void *arg)
{
	(void)arg;
	cio_listener *l, *m = NULL;
	char text[120];
	if (!CHECK_INT(listen_here(&l, 0), 0))
		return -1;
	uint16_t port = cio_listener_port(l);
	CHECK_INT(cio_tcp_listen(&m, "127.0.0.1", port, NULL), -EADDRINUSE);
	snprintf(text, sizeof text, "127.0.0.1:%u is in use: stop the other "
		"program or choose another port", port);
	CHECK(strcmp(cio_error_text(), text) == 0);
	CHECK(m == NULL);
	cio_listener_close(l);

	/* Free again at once, and to be shared by those who all say so. */
	cio_listen_options shared = {.reuse_port = true};
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", port, &shared), 0);
	CHECK_INT(cio_tcp_listen(&m, "127.0.0.1", port, &shared), 0);
	CHECK_INT(cio_listener_port(m), port);
	CHECK(cio_fd_open(cio_listener_fd(m)));
	cio_listener_close(l);
	cio_listener_close(m);
	cio_listener_close(NULL);

	/* NULL is every address, so this one's too. */
	CHECK_INT(cio_tcp_listen(&l, NULL, 0, NULL), 0);
	cio_stream *s;
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", cio_listener_port(l), NULL), 0);
	cio_stream_close(s);
	cio_listener_close(l);
	return 0;
}

static int foreign_address(void *arg)
{
	(void)arg;
	cio_listener *l;
	if (is_sim()) /* there every address is our own */
		return 0;
	CHECK_INT(cio_tcp_listen(&l, "192.0.2.1", 0, NULL), -EADDRNOTAVAIL);
	CHECK(strstr(cio_error_text(), "no such address") != NULL);
	return 0;
}

/* ---- accept ---- */

struct acceptor {
	cio_listener *l;
	int *err;
	const bool *closed;
};

static int accept_one(const struct acceptor *a)
{
	cio_stream *s;
	*a->err = cio_listener_accept(a->l, &s);
	if (a->closed != NULL && *a->closed)
		CHECK_INT(*a->err, -ECANCELED);
	if (*a->err == 0)
		cio_stream_close(s);
	return 0;
}

static int closed_listener(void *arg)
{
	(void)arg;
	cio_listener *l;
	int err = 0;
	if (!CHECK_INT(listen_here(&l, 0), 0))
		return -1;
	cio_task *t = cio_spawn(accept_one, &(struct acceptor){l, &err, NULL});
	CHECK_INT(cio_yield(), 0);
	cio_listener_close(l);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(err, -ECANCELED);
	return 0;
}

/* A connection comes in the very turn of the close, or nearly. */
static int closed_with_guest(void *arg)
{
	int *both = arg;
	cio_listener *l;
	cio_stream *s;
	int err = 1;
	bool closed = false;
	if (!CHECK_INT(listen_here(&l, 0), 0))
		return -1;
	struct acceptor a = {l, &err, &closed};
	cio_task *t = cio_spawn(accept_one, &a);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", cio_listener_port(l), NULL), 0);
	closed = true;
	*both += err == 1; /* it had no turn yet */
	cio_listener_close(l);
	CHECK_INT(cio_await(t), 0);
	cio_stream_close(s);
	return 0;
}

/* From now on no descriptor can be made; `before` to undo it. */
static void take_descriptors(bool take)
{
	static struct rlimit before;
	if (is_sim()) {
		(void)cio_sim_set_faults(&(cio_sim_faults){
			.fail_fd_after = take ? 1 : 0});
	} else if (take) {
		int next = dup(0);
		close(next);
		getrlimit(RLIMIT_NOFILE, &before);
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){
			.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max});
	} else {
		setrlimit(RLIMIT_NOFILE, &before);
	}
}

static int no_descriptors(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s, *t, *more;
	char c = 0;
	if (!CHECK_INT(listen_here(&l, 0), 0))
		return -1;
	uint16_t port = cio_listener_port(l);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), 0);
	take_descriptors(true);
	int accepted = cio_listener_accept(l, &t);
	int connected = cio_tcp_connect(&more, "127.0.0.1", port, NULL);
	take_descriptors(false);
	CHECK_INT(accepted, -EMFILE);
	CHECK_INT(connected, -EMFILE);
	CHECK(strstr(cio_error_text(), "ulimit -n") != NULL);

	/* The connection has waited in the backlog. */
	CHECK_INT(cio_listener_accept(l, &t), 0);
	CHECK_INT(cio_stream_write(s, "!", 1, NULL), 0);
	CHECK_INT(cio_stream_read(t, &c, 1), 1);
	CHECK_INT(c, '!');
	cio_stream_close(s);
	cio_stream_close(t);
	cio_listener_close(l);
	return 0;
}

/* ---- all of it, disturbed ---- */

static int whole(void *arg)
{
	(void)arg;
	struct pair p;
	char c;
	int err = pair_open(&p);
	if (err < 0)
		return err;
	err = cio_stream_write(p.a, "x", 1, NULL);
	if (err == 0)
		err = (int)cio_stream_read(p.b, &c, 1);
	pair_close(&p);
	return err < 0 ? err : 0;
}

static int late_whole(void *arg)
{
	(void)cio_sim_set_faults(&(cio_sim_faults){.latency_us = 100});
	return whole(arg);
}

#define RUNS(test, fn) \
	static void test(void **state) \
	{ \
		(void)state; \
		assert_int_equal(run_closing(fn, NULL), 0); \
	}

RUNS(refusal_names_the_address, refused)
RUNS(silence_times_out, no_answer)
RUNS(bad_names_are_told, bad_names)
RUNS(port_in_use, in_use)
RUNS(foreign_addresses_are_told, foreign_address)
RUNS(close_ends_accept, closed_listener)

static void recovers_from_emfile(void **state)
{
	(void)state;
	if (check_wrapped())
		check_skip("the tool has its own limits of descriptors");
	assert_int_equal(run_closing(no_descriptors, NULL), 0);
}

static void tries_the_next_address(void **state)
{
	(void)state;
	int r = run_closing(next_address, NULL);
	if (r == 0)
		r = run_closing(silent_first, NULL);
	if (r == 1)
		check_skip("no IPv6 here");
	assert_int_equal(r, 0);
}

/* Under sim in many orders of things. */
static void close_with_a_guest(void **state)
{
	(void)state;
	int both = 0, rounds = strcmp(check_driver(), "sim") == 0 ? 100 : 5;
	const char *given = getenv("CIO_SEED");
	char before[32] = "", seed[16];
	snprintf(before, sizeof before, "%s", given != NULL ? given : "");
	for (int i = 0; i < rounds; i++) {
		snprintf(seed, sizeof seed, "%d", i + 1);
		setenv("CIO_SEED", seed, 1);
		assert_int_equal(run_closing(closed_with_guest, &both), 0);
	}
	setenv("CIO_SEED", before, 1);
	assert_true(both > 0 || rounds < 100);
}

static void disturbed(void **state)
{
	(void)state;
	disturb(whole, NULL, "tcp");
	disturb(late_whole, NULL, "late tcp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusal_names_the_address),
		cmocka_unit_test(tries_the_next_address),
		cmocka_unit_test(silence_times_out),
		cmocka_unit_test(bad_names_are_told),
		cmocka_unit_test(port_in_use),
		cmocka_unit_test(foreign_addresses_are_told),
		cmocka_unit_test(close_ends_accept),
		cmocka_unit_test(close_with_a_guest),
		cmocka_unit_test(recovers_from_emfile),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
