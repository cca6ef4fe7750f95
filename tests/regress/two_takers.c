/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * two_takers.c - two tasks take from one cio_as_completed
 *
 * One at a time may ask. A second one took what the first had been woken for,
 * who then went on with a task that was not there.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static int works(const int *result)
{
	int err = cio_sleep(CIO_MS(10));
	return err < 0 ? err : *result;
}

struct taker {
	cio_as_completed *each;
	int *taken; /* how often each index was given out */
	int *busy;  /* who was told that another asks */
};

static int takes(const struct taker *t)
{
	for (;;) {
		ssize_t at = cio_as_completed_next(t->each);
		if (at == -EBUSY)
			++*t->busy;
		if (at == -ENODATA || at == -EBUSY)
			return 0;
		if (!CHECK(at >= 0 && at < 3))
			return -EIO;
		t->taken[at]++;
	}
}

static int app(void *arg)
{
	(void)arg;
	cio_task *t[3];
	cio_as_completed each;
	int taken[3] = {0}, busy = 0, err = 0;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(works, &i);
	CHECK_INT(cio_as_completed_init(&each, t, 3), 0);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 4 && err == 0; i++)
			err = cio_group_spawn(&g, takes,
				&(struct taker){&each, taken, &busy});
	}
	CHECK_INT(err, 0);
	CHECK_INT(busy, 3);
	cio_as_completed_finish(&each);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(taken[i], 1);
		CHECK_INT(cio_await(t[i]), i);
	}
	return 0;
}

static void each_is_taken_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(app, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_taken_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
