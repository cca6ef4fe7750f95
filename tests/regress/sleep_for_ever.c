/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * sleep_for_ever.c - a sleep without an end is a deadlock like any other
 *
 * A sleep of CIO_NEVER armed a timer for the end of time, so the loop believed
 * that something would still wake the task, and idled without a word.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static int sleep_alone(void *arg)
{
	(void)arg;
	CHECK_INT(cio_sleep(CIO_NEVER), -ECANCELED);
	return 0;
}

static void deadlock_is_reported(void **state)
{
	(void)state;
	assert_int_equal(check_run(sleep_alone, NULL), 0);
	assert_non_null(strstr(check_reports(),
		"deadlock: task main, spawned at cio_run, waits for sleep"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlock_is_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
