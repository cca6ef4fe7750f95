/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * group_body_fails.c - a group whose body fails does not wait for ever
 *
 * Only a child's error cancelled the group. A body that failed while a child
 * served for ever left the close waiting for it.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>

static const char *reason; /* what the child was told */

static int serves(const int *unused)
{
	(void)unused;
	int err = cio_sleep(CIO_S(3600));
	reason = cio_cancel_reason();
	return err;
}

static int fails_late(const int *unused)
{
	(void)unused;
	int err = cio_sleep(CIO_S(3600));
	return err < 0 ? cio_fail(-EIO, "the child's cleanup") : 0;
}

static int body_fails(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, serves, &(int){0});
		CHECK_INT(err, 0);
		err = cio_yield();
		CHECK_INT(err, 0);
		err = cio_fail(-EINVAL, "the body");
	}
	CHECK_INT(err, -EINVAL);
	CHECK(strcmp(cio_error_text(), "the body") == 0);
	CHECK(strcmp(reason, "the body of the group has failed") == 0);
	return cio_yield(); /* we are not refused */
}

/* The body's error came first, so it is the group's. */
static int first_error_wins(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, fails_late, &(int){0}), 0);
		CHECK_INT(cio_yield(), 0);
		err = cio_fail(-EINVAL, "the body");
	}
	CHECK_INT(err, -EINVAL);
	return 0;
}

/* A limit inside the body is the body's own error, not the group's doing. */
static int timeout_stays(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, serves, &(int){0}), 0);
		CIO_TIMEOUT (CIO_MS(1), &err)
			err = cio_sleep(CIO_S(3600));
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int ends(const int *unused)
{
	(void)unused;
	return cio_sleep(CIO_MS(1));
}

/* Collecting, nobody's failure touches the others. */
static int collecting(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP(g, &err, .errors = CIO_COLLECT) {
		CHECK_INT(cio_group_spawn(&g, ends, &(int){0}), 0);
		CHECK_INT(cio_yield(), 0);
		err = -EINVAL;
	}
	CHECK_INT(err, -EINVAL);
	return 0;
}

static void cancels_the_children(void **state)
{
	(void)state;
	assert_int_equal(check_run(body_fails, NULL), 0);
	assert_int_equal(check_run(timeout_stays, NULL), 0);
	assert_int_equal(check_run(collecting, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static void error_is_the_first(void **state)
{
	(void)state;
	assert_int_equal(check_run(first_error_wins, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancels_the_children),
		cmocka_unit_test(error_is_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
