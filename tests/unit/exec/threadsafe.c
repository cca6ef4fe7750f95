/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * threadsafe.c - plain threads and a loop, also at the loop's end
 */
#include <cio/threadsafe.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include <cio/event.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "check.h"

enum { THREADS = 4, EACH = 2000 };

static cio_loop_ref *loop;
static pthread_t loop_thread, threads[THREADS];
static cio_event over, gate;
static sem_t entered;

static void down(sem_t *s)
{
	while (sem_wait(s) < 0)
		; /* EINTR */
}

static int set_over(void *arg)
{
	(void)arg;
	cio_event_set(&over);
	return 0;
}

static int open_gate(void *arg)
{
	(void)arg;
	cio_event_set(&gate);
	return 0;
}

static void begin(void)
{
	over = gate = (cio_event){0};
	loop_thread = pthread_self();
	sem_init(&entered, 0, 0);
	CHECK_INT(cio_loop_ref_take(&loop), 0);
}

static void start_thread(int i, void *(*fn)(void *), void *arg)
{
	CHECK_INT(pthread_create(&threads[i], NULL, fn, arg), 0);
}

static void join_thread(int i)
{
	CHECK_INT(pthread_join(threads[i], NULL), 0);
}

/* Run `fn` in a thread which says when it is over; it puts the reference. */
static int with_thread(void *(*fn)(void *))
{
	begin();
	start_thread(0, fn, NULL);
	int err = cio_event_wait(&over);
	join_thread(0);
	return err;
}

static void leave(void)
{
	CHECK_INT(cio_call_threadsafe(loop, set_over, NULL), 0);
	cio_loop_ref_put(loop);
}

/* ---- calls ---- */

struct numbered {
	int from, id;
};

static struct numbered numbers[THREADS][EACH];
static int next_of[THREADS], out_of_order, elsewhere, arrived;

static int arrive(void *arg)
{
	struct numbered *n = arg;
	out_of_order += n->id != next_of[n->from]++;
	elsewhere += cio_current_task() != NULL ||
		!pthread_equal(pthread_self(), loop_thread);
	if (++arrived == THREADS * EACH)
		cio_event_set(&over);
	return 0;
}

static void *call_many(void *arg)
{
	int from = (int)(intptr_t)arg;
	for (int i = 0; i < EACH; i++) {
		numbers[from][i] = (struct numbered){from, i};
		CHECK_INT(cio_call_threadsafe(loop, arrive, &numbers[from][i]),
			0);
	}
	cio_loop_ref_put(loop);
	return NULL;
}

static int calls(void *arg)
{
	(void)arg;
	begin();
	memset(next_of, 0, sizeof next_of);
	arrived = out_of_order = elsewhere = 0;
	for (intptr_t i = 0; i < THREADS; i++)
		start_thread((int)i, call_many,
			(cio_loop_ref_dup(loop), (void *)i));
	cio_loop_ref_put(loop);
	CHECK_INT(cio_event_wait(&over), 0); /* no deadlock is seen here */
	for (int i = 0; i < THREADS; i++)
		join_thread(i);
	CHECK_INT(arrived, THREADS * EACH);
	CHECK_INT(out_of_order, 0);
	CHECK_INT(elsewhere, 0);
	return 0;
}

static int fails(void *arg)
{
	return cio_fail(-EIO, "%s", (const char *)arg);
}

static void *call_failing(void *arg)
{
	(void)arg;
	CHECK_INT(cio_call_threadsafe(loop, fails, "no disk"), 0);
	leave();
	return NULL;
}

static int goes_on(void *arg)
{
	(void)arg;
	return with_thread(call_failing);
}

/* ---- tasks ---- */

static int add_one(void *arg)
{
	CHECK(pthread_equal(pthread_self(), loop_thread));
	int err = cio_sleep(CIO_US(50)); /* it is a task: it may wait */
	return err < 0 ? err : *(int *)arg + 1;
}

static int wait_gate(void *arg)
{
	(void)arg;
	sem_post(&entered);
	return cio_event_wait(&gate);
}

static void *run_some(void *arg)
{
	(void)arg;
	int n[10];
	cio_future *f[10];
	CHECK_INT(cio_run_threadsafe(loop, fails, "boom", &f[0]), 0);
	CHECK_INT(cio_future_wait(f[0]), -EIO);
	CHECK(strcmp(cio_error_text(), "boom") == 0);
	for (int i = 0; i < 10; i++) {
		n[i] = i;
		CHECK_INT(cio_run_threadsafe(loop, add_one, &n[i], &f[i]), 0);
	}
	for (int i = 0; i < 10; i++)
		CHECK_INT(cio_future_wait(f[i]), i + 1);
	leave();
	return NULL;
}

static int results(void *arg)
{
	(void)arg;
	return with_thread(run_some);
}

/* Giving up the wait does not cancel; a cancel does. */
static void *wait_and_cancel(void *arg)
{
	(void)arg;
	cio_future *f, *g;
	CHECK_INT(cio_run_threadsafe(loop, wait_gate, NULL, &f), 0);
	CHECK_INT(cio_run_threadsafe(loop, wait_gate, NULL, &g), 0);
	CHECK_INT(cio_future_wait_for(f, CIO_MS(2)), -ETIMEDOUT);
	CHECK_INT(cio_future_wait_for(f, -1), -ETIMEDOUT);
	CHECK(!cio_future_done(f));
	cio_future_cancel(g);
	cio_future_cancel(g);
	CHECK_INT(cio_future_wait_for(g, CIO_S(1000)), 0);
	CHECK(cio_future_done(g) && !cio_future_done(f));
	cio_future_cancel(g); /* it has ended: nothing happens */
	CHECK_INT(cio_future_wait(g), -ECANCELED);
	CHECK_INT(cio_call_threadsafe(loop, open_gate, NULL), 0);
	CHECK_INT(cio_future_wait(f), 0);
	leave();
	return NULL;
}

static int cancels(void *arg)
{
	(void)arg;
	return with_thread(wait_and_cancel);
}

static void *detach_some(void *arg)
{
	(void)arg;
	cio_future *f, *g;
	CHECK_INT(cio_run_threadsafe(loop, wait_gate, NULL, &f), 0);
	cio_future_detach(f);
	CHECK_INT(cio_run_threadsafe(loop, fails, "lost", &f), 0);
	CHECK_INT(cio_future_wait_for(f, CIO_S(1000)), 0);
	cio_future_detach(f); /* says so: from outside the loop, to stderr */
	CHECK_INT(cio_run_threadsafe(loop, wait_gate, NULL, &g), 0);
	CHECK_INT(cio_call_threadsafe(loop, open_gate, NULL), 0);
	CHECK_INT(cio_future_wait(g), 0);
	cio_future_detach(NULL);
	leave();
	return NULL;
}

static int detaches(void *arg)
{
	(void)arg;
	return with_thread(detach_some);
}

/* A future may outlive its thread's reference. */
static void *put_first(void *arg)
{
	(void)arg;
	int n = 4;
	cio_future *f;
	cio_loop_ref *mine = cio_loop_ref_dup(loop);
	CHECK_INT(cio_run_threadsafe(mine, add_one, &n, &f), 0);
	cio_loop_ref_put(mine);
	CHECK_INT(cio_future_wait(f), 5);
	leave();
	return NULL;
}

static int puts_first(void *arg)
{
	(void)arg;
	return with_thread(put_first);
}

static int refused_in_a_loop(void *arg)
{
	(void)arg;
	begin();
	cio_future *f;
	int n = 1;
	CHECK_INT(cio_run_threadsafe(loop, add_one, &n, &f), 0);
	CHECK_INT(cio_future_wait(f), -EDEADLK);
	CHECK_INT(cio_future_wait_for(f, 1), -EDEADLK);
	while (!cio_future_done(f))
		CHECK_INT(cio_sleep(CIO_US(10)), 0);
	cio_future_detach(f);
	cio_loop_ref_put(loop);
	cio_loop_ref_put(NULL);
	return 0;
}

/* ---- the reference and the loop's life ---- */

static int deadlocks(void *arg)
{
	(void)arg;
	begin();
	cio_loop_ref_put(loop); /* nobody else is left who could help */
	CHECK_INT(cio_event_wait(&over), -ECANCELED);
	return 0;
}

static int lives_on(void *arg)
{
	(void)arg;
	begin();
	cio_loop_ref_put(loop);
	CHECK_INT(cio_sleep(CIO_US(10)), 0);
	CHECK_INT(cio_run_get_figures().tasks_alive, 1);
	CHECK_INT(cio_sleep(CIO_US(10)), 0);
	return 0;
}

/* The run ends while a thread waits, and the thread goes on afterwards. */
static void *outlive(void *arg)
{
	int *results_of = arg, n = 1;
	cio_future *f, *g;
	CHECK_INT(cio_run_threadsafe(loop, wait_gate, NULL, &f), 0);
	CHECK_INT(cio_call_threadsafe(loop, set_over, NULL), 0);
	results_of[0] = cio_future_wait(f);
	while ((results_of[1] = cio_call_threadsafe(loop, set_over, NULL)) == 0)
		sched_yield();
	results_of[2] = cio_run_threadsafe(loop, add_one, &n, &g);
	cio_loop_ref_put(loop);
	return NULL;
}

static int ends_first(void *arg)
{
	begin();
	start_thread(0, outlive, arg);
	CHECK_INT(cio_event_wait(&over), 0);
	down(&entered);
	return 7;
}

static void run_ends_first(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		uint64_t blocks = cio_sim_blocks();
		int got[3] = {1, 1, 1};
		assert_int_equal(cio_run(ends_first, got), 7);
		join_thread(0);
		assert_int_equal(got[0], -ECANCELED);
		assert_int_equal(got[1], -ESHUTDOWN);
		assert_int_equal(got[2], -ESHUTDOWN);
		assert_int_equal(cio_sim_blocks(), blocks);
	}
}

/* Threads ask and ask while the run ends: what was accepted is called, who
 * waits gets a result, and nothing is touched afterwards. */
static _Atomic int accepted, called;

static int count(void *arg)
{
	(void)arg;
	called++;
	return 0;
}

static void *storm(void *arg)
{
	cio_loop_ref *mine = arg;
	cio_future *f;
	int n = 1;
	while (cio_call_threadsafe(mine, count, NULL) == 0) {
		accepted++;
		if (cio_run_threadsafe(mine, add_one, &n, &f) == 0) {
			int result = cio_future_wait(f);
			CHECK(result == 2 || result == -ECANCELED);
		}
		if (cio_run_threadsafe(mine, wait_gate, NULL, &f) == 0) {
			cio_future_cancel(f);
			CHECK_INT(cio_future_wait(f), -ECANCELED);
		}
	}
	cio_loop_ref_put(mine);
	return NULL;
}

static int ends_in_a_storm(void *arg)
{
	begin();
	for (int i = 0; i < THREADS; i++)
		start_thread(i, storm, cio_loop_ref_dup(loop));
	cio_loop_ref_put(loop);
	for (int i = 0; i < *(int *)arg; i++)
		CHECK_INT(cio_sleep(CIO_US(20)), 0);
	return 0;
}

static void run_storm(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
		uint64_t blocks = cio_sim_blocks();
		accepted = called = 0;
		assert_int_equal(cio_run(ends_in_a_storm, &i), 0);
		for (int j = 0; j < THREADS; j++)
			join_thread(j);
		assert_int_equal(accepted, called);
		assert_int_equal(cio_sim_blocks(), blocks);
	}
}

/* A task that does not end in time: its future does. */
static int stays(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_shield_begin(&s, CIO_NEVER); /* it will not end */
	sem_post(&entered);
	int err = cio_event_wait(&gate);
	return cio_scope_end(&s, err);
}

static void *wait_for_stayer(void *arg)
{
	cio_future *f;
	CHECK_INT(cio_run_threadsafe(loop, stays, NULL, &f), 0);
	CHECK_INT(cio_call_threadsafe(loop, set_over, NULL), 0);
	*(int *)arg = cio_future_wait(f);
	cio_loop_ref_put(loop);
	return NULL;
}

static int leaves_a_stayer(void *arg)
{
	begin();
	start_thread(0, wait_for_stayer, arg);
	CHECK_INT(cio_event_wait(&over), 0);
	down(&entered);
	return 0;
}

static void run_stayer(void **state)
{
	(void)state;
	static int got;
	cio_run_options o = {.quiet = true, .drain = CIO_MS(20)};
	assert_int_equal(cio_run_with(&o, leaves_a_stayer, &got), -ETIMEDOUT);
	join_thread(0);
	assert_int_equal(got, -ESHUTDOWN);
}

static int without_memory(void *arg)
{
	(void)arg;
	static int n = 1; /* what is left goes on after the return */
	cio_loop_ref *r;
	int err = cio_loop_ref_take(&r);
	if (err < 0)
		return err;
	cio_future *f;
	err = cio_run_threadsafe(r, add_one, &n, &f);
	if (err == 0) {
		(void)cio_sleep(CIO_US(100));
		cio_future_cancel(f);
		cio_future_detach(f);
	}
	err = cio_call_threadsafe(r, set_over, NULL);
	cio_loop_ref_put(r);
	return err;
}

static void run_without_memory(void **state)
{
	(void)state;
	check_fail_allocations(without_memory, NULL, "threadsafe");
}

static void run_cancelled(void **state)
{
	(void)state;
	check_cancel_everywhere(without_memory, NULL, "threadsafe");
}

/* ---- ---- */

static void quiet(int (*fn)(void *))
{
	assert_int_equal(check_run(fn, NULL), 0);
	assert_null(strstr(check_reports(), "warning: "));
	assert_null(strstr(check_reports(), "error: "));
}

static void run_calls(void **state)
{
	(void)state;
	quiet(calls);
}

static void run_results(void **state)
{
	(void)state;
	quiet(results);
	quiet(puts_first);
	quiet(lives_on);
	quiet(refused_in_a_loop);
}

static void run_cancels(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		quiet(cancels);
}

static void run_detaches(void **state)
{
	(void)state;
	quiet(detaches);
}

static void run_goes_on(void **state)
{
	(void)state;
	assert_int_equal(check_run(goes_on, NULL), 0);
	assert_non_null(strstr(check_reports(), "error: call of fails, asked"));
	assert_non_null(strstr(check_reports(), "no disk\n"));
}

static void run_deadlocks(void **state)
{
	(void)state;
	assert_int_equal(check_run(deadlocks, NULL), 0);
	assert_non_null(strstr(check_reports(), "error: deadlock: "));
}

static void run_outside(void **state)
{
	(void)state;
	cio_loop_ref *r;
	assert_int_equal(cio_loop_ref_take(&r), -ESHUTDOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_calls),
		cmocka_unit_test(run_goes_on),
		cmocka_unit_test(run_results),
		cmocka_unit_test(run_cancels),
		cmocka_unit_test(run_detaches),
		cmocka_unit_test(run_deadlocks),
		cmocka_unit_test(run_ends_first),
		cmocka_unit_test(run_storm),
		cmocka_unit_test(run_without_memory),
		cmocka_unit_test(run_cancelled),
		cmocka_unit_test(run_outside),
		cmocka_unit_test(run_stayer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
