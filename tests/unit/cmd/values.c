/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * values.c - times, sizes and rates as the command line has them
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "../../../cmd/cio/fetch_values.c"

static void test_times(void **state)
{
	static const struct {
		const char *text;
		cio_duration d; /* 0: refused */
	} all[] = {{"30", CIO_S(30)}, {"1.5", CIO_MS(1500)}, {".5", CIO_MS(500)},
		{"500ms", CIO_MS(500)}, {"2m", CIO_S(120)}, {"1h", CIO_S(3600)},
		{"1d", CIO_S(86400)}, {"0", 0}, {"-1", 0}, {"", 0}, {"s", 0},
		{"1x", 0}, {"1 s", 0}, {"inf", 0}, {"nan", 0}, {"0x10", 0},
		{"1e99", 0}, {"1000d", 0}};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		cio_duration d = 0;
		assert_int_equal(value_time(all[i].text, &d), all[i].d != 0);
		assert_int_equal(d, all[i].d);
	}
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} all[] = {{"1", 1}, {"1000", 1000}, {"64k", 65536}, {"64K", 65536},
		{"1.5M", 1572864}, {"2G", (size_t)2 << 30}, {"0", 0}, {"-1", 0},
		{"k", 0}, {"1kk", 0}, {"1q", 0}, {"", 0}, {"1e99", 0}};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		size_t n = 0;
		assert_int_equal(value_size(all[i].text, &n), all[i].n != 0);
		assert_int_equal(n, all[i].n);
	}
}

static void test_rates(void **state)
{
	static const struct {
		const char *text;
		uint32_t n;
		cio_duration per;
	} all[] = {{"50", 50, CIO_S(1)}, {"50/s", 50, CIO_S(1)},
		{"5/15s", 5, CIO_S(15)}, {"100/m", 100, CIO_S(60)},
		{"1/500ms", 1, CIO_MS(500)}, {"7/d", 7, CIO_S(86400)},
		{"0/s", 0, 0}, {"-1", 0, 0}, {"5/", 0, 0}, {"5/0s", 0, 0},
		{"5/x", 0, 0}, {"x", 0, 0}, {"5s", 0, 0}, {"99999999999", 0, 0}};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct fetch_rate r = {0};
		assert_int_equal(value_rate(all[i].text, &r), all[i].n != 0);
		assert_int_equal(r.count, all[i].n);
		assert_int_equal(r.per, all[i].per);
	}
}

static void test_choices(void **state)
{
	int i = -1;
	(void)state;
	assert_true(value_choice("none|inline|file", "file", &i));
	assert_int_equal(i, 2);
	assert_false(value_choice("none|inline|file", "fil", &i));
	assert_false(value_choice("none|inline|file", "none|inline", &i));
	assert_false(value_choice("none|inline|file", "", &i));
	assert_int_equal(i, 2);
}

static void test_statuses(void **state)
{
	struct fetch_options o = {0};
	(void)state;
	assert_true(set_retry_on(&o, "500,503"));
	assert_int_equal(o.retry_on[0], 500);
	assert_int_equal(o.retry_on[1], 503);
	assert_int_equal(o.retry_on[2], 0);
	assert_true(set_retry_on(&o, "429,conn,timeout"));
	assert_int_equal(o.retry_on[0], 429);
	assert_false(set_retry_on(&o, "x05"));
	assert_false(set_retry_on(&o, "099"));
	assert_false(set_retry_on(&o, ""));
	assert_false(set_retry_on(&o, "500,"));
	assert_false(set_retry_on(&o, "5000"));
	assert_false(set_retry_on(&o, "50"));
	assert_true(set_fail_under(&o, "99.5%"));
	assert_true(o.fail_under == 99.5);
	assert_false(set_fail_under(&o, "101"));
	assert_false(set_fail_under(&o, "9%%"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_statuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
