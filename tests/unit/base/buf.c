/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* buf.c - growth, termination, and that a failed call changes nothing */
#include "check.h"

#include <errno.h>
#include <string.h>

#include <cio/buf.h>
#include <cio/sim.h>

static void a_zeroed_buf_is_ready(void **state)
{
	(void)state;
	cio_buf b = {0};
	assert_int_equal(cio_buf_append(&b, "x", 0), 0);
	assert_int_equal(cio_buf_puts(&b, ""), 0);
	assert_int_equal(cio_buf_printf(&b, "%s", ""), 0);
	assert_null(b.p);
	cio_buf_clear(&b);
	cio_buf_consume(&b, 0);
	cio_buf_finish(&b);
	assert_int_equal(b.n, 0);
}

static void appended_bytes_are_terminated(void **state)
{
	(void)state;
	cio_buf b = {0};
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(cio_buf_append(&b, "ab\0c", 4), 0);
		assert_int_equal(b.p[b.n], 0);
	}
	assert_int_equal(b.n, 4000);
	for (size_t i = 0; i < b.n; i += 4)
		assert_memory_equal(b.p + i, "ab\0c", 4);
	cio_buf_finish(&b);
}

static void printf_fits_its_text_at_every_length(void **state)
{
	(void)state;
	char wide[300];
	for (int n = 0; n < 300; n++) {
		cio_buf b = {0};
		assert_int_equal(cio_buf_puts(&b, "<"), 0);
		assert_int_equal(cio_buf_printf(&b, "%*d", n, 7), 0);
		assert_int_equal(cio_buf_puts(&b, ">"), 0);
		size_t digits = n < 1 ? 1 : (size_t)n;
		memset(wide, ' ', sizeof wide);
		wide[digits - 1] = '7';
		assert_int_equal(b.n, digits + 2);
		assert_memory_equal(b.p + 1, wide, digits);
		assert_string_equal(b.p + digits + 1, ">");
		cio_buf_finish(&b);
	}
}

static void clear_keeps_the_memory(void **state)
{
	(void)state;
	cio_buf b = {0};
	assert_int_equal(cio_buf_puts(&b, "some bytes"), 0);
	const char *p = b.p;
	cio_buf_clear(&b);
	assert_int_equal(b.n, 0);
	assert_string_equal(b.p, "");
	assert_int_equal(cio_buf_puts(&b, "others"), 0);
	assert_ptr_equal(b.p, p);
	cio_buf_finish(&b);
}

static void consume_moves_the_rest_down(void **state)
{
	(void)state;
	cio_buf b = {0};
	assert_int_equal(cio_buf_puts(&b, "hello world"), 0);
	cio_buf_consume(&b, 6);
	assert_string_equal(b.p, "world");
	cio_str view = cio_buf_view(&b);
	assert_true(cio_str_equal(view, cio_str_of("world")));
	cio_buf_consume(&b, 5);
	assert_int_equal(b.n, 0);
	assert_string_equal(b.p, "");
	cio_buf_finish(&b);
}

static void without_memory_nothing_changes(void **state)
{
	(void)state;
	uint64_t before = cio_sim_blocks();
	cio_buf b = {0};
	cio_sim_fail_allocation(1);
	assert_int_equal(cio_buf_puts(&b, "x"), -ENOMEM);
	assert_null(b.p);
	assert_int_equal(cio_buf_puts(&b, "kept"), 0);

	char big[500];
	memset(big, 'y', sizeof big);
	cio_sim_fail_allocation(1);
	assert_int_equal(cio_buf_append(&b, big, sizeof big), -ENOMEM);
	cio_sim_fail_allocation(1);
	assert_int_equal(cio_buf_printf(&b, "%500d", 1), -ENOMEM);
	assert_int_equal(cio_buf_reserve(&b, SIZE_MAX - 2), -ENOMEM);
	assert_int_equal(cio_buf_reserve(&b, SIZE_MAX), -ENOMEM);
	assert_int_equal(b.n, 4);
	assert_string_equal(b.p, "kept");
	assert_int_equal(cio_sim_blocks(), before + 1);
	cio_buf_finish(&b);
	assert_int_equal(cio_sim_blocks(), before);
}

static void reserved_room_is_not_moved(void **state)
{
	(void)state;
	cio_buf b = {0};
	assert_int_equal(cio_buf_reserve(&b, 1000), 0);
	const char *p = b.p;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(cio_buf_append(&b, "z", 1), 0);
	assert_ptr_equal(b.p, p);
	cio_buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_buf_is_ready),
		cmocka_unit_test(appended_bytes_are_terminated),
		cmocka_unit_test(printf_fits_its_text_at_every_length),
		cmocka_unit_test(clear_keeps_the_memory),
		cmocka_unit_test(consume_moves_the_rest_down),
		cmocka_unit_test(without_memory_nothing_changes),
		cmocka_unit_test(reserved_room_is_not_moved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
