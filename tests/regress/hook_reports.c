/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * hook_reports.c - a report hook that has something to report itself
 *
 * It was called with its own report, within itself, until the stack was full.
 */
#include <cio.h>
#include <cio/impl.h>

#include "check.h"

static int calls;

static void reports(void *arg, cio_level level, const char *text)
{
	(void)arg;
	(void)text;
	if (level == CIO_LEVEL_DEBUG && ++calls < 100)
		cio_report(CIO_LEVEL_DEBUG, "said by the hook");
}

static int says_something(void *arg)
{
	(void)arg;
	cio_report(CIO_LEVEL_DEBUG, "once");
	cio_report(CIO_LEVEL_DEBUG, "twice");
	return 0;
}

static void is_not_called_for_its_own(void **state)
{
	(void)state;
	calls = 0;
	assert_int_equal(cio_run_with(&(cio_run_options){.report = reports},
				 says_something, NULL),
		0);
	assert_int_equal(calls, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_not_called_for_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
