/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * gathered_twice.c - one gather for each task
 *
 * A gather took its handles only when all had ended. So a task that stood in the
 * list twice was freed and awaited again, and the gather said 0; one that two
 * gathered was freed by the first, and the second awaited whatever task had its
 * record by then.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static int says(const int *n)
{
	int err = cio_sleep(CIO_MS(1));
	return err < 0 ? err : *n;
}

static int in_one_list(void *arg)
{
	int results[3] = {1, 1, 1};
	(void)arg;
	cio_task *t = cio_spawn(says, &(int){7}), *u = cio_spawn(says, &(int){8});
	CHECK_INT(cio_gather(CIO_TASKS(u, t, t), .results = results), -EINVAL);
	CHECK(strstr(cio_error_text(), "awaited already") != NULL);
	CHECK_INT(results[0], 1); /* nothing was done */
	CHECK_INT(cio_gather(CIO_TASKS(u, t), .results = results), 0);
	CHECK_INT(results[0], 8);
	CHECK_INT(results[1], 7);
	return 0;
}

static int gathers(cio_task *const *t)
{
	int result = 1, err = cio_gather(t, 1, .results = &result);
	cio_task *own = cio_spawn(says, &(int){9});
	CHECK_INT(cio_await(own), 9); /* nobody else has */
	return err < 0 ? err : result;
}

static int by_two(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(says, &(int){7});
	cio_task *a = cio_spawn(gathers, &t), *b = cio_spawn(gathers, &t);
	CHECK_INT(cio_await(b), -EINVAL);
	CHECK_INT(cio_await(a), 7);
	return 0;
}

static int beside_an_await(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(says, &(int){7});
	cio_task *a = cio_spawn(gathers, &t);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_await(t), -EINVAL);
	CHECK_INT(cio_await(a), 7);
	return 0;
}

#define RUNS(test) \
	static void run_##test(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(test, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

RUNS(in_one_list)
RUNS(by_two)
RUNS(beside_an_await)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_in_one_list),
		cmocka_unit_test(run_by_two),
		cmocka_unit_test(run_beside_an_await),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
