/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * cancel_everywhere.c - a cancel at each suspension leaves nothing behind
 *
 * Each scenario is run again and again, its main task cancelled at suspension
 * 1, 2, ...; a scenario cleans up after itself whatever it is answered. The
 * last tests plant leaks, to show that the checker would find them.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio/buf.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/map.h>
#include <cio/semaphore.h>
#include <cio/thread.h>
#include <cio/time.h>

#include "check.h"

/* ---- scenarios ---- */

static int sleep_chain(void *arg)
{
	int err = 0;
	for (int i = 0; i < 10 && err == 0; i++)
		err = i % 3 == 2 ? cio_yield() : cio_sleep(CIO_US(10));
	(void)arg;
	return err;
}

static int naps(const int *n)
{
	int err = 0;
	for (int i = 0; i < *n && err == 0; i++)
		err = cio_sleep(CIO_US(7 * (i + 1)));
	return err;
}

static int two_groups(const int *n)
{
	int err = 0;
	CIO_GROUP (g, &err, .limit = 2) {
		for (int i = 0; i < *n && err == 0; i++)
			err = cio_group_spawn(&g, naps, &i);
	}
	return err;
}

static int groups(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		CIO_GROUP (g, &err) {
			for (int i = 1; i < 5 && err == 0; i++)
				err = cio_group_spawn(&g, two_groups, &i);
			if (err == 0)
				err = cio_sleep(CIO_US(5));
		}
	}
	return err;
}

struct shared {
	cio_semaphore permits;
	int inside;
};

static int uses_a_permit(struct shared *const *p)
{
	struct shared *s = *p;
	int err = cio_semaphore_acquire(&s->permits);
	if (err < 0)
		return err;
	CHECK(++s->inside <= 2);
	err = cio_sleep(CIO_US(10));
	s->inside--;
	cio_semaphore_release(&s->permits);
	return err;
}

static int semaphores(void *arg)
{
	(void)arg;
	struct shared s = {.inside = 0}, *p = &s;
	cio_semaphore_init(&s.permits, 2);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 7 && err == 0; i++)
			err = cio_group_spawn(&g, uses_a_permit, &p);
	}
	CHECK_INT(s.permits.permits, 2); /* none is lost, whatever happened */
	CHECK_INT(s.inside, 0);
	CHECK_INT(cio_semaphore_finish(&s.permits), 0);
	return err;
}

static int fills(cio_buf *b)
{
	int err = cio_buf_puts(b, "before ");
	if (err == 0)
		err = cio_sleep(CIO_US(3));
	if (err == 0)
		err = cio_buf_puts(b, "and after");
	return err;
}

static int map(void *arg)
{
	(void)arg;
	cio_buf items[8] = {{0}};
	int results[8];
	int err = cio_map(fills, items, 8, .limit = 3, .results = results);
	for (int i = 0; i < 8; i++)
		cio_buf_finish(&items[i]);
	return err;
}

static int doubles(void *arg)
{
	*(int *)arg *= 2;
	return 0;
}

static int thread_user(const int *id)
{
	int n = *id;
	int err = cio_to_thread(doubles, &n);
	if (err == 0) {
		CHECK_INT(n, 2 * *id);
		err = cio_to_thread(doubles, &n);
	}
	return err;
}

static int to_thread(void *arg)
{
	(void)arg;
	cio_executor *e = NULL;
	int n = 21,
	    err = cio_executor_open(&e,
		    &(cio_executor_options){.name = "own",
			    .threads = 1,
			    .queue_limit = 1});
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, thread_user, &i);
		if (err == 0)
			err = cio_executor_run(e, doubles, &n);
	}
	cio_executor_close(e);
	return err;
}

static int waits(cio_event *const *e)
{
	return cio_event_wait(*e);
}

static int events(void *arg)
{
	(void)arg;
	cio_event e = {0}, *p = &e;
	cio_task *t[4];
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(waits, &p);
	int err = cio_sleep(CIO_US(10));
	cio_event_set(&e);
	for (int i = 0; i < 4; i++) {
		int result = cio_await(t[i]);
		if (err == 0)
			err = result;
	}
	return err;
}

static int leftovers(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		cio_detach(cio_spawn(naps, &(int){5}), NULL);
	return cio_sleep(CIO_US(20));
}

/* ---- planted leaks ---- */

static int leaks_if_cancelled(void *arg)
{
	(void)arg;
	cio_buf b = {0};
	int err = cio_buf_puts(&b, "on the heap");
	for (int i = 0; i < 5 && err == 0; i++)
		err = cio_sleep(CIO_US(1));
	if (err < 0)
		return err; /* forgets the buffer */
	cio_buf_finish(&b);
	return 0;
}

static int leaks_a_descriptor(void *arg)
{
	(void)arg;
	int fd = dup(STDOUT_FILENO);
	int err = cio_sleep(CIO_US(1));
	if (err == 0)
		close(fd);
	return err;
}

static int leaks_without_memory(void *arg)
{
	(void)arg;
	cio_buf a = {0}, b = {0};
	int err = cio_buf_puts(&a, "first");
	if (err == 0)
		err = cio_buf_puts(&b, "second");
	if (err < 0)
		return err; /* forgets the first */
	cio_buf_finish(&a);
	cio_buf_finish(&b);
	return 0;
}

struct test_case {
	const char *name;
	int (*fn)(void *);
};

static void everywhere(void **state)
{
	const struct test_case *c = *state;
	assert_true(check_cancel_everywhere(c->fn, NULL, c->name) > 0);
}

static void allocations(void **state)
{
	const struct test_case *c = *state;
	assert_true(check_fail_allocations(c->fn, NULL, c->name) > 0);
}

/* How many tests fail when this one runs in a process of its own. */
static int failures_of(CMUnitTestFunction test, int (*fn)(void *))
{
	struct test_case c = {"planted", fn};
	const struct CMUnitTest tests[] = {
		{.name = "planted", .test_func = test, .initial_state = &c},
	};
	int status = 0;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL ||
			freopen("/dev/null", "w", stderr) == NULL)
			_exit(99);
		_exit(cmocka_run_group_tests(tests, NULL, NULL));
	}
	if (child < 0 || waitpid(child, &status, 0) != child ||
		!WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void planted_leaks_are_found(void **state)
{
	(void)state;
	assert_int_equal(failures_of(everywhere, sleep_chain), 0);
	assert_int_equal(failures_of(everywhere, leaks_if_cancelled), 1);
	assert_int_equal(failures_of(everywhere, leaks_a_descriptor), 1);
	assert_int_equal(failures_of(allocations, sleep_chain), 0);
	assert_int_equal(failures_of(allocations, leaks_without_memory), 1);
}

#define EVERYWHERE(f) \
	{ \
		.name = "cancel " #f, .test_func = everywhere, \
		.initial_state = &(struct test_case) \
		{ \
#f, f \
		} \
	}
#define ALLOCATIONS(f) \
	{ \
		.name = "no memory " #f, .test_func = allocations, \
		.initial_state = &(struct test_case) \
		{ \
#f, f \
		} \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERYWHERE(sleep_chain),
		EVERYWHERE(groups),
		EVERYWHERE(semaphores),
		EVERYWHERE(map),
		EVERYWHERE(to_thread),
		EVERYWHERE(events),
		EVERYWHERE(leftovers),
		ALLOCATIONS(sleep_chain),
		ALLOCATIONS(groups),
		ALLOCATIONS(semaphores),
		ALLOCATIONS(map),
		ALLOCATIONS(to_thread),
		ALLOCATIONS(events),
		ALLOCATIONS(leftovers),
		cmocka_unit_test(planted_leaks_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
