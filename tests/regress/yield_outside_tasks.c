/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * yield_outside_tasks.c - a yield where nobody can yield
 *
 * `cio_yield`, and so a sleep of 0, looked at the calling task before it knew
 * that there was one: outside a loop, and in callbacks, it crashed.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>

static int told[2];

static void fire(cio_timer *t)
{
	(void)t;
	told[0] = cio_yield();
	told[1] = cio_sleep(0);
}

static int arms_a_timer(void *arg)
{
	cio_timer t = {.fire = fire};
	(void)arg;
	cio_timer_arm(&t, cio_now());
	return cio_sleep(CIO_MS(1));
}

static void says_so_outside_a_loop(void **state)
{
	(void)state;
	assert_int_equal(cio_yield(), -EDEADLK);
	assert_int_equal(cio_sleep(0), -EDEADLK);
	assert_int_equal(cio_sleep(1), -EDEADLK);
}

static void says_so_in_a_callback(void **state)
{
	(void)state;
	assert_int_equal(check_run(arms_a_timer, NULL), 0);
	assert_int_equal(told[0], -EDEADLK);
	assert_int_equal(told[1], -EDEADLK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_so_outside_a_loop),
		cmocka_unit_test(says_so_in_a_callback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
