/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* str.c - comparing views */
#include "check.h"

#include <cio/base.h>

static int same(const char *a, const char *b)
{
	return cio_str_equal_nocase(cio_str_of(a), cio_str_of(b));
}

static void ascii_case_is_ignored(void **state)
{
	(void)state;
	assert_true(same("Content-Length", "cONTENT-lENGTH"));
	assert_true(same("AZaz09-_", "azAZ09-_"));
	assert_false(same("abc", "abd"));
	assert_false(same("abc", "ab"));
}

static void the_neighbours_of_letters_are_not_letters(void **state)
{
	(void)state;
	assert_false(same("@", "`"));
	assert_false(same("[", "{"));
	assert_false(same("\xc4", "\xe4"));
}

static void empty_views_are_equal(void **state)
{
	(void)state;
	assert_true(same("", ""));
	assert_true(same(NULL, ""));
	assert_true(cio_str_equal(cio_str_of(NULL), cio_str_of("")));
}

static void bytes_after_the_end_do_not_count(void **state)
{
	(void)state;
	cio_str a = {"hostname", 4}, b = {"HOSTILE", 4};
	assert_true(cio_str_equal_nocase(a, b));
	cio_str with_nul = {"a\0b", 3}, other = {"A\0C", 3};
	assert_false(cio_str_equal_nocase(with_nul, other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ascii_case_is_ignored),
		cmocka_unit_test(the_neighbours_of_letters_are_not_letters),
		cmocka_unit_test(empty_views_are_equal),
		cmocka_unit_test(bytes_after_the_end_do_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
