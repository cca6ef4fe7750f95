/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * no_threads.c - what happens when the system gives no more threads
 *
 * This program's own pthread_create stands before the library's: it lets the
 * first `allowed` through.
 */
#include <cio/thread.h>

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include <cio/group.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "check.h"

static int allowed, asked;

int pthread_create(pthread_t *restrict t, const pthread_attr_t *restrict attr,
	void *(*fn)(void *), void *restrict arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		void *);
	void *symbol = dlsym(RTLD_NEXT, "pthread_create");
	memcpy(&real, &symbol, sizeof real);
	asked++;
	return allowed-- > 0 ? real(t, attr, fn, arg) : EAGAIN;
}

static int seven(void *arg)
{
	(void)arg;
	return 7;
}

static int none_at_all(void *arg)
{
	(void)arg;
	CHECK_INT(cio_to_thread(seven, NULL), -EAGAIN);
	CHECK(strstr(cio_error_text(), "no thread") != NULL);
	allowed = 1; /* later there is one */
	CHECK_INT(cio_to_thread(seven, NULL), 7);
	return 0;
}

static void without_any(void **state)
{
	(void)state;
	allowed = asked = 0;
	assert_int_equal(check_run(none_at_all, NULL), 0);
	assert_int_equal(asked, 2);
}

struct gate {
	sem_t entered, open;
};

static int pass_gate(void *arg)
{
	struct gate *g = arg;
	sem_post(&g->entered);
	while (sem_wait(&g->open) < 0)
		;
	return 7;
}

static int at_the_gate(struct gate *const *g)
{
	return cio_to_thread(pass_gate, *g);
}

static int one_only(void *arg)
{
	struct gate *gate = arg;
	cio_task *t[3];
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(at_the_gate, &gate);
	CHECK_INT(cio_yield(), 0);
	for (int i = 0; i < 3; i++)
		sem_post(&gate->open);
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_await(t[i]), 7);
	return 0;
}

static void with_one(void **state)
{
	(void)state;
	struct gate gate;
	sem_init(&gate.entered, 0, 0);
	sem_init(&gate.open, 0, 0);
	allowed = 1;
	asked = 0;
	assert_int_equal(check_run(one_only, &gate), 0);
	assert_int_equal(asked, 3);
}

/* ---- loops of one run ---- */

static int workers_ran;

static int runs(void *arg)
{
	(void)arg;
	workers_ran++;
	return 0;
}

/* The third has no thread: none of them runs, and it is named. */
static void without_a_worker(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "sim") == 0)
		check_skip("sim runs one loop");
	uint64_t blocks = cio_sim_blocks();
	int fds = check_open_fds();
	for (int i = 0; i < 20; i++) {
		allowed = 1;
		asked = workers_ran = 0;
		assert_int_equal(cio_run_with(&(cio_run_options){.workers = 4},
					 runs, NULL),
			-EAGAIN);
		assert_non_null(strstr(cio_error_text(), "worker 2 of 4: "));
		assert_int_equal(asked, 2);
		assert_int_equal(workers_ran, 0);
	}
	assert_int_equal(cio_sim_blocks(), blocks);
	assert_int_equal(check_open_fds(), fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_any),
		cmocka_unit_test(with_one),
		cmocka_unit_test(without_a_worker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
