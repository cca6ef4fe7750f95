/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * thread.c - jobs in threads: order, results, cancels, places, the end
 *
 * A gate is a job that stays in its thread until the test opens it, so that what
 * is queued behind it is certain. The loop may block on `entered`, since it
 * is a thread's next step and needs nothing from the loop.
 */
#include <cio/thread.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/map.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

struct gate {
	sem_t entered, open;
};

static void gate_init(struct gate *g)
{
	sem_init(&g->entered, 0, 0);
	sem_init(&g->open, 0, 0);
}

static void down(sem_t *s)
{
	while (sem_wait(s) < 0)
		; /* EINTR */
}

static int pass_gate(void *arg)
{
	struct gate *g = arg;
	sem_post(&g->entered);
	down(&g->open);
	return 5;
}

struct call {
	cio_executor *e;
	int (*fn)(void *);
	void *arg;
	int *result;
};

static int call(const struct call *c)
{
	int result = cio_executor_run(c->e, c->fn, c->arg);
	if (c->result != NULL)
		*c->result = result;
	return result;
}

static cio_executor *open_executor(uint32_t threads, uint32_t queue_limit)
{
	cio_executor *e = NULL;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.name = "test",
				  .threads = threads,
				  .queue_limit = queue_limit}),
		0);
	return e;
}

/* An executor of one thread that is at the gate; the handle of who waits. */
static cio_task *block(cio_executor *e, struct gate *g)
{
	gate_init(g);
	cio_task *t = cio_spawn(call, &(struct call){e, pass_gate, g, NULL});
	CHECK_INT(cio_yield(), 0);
	down(&g->entered);
	return t;
}

/* ---- results ---- */

struct square {
	int n;
	pthread_t where;
};

static int square(void *arg)
{
	struct square *s = arg;
	s->where = pthread_self();
	return s->n * s->n;
}

static int returns_the_result(void *arg)
{
	(void)arg;
	struct square s = {.n = 7};
	CHECK_INT(cio_to_thread(square, &s), 49);
	CHECK(!pthread_equal(s.where, pthread_self()));
	return 0;
}

static void result(void **state)
{
	(void)state;
	assert_int_equal(check_run(returns_the_result, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static int fail_with_text(void *arg)
{
	return cio_fail(-EIO, "disk %d is full", *(int *)arg);
}

static int fail_without_text(void *arg)
{
	(void)arg;
	return -EIO;
}

static int carries_the_text(void *arg)
{
	(void)arg;
	int disk = 3;
	cio_executor *e = open_executor(1, 0);
	CHECK_INT(cio_executor_run(e, fail_with_text, &disk), -EIO);
	CHECK(strcmp(cio_error_text(), "disk 3 is full") == 0);
	/* the thread's text of before is not taken for the next job's */
	(void)cio_fail(0, "mine");
	CHECK_INT(cio_executor_run(e, fail_without_text, NULL), -EIO);
	CHECK(strcmp(cio_error_text(), "mine") == 0);
	cio_executor_close(e);
	return 0;
}

static void error_text(void **state)
{
	(void)state;
	assert_int_equal(check_run(carries_the_text, NULL), 0);
}

static int blocks_signals(void *arg)
{
	sigset_t *set = arg;
	return pthread_sigmask(SIG_SETMASK, NULL, set);
}

static int signals_are_blocked(void *arg)
{
	(void)arg;
	sigset_t there, here;
	CHECK_INT(cio_to_thread(blocks_signals, &there), 0);
	CHECK(sigismember(&there, SIGTERM) == 1);
	CHECK(sigismember(&there, SIGINT) == 1);
	CHECK(sigismember(&there, SIGCHLD) == 1);
	CHECK(sigismember(&there, SIGRTMIN + 3) == 1);
	CHECK_INT(pthread_sigmask(SIG_SETMASK, NULL, &here), 0);
	CHECK(sigismember(&here, SIGTERM) == 0);
	return 0;
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(check_run(signals_are_blocked, NULL), 0);
}

static void in_callback(cio_timer *t)
{
	(void)t;
	int n = 0;
	CHECK_INT(cio_to_thread(fail_with_text, &n), -EDEADLK);
}

static int is_refused_in_a_callback(void *arg)
{
	(void)arg;
	cio_timer t = {.fire = in_callback};
	cio_timer_arm(&t, cio_now());
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK(!cio_timer_armed(&t));
	CHECK(!cio_thread_cancelled());
	return 0;
}

static void callbacks(void **state)
{
	(void)state;
	assert_int_equal(cio_to_thread(square, NULL), -EDEADLK);
	assert_false(cio_thread_cancelled());
	assert_int_equal(check_run(is_refused_in_a_callback, NULL), 0);
}

/* ---- order and threads ---- */

static int order[16], order_n; /* touched by one thread, read after the end */

static int note(void *arg)
{
	order[order_n++] = (int)(intptr_t)arg;
	return 0;
}

static int serves_in_order(void *arg)
{
	(void)arg;
	struct gate gate;
	cio_executor *e = open_executor(1, 0);
	cio_task *first = block(e, &gate);
	order_n = 0;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (intptr_t i = 0; i < 10; i++)
			CHECK_INT(cio_group_spawn(&g, call,
					  &(struct call){e, note, (void *)i,
						  NULL}),
				0);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_executor_get_figures(e).queued, 10);
		CHECK_INT(cio_executor_get_figures(e).idle, 0);
		sem_post(&gate.open);
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_await(first), 5);
	for (int i = 0; i < 10; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(cio_executor_get_figures(e).done, 11);
	CHECK_INT(cio_executor_get_figures(e).queued, 0);
	cio_executor_close(e);
	return 0;
}

static void fifo(void **state)
{
	(void)state;
	assert_int_equal(check_run(serves_in_order, NULL), 0);
}

static int starts_threads_lazily(void *arg)
{
	(void)arg;
	cio_executor *e = open_executor(4, 0);
	CHECK_INT(cio_executor_get_figures(e).threads, 0);
	struct square s = {.n = 2};
	for (int i = 0; i < 20; i++)
		CHECK_INT(cio_executor_run(e, square, &s), 4);
	CHECK_INT(cio_executor_get_figures(e).threads, 1);
	CHECK_INT(cio_executor_get_figures(e).idle, 1);

	struct gate gate;
	gate_init(&gate);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 6; i++)
			CHECK_INT(cio_group_spawn(&g, call,
					  &(struct call){e, pass_gate, &gate,
						  NULL}),
				0);
		CHECK_INT(cio_yield(), 0);
		for (int i = 0; i < 4; i++)
			down(&gate.entered);
		cio_executor_figures f = cio_executor_get_figures(e);
		CHECK_INT(f.threads, 4);
		CHECK_INT(f.idle, 0);
		CHECK_INT(f.queued, 2);
		for (int i = 0; i < 6; i++)
			sem_post(&gate.open);
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_executor_get_figures(e).threads, 4);
	CHECK_INT(cio_executor_get_figures(e).idle, 4);
	CHECK_INT(cio_executor_get_figures(e).done, 26);
	cio_executor_close(e);
	return 0;
}

static void lazy_threads(void **state)
{
	(void)state;
	assert_int_equal(check_run(starts_threads_lazily, NULL), 0);
}

/* ---- cancel ---- */

static int withdraws_what_has_not_started(void *arg)
{
	(void)arg;
	struct gate gate;
	cio_executor *e = open_executor(1, 0);
	cio_task *first = block(e, &gate);
	order_n = 0;
	cio_task *t = cio_spawn(call, &(struct call){e, note, (void *)1, NULL});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_executor_get_figures(e).queued, 1);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(cio_executor_get_figures(e).queued, 0);
	sem_post(&gate.open);
	CHECK_INT(cio_await(first), 5);
	CHECK_INT(order_n, 0);
	CHECK_INT(cio_executor_get_figures(e).done, 1);
	cio_executor_close(e);
	return 0;
}

static void cancel_before_start(void **state)
{
	(void)state;
	assert_int_equal(check_run(withdraws_what_has_not_started, NULL), 0);
}

static int until_cancelled(void *arg)
{
	struct gate *g = arg;
	sem_post(&g->entered);
	while (!cio_thread_cancelled())
		sched_yield();
	return 9;
}

static int run_until_cancelled(const struct call *c)
{
	CHECK_INT(cio_executor_run(c->e, until_cancelled, c->arg), 9);
	CHECK_INT(cio_sleep(CIO_S(1)), -ECANCELED); /* met by the next call */
	return 1;
}

static int waits_for_what_has_started(void *arg)
{
	(void)arg;
	struct gate gate;
	gate_init(&gate);
	cio_executor *e = open_executor(1, 0);
	cio_task *t = cio_spawn(run_until_cancelled,
		&(struct call){e, NULL, &gate, NULL});
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 1);
	cio_executor_close(e);
	return 0;
}

static void cancel_after_start(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_for_what_has_started, NULL), 0);
}

static int is_not_begun_when_cancelled(void *arg)
{
	(void)arg;
	struct square s = {.n = 7};
	int err = 0;
	CIO_TIMEOUT (-1, &err) {
		err = cio_to_thread(square, &s);
		CHECK_INT(err, -ETIMEDOUT);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_run_get_figures().tasks_spawned, 1);
	return 0;
}

static void cancelled_caller(void **state)
{
	(void)state;
	assert_int_equal(check_run(is_not_begun_when_cancelled, NULL), 0);
}

/* ---- queue_limit ---- */

static int waits_for_a_place(void *arg)
{
	(void)arg;
	enum { CALLERS = 6 };
	struct gate gate;
	cio_executor *e = open_executor(1, 2);
	cio_task *first = block(e, &gate), *t[CALLERS];
	order_n = 0;
	for (intptr_t i = 0; i < CALLERS; i++)
		t[i] = cio_spawn(call,
			&(struct call){e, note, (void *)i, NULL});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_executor_get_figures(e).queued, 2);
	cio_task_cancel(t[3], "test"); /* it waits for a place */
	CHECK_INT(cio_await(t[3]), -ECANCELED);
	cio_task_cancel(t[1], "test"); /* it has one, which goes to 2 */
	CHECK_INT(cio_await(t[1]), -ECANCELED);
	CHECK_INT(cio_executor_get_figures(e).queued, 2);
	sem_post(&gate.open);
	CHECK_INT(cio_await(first), 5);
	const int served[] = {0, 2, 4, 5};
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_await(t[served[i]]), 0);
	CHECK_INT(order_n, 4);
	for (int i = 0; i < 4; i++)
		CHECK_INT(order[i], served[i]);
	cio_executor_close(e);
	return 0;
}

static void queue_limit(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_for_a_place, NULL), 0);
}

/* ---- close ---- */

static int close_it(cio_executor *const *e)
{
	cio_executor_close(*e);
	return 0;
}

static int refuses_queued_jobs(void *arg)
{
	(void)arg;
	struct gate gate;
	cio_executor *e = open_executor(1, 1);
	cio_task *first = block(e, &gate);
	order_n = 0;
	struct call c = {e, note, (void *)1, NULL};
	cio_task *queued = cio_spawn(call, &c), *waiting = cio_spawn(call, &c);
	CHECK_INT(cio_yield(), 0);
	cio_task *closer = cio_spawn(close_it, &e);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_executor_run(e, note, NULL), -ESHUTDOWN);
	CHECK(strstr(cio_error_text(), "executor test") != NULL);
	CHECK_INT(cio_await(queued), -ESHUTDOWN);
	CHECK(strstr(cio_error_text(),
		      "executor test was closed before it came to") != NULL);
	CHECK_INT(cio_await(waiting), -ESHUTDOWN);
	CHECK(!cio_task_done(closer));
	cio_task_cancel(closer, "closers are not refused");
	CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(closer));
	sem_post(&gate.open);
	CHECK_INT(cio_await(first), 5); /* the job at hand went to its end */
	CHECK_INT(cio_await(closer), 0);
	CHECK_INT(order_n, 0);
	return 0;
}

/* It is an error of those jobs, and nobody's cancel. */
static cio_executor *closing;

static int in_closing(int *item)
{
	return cio_executor_run(closing, note, item);
}

static int map_three(int *const *results)
{
	int items[3] = {0};
	return cio_map(in_closing, items, 3, .errors = CIO_COLLECT,
		.results = *results);
}

static int in_closing_once(const int *item)
{
	return cio_executor_run(closing, note, (void *)(uintptr_t)item);
}

static int sleeps_long(int *const *result)
{
	return **result = cio_sleep(CIO_S(1000));
}

static int group_of_two(int *const *result)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, in_closing_once, &(int){1}), 0);
		CHECK_INT(cio_group_spawn(&g, sleeps_long, result), 0);
	}
	return err;
}

static int fails_groups_and_maps(void *arg)
{
	(void)arg;
	struct gate gate;
	int results[3] = {0}, sibling = 0, *at = results, *slept = &sibling;
	closing = open_executor(1, 0);
	cio_task *first = block(closing, &gate);
	cio_task *map = cio_spawn(map_three, &at);
	cio_task *group = cio_spawn(group_of_two, &slept);
	while (cio_executor_get_figures(closing).queued < 4)
		CHECK_INT(cio_yield(), 0);
	cio_task *closer = cio_spawn(close_it, &closing);
	CHECK_INT(cio_await(group), -ESHUTDOWN);
	CHECK(strstr(cio_error_text(), "executor test was closed") != NULL);
	CHECK_INT(sibling, -ECANCELED);
	CHECK_INT(cio_await(map), -ESHUTDOWN);
	for (int i = 0; i < 3; i++)
		CHECK_INT(results[i], -ESHUTDOWN);
	sem_post(&gate.open);
	CHECK_INT(cio_await(first), 5);
	CHECK_INT(cio_await(closer), 0);
	return 0;
}

static void close_refuses(void **state)
{
	(void)state;
	assert_int_equal(check_run(refuses_queued_jobs, NULL), 0);
	assert_int_equal(check_run(fails_groups_and_maps, NULL), 0);
}

static int leaves_it_open(void *arg)
{
	(void)arg;
	cio_executor *e = NULL;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.name = "crawler"}),
		0);
	struct square s = {.n = 3};
	CHECK_INT(cio_executor_run(e, square, &s), 9);
	cio_executor_close(NULL);
	return 0;
}

static void left_open(void **state)
{
	(void)state;
	assert_int_equal(check_run(leaves_it_open, NULL), 0);
	assert_non_null(strstr(check_reports(),
		"warning: executor crawler still open, opened at "));
	assert_non_null(strstr(check_reports(), " by task 'main'\n"));
}

static int gate_in_default(struct gate *const *g)
{
	return cio_to_thread(pass_gate, *g);
}

static int opens_the_gate(struct gate *const *g)
{
	CHECK_INT(cio_sleep(CIO_S(1000)), -ECANCELED); /* the end of the run */
	sem_post(&(*g)->open);
	return 0;
}

static int ends_with_a_job_at_hand(void *arg)
{
	struct gate *g = arg;
	cio_detach(cio_spawn(opens_the_gate, &g), NULL);
	cio_detach(cio_spawn(gate_in_default, &g), NULL);
	CHECK_INT(cio_yield(), 0);
	down(&g->entered);
	return 4;
}

static void run_ends_meanwhile(void **state)
{
	(void)state;
	struct gate g;
	gate_init(&g);
	assert_int_equal(check_run(ends_with_a_job_at_hand, &g), 4);
	assert_string_equal(check_reports(), "");
}

/* A finisher that comes after the default executor's finds a new one. */
static int finished;

static void uses_a_thread(cio_loop_value *v)
{
	(void)v;
	struct square s = {.n = 6};
	finished = cio_to_thread(square, &s);
}

static int sets_a_finisher(void *arg)
{
	cio_loop_value *v = arg;
	*v = (cio_loop_value){.key = v, .finish = uses_a_thread};
	cio_loop_value_set(v);
	struct square s = {.n = 5};
	return cio_to_thread(square, &s);
}

static void finishers_may_use_threads(void **state)
{
	(void)state;
	cio_loop_value v;
	finished = 0;
	assert_int_equal(check_run(sets_a_finisher, &v), 25);
	assert_int_equal(finished, 36);
	assert_string_equal(check_reports(), "");
}

/* ---- a loop in a thread of another loop ---- */

static int inner_app(void *arg)
{
	struct square s = {.n = *(int *)arg};
	int err = cio_sleep(CIO_US(10));
	return err < 0 ? err : cio_to_thread(square, &s);
}

static int runs_a_loop(void *arg)
{
	return cio_run_with(&(cio_run_options){.quiet = true}, inner_app, arg);
}

static int loops_in_threads(void *arg)
{
	(void)arg;
	int n[3] = {3, 4, 5}, result[3];
	cio_executor *e = open_executor(3, 0);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3; i++)
			CHECK_INT(cio_group_spawn(&g, call,
					  &(struct call){e, runs_a_loop, &n[i],
						  &result[i]}),
				0);
	}
	CHECK_INT(err, 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(result[i], n[i] * n[i]);
	cio_executor_close(e);
	return 0;
}

static void loop_in_a_thread(void **state)
{
	(void)state;
	assert_int_equal(check_run(loops_in_threads, NULL), 0);
}

/* ---- many ---- */

enum { TASKS = 200, JOBS = 20 };

static int many_jobs(cio_executor *const *e)
{
	for (int i = 0; i < JOBS; i++) {
		struct square s = {.n = i};
		CHECK_INT(cio_executor_run(*e, square, &s), i * i);
	}
	return 0;
}

static int does_many(void *arg)
{
	(void)arg;
	cio_executor *e = open_executor(8, 50);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < TASKS; i++)
			CHECK_INT(cio_group_spawn(&g, many_jobs, &e), 0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_executor_get_figures(e).done, TASKS * JOBS);
	CHECK(cio_executor_get_figures(e).threads <= 8);
	cio_executor_close(e);
	return 0;
}

static void many(void **state)
{
	(void)state;
	assert_int_equal(check_run(does_many, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result),
		cmocka_unit_test(error_text),
		cmocka_unit_test(signals),
		cmocka_unit_test(callbacks),
		cmocka_unit_test(fifo),
		cmocka_unit_test(lazy_threads),
		cmocka_unit_test(cancel_before_start),
		cmocka_unit_test(cancel_after_start),
		cmocka_unit_test(cancelled_caller),
		cmocka_unit_test(queue_limit),
		cmocka_unit_test(close_refuses),
		cmocka_unit_test(left_open),
		cmocka_unit_test(run_ends_meanwhile),
		cmocka_unit_test(finishers_may_use_threads),
		cmocka_unit_test(loop_in_a_thread),
		cmocka_unit_test(many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
