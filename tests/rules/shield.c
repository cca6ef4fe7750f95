/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * shield.c - rules S: sections that an outer cancel does not reach
 */
#include "rules/rules.h"

#include "core/core.h"

/* ---- S-01 ---- */

static int fails_after(const cio_duration *d)
{
	int err = cio_sleep(*d);
	return err < 0 ? err : -EIO;
}

static int awaits_in_a_shield(int *const *result)
{
	cio_task *t = cio_spawn(fails_after, &(cio_duration){CIO_MS(2)});
	int err = 0;
	CIO_SHIELD (LONG, &err) {
		**result = cio_await(t);
	}
	return cio_checkpoint();
}

static int retrieves(void *arg)
{
	int result = 0, *p = &result;
	(void)arg;
	cio_task *t = cio_spawn(awaits_in_a_shield, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(result, -EIO);
	return 0;
}

static int gives_up(void *arg)
{
	(void)arg;
	for (int late = 0; late < 2; late++) {
		cio_task *t = cio_spawn(fails_after, &(cio_duration){CIO_US(9)});
		if (late) /* it has failed before it is given up */
			CHECK_INT(cio_wait(CIO_TASKS(t), CIO_ALL_COMPLETED, LONG), 1);
		cio_detach(t, "stray");
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	}
	return 0;
}

static void s_01_a_failure_that_was_retrieved_is_not_reported(void **state)
{
	(void)state;
	assert_int_equal(check_run(retrieves, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static void s_01_a_failure_that_nobody_retrieves_is_reported_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(gives_up, NULL), 0);
	assert_int_equal(count(check_reports(), "task stray"), 2);
}

/* ---- S-02 ---- */

RULE(s_02_a_million_looks_at_a_task_leave_nothing_with_it)
{
	cio_task *t = cio_spawn(sleeps, &(cio_duration){LONG});
	CHECK_INT(cio_yield(), 0);
	for (int i = 0; i < 1000000; i++) {
		int err = 0;
		CIO_SHIELD (0, &err) {
			cio_as_completed looks;
			err = cio_as_completed_init(&looks, &t, 1);
			if (err == 0)
				err = (int)cio_as_completed_next(&looks);
			cio_as_completed_finish(&looks);
		}
		if (!CHECK_INT(err, -ETIMEDOUT) || !CHECK(t->callbacks == NULL))
			break; /* one is enough */
	}
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}

/* ---- S-03 ---- */

static int holds_out(int *const *result)
{
	int err = 0;
	(void)cio_sleep(LONG);
	CIO_SHIELD (CIO_MS(10), &err) {
		err = cio_sleep(LONG);
	}
	**result = err;
	return err;
}

static int leaves_it(void *arg)
{
	int *result = arg;
	cio_detach(cio_spawn(holds_out, &result), NULL);
	return cio_yield();
}

static void s_03_a_shield_ends_by_its_own_deadline(void **state)
{
	int result = 0;
	(void)state;
	assert_int_equal(check_run(leaves_it, &result), 0);
	assert_int_equal(result, -ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s_01_a_failure_that_was_retrieved_is_not_reported),
		cmocka_unit_test(s_01_a_failure_that_nobody_retrieves_is_reported_once),
		cmocka_unit_test(s_02_a_million_looks_at_a_task_leave_nothing_with_it),
		cmocka_unit_test(s_03_a_shield_ends_by_its_own_deadline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
