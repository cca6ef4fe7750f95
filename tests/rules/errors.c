/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * errors.c - rules E: errors that nobody looked at
 */
#include "rules/rules.h"

/* ---- E-01 ---- */

static int fails_with_a_text(const int *unused)
{
	(void)unused;
	return cio_fail(-EIO, "the disk is on fire");
}

static int sees_it_at_once(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(fails_with_a_text, &(int){0}), "arsonist");
	CHECK_INT(count(check_reports(), "arsonist"), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(count(check_reports(), "arsonist"), 1);
	return 0;
}

static void e_01_a_failure_that_nobody_awaits_is_told_once_when_it_happens(
	void **state)
{
	(void)state;
	assert_int_equal(check_run(sees_it_at_once, NULL), 0);
	const char *report = strstr(check_reports(), "task arsonist");
	assert_non_null(report);
	assert_non_null(strstr(report, "errors.c:")); /* where it was spawned */
	assert_non_null(strstr(report, "the disk is on fire"));
	assert_null(strstr(report + 1, "task arsonist"));
}

static int forgets_the_handle(void *arg)
{
	(void)arg;
	return cio_spawn(fails_with_a_text, &(int){0}) != NULL ? cio_yield() : 0;
}

static void e_01_a_forgotten_handle_is_told_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(check_run(forgets_the_handle, NULL), 0);
	assert_int_equal(count(check_reports(), "neither awaited nor detached"), 1);
	assert_int_equal(count(check_reports(), "the disk is on fire"), 1);
}

/* ---- E-02 ---- */

static int hook_calls, hook_depth, hook_deepest;

static void reports_again(void *arg, cio_level level, const char *text)
{
	(void)arg;
	(void)text;
	if (level != CIO_LEVEL_ERROR)
		return;
	hook_calls++;
	if (++hook_depth > hook_deepest)
		hook_deepest = hook_depth;
	if (hook_depth < 100)
		cio_report(CIO_LEVEL_ERROR, "(planted) the hook has failed");
	hook_depth--;
}

static int fails_unseen(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(fails_with_a_text, &(int){0}), NULL);
	return cio_yield();
}

static void e_02_a_hook_that_reports_is_not_called_again(void **state)
{
	(void)state;
	hook_calls = hook_deepest = 0;
	assert_int_equal(
		cio_run_with(&(cio_run_options){.report = reports_again},
			fails_unseen, NULL),
		0);
	assert_int_equal(hook_calls, 1);
	assert_int_equal(hook_deepest, 1);
}

/* ---- E-03 ---- */

static int fails_when_cancelled(const int *unused)
{
	(void)unused;
	(void)cio_sleep(LONG);
	return -EIO;
}

static int awaits(cio_task *const *t)
{
	return cio_await(*t);
}

static int cancels_the_awaiter(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(fails_when_cancelled, &(int){0});
	cio_task *awaiter = cio_spawn(awaits, &t);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(awaiter, "test");
	CHECK_INT(cio_await(awaiter), -EIO);
	return 0;
}

static void e_03_what_a_cancelled_awaiter_was_told_is_not_told_again(
	void **state)
{
	(void)state;
	assert_int_equal(check_run(cancels_the_awaiter, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(e_01_a_failure_that_nobody_awaits_is_told_once_when_it_happens),
		cmocka_unit_test(e_01_a_forgotten_handle_is_told_at_the_end),
		cmocka_unit_test(e_02_a_hook_that_reports_is_not_called_again),
		cmocka_unit_test(e_03_what_a_cancelled_awaiter_was_told_is_not_told_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
