/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * finisher_leaves_work.c - what a finisher starts is awaited, too
 *
 * Leftovers were awaited before the finishers ran and not after, so a task that
 * a finisher spawned and detached lost its loop, stack and all.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>

static int ended;

static int says_goodbye(const int *ms)
{
	int err = 0;
	CIO_SHIELD (CIO_S(3600), &err) {
		err = cio_sleep(CIO_MS(*ms));
	}
	ended++;
	return err;
}

static int makes_a_value(const int *unused);

static void finish(cio_loop_value *v)
{
	(void)v;
	cio_detach(cio_spawn(says_goodbye, &(int){1}), NULL);
	if (ended == 0)
		cio_detach(cio_spawn(makes_a_value, &(int){0}), NULL);
}

static cio_loop_value first = {.key = &first, .finish = finish};
static cio_loop_value second = {.key = &second, .finish = finish};

static int makes_a_value(const int *unused)
{
	(void)unused;
	cio_loop_value_set(&second);
	return 0;
}

static int sets_a_value(void *arg)
{
	(void)arg;
	cio_loop_value_set(&first);
	return 0;
}

static void all_is_awaited(void **state)
{
	(void)state;
	assert_int_equal(check_run(sets_a_value, NULL), 0);
	assert_int_equal(ended, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_awaited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
