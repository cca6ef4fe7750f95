/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * threads.c - rules C-11, R-06 and T: loops and threads (T-01 is in stuck_thread.c)
 */
#include "rules/rules.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

/* ---- C-11 ---- */

struct blocked {
	sem_t go;
	atomic_bool started;
	int after;
};

static int blocks(void *arg)
{
	struct blocked *b = arg;
	atomic_store(&b->started, true);
	while (sem_wait(&b->go) < 0)
		continue;
	return 5;
}

static int waits_for_the_thread(struct blocked *const *b)
{
	int result = cio_to_thread(blocks, *b);
	(*b)->after = cio_checkpoint();
	return result;
}

static uint64_t switches_of_1000_yields(void)
{
	uint64_t before = cio_run_get_figures().switches;
	for (int i = 0; i < 1000; i++)
		CHECK_INT(cio_yield(), 0);
	return cio_run_get_figures().switches - before;
}

RULE(c_11_a_wait_that_cannot_be_cancelled_does_not_spin)
{
	struct blocked b = {.after = 0}, *p = &b;
	CHECK_INT(sem_init(&b.go, 0, 0), 0);
	cio_task *t = cio_spawn(waits_for_the_thread, &p);
	while (!atomic_load(&b.started))
		CHECK_INT(cio_yield(), 0);
	uint64_t calm = switches_of_1000_yields();
	cio_task_cancel(t, "test");
	CHECK(switches_of_1000_yields() <= calm + 4);
	CHECK(!cio_task_done(t));
	CHECK_INT(sem_post(&b.go), 0);
	CHECK_INT(cio_await(t), 5);
	CHECK_INT(b.after, -ECANCELED);
	CHECK_INT(sem_destroy(&b.go), 0);
	return 0;
}

/* ---- R-06 ---- */

static int counts_in_a_thread(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
	return 0;
}

enum { ROUNDS = 2000, SENDERS = 3 };

struct sender {
	cio_loop_ref *loop;
	int *calls;
	cio_event *all;
	int wanted;
};

static int counts_in_the_loop(void *arg)
{
	struct sender *s = arg;
	if (++*s->calls == s->wanted)
		cio_event_set(s->all);
	return 0;
}

static void *sends(void *arg)
{
	struct sender *s = arg;
	for (int i = 0; i < ROUNDS; i++)
		CHECK_INT(cio_call_threadsafe(s->loop, counts_in_the_loop, s), 0);
	return NULL;
}

/* The loop goes to sleep, again and again, while somebody wakes it. */
RULE(r_06_no_wake_from_a_thread_is_missed)
{
	atomic_int done = 0;
	for (int i = 0; i < ROUNDS; i++)
		CHECK_INT(cio_to_thread(counts_in_a_thread, &done), 0);
	CHECK_INT(atomic_load(&done), ROUNDS);

	int calls = 0;
	cio_event all = {0};
	struct sender s = {.calls = &calls, .all = &all,
		.wanted = SENDERS * ROUNDS};
	pthread_t thread[SENDERS];
	CHECK_INT(cio_loop_ref_take(&s.loop), 0);
	for (int i = 0; i < SENDERS; i++)
		CHECK_INT(pthread_create(&thread[i], NULL, sends, &s), 0);
	CHECK_INT(cio_event_wait(&all), 0);
	for (int i = 0; i < SENDERS; i++)
		CHECK_INT(pthread_join(thread[i], NULL), 0);
	cio_loop_ref_put(s.loop);
	return 0;
}

/* ---- T-02 ---- */

static int takes_a_reference(void *arg)
{
	return cio_loop_ref_take(arg);
}

static int is_not_called(void *arg)
{
	*(bool *)arg = true;
	return 0;
}

static void t_02_a_call_after_the_end_of_the_loop_is_refused(void **state)
{
	cio_loop_ref *loop = NULL;
	cio_future *f = NULL;
	bool called = false;
	(void)state;
	int (*fn)(void *) = takes_a_reference;
	assert_int_equal(cio_run_with(&(cio_run_options){.quiet = true}, fn,
				 &loop),
		0);
	assert_int_equal(cio_call_threadsafe(loop, is_not_called, &called),
		-ESHUTDOWN);
	assert_int_equal(cio_run_threadsafe(loop, is_not_called, &called, &f),
		-ESHUTDOWN);
	assert_false(called);
	assert_null(f);
	cio_loop_ref_put(loop);
}

/* ---- T-03 ---- */

static int answers(void *arg)
{
	return *(int *)arg;
}

RULE(t_03_a_thread_that_runs_a_loop_may_not_block_for_a_future)
{
	cio_loop_ref *loop;
	cio_future *f;
	int five = 5;
	CHECK_INT(cio_loop_ref_take(&loop), 0);
	CHECK_INT(cio_run_threadsafe(loop, answers, &five, &f), 0);
	CHECK_INT(cio_future_wait(f), -EDEADLK);
	CHECK_INT(cio_future_wait_for(f, CIO_MS(1)), -EDEADLK);
	while (!cio_future_done(f))
		CHECK_INT(cio_yield(), 0);
	cio_future_detach(f);
	cio_loop_ref_put(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_11_a_wait_that_cannot_be_cancelled_does_not_spin),
		cmocka_unit_test(r_06_no_wake_from_a_thread_is_missed),
		cmocka_unit_test(t_02_a_call_after_the_end_of_the_loop_is_refused),
		cmocka_unit_test(t_03_a_thread_that_runs_a_loop_may_not_block_for_a_future),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
