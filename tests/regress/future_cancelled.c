/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/* threads */
/*
 * future_cancelled.c - a future that is cancelled, and given up after its end
 *
 * The refusal was reported as an error that nobody had looked at, though it was
 * what had been asked for, and in the other order nothing was.
 */
#include "check.h"

#include <cio.h>
#include <cio/threadsafe.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

static int sleeps(void *arg)
{
	(void)arg;
	return cio_sleep(CIO_S(3600));
}

static int cancels_of_its_own(void *arg)
{
	(void)arg;
	return -ECANCELED;
}

static void give_up_after_end(cio_future *f)
{
	while (cio_future_wait_for(f, CIO_S(60)) < 0)
		continue;
	cio_future_detach(f);
}

/* One cancelled by hand, one by the end of the run, one that fails by itself. */
static void *gives_them_up(void *arg)
{
	cio_loop_ref *loop = arg;
	cio_future *by_hand, *by_end, *failed;
	CHECK_INT(cio_run_threadsafe(loop, sleeps, NULL, &by_hand), 0);
	CHECK_INT(cio_run_threadsafe(loop, sleeps, NULL, &by_end), 0);
	CHECK_INT(cio_run_threadsafe(loop, cancels_of_its_own, NULL, &failed), 0);
	cio_future_cancel(by_hand);
	give_up_after_end(by_hand);
	give_up_after_end(failed);
	cio_loop_ref_put(loop);
	give_up_after_end(by_end);
	return NULL;
}

static pthread_t thread;

/* Until the thread has said all but what comes of the end of the run. */
static int waits_for_it(void *arg)
{
	cio_loop_ref *loop;
	(void)arg;
	int err = cio_loop_ref_take(&loop);
	if (err == 0)
		err = -pthread_create(&thread, NULL, gives_them_up, loop);
	while (err == 0 && cio_run_get_figures().tasks_spawned < 5)
		err = cio_sleep(CIO_US(100));
	while (err == 0 && cio_run_get_figures().tasks_alive > 3)
		err = cio_sleep(CIO_US(100));
	return err;
}

static void only_the_failure_is_told(void **state)
{
	(void)state;
	char told[1024] = "";
	int ends[2], before = dup(STDERR_FILENO); /* the thread has no loop */
	assert_int_equal(pipe(ends), 0);
	assert_true(before >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	int err = cio_run_with(&(cio_run_options){.quiet = true}, waits_for_it,
		NULL);
	(void)pthread_join(thread, NULL);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	close(ends[1]);
	ssize_t n = read(ends[0], told, sizeof told - 1);
	close(ends[0]);
	assert_int_equal(err, 0);
	assert_true(n > 0);
	assert_non_null(strstr(told, "cancels_of_its_own"));
	assert_null(strstr(told, "task sleeps"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_failure_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
