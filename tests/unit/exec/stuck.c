/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/* threads */
/*
 * stuck.c - functions that do not return in time: named, bounded, left behind
 *
 * A thread that was abandoned is let go at last, and waited for, so that what it
 * touches on its way out is seen to be there still. Runs that leave a loop
 * behind are made in a process of their own.
 */
#include <cio/thread.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/scope.h>
#include <cio/task.h>
#include <cio/time.h>

#include "check.h"
#include "heard.h"

static struct {
	sem_t entered, open, left; /* left: the thread is over */
	pthread_key_t key;
} gate;

static void down(sem_t *s)
{
	while (sem_wait(s) < 0)
		; /* EINTR */
}

static void thread_is_over(void *value)
{
	(void)value;
	sem_post(&gate.left);
}

static int set_up(void **state)
{
	(void)state;
	sem_init(&gate.entered, 0, 0);
	sem_init(&gate.open, 0, 0);
	sem_init(&gate.left, 0, 0);
	return pthread_key_create(&gate.key, thread_is_over);
}

static int tear_down(void **state)
{
	(void)state;
	return pthread_key_delete(gate.key);
}

/* Adds one to what it is given once it is let through. */
static int is_stuck(void *arg)
{
	pthread_setspecific(gate.key, &gate);
	sem_post(&gate.entered);
	down(&gate.open);
	++*(int *)arg;
	return 5;
}

static void let_go(void)
{
	sem_post(&gate.open);
	down(&gate.left);
}

/* Does a child process find it so? */
static void in_a_child(bool (*holds)(void))
{
	int status = 0;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		bool so = holds();
		if (!so)
			printf("# heard: %s\n# text: %s\n", heard,
				cio_error_text());
		fflush(stdout);
		_exit(so ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- the end of the run ---- */

static int waits_for_it(const int *unused)
{
	int n = *unused; /* on a stack that must stay */
	return cio_to_thread(is_stuck, &n);
}

static int leaves_it_stuck(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(waits_for_it, &(int){1}), "patient");
	int err = cio_yield();
	down(&gate.entered);
	return err < 0 ? err : 3;
}

static int run_with_drain(int (*fn)(void *))
{
	heard[0] = '\0';
	return cio_run_with(&(cio_run_options){.drain = CIO_MS(20),
				    .report = hear},
		fn, NULL);
}

static bool run_is_bounded(void)
{
	int err = run_with_drain(leaves_it_stuck);
	bool named = strstr(heard, "task patient, spawned at ") != NULL &&
		strstr(heard, "executor default: is_stuck, called at ") != NULL &&
		strstr(heard, "stuck.c:") != NULL &&
		strstr(heard, "has been running for ") != NULL;
	bool told = strstr(cio_error_text(), "is_stuck") != NULL;
	let_go(); /* what it touches now is kept */
	return err == -ETIMEDOUT && named && told;
}

static void run_ends_in_time(void **state)
{
	(void)state;
	in_a_child(run_is_bounded);
}

static int own_executor(const int *unused)
{
	cio_executor *e = NULL;
	int n = *unused;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.name = "own"}), 0);
	return cio_executor_run(e, is_stuck, &n);
}

static int leaves_own_stuck(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(own_executor, &(int){1}), NULL);
	int err = cio_yield();
	down(&gate.entered);
	return err < 0 ? err : -EIO; /* main's own result counts */
}

static bool own_executor_is_bounded(void)
{
	int err = run_with_drain(leaves_own_stuck);
	let_go();
	return err == -EIO &&
		strstr(heard, "executor own still open, opened at ") != NULL &&
		strstr(heard, "executor own: is_stuck, called at ") != NULL;
}

static void own_executor_ends_in_time(void **state)
{
	(void)state;
	in_a_child(own_executor_is_bounded);
}

/* It came back in time: nothing is said. */
static int comes_back(const int *unused)
{
	int n = *unused;
	(void)cio_sleep(CIO_S(1000)); /* until the run ends */
	sem_post(&gate.open);
	int err = 0;
	CIO_SHIELD (CIO_S(1000), &err) {
		err = cio_to_thread(is_stuck, &n);
	}
	CHECK_INT(err, 5);
	return 0;
}

static int leaves_one_that_comes_back(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(comes_back, &(int){1}), NULL);
	return cio_yield() < 0 ? -EIO : 3;
}

static void in_time(void **state)
{
	(void)state;
	assert_int_equal(check_run(leaves_one_that_comes_back, NULL), 3);
	assert_string_equal(check_reports(), "");
}

/* ---- close within ---- */

struct call {
	cio_executor *e;
	int *n;
};

static int call(const struct call *c)
{
	return cio_executor_run(c->e, is_stuck, c->n);
}

static int closes_within(void *arg)
{
	(void)arg;
	int n = 1, m = 1;
	cio_executor *e;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.name = "slow",
				  .threads = 2}), 0);
	cio_task *stuck = cio_spawn(call, &(struct call){e, &n});
	cio_task *other = cio_spawn(call, &(struct call){e, &m});
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	down(&gate.entered);
	cio_task *queued = cio_spawn(call, &(struct call){e, &m});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_executor_close_within(e, CIO_MS(5)), -ETIMEDOUT);
	CHECK(strstr(cio_error_text(), "executor slow: is_stuck, called at ") !=
		NULL);
	CHECK(cio_task_done(queued) && !cio_task_done(stuck));
	CHECK_INT(cio_await(queued), -ESHUTDOWN);
	sem_post(&gate.open);
	let_go();
	down(&gate.left); /* the executor goes with the last */
	CHECK_INT(cio_await(stuck), 5);
	CHECK_INT(cio_await(other), 5);
	CHECK_INT(n, 2);
	CHECK_INT(m, 2);
	return 0;
}

static void close_within(void **state)
{
	(void)state;
	assert_int_equal(check_run(closes_within, NULL), 0);
	const char *first = strstr(check_reports(), "error: executor slow: ");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "error: executor slow: "));
}

/* Nobody is stuck: even without any time, all may leave. */
static int closes_at_once(void *arg)
{
	(void)arg;
	CHECK_INT(cio_executor_close_within(NULL, 0), 0);
	int n = 1;
	cio_executor *e;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.threads = 1}), 0);
	CHECK_INT(cio_executor_close_within(e, 0), 0);

	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.threads = 1}), 0);
	cio_task *t = cio_spawn(call, &(struct call){e, &n});
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	sem_post(&gate.open); /* blocks the loop: the message waits in the inbox */
	while (cio_executor_get_figures(e).done == 0)
		sched_yield();
	CHECK_INT(cio_executor_close_within(e, -1), 0);
	CHECK_INT(cio_await(t), 5);
	down(&gate.left);

	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.threads = 1}), 0);
	t = cio_spawn(call, &(struct call){e, &n});
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	sem_post(&gate.open);
	CHECK_INT(cio_executor_close_within(e, CIO_S(1000)), 0);
	CHECK_INT(cio_await(t), 5);
	down(&gate.left);
	return 0;
}

static void close_at_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(closes_at_once, NULL), 0);
	assert_null(strstr(check_reports(), "error: "));
}

/* ---- abandoned on purpose ---- */

static int waits_on_a_copy(int *n)
{
	return is_stuck(n);
}

static int add_two(int *n)
{
	*n += 2;
	return *n > 100 ? cio_fail(-ERANGE, "%d is too much", *n) : *n;
}

static const cio_thread_options leave = {.abandon = true};

static int waits_for_copy(int *const *n)
{
	return cio_to_thread_with(&leave, waits_on_a_copy, *n);
}

/* Cancelled while the thread is at the gate: it leaves at once. */
static void abandon_at_the_gate(int *n)
{
	cio_task *t = cio_spawn(waits_for_copy, &n);
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
}

static int copies_back(void *arg)
{
	(void)arg;
	int n = 1;
	CHECK_INT(cio_to_thread_with(&leave, add_two, &n), 3);
	CHECK_INT(n, 3);
	CHECK_INT(cio_to_thread_with(NULL, add_two, &n), 5);
	n = 100;
	CHECK_INT(cio_to_thread_with(&leave, add_two, &n), -ERANGE);
	CHECK(strcmp(cio_error_text(), "102 is too much") == 0);
	CHECK_INT(n, 102);

	abandon_at_the_gate(&n);
	CHECK_INT(n, 102);
	sem_post(&gate.open); /* the end of the run waits for it */
	return 0;
}

static void abandon(void **state)
{
	(void)state;
	assert_int_equal(check_run(copies_back, NULL), 0);
	assert_string_equal(check_reports(), "");
	down(&gate.left);
}

static int fails_late(int *n)
{
	(void)is_stuck(n);
	return cio_fail(-EIO, "the disk of %d", *n);
}

static int abandons(const struct call *c)
{
	cio_thread_options o = {.executor = c->e, .abandon = true};
	return cio_to_thread_with(&o, fails_late, c->n);
}

/* Its place is kept, its error is not lost; and what waits can be withdrawn. */
static int abandons_a_failing_one(void *arg)
{
	(void)arg;
	int n = 7, m = 1;
	cio_executor *e;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.name = "one",
				  .threads = 1,
				  .queue_limit = 1}), 0);
	cio_task *t = cio_spawn(abandons, &(struct call){e, &n});
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	cio_task *u = cio_spawn(abandons, &(struct call){e, &m});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_executor_get_figures(e).queued, 1);
	cio_task_cancel(u, "test");
	CHECK_INT(cio_await(u), -ECANCELED);
	CHECK_INT(cio_executor_get_figures(e).queued, 0);
	sem_post(&gate.open);
	cio_executor_close(e);
	CHECK_INT(n, 7);
	CHECK_INT(m, 1);
	down(&gate.left);
	return 0;
}

static void abandoned_error(void **state)
{
	(void)state;
	assert_int_equal(check_run(abandons_a_failing_one, NULL), 0);
	assert_non_null(strstr(check_reports(), "error: fails_late, called at "));
	assert_non_null(strstr(check_reports(), "the disk of 8\n"));
}

static int leaves_it_abandoned(void *arg)
{
	(void)arg;
	int n = 1;
	abandon_at_the_gate(&n);
	return 0;
}

static bool abandoned_is_bounded(void)
{
	int err = run_with_drain(leaves_it_abandoned);
	let_go();
	return err == -ETIMEDOUT && strstr(heard,
		"executor default: waits_on_a_copy, called at ") != NULL;
}

static void abandoned_at_the_end(void **state)
{
	(void)state;
	in_a_child(abandoned_is_bounded);
}

static int uses_both(void *arg)
{
	(void)arg;
	int n = 1;
	int err = cio_to_thread_with(&leave, add_two, &n);
	if (err >= 0)
		err = cio_to_thread_with(&leave, add_two, &n);
	CHECK(err == 5 || err == -ECANCELED || err == -ENOMEM);
	return err;
}

static void everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(uses_both, NULL, "abandon");
	check_fail_allocations(uses_both, NULL, "abandon");
}

/* ---- figures ---- */

static cio_time clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return CIO_S(t.tv_sec) + t.tv_nsec;
}

static int measures_waits(void *arg)
{
	(void)arg;
	int n = 1, m = 1;
	cio_executor *e;
	CHECK_INT(cio_executor_open(&e,
			  &(cio_executor_options){.threads = 1}), 0);
	CHECK_INT(cio_executor_get_figures(e).started, 0);
	CHECK_INT(cio_executor_get_figures(e).wait_p99, 0);
	cio_task *t = cio_spawn(call, &(struct call){e, &n});
	CHECK_INT(cio_yield(), 0);
	down(&gate.entered);
	cio_task *u = cio_spawn(call, &(struct call){e, &m});
	CHECK_INT(cio_yield(), 0);
	for (cio_time begin = clock_now(); clock_now() < begin + CIO_MS(2);)
		sched_yield();
	sem_post(&gate.open);
	sem_post(&gate.open);
	CHECK_INT(cio_await(t), 5);
	CHECK_INT(cio_await(u), 5);
	cio_executor_figures f = cio_executor_get_figures(e);
	CHECK_INT(f.started, 2);
	CHECK(f.wait_max >= CIO_MS(2));
	CHECK(f.wait_total >= f.wait_max);
	CHECK(f.wait_p50 <= f.wait_p99 && f.wait_p99 >= CIO_MS(2));
	cio_executor_close(e);
	down(&gate.left);
	return 0;
}

static void waits(void **state)
{
	(void)state;
	assert_int_equal(check_run(measures_waits, NULL), 0);
}

#define STUCK_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STUCK_TEST(run_ends_in_time),
		STUCK_TEST(own_executor_ends_in_time),
		STUCK_TEST(in_time),
		STUCK_TEST(close_within),
		STUCK_TEST(close_at_once),
		STUCK_TEST(abandon),
		STUCK_TEST(abandoned_error),
		STUCK_TEST(abandoned_at_the_end),
		STUCK_TEST(everywhere),
		STUCK_TEST(waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
