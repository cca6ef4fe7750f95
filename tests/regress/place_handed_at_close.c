/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * place_handed_at_close.c - an executor is closed while a place changes hands
 *
 * A caller that had been handed a place, and had not had its turn, put its job
 * into the queue of an executor whose threads had gone: the close waited for it
 * for ever.
 */
#include "check.h"

#include <cio.h>
#include <cio/thread.h>
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

static _Atomic int go;

static int waits_for_go(void *unused)
{
	(void)unused;
	while (!atomic_load(&go))
		(void)usleep(100);
	return 0;
}

struct caller {
	cio_executor *e;
	bool closes;
	int *result;
};

static int calls(const struct caller *c)
{
	*c->result = cio_executor_run(c->e, waits_for_go, &(int){0});
	if (c->closes) /* the next in line has our place, but no turn yet */
		cio_executor_close(c->e);
	return 0;
}

static int close_in_between(void *arg)
{
	(void)arg;
	cio_executor *e;
	cio_executor_options o = {.threads = 1, .queue_limit = 1};
	int results[3] = {1, 1, 1}, err = cio_executor_open(&e, &o);
	if (err < 0)
		return err;
	atomic_store(&go, 0);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3; i++)
			CHECK_INT(cio_group_spawn(&g, calls,
					  &(struct caller){e, i == 0,
						  &results[i]}),
				0);
		CHECK_INT(cio_yield(), 0);
		atomic_store(&go, 1);
	}
	CHECK_INT(results[0], 0);
	CHECK(results[1] == 0 || results[1] == -ESHUTDOWN);
	CHECK_INT(results[2], -ESHUTDOWN);
	return err;
}

static void nobody_is_left(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(check_run(close_in_between, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
