/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * drain_for_ever.c - a drain without a limit
 *
 * `.drain = CIO_NEVER` was added to the clock and came out in the past: the
 * leftovers were given no time at all.
 */
#include "check.h"

#include <cio.h>

static bool cleaned;

static int cleans_up(const int *ms)
{
	int err = 0;
	CIO_SHIELD (CIO_S(3600), &err) {
		err = cio_sleep(CIO_MS(*ms));
	}
	cleaned = err == 0;
	return 0;
}

static int leaves_it(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(cleans_up, &(int){1}), NULL);
	return 0;
}

static void leftover_may_finish(void **state)
{
	(void)state;
	cio_run_options o = {.drain = CIO_NEVER, .quiet = true};
	assert_int_equal(cio_run_with(&o, leaves_it, NULL), 0);
	assert_true(cleaned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leftover_may_finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
