/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* option_name.c - options in texts by the names that users know */
#include "base/option_name.h"

#include "check.h"

static const char *in_other_words(const char *ours)
{
	return strcmp(ours, "ca_file") == 0 ? "--cacert" : NULL;
}

static void names_are_ours_unless_a_program_has_others(void **state)
{
	char room[OPTION_HINT];
	(void)state;
	assert_string_equal(cio__option_name("ca_file"), "ca_file");
	assert_string_equal(cio__option_hint(room, "alpn"), " (alpn)");
	cio__option_names = in_other_words;
	assert_string_equal(cio__option_name("ca_file"), "--cacert");
	assert_string_equal(cio__option_hint(room, "ca_file"), " (--cacert)");
	assert_string_equal(cio__option_name("alpn"), "");
	assert_string_equal(cio__option_hint(room, "alpn"), "");
	cio__option_names = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_ours_unless_a_program_has_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
