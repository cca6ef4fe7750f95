/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * sleep_begins_now.c - after some work a sleep or a limit was early by as long
 *
 * They began with their turn, unless the work before them had taken four
 * milliseconds or more. These tests look at the clock, but only for what must not
 * have happened yet: a slow machine cannot fail them.
 */
#include "check.h"

#include <errno.h>
#include <time.h>

#include <cio.h>

static int64_t clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Keep the loop for less than it takes to be noticed. */
static int64_t work(void)
{
	int64_t begun = clock_ns(), now;
	while ((now = clock_ns()) - begun < CIO_MS(2))
		;
	return now;
}

static int sleeps(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		int64_t begun = work();
		int err = cio_sleep(CIO_MS(2));
		if (err < 0)
			return err;
		CHECK(clock_ns() - begun >= CIO_MS(2));
	}
	return 0;
}

static int limits(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		int64_t begun = work();
		int err = 0;
		CIO_TIMEOUT(CIO_MS(2), &err)
			err = cio_sleep(CIO_S(1000));
		CHECK_INT(err, -ETIMEDOUT);
		CHECK(clock_ns() - begun >= CIO_MS(2));
	}
	return 0;
}

static void a_sleep_is_not_early(void **state)
{
	(void)state;
	assert_int_equal(check_run(sleeps, NULL), 0);
}

static void a_limit_is_not_early(void **state)
{
	(void)state;
	assert_int_equal(check_run(limits, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sleep_is_not_early),
		cmocka_unit_test(a_limit_is_not_early),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
