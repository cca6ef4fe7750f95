/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * watch_shared.c - two tasks that go by one `seen` get each version once
 *
 * Both were woken by a set; the first took the new version, and the second was
 * told that the watch had been closed.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static cio_watch watch;
static uint64_t seen, sum;

static int looks(const int *unused)
{
	uint64_t value;
	(void)unused;
	int err = cio_watch_next(&watch, &seen, &value);
	if (err == 0)
		sum += value;
	return err;
}

static int two_share(void *arg)
{
	uint64_t value = 0, n;
	(void)arg;
	seen = 1;
	sum = 0;
	cio_watch_init(&watch, &value, sizeof value);
	cio_task *t[] = {cio_spawn(looks, &(int){0}), cio_spawn(looks, &(int){0}),
		cio_spawn(looks, &(int){0})};
	CHECK_INT(cio_sleep(CIO_US(1)), 0);
	for (n = 1; n <= 10; n *= 10) {
		CHECK_INT(cio_watch_set(&watch, &n), 0);
		CHECK_INT(cio_sleep(CIO_US(1)), 0);
	}
	CHECK_INT(cio_watch_finish(&watch), -EBUSY); /* the third waits on */
	cio_watch_close(&watch);
	CHECK_INT(cio_await(t[0]), 0);
	CHECK_INT(cio_await(t[1]), 0);
	CHECK_INT(cio_await(t[2]), -ESHUTDOWN);
	CHECK_INT(sum, 11);
	return cio_watch_finish(&watch);
}

static void each_version_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(two_share, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
