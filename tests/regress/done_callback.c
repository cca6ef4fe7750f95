/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * done_callback.c - a done callback is not part of the task that has ended
 *
 * It ran as that task: it could sleep, in a task that no cancel could reach any
 * more, and its own failures stood in for the error text of the task.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static int called;

static void on_done(cio_done_callback *c, cio_task *t)
{
	cio_lock lock = {0};
	(void)c;
	CHECK(cio_current_task() == NULL);
	CHECK(cio_task_done(t));
	CHECK_INT(cio_sleep(CIO_MS(1)), -EDEADLK);
	CHECK_INT(cio_lock_try_acquire(&lock), -EPERM);
	CHECK_INT(cio_fail(-EIO, "the callback's"), -EIO);
	called++;
}

static int fails(const int *err)
{
	return *err < 0 ? cio_fail(*err, "the task's") : 0;
}

static int app(void *arg)
{
	cio_done_callback c = {.fn = on_done};
	(void)arg;
	called = 0;
	cio_task *t = cio_spawn(fails, &(int){-EINVAL});
	CHECK_INT(cio_task_add_done_callback(t, &c), 0);
	CHECK_INT(cio_await(t), -EINVAL);
	CHECK(strcmp(cio_error_text(), "the task's") == 0);
	CHECK_INT(called, 1);
	return 0;
}

static void is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(check_run(app, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(is_nobodys)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
