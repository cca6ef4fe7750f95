/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * text_of_main.c - the error text of the main task, after the run
 *
 * It ended with the task: `cio_error_text()` after a failed run said nothing, or
 * what an earlier run had left.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static int fails(void *arg)
{
	return cio_fail(-EINVAL, "%s is wrong", (const char *)arg);
}

static int fails_silently(void *arg)
{
	(void)arg;
	return -EIO;
}

static void is_the_callers(void **state)
{
	(void)state;
	assert_int_equal(check_run(fails, (char[]){"this"}), -EINVAL);
	assert_string_equal(cio_error_text(), "this is wrong");
	assert_int_equal(check_run(fails_silently, NULL), -EIO);
	assert_string_equal(cio_error_text(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_the_callers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
