/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * gather_names_cause.c - who cancelled a gathered task, and where
 *
 * The task was told a line of the library, and its awaiter's name in the place
 * of the task that had failed.
 */
#include <cio/run.h>

#include <errno.h>

#include <cio/scope.h>
#include <cio/task.h>
#include <cio/time.h>
#include <cio/wait.h>

#include <string.h>

#include "check.h"

static cio_cause cause;

static int waits(const int *unused)
{
	(void)unused;
	int err = cio_sleep(CIO_S(1));
	CHECK(cio_cancel_cause(&cause));
	CHECK(strstr(cause.where, "gather_names_cause.c:") != NULL);
	return err;
}

static int fails(const int *unused)
{
	(void)unused;
	int err = cio_sleep(CIO_MS(1));
	return err < 0 ? err : -EIO;
}

static int gathers(const int *unused)
{
	(void)unused;
	return cio_gather(CIO_TASKS(cio_spawn(waits, &(int){0})));
}

static int one_fails(void *arg)
{
	(void)arg;
	cio_task *failing = cio_spawn(fails, &(int){0});
	const char *site = cio_task_site(failing);
	CHECK_INT(cio_gather(CIO_TASKS(cio_spawn(waits, &(int){0}), failing)),
		-EIO);
	CHECK(strcmp(cause.who, "fails") == 0);
	CHECK(strcmp(cause.where, site) == 0);
	return 0;
}

static int the_awaiter_is_cancelled(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(gathers, &(int){0});
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_task_cancel(t, "enough");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK(strcmp(cause.who, "main") == 0);
	CHECK(strcmp(cause.why, "its awaiter has ended") == 0);
	return 0;
}

/* The clock has no place in the program. */
static int waits_in_time(const int *unused)
{
	(void)unused;
	int err = cio_sleep(CIO_S(1));
	CHECK(cio_cancel_cause(&cause));
	return err;
}

static int the_time_is_over(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_gather(
			CIO_TASKS(cio_spawn(waits_in_time, &(int){0})));
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK(strcmp(cause.who, "") == 0);
	CHECK(strcmp(cause.where, "") == 0);
	return 0;
}

static void by_whom_and_where(void **state)
{
	(void)state;
	assert_int_equal(check_run(one_fails, NULL), 0);
	assert_int_equal(check_run(the_awaiter_is_cancelled, NULL), 0);
	assert_int_equal(check_run(the_time_is_over, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_whom_and_where),
	};
	return cmocka_run_group_tests_name("gather_names_cause", tests, NULL,
		NULL);
}
