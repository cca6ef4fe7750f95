/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* random.c - the same seed gives the same numbers, and bounds hold */
#include "check.h"

#include "base/random.h"

static void a_seed_fixes_the_sequence(void **state)
{
	(void)state;
	struct random a = {42}, b = {42}, c = {43};
	int differs = 0;
	for (int i = 0; i < 1000; i++) {
		uint64_t x = cio__random_next(&a);
		assert_true(x == cio__random_next(&b));
		differs += x != cio__random_next(&c);
	}
	assert_int_equal(differs, 1000);
}

static void the_published_sequence_of_splitmix64(void **state)
{
	(void)state;
	struct random r = {1234567};
	assert_true(cio__random_next(&r) == UINT64_C(6457827717110365317));
	assert_true(cio__random_next(&r) == UINT64_C(3203168211198807973));
}

static void bounds_hold_and_are_filled(void **state)
{
	(void)state;
	struct random r = {0};
	int seen[7] = {0};
	for (int i = 0; i < 7000; i++) {
		uint64_t x = cio__random_below(&r, 7);
		assert_true(x < 7);
		seen[x]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_true(cio__random_below(&r, 0) == 0);
	assert_true(cio__random_below(&r, 1) == 0);
	uint64_t big = (UINT64_C(1) << 63) + 1;
	for (int i = 0; i < 1000; i++)
		assert_true(cio__random_below(&r, big) < big);
}

static void seeds_differ(void **state)
{
	(void)state;
	assert_true(cio__random_seed() != cio__random_seed());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_fixes_the_sequence),
		cmocka_unit_test(the_published_sequence_of_splitmix64),
		cmocka_unit_test(bounds_hold_and_are_filled),
		cmocka_unit_test(seeds_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
