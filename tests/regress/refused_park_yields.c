/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * refused_park_yields.c - a park that is refused does not yield first
 *
 * After 100 refusals in a row a refused park let others run before it returned.
 * Its caller may have made the waiter known before: a sleep had armed its timer,
 * which then fired for a task that did not sleep, and crashed.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>

static int runs(bool *const *ran)
{
	**ran = true;
	return 0;
}

static int parks_when_refused(void *arg)
{
	(void)arg;
	bool ran = false, *p = &ran;
	cio_waiter w;
	cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
	cio_scope_cancel(&s, "refused from here on");
	for (int i = 0; i < 150; i++)
		CHECK_INT(cio_checkpoint(), -ECANCELED);
	cio_task *t = cio_spawn(runs, &p);
	CHECK_INT(cio_park(&w, NULL, "nothing"), -ECANCELED);
	CHECK(!ran);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK(ran); /* the check does */
	CHECK_INT(cio_scope_end(&s, -ECANCELED), 0);
	return cio_await(t);
}

static void nobody_runs_meanwhile(void **state)
{
	(void)state;
	assert_int_equal(check_run(parks_when_refused, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_runs_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
