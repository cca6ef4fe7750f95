/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * question_left_behind.c - a run ends although a name server is silent
 *
 * A question whose caller has left goes on for the cache. The resolver's polls
 * were no group's, so the end of the run waited for a server that said nothing,
 * until `.drain` was over, and left everything behind. And by TCP, where a
 * connection is there at once, nobody looked at the socket again: the answer
 * came by the next timeout.
 */
#include "check.h"

#include <cio.h>
#include <cio/resolver.h>
#include <errno.h>

#include "unit/resolver/name_server.h"

static int leave_a_question(void *arg)
{
	cio_resolver *r;
	cio_resolver_options o = {.servers = ns.text, .timeout = CIO_S(60)};
	cio_address found[4];
	int err = cio_resolver_open(&r, &o);
	(void)arg;
	if (!CHECK_INT(err, 0))
		return err;
	CIO_TIMEOUT(CIO_MS(5), &err) {
		err = cio_resolver_resolve(r, "silent.test", 80, found, 4);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0; /* and the resolver is left open, too */
}

static void run_ends(void **state)
{
	(void)state;
	assert_int_equal(check_run(leave_a_question, NULL), 0);
	assert_non_null(strstr(check_reports(), "resolver still open"));
	assert_null(strstr(check_reports(), "did not end in time"));
}

static int ask_by_tcp(void *arg)
{
	cio_resolver *r;
	cio_resolver_options o = {.servers = ns.text, .timeout = CIO_S(60)};
	cio_address found[4];
	int err = cio_resolver_open(&r, &o);
	(void)arg;
	for (int i = 0; i < 20 && err == 0; i++) {
		char name[32];
		snprintf(name, sizeof name, "large.n%d.test", i);
		CHECK_INT(cio_resolver_resolve(r, name, 80, found, 4), 4);
	}
	CHECK_INT(err, 0);
	cio_resolver_close(r);
	return 0;
}

/* Or CHECK_SECONDS are over: the first timeout is a minute. */
static void answers_come_at_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(ask_by_tcp, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_ends),
		cmocka_unit_test(answers_come_at_once),
	};
	return cmocka_run_group_tests(tests, ns_open, ns_close);
}
