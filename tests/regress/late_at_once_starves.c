/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * late_at_once_starves.c - tries whose limit is over at once let the others run
 *
 * A refused call yields after a hundred in a row; but the end of the try's own
 * scope began the count anew. So who tried again after -ETIMEDOUT, with no time
 * left for a try (`deadline - cio_now()`), stopped the whole loop, and the limit
 * around it never came.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

enum { MOST = 100000 };

static int tries_again(int *const *n)
{
	int err;
	do {
		err = 0;
		CIO_TIMEOUT (0, &err) {
			err = cio_sleep(CIO_S(3600));
		}
	} while (err == -ETIMEDOUT && ++**n < MOST);
	return err;
}

static int is_cancelled(void *arg)
{
	int n = 0;
	(void)arg;
	cio_task *t = cio_spawn(tries_again, &(int *){&n});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "enough");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK(n > 0 && n < MOST);
	return 0;
}

static void others_run(void **state)
{
	(void)state;
	assert_int_equal(check_run(is_cancelled, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
