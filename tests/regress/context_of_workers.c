/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/* threads */
/*
 * context_of_workers.c - the context of every worker's main task
 *
 * A run hands its main task the calling thread's context; with several workers
 * only the first, on that very thread, got it.
 */
#include "check.h"

#include <cio.h>
#include <cio/context.h>
#include <cio/sim.h>
#include <stdatomic.h>

enum { N = 4 };

static const CIO_CONTEXT_VAR(number, int, NULL);
static _Atomic int seen;

static int sees(void *arg)
{
	const int *n = cio_context_get(&number);
	(void)arg;
	if (n != NULL)
		atomic_fetch_add(&seen, *n);
	return cio_context_set(&number, &(int){7}, NULL); /* its own */
}

static void every_main_sees_it(void **state)
{
	(void)state;
	cio_run_options o = {.workers = N, .quiet = true};
	uint64_t blocks = cio_sim_blocks();
	assert_int_equal(cio_context_set(&number, &(int){100}, NULL), 0);
	for (int i = 0; i < 10; i++) {
		seen = 0;
		assert_int_equal(cio_run_with(&o, sees, NULL), 0);
		assert_int_equal(seen, N * 100);
	}
	assert_int_equal(*(const int *)cio_context_get(&number), 100);
	assert_int_equal(cio_sim_blocks(), blocks + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_main_sees_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
