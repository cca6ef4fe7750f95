/* SPDX-License-Identifier: MIT */
/* drivers: sim */
/*
 * guards_come_back.c - the guard of a large stack is given back with it
 *
 * Guards by mprotect are counted, since a process may have only so many
 * mappings; those of large stacks were never counted off again, so a program
 * that started large tasks one after the other ended with no guards at all.
 */
#include "check.h"

#include <cio.h>
#include <stdlib.h>

static int does_nothing(const int *unused)
{
	(void)unused;
	return 0;
}

static long mappings(void)
{
	long n = 65530;
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	if (f != NULL && fscanf(f, "%ld", &n) != 1)
		n = 65530;
	if (f != NULL)
		(void)fclose(f);
	return n;
}

static int spawns_large_ones(void *arg)
{
	cio_task_options o = {.stack_size = CIO_STACK_LARGE};
	for (long i = *(long *)arg; i > 0; i--)
		CHECK_INT(
			cio_await(cio_spawn_with(&o, does_nothing, &(int){0})),
			0);
	return 0;
}

static void no_warning(void **state)
{
	(void)state;
	long n = mappings() / 4 + 10;
	if (n > 100000)
		check_skip("vm.max_map_count allows too many mappings");
	assert_int_equal(setenv("CIO_GUARD", "mprotect", 1), 0);
	assert_int_equal(check_run(spawns_large_ones, &n), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_warning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
