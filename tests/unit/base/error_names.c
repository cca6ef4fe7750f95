/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* error_names.c - every number has a text, whatever its sign */
#include "check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <cio/base.h>

static void the_sign_does_not_matter(void **state)
{
	(void)state;
	assert_string_equal(cio_strerror(-ETIMEDOUT), "timed out");
	assert_string_equal(cio_strerror(ETIMEDOUT), "timed out");
	assert_string_equal(cio_strerror(-ECANCELED), "cancelled");
	assert_string_equal(cio_strerror(-ENOENT), cio_strerror(ENOENT));
	assert_string_equal(cio_strerror(-ENOENT), "No such file or directory");
}

static void our_own_errors_have_names_of_their_own(void **state)
{
	(void)state;
	for (int e = CIO_EDNS; e <= CIO_EBROKEN; e++) {
		assert_string_not_equal(cio_strerror(-e), "unknown error");
		for (int other = CIO_EDNS; other < e; other++)
			assert_string_not_equal(cio_strerror(e), cio_strerror(other));
	}
}

static void any_number_is_answered(void **state)
{
	(void)state;
	assert_string_equal(cio_strerror(0), "success");
	assert_string_equal(cio_strerror(INT_MAX), "unknown error");
	assert_string_equal(cio_strerror(INT_MIN), "unknown error");
	for (int e = -6000; e <= 6000; e++)
		assert_true(strlen(cio_strerror(e)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sign_does_not_matter),
		cmocka_unit_test(our_own_errors_have_names_of_their_own),
		cmocka_unit_test(any_number_is_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
