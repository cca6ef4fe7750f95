/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * call_left_armed.c - calls that are left when a run ends
 *
 * A static call kept the links of the ended loop. The next run that asked for
 * it took it out of lists in freed memory, and out of a slot of its own wheel
 * in which others stood: their timers were lost.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static cio_call soon, at, far;
static int made;

static int counts(void *arg)
{
	(void)arg;
	made++;
	return 0;
}

/* What main asks for soon is still made; one that asks again and again is left. */
static int again;

static int asks(void *arg)
{
	if (again-- > 0)
		cio_call_soon(&soon, asks, arg);
	return 0;
}

static int leaves_them(void *arg)
{
	(void)arg;
	cio_call_at(&at, cio_now() + CIO_S(3600), counts, NULL);
	cio_call_at(&far, cio_now() + CIO_S(3600), counts, NULL);
	again = 9;
	cio_call_soon(&soon, asks, NULL);
	return 0;
}

static int finds_none(void *arg)
{
	(void)arg;
	CHECK(!cio_call_pending(&soon));
	CHECK(!cio_call_pending(&at));
	CHECK(!cio_call_pending(&far));
	cio_call_cancel(&far);
	cio_call_later(&at, CIO_MS(1), counts, NULL);
	cio_call_soon(&soon, counts, NULL);
	CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	CHECK_INT(made, 2);
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

static void next_run_is_clean(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		made = 0;
		assert_int_equal(check_run(leaves_them, NULL), 0);
		assert_int_equal(made, 0);
		assert_true(again > 0);
		assert_int_equal(check_run(finds_none, NULL), 0);
	}
}

/* ---- the same after a run that could not be ended ---- */

static int stays(const int *unused)
{
	(void)unused;
	CIO_SHIELD (CIO_S(3600)) {
		(void)cio_sleep(CIO_S(1800));
	}
	return 0;
}

static int leaves_a_task_too(void *arg)
{
	cio_detach(cio_spawn(stays, &(int){0}), NULL);
	CHECK_INT(cio_yield(), 0);
	return leaves_them(arg);
}

static void run_after_an_abandoned_one(void **state)
{
	(void)state;
	int status = 0;
	const char *driver = check_driver()[0] != '\0' ? check_driver() : NULL;
	pid_t child = fork();
	if (child == 0) { /* what is left behind ends with it */
		cio_run_options o = {.drain = CIO_NS(1), .quiet = true,
			.driver = driver};
		int err = cio_run_with(&o, leaves_a_task_too, NULL);
		made = 0;
		if (err == -ETIMEDOUT)
			err = check_run(finds_none, NULL);
		_exit(err == 0 ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_run_is_clean),
		cmocka_unit_test(run_after_an_abandoned_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
