/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * error_looked_at.c - an error that was asked for is not told again
 *
 * Who waited by cio_wait, read the error by cio_task_result and then gave the
 * handle up was told that the task "failed and nobody looked".
 */
#include <cio/run.h>

#include <errno.h>

#include <cio/task.h>
#include <cio/time.h>
#include <cio/wait.h>

#include "check.h"

static int fails(const int *unused)
{
	(void)unused;
	return cio_fail(-EIO, "disk 7");
}

static int looks(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(fails, &(int){0});
	CHECK_INT(cio_wait(&t, 1, CIO_ALL_COMPLETED, CIO_NEVER), 1);
	CHECK_INT(cio_task_result(t), -EIO);
	cio_detach(t, NULL);
	return 0;
}

static void look(cio_done_callback *c, cio_task *t)
{
	(void)c;
	CHECK_INT(cio_task_result(t), -EIO);
}

static int callback_looks(void *arg)
{
	static cio_done_callback c = {.fn = look};
	(void)arg;
	cio_task *t = cio_spawn(fails, &(int){0});
	CHECK_INT(cio_task_add_done_callback(t, &c), 0);
	cio_detach(t, NULL);
	return cio_sleep(CIO_MS(1));
}

/* Who waits for a failure has been told that there is one, not which. */
static int waits_for_a_failure(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(fails, &(int){0});
	CHECK_INT(cio_wait(&t, 1, CIO_FIRST_EXCEPTION, CIO_NEVER), 1);
	cio_detach(t, NULL);
	return 0;
}

/* Before its end there is nothing to see. */
static int looks_too_early(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(fails, &(int){0});
	CHECK_INT(cio_task_result(t), -EINPROGRESS);
	cio_detach(t, NULL);
	return cio_sleep(CIO_MS(1));
}

static void told_once_at_most(void **state)
{
	(void)state;
	assert_int_equal(check_run(looks, NULL), 0);
	assert_string_equal(check_reports(), "");
	assert_int_equal(check_run(callback_looks, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static void told_once(int (*fn)(void *))
{
	assert_int_equal(check_run(fn, NULL), 0);
	const char *told = strstr(check_reports(), "nobody looked");
	assert_non_null(told);
	assert_null(strstr(told + 1, "nobody looked"));
}

static void who_has_not_seen_it_is_told(void **state)
{
	(void)state;
	told_once(looks_too_early);
	told_once(waits_for_a_failure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_once_at_most),
		cmocka_unit_test(who_has_not_seen_it_is_told),
	};
	return cmocka_run_group_tests_name("error_looked_at", tests, NULL,
		NULL);
}
