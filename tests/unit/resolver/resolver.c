/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/* threads */
/*
 * resolver.c - names, asked of a name server of our own
 */
#include "check.h"

#include <cio.h>
#include <cio/resolver.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include "unit/io/pair.h"
#include "unit/resolver/name_server.h"

enum { MOST = 32 };

static cio_resolver *open_with(cio_resolver_options o)
{
	cio_resolver *r = NULL;
	if (o.servers == NULL)
		o.servers = ns.text;
	CHECK_INT(cio_resolver_open(&r, &o), 0);
	return r;
}

static int ask(cio_resolver *r, const char *name)
{
	cio_address found[MOST];
	int n = cio_resolver_resolve(r, name, 443, found, MOST);
	for (int i = 0; i < n; i++)
		CHECK_INT(cio_address_port(&found[i]), 443);
	return n;
}

/* ---- what a server may say ---- */

static int answers(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){0});
	cio_address found[MOST];
	char text[CIO_ADDRESS_TEXT];
	bool four = false, six = false;
	CHECK_INT(cio_resolver_resolve(r, "both.test", 80, found, MOST), 2);
	for (int i = 0; i < 2; i++) {
		cio_address_text(&found[i], text);
		four = four || strcmp(text, "198.51.100.1:80") == 0;
		six = six || strcmp(text, "[2001:db8::1]:80") == 0;
	}
	CHECK(four && six);
	CHECK_INT(cio_resolver_resolve(r, "BOTH.test", 81, found, 1), 1);
	CHECK_INT(cio_address_port(&found[0]), 81);
	CHECK_INT(ask(r, "four.test"), 1);
	CHECK_INT(ask(r, "alias.test"), 1);
	CHECK_INT(ask(r, "many.test"), 16); /* as many as are kept */
	int by_tcp = atomic_load(&ns.counts->by_tcp);
	CHECK_INT(ask(r, "large.test"), 16);
	CHECK(atomic_load(&ns.counts->by_tcp) > by_tcp);
	CHECK_INT(ask(r, "127.0.0.1"), 1);
	CHECK(ask(r, "localhost") > 0);
	cio_resolver_figures f = cio_resolver_get_figures(r);
	CHECK_INT(f.queries, 5);
	CHECK_INT(f.hits, 1);
	CHECK_INT(f.names, 5);
	CHECK_INT(f.failed, 0);
	cio_resolver_close(r);
	cio_resolver_close(NULL);
	return 0;
}

static void fails(cio_resolver *r, const char *name, const char *why)
{
	CHECK_INT(ask(r, name), -CIO_EDNS);
	CHECK(strstr(cio_error_text(), name) != NULL);
	if (!CHECK(strstr(cio_error_text(), why) != NULL))
		print_error("%s\n", cio_error_text());
}

static int failures(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){
		.timeout = CIO_MS(20), .tries = 2});
	fails(r, "none.test", "not found");
	fails(r, "fail.test", "erver"); /* in several versions' words */
	fails(r, "nodata.test", "");
	fails(r, "silent.test", "imeout");
	fails(r, "junk.test", "");
	fails(r, "stub.test", "");
	fails(r, "loop.test", "");
	fails(r, "two words", "no host name");
	CHECK_INT(cio_resolver_get_figures(r).failed, 7);
	cio_resolver_close(r);

	r = open_with((cio_resolver_options){.servers = "127.0.0.1:1",
		.timeout = CIO_MS(10), .tries = 1});
	fails(r, "both.test", "");
	cio_resolver_close(r);
	return 0;
}

static int bad_options(void *arg)
{
	(void)arg;
	static const char *const bad[] = {"", "x.test", "127.0.0.1:port",
		"127.0.0.1;8.8.8.8"};
	cio_resolver *r = NULL;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cio_resolver_options o = {.servers = bad[i]};
		if (!CHECK_INT(cio_resolver_open(&r, &o), -EINVAL))
			print_error("\"%s\"\n", bad[i]);
		CHECK(strstr(cio_error_text(), "no list of name servers") != NULL);
		CHECK(r == NULL);
	}
	CHECK_INT(cio_resolver_open(&r, NULL), 0); /* whatever the system has */
	cio_resolver_close(r);
	/* far out of range, it is as near as can be */
	r = open_with((cio_resolver_options){.timeout = CIO_S(1000000),
		.tries = 1000000});
	CHECK_INT(ask(r, "both.test"), 2);
	cio_resolver_close(r);
	return 0;
}

/* ---- how long it is kept ---- */

static void ask_twice(cio_resolver_options o, const char *name, unsigned queries)
{
	cio_resolver *r = open_with(o);
	int first = ask(r, name);
	CHECK_INT(cio_sleep(2), 0); /* the clock has gone on */
	CHECK_INT(ask(r, name), first);
	cio_resolver_figures f = cio_resolver_get_figures(r);
	if (!CHECK_INT(f.queries, queries))
		print_error("%s\n", name);
	CHECK_INT(f.hits, 2 - queries);
	CHECK_INT(f.failed, first < 0 ? queries : 0);
	cio_resolver_close(r);
}

static int lifetimes(void *arg)
{
	(void)arg;
	cio_resolver_options o = {.negative_ttl = CIO_S(30)};
	ask_twice(o, "both.test", 1);
	ask_twice(o, "zero.test", 2);
	ask_twice(o, "alias.test", 2); /* the alias's time counts as well */
	ask_twice(o, "none.test", 1);
	ask_twice(o, "nodata.test", 1);
	ask_twice(o, "fail.test", 2);
	ask_twice((cio_resolver_options){.timeout = CIO_MS(10), .tries = 1},
		"silent.test", 2);
	o.max_ttl = 1;
	ask_twice(o, "both.test", 2);
	ask_twice(o, "none.test", 2);
	o = (cio_resolver_options){.negative_ttl = 1};
	ask_twice(o, "none.test", 2);
	return 0;
}

static int bounded(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){.cache_size = 2});
	ask(r, "both.test");
	ask(r, "four.test");
	ask(r, "both.test");
	ask(r, "many.test"); /* four.test has to go */
	CHECK_INT(cio_resolver_get_figures(r).names, 2);
	CHECK_INT(cio_resolver_get_figures(r).queries, 3);
	ask(r, "both.test");
	CHECK_INT(cio_resolver_get_figures(r).queries, 3);
	ask(r, "four.test");
	CHECK_INT(cio_resolver_get_figures(r).queries, 4);
	char name[32];
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "four.n%d.test", i);
		ask(r, name);
	}
	CHECK_INT(cio_resolver_get_figures(r).names, 2);
	cio_resolver_close(r);
	return 0;
}

/* ---- many ask ---- */

struct caller {
	cio_resolver *r;
	const char *name;
	int *result;
};

static int call(const struct caller *c)
{
	int n = ask(c->r, c->name);
	if (c->result != NULL)
		*c->result = n;
	return n < 0 ? n : 0;
}

static int shared(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){.timeout = CIO_S(30),
		.cache_size = 1});
	cio_task *t[5];
	int result[5] = {0};
	int before = atomic_load(&ns.counts->asked);
	for (int i = 0; i < 5; i++) {
		t[i] = cio_spawn(call, &(struct caller){r, "held.test",
			&result[i]});
		if (!CHECK(t[i] != NULL))
			return -ENOMEM;
	}
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t[0], "it has waited enough");
	cio_task_cancel(t[3], "it has waited enough");
	/* the place of a name that is being asked for is not taken */
	CHECK_INT(ask(r, "four.test"), 1);
	CHECK_INT(cio_resolver_get_figures(r).names, 2);
	while (result[1] == 0) { /* the question may not have come yet */
		ns_release();
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	}
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_await(t[i]), i == 0 || i == 3 ? -ECANCELED : 0);
	CHECK_INT(result[1], 2);
	CHECK_INT(result[4], 2);
	CHECK_INT(cio_resolver_get_figures(r).queries, 2);
	CHECK_INT(atomic_load(&ns.counts->asked) - before, 2);
	CHECK_INT(ask(r, "held.test"), 2); /* it was kept */
	CHECK_INT(cio_resolver_get_figures(r).hits, 1);
	cio_resolver_close(r);
	return 0;
}

static int crowd(void *arg)
{
	(void)arg;
	int err = 0;
	cio_resolver *r = open_with((cio_resolver_options){.cache_size = 20});
	static char names[100][24];
	CIO_GROUP(g, &err) {
		for (int i = 0; i < 200 && err == 0; i++) {
			char *name = names[i % 100];
			snprintf(name, sizeof names[0], "%s.n%d.test",
				i % 3 == 0 ? "large" : "both", i % 100);
			err = cio_group_spawn(&g, call,
				&(struct caller){r, name, NULL});
		}
	}
	CHECK_INT(err, 0);
	cio_resolver_close(r);
	return 0;
}

/* ---- ends ---- */

static int cut_and_closed(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){0});
	int err = 0;
	CIO_TIMEOUT(CIO_MS(5), &err) {
		err = ask(r, "silent.test");
	}
	CHECK_INT(err, -ETIMEDOUT);
	CIO_TIMEOUT(CIO_MS(5), &err) {
		err = ask(r, "silent.test"); /* the question is the same */
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_resolver_get_figures(r).queries, 1);
	cio_resolver_close(r); /* while it runs */

	r = open_with((cio_resolver_options){0});
	CIO_TIMEOUT(1, &err) { /* by TCP, at any stage */
		err = ask(r, "large.test");
	}
	cio_resolver_close(r);
	return 0;
}

/* A connection that waits for one answer is used for other questions. */
static int busy_connection(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){.timeout = CIO_S(60)});
	int err = 0, before = atomic_load(&ns.counts->by_tcp);
	CIO_TIMEOUT(CIO_S(60), &err) {
		cio_task *t = cio_spawn(call, &(struct caller){r, "mute.test", NULL});
		while (atomic_load(&ns.counts->by_tcp) < before + 2)
			CHECK_INT(cio_sleep(CIO_MS(1)), 0);
		CHECK_INT(ask(r, "large.test"), 16);
		CHECK_INT(ask(r, "large.two.test"), 16);
		cio_task_cancel(t, "it will not come");
		CHECK_INT(cio_await(t), -ECANCELED);
	}
	CHECK_INT(err, 0);
	cio_resolver_close(r);
	return 0;
}

static int left_open(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){0});
	int err = 0;
	CIO_TIMEOUT(CIO_MS(5), &err) {
		err = ask(r, "silent.test");
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* Nobody else runs and no time limit is near: the answer alone ends the wait. */
static int only_an_answer(void *arg)
{
	(void)arg;
	cio_resolver *r = open_with((cio_resolver_options){0});
	CHECK_INT(ask(r, "both.test"), 2);
	CHECK_INT(ask(r, "large.test"), 16);
	cio_resolver_close(r);
	return 0;
}

/* With so many descriptors: none, one for the server, one to watch it with ... */
static int with_descriptors(int more)
{
	cio_resolver *r = open_with((cio_resolver_options){
		.timeout = CIO_S(30)}); /* it fails without one */
	struct rlimit before;
	int next = dup(0);
	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){
		.rlim_cur = (rlim_t)(next + more), .rlim_max = before.rlim_max});
	int n = ask(r, "both.test");
	setrlimit(RLIMIT_NOFILE, &before);
	CHECK(n > 0 || n == -CIO_EDNS || n == -EMFILE);
	CHECK(more > 1 || n < 0);
	CHECK(ask(r, "four.test") == 1); /* then there are some again */
	cio_resolver_close(r);
	return n;
}

static int few_descriptors(void *arg)
{
	(void)arg;
	for (int more = 0; more < 8; more++)
		(void)with_descriptors(more);
	return 0;
}

static int whole(void *arg)
{
	const char *name = arg;
	cio_resolver *r;
	cio_address found[MOST];
	cio_resolver_options o = {.servers = ns.text, .timeout = CIO_S(30)};
	int n = cio_resolver_open(&r, &o);
	if (n < 0)
		return n;
	n = cio_resolver_resolve(r, name, 443, found, MOST);
	cio_resolver_close(r);
	return n < 0 ? n : 0;
}

static int two_at_once(void *arg)
{
	(void)arg;
	cio_resolver *r;
	cio_resolver_options o = {.servers = ns.text, .timeout = CIO_S(30)};
	int err = cio_resolver_open(&r, &o);
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, call, &(struct caller){r,
				i == 2 ? "large.test" : "both.test", NULL});
	}
	cio_resolver_close(r);
	return err;
}

#define RUNS(test, fn) \
	static void test(void **state) \
	{ \
		(void)state; \
		assert_int_equal(run_closing(fn, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

RUNS(servers_answer, answers)
RUNS(servers_fail, failures)
RUNS(options_are_checked, bad_options)
RUNS(answers_are_kept, lifetimes)
RUNS(cache_is_bounded, bounded)
RUNS(questions_are_shared, shared)
RUNS(many_names_at_once, crowd)
RUNS(close_ends_questions, cut_and_closed)
RUNS(connections_are_shared, busy_connection)
RUNS(no_deadlock_is_seen, only_an_answer)
RUNS(descriptors_run_out, few_descriptors)

static void left_open_is_named(void **state)
{
	(void)state;
	assert_int_equal(check_run(left_open, NULL), 0);
	assert_non_null(strstr(check_reports(), "resolver still open"));
}

static void disturbed(void **state)
{
	(void)state;
	static char both[] = "both.test", large[] = "large.test";
	check_cancel_everywhere(whole, both, "by UDP");
	check_fail_allocations(whole, both, "by UDP");
	check_cancel_everywhere(whole, large, "by TCP");
	check_fail_allocations(whole, large, "by TCP");
	check_cancel_everywhere(two_at_once, NULL, "three callers");
	check_fail_allocations(two_at_once, NULL, "three callers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_answer),
		cmocka_unit_test(servers_fail),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(answers_are_kept),
		cmocka_unit_test(cache_is_bounded),
		cmocka_unit_test(questions_are_shared),
		cmocka_unit_test(many_names_at_once),
		cmocka_unit_test(close_ends_questions),
		cmocka_unit_test(connections_are_shared),
		cmocka_unit_test(left_open_is_named),
		cmocka_unit_test(no_deadlock_is_seen),
		cmocka_unit_test(descriptors_run_out),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, ns_open, ns_close);
}
