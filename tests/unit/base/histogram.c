/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* histogram.c - the error bound over the whole range, merging, the ends */
#include "check.h"

#include "base/histogram.h"
#include "base/random.h"

static struct histogram h, other, both;

static int clear(void **state)
{
	(void)state;
	h = other = both = (struct histogram){0};
	return 0;
}

static void empty_answers_zero(void **state)
{
	(void)state;
	assert_true(cio__histogram_percentile(&h, 50) == 0);
	assert_true(cio__histogram_mean(&h) == 0);
	assert_true(h.min == 0 && h.max == 0 && h.count == 0);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t v = 1; v <= 50; v++)
		cio__histogram_record(&h, v);
	assert_true(h.count == 50 && h.sum == 1275);
	assert_true(h.min == 1 && h.max == 50);
	assert_true(cio__histogram_percentile(&h, 0) == 1);
	assert_true(cio__histogram_percentile(&h, 50) == 25);
	assert_true(cio__histogram_percentile(&h, 51) == 26);
	assert_true(cio__histogram_percentile(&h, 90) == 45);
	assert_true(cio__histogram_percentile(&h, 100) == 50);
	assert_true(cio__histogram_mean(&h) == 25);
}

/* One value alone with a larger one above: its own bucket must answer. */
static void check_error_of(uint64_t v)
{
	clear(NULL);
	cio__histogram_record(&h, v);
	cio__histogram_record(&h, UINT64_MAX);
	uint64_t got = cio__histogram_percentile(&h, 50);
	assert_true(got >= v);
	assert_true(got - v <= v / 32);
}

static void the_error_is_bounded_everywhere(void **state)
{
	(void)state;
	struct random r = {7};
	check_error_of(0);
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t edge = UINT64_C(1) << bit;
		check_error_of(edge - 1);
		check_error_of(edge);
		check_error_of(edge + 1);
		check_error_of(edge + cio__random_below(&r, edge));
	}
	check_error_of(UINT64_MAX);
}

static void a_merge_is_as_if_recorded_in_one(void **state)
{
	(void)state;
	struct random r = {1};
	for (int i = 0; i < 2000; i++) {
		uint64_t v = cio__random_below(&r, 1000000);
		cio__histogram_record(i % 3 != 0 ? &h : &other, v);
		cio__histogram_record(&both, v);
	}
	cio__histogram_merge(&h, &other);
	assert_memory_equal(&h, &both, sizeof h);
}

static void merging_an_empty_one_changes_nothing(void **state)
{
	(void)state;
	cio__histogram_record(&h, 9);
	cio__histogram_merge(&h, &other);
	assert_true(h.min == 9 && h.max == 9 && h.count == 1);
	cio__histogram_merge(&other, &h);
	assert_memory_equal(&h, &other, sizeof h);
}

static void odd_percents_are_taken_as_the_nearer_end(void **state)
{
	(void)state;
	cio__histogram_record(&h, 1);
	cio__histogram_record(&h, 2);
	assert_true(cio__histogram_percentile(&h, -5) == 1);
	assert_true(cio__histogram_percentile(&h, 400) == 2);
	assert_true(cio__histogram_percentile(&h, 0) == 1);
}

static void the_sum_does_not_wrap(void **state)
{
	(void)state;
	cio__histogram_record(&h, UINT64_MAX);
	cio__histogram_record(&h, 5);
	assert_true(h.sum == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_answers_zero, clear),
		cmocka_unit_test_setup(small_values_are_exact, clear),
		cmocka_unit_test_setup(the_error_is_bounded_everywhere, clear),
		cmocka_unit_test_setup(a_merge_is_as_if_recorded_in_one, clear),
		cmocka_unit_test_setup(merging_an_empty_one_changes_nothing, clear),
		cmocka_unit_test_setup(odd_percents_are_taken_as_the_nearer_end, clear),
		cmocka_unit_test_setup(the_sum_does_not_wrap, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
