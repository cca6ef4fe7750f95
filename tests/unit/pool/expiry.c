/* SPDX-License-Identifier: MIT */
/* drivers: sim */
/*
 * expiry.c - when idle items are closed, to the nanosecond
 */
#include <cio/pool.h>

#include "things.h"

static int idle_ones_are_closed(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool(
		(cio_pool_options){.idle_timeout = CIO_S(10)});
	cio_lease a, b;
	CHECK_INT(take(p, "k", &a), 0);
	CHECK_INT(take(p, "k", &b), 0);
	cio_time then = cio_now();
	give(p, &a, true);
	CHECK_INT(cio_sleep(CIO_S(4)), 0);
	give(p, &b, true);

	CHECK_INT(cio_sleep_until(then + CIO_S(10) - 1), 0);
	CHECK_INT(things_open, 2);
	CHECK_INT(cio_sleep(2), 0);
	CHECK_INT(things_open, 1);
	CHECK_INT(cio_sleep_until(then + CIO_S(14) - 1), 0);
	CHECK_INT(things_open, 1);
	CHECK_INT(cio_sleep(2), 0);
	CHECK_INT(things_open, 0);
	CHECK_INT(cio_pool_get_figures(p).expired, 2);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* The timer was armed for an item that is in use again when it fires. */
static int use_starts_the_clock_again(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool(
		(cio_pool_options){.idle_timeout = CIO_S(10)});
	cio_lease l;
	CHECK_INT(take(p, "k", &l), 0);
	give(p, &l, true);
	for (int i = 0; i < 5; i++) {
		CHECK_INT(cio_sleep(CIO_S(9)), 0);
		CHECK_INT(take(p, "k", &l), 0);
		CHECK(l.reused);
		CHECK_INT(cio_sleep(CIO_S(2)), 0);
		give(p, &l, true);
	}
	CHECK_INT(things_open, 1);
	CHECK_INT(cio_sleep(CIO_S(10) + 1), 0);
	CHECK_INT(things_open, 0);
	CHECK_INT(things_made, 1);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int lives_end(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.max_lifetime = CIO_S(8),
		.idle_timeout = CIO_S(60)});
	cio_lease l;
	CHECK_INT(take(p, "k", &l), 0);
	give(p, &l, true);
	CHECK_INT(cio_sleep(CIO_S(7)), 0);
	CHECK_INT(take(p, "k", &l), 0);
	CHECK(l.reused);
	give(p, &l, true);
	CHECK_INT(cio_sleep(CIO_S(1)), 0);
	CHECK_INT(take(p, "k", &l), 0);
	CHECK(!l.reused);
	CHECK_INT(cio_sleep(CIO_S(8)), 0);
	give(p, &l, true); /* too old to be kept */
	CHECK_INT(things_open, 0);
	CHECK_INT(cio_pool_get_figures(p).expired, 2);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(idle_ones_are_closed)
RUNS(use_starts_the_clock_again)
RUNS(lives_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_idle_ones_are_closed),
		cmocka_unit_test(run_use_starts_the_clock_again),
		cmocka_unit_test(run_lives_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
