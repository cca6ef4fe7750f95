/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * stack_pool.c - the pool of stacks by itself: what stays warm, and for how long
 */
#include "core/core.h"

#include <stdlib.h>

#include "check.h"

enum { MANY = 1000 };

static struct stacks pool;
static struct stack *taken[MANY];

static void take(int n)
{
	for (int i = 0; i < n; i++) {
		taken[i] = stacks_take(&pool);
		assert_non_null(taken[i]);
		((char *)stack_top(taken[i]))[-100] = 1;
	}
}

static void put(int n)
{
	for (int i = 0; i < n; i++)
		stacks_put(&pool, taken[i]);
}

static void open_pool(uint32_t keep_warm)
{
	assert_int_equal(stacks_open(&pool, keep_warm), 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(stacks_reserve(&pool), 0);
}

static void close_pool(void)
{
	for (int i = 0; i < MANY; i++)
		stacks_unreserve(&pool);
	stacks_close(&pool);
}

/* As many turns as it may take to cool them all. */
static void turns_at(cio_time now)
{
	for (int i = 0; i < MANY; i++)
		stacks_age(&pool, now);
}

static void unneeded_ones_cool(void **state)
{
	(void)state;
	open_pool(10);
	take(MANY);
	put(MANY);
	assert_int_equal(pool.warm, MANY);
	turns_at(CIO_S(1)); /* the first age begins */
	turns_at(CIO_S(10));
	assert_int_equal(pool.warm, MANY);
	turns_at(CIO_S(11)); /* the second: nobody has needed them in the first */
	assert_int_equal(pool.warm, 10);
	assert_int_equal(pool.mapped, 10);
	turns_at(CIO_S(1000));
	assert_int_equal(pool.warm, 10);

	/* and they come back as new: zeroed, and all different */
	take(MANY);
	assert_int_equal(pool.warm, 0);
	assert_int_equal(pool.mapped, MANY);
	for (int i = 0; i < MANY; i++)
		((char *)stack_top(taken[i]))[-200] = 0;
	for (int i = 10; i < MANY; i++)
		assert_int_equal(((char *)stack_top(taken[i]))[-5000], 0);
	for (int i = 0; i < MANY; i++) {
		char *mark = (char *)stack_top(taken[i]) - 200;
		assert_int_equal(*mark, 0);
		*mark = 1;
	}
	put(MANY);
	close_pool();
}

static void needed_ones_stay(void **state)
{
	(void)state;
	open_pool(10);
	take(MANY);
	put(MANY);
	for (int s = 1; s < 100; s++) {
		take(300);
		put(300);
		turns_at(CIO_S(s));
	}
	assert_int_equal(pool.warm, 300);
	close_pool();
}

/* A turn of the loop is never held up by all of them. */
static void little_by_little(void **state)
{
	(void)state;
	open_pool(10);
	take(MANY);
	put(MANY);
	stacks_age(&pool, CIO_S(1));
	stacks_age(&pool, CIO_S(11)); /* from now on they are given back */
	uint64_t before = pool.warm;
	assert_int_equal(before, MANY);
	while (pool.warm > 10) {
		stacks_age(&pool, CIO_S(11));
		assert_true(pool.warm < before);
		assert_true(before - pool.warm <= 256);
		before = pool.warm;
	}
	close_pool();
}

static void as_many_as_asked_for_stay(void **state)
{
	(void)state;
	open_pool(MANY);
	take(MANY);
	put(MANY);
	for (int s = 1; s < 100; s += 10)
		turns_at(CIO_S(s));
	assert_int_equal(pool.warm, MANY);
	close_pool();
}

/* A slot that was cooled has its guard still, of whatever kind. */
static void guards_outlive_the_memory(void **state)
{
	(void)state;
	static const char *const guards[] = {"", "mprotect", "canary"};
	for (int i = check_wrapped(); i < 3; i++) {
		setenv("CIO_GUARD", guards[i], 1);
		open_pool(10);
		take(MANY);
		put(MANY);
		uint64_t installed = pool.guards;
		assert_true(i != 1 || installed == MANY);
		for (int s = 1; s < 100; s += 10)
			turns_at(CIO_S(s));
		assert_int_equal(pool.warm, 10);
		take(MANY);
		assert_int_equal(pool.guards, installed);
		for (int k = 0; k < MANY; k++)
			assert_true(stack_intact(taken[k]));
		assert_int_equal(stack_usable(taken[0]), 192 << 10);
		put(MANY);
		close_pool();
	}
	unsetenv("CIO_GUARD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unneeded_ones_cool),
		cmocka_unit_test(needed_ones_stay),
		cmocka_unit_test(little_by_little),
		cmocka_unit_test(as_many_as_asked_for_stay),
		cmocka_unit_test(guards_outlive_the_memory),
	};
	return cmocka_run_group_tests_name("stack_pool", tests, NULL, NULL);
}
