/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* handles.c - generations of the table, and the cache of pooled buffers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include <cio/sim.h>

#include "driver/kernel.h"

static void a_generation_skips_zero_when_it_wraps(void **state)
{
	(void)state;
	struct handles t = {0};
	cio_fd first, next;
	int fd = dup(0);
	assert_int_equal(cio__handles_add(&t, fd, 0, &first), 0);
	assert_int_equal(first.generation, 1);

	t.items[fd].generation = UINT32_MAX;
	assert_null(cio__handles_get(&t, first));
	first.generation = UINT32_MAX;
	struct handle *h = cio__handles_get(&t, first);
	assert_non_null(h);
	cio__handles_retire(h);
	assert_null(cio__handles_get(&t, first));
	assert_int_equal(h->fd, fd); /* taken until it is dropped */
	assert_int_equal(cio__handles_add(&t, fd, 0, &next), -EEXIST);
	assert_int_equal(cio__handles_drop(&t, h), 0);
	assert_int_equal(t.open, 0);

	assert_int_equal(dup2(0, fd), fd);
	assert_int_equal(cio__handles_add(&t, fd, 0, &next), 0);
	assert_int_equal(next.generation, 1);
	assert_null(cio__handles_get(&t, first));
	assert_non_null(cio__handles_get(&t, next));
	cio__handles_finish(&t); /* closes what is left */
	assert_int_equal(close(fd), -1);
}

static void handles_never_made_are_stale(void **state)
{
	(void)state;
	struct handles t = {0};
	cio_fd fd, none = {0};
	assert_null(cio__handles_get(&t, none));
	int high = dup2(0, 300);
	assert_int_equal(high, 300);
	cio_sim_fail_allocation(1);
	assert_int_equal(cio__handles_add(&t, high, 0, &fd), -ENOMEM);
	cio_sim_fail_allocation(0);
	assert_int_equal(cio__handles_add(&t, high, 0, &fd), 0);
	for (uint32_t slot = 0; slot < 600; slot++) {
		for (uint32_t generation = 0; generation < 3; generation++) {
			cio_fd guess = {.slot = slot, .generation = generation};
			bool live = slot == fd.slot && generation == fd.generation;
			assert_true((cio__handles_get(&t, guess) != NULL) == live);
		}
	}
	cio__handles_finish(&t);
}

static void the_cache_of_buffers_is_bounded(void **state)
{
	(void)state;
	uint64_t before = cio_sim_blocks();
	struct buffers b = {0};
	void *taken[200];
	for (int i = 0; i < 200; i++)
		assert_non_null(taken[i] = cio__buffers_take(&b));
	for (int i = 0; i < 200; i++)
		cio__buffers_give(&b, taken[i]);
	uint64_t kept = cio_sim_blocks() - before;
	assert_true(kept > 0 && kept < 200);
	cio_sim_fail_allocation(1); /* the cache needs no memory */
	void *one = cio__buffers_take(&b);
	cio_sim_fail_allocation(0);
	assert_non_null(one);
	cio__buffers_give(&b, one);
	cio__buffers_finish(&b);
	assert_int_equal(cio_sim_blocks(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_generation_skips_zero_when_it_wraps),
		cmocka_unit_test(handles_never_made_are_stale),
		cmocka_unit_test(the_cache_of_buffers_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
