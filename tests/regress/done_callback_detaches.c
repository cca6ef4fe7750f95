/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * done_callback_detaches.c - a done callback that gives the task up
 *
 * The record was freed at once, and used and freed again by the task's end, which
 * had called the callback.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static int called;

static void detaches(cio_done_callback *c, cio_task *t)
{
	(void)c;
	called++;
	cio_detach(t, NULL);
}

static void counts(cio_done_callback *c, cio_task *t)
{
	(void)c;
	called++;
	CHECK(cio_task_done(t)); /* still to be read */
}

static int returns(const int *result)
{
	return *result;
}

static int two_in_a_row(void *arg)
{
	(void)arg;
	cio_done_callback first = {.fn = detaches}, second = {.fn = counts};
	called = 0;
	cio_task *t = cio_spawn(returns, &(int){-EIO});
	CHECK_INT(cio_task_add_done_callback(t, &first), 0);
	CHECK_INT(cio_task_add_done_callback(t, &second), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(called, 2);
	CHECK_INT(cio_all_tasks(NULL, 0), 1);
	return 0;
}

static void given_up_at_its_end(void **state)
{
	(void)state;
	assert_int_equal(check_run(two_in_a_row, NULL), 0);
	const char *told = strstr(check_reports(), "failed and nobody looked");
	assert_non_null(told);
	assert_null(strstr(told + 1, "failed and nobody looked"));
	assert_null(strstr(check_reports(), "neither awaited nor detached"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_up_at_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
