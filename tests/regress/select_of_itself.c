/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * select_of_itself.c - cases that could never happen
 *
 * A select on the end of the calling task slept for ever, or until another case
 * came; one on a spawn that had failed read memory at NULL.
 */
#include <cio/run.h>

#include <errno.h>

#include <cio/select.h>
#include <cio/time.h>

#include "check.h"

static int selects(void *arg)
{
	int item;
	cio_queue q;
	(void)arg;
	cio_queue_init(&q, sizeof item, 0);
	cio_select_case on[] = {
		cio_on_get(&q, &item),
		cio_on_done(cio_current_task()),
		cio_on_time(cio_now() + CIO_MS(1)),
	};
	CHECK_INT(cio_select(on, 3), -EDEADLK);
	CHECK(strstr(cio_error_text(), "waits for its own end") != NULL);
	CHECK_INT(cio_try_select(on, 3), -EAGAIN);

	on[1] = cio_on_done(NULL);
	CHECK_INT(cio_select(on, 3), 1);
	CHECK_INT(on[1].result, -ENOMEM);
	CHECK_INT(cio_try_select(on, 3), 1);
	CHECK_INT(cio_queue_finish(&q), 0);
	return 0;
}

static void an_error_says_so(void **state)
{
	(void)state;
	assert_int_equal(check_run(selects, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_says_so),
	};
	return cmocka_run_group_tests_name("select_of_itself", tests, NULL,
		NULL);
}
