/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * refused_retries_starve.c - a retry loop in a cancelled scope lets the others run
 *
 * Ending any scope forgot how often the task had been refused in a row; so a
 * loop with a timeout of its own around each try, which takes -ECANCELED for one
 * more failure, never yielded and stopped the whole loop.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

enum { MOST = 100000 };

struct retries {
	bool stop;
	int n;
};

static int tries_again(struct retries *const *r)
{
	int err;
	do {
		err = 0;
		CIO_TIMEOUT (CIO_S(1), &err) {
			err = cio_sleep(CIO_S(3600));
		}
		(*r)->n++;
	} while (err < 0 && !(*r)->stop && (*r)->n < MOST);
	return 0;
}

static int cancels_it_and_goes_on(void *arg)
{
	(void)arg;
	struct retries r = {0}, *p = &r;
	cio_task *t = cio_spawn(tries_again, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "enough");
	CHECK_INT(cio_yield(), 0);
	r.stop = true;
	CHECK_INT(cio_await(t), 0);
	CHECK(r.n < MOST);
	return 0;
}

static void others_run(void **state)
{
	(void)state;
	assert_int_equal(check_run(cancels_it_and_goes_on, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
