/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* mem.c - the count of blocks, and the n-th allocation that fails */
#include "check.h"

#include <cio/sim.h>

#include "base/mem.h"

static void blocks_are_counted(void **state)
{
	(void)state;
	uint64_t before = cio_sim_blocks();
	void *a = cio__alloc(0);
	char *b = cio__zalloc(100);
	assert_non_null(a);
	assert_non_null(b);
	for (int i = 0; i < 100; i++)
		assert_int_equal(b[i], 0);
	void *c = cio__realloc(NULL, 10);
	assert_int_equal(cio_sim_blocks(), before + 3);
	c = cio__realloc(c, 1000);
	assert_int_equal(cio_sim_blocks(), before + 3);
	cio__free(a);
	cio__free(b);
	cio__free(c);
	cio__free(NULL);
	assert_int_equal(cio_sim_blocks(), before);
}

static void the_nth_allocation_fails_once(void **state)
{
	(void)state;
	uint64_t before = cio_sim_blocks();
	cio_sim_fail_allocation(3);
	void *a = cio__alloc(1), *b = cio__zalloc(1);
	assert_non_null(a);
	assert_non_null(b);
	assert_null(cio__realloc(a, 100));
	a = cio__realloc(a, 100);
	assert_non_null(a);
	cio__free(a);
	cio__free(b);
	assert_int_equal(cio_sim_blocks(), before);
}

static void zero_takes_the_failure_back(void **state)
{
	(void)state;
	cio_sim_fail_allocation(1);
	cio_sim_fail_allocation(0);
	void *p = cio__alloc(1);
	assert_non_null(p);
	cio__free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_counted),
		cmocka_unit_test(the_nth_allocation_fails_once),
		cmocka_unit_test(zero_takes_the_failure_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
