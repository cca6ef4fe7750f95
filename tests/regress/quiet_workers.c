/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * quiet_workers.c - a deadlock is one of all the loops of a run, or of none
 *
 * Each loop decided for itself: a worker that only waited to be cancelled by the
 * others was called deadlocked and failed the run; and where a task waited in a
 * channel, or a reference was held, nothing was ever said.
 */
#include "check.h"
#include "heard.h"

#include <cio.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int run_workers(uint32_t n, int (*fn)(void *))
{
	heard[0] = '\0';
	const char *driver = check_driver();
	return cio_run_with(&(cio_run_options){.driver = driver,
				    .workers = n,
				    .report = hear},
		fn, NULL);
}

static void several_loops(void)
{
	if (strcmp(check_driver(), "sim") == 0)
		check_skip("sim runs one loop");
}

/* ThreadSanitizer has a thread of its own, which might send for all we know. */
static void only_thread(void)
{
	struct stat s;
	if (stat("/proc/self/task", &s) < 0 || s.st_nlink != 3)
		check_skip("this process has other threads");
}

static int waits_for_nothing(void)
{
	cio_event never = {0};
	return cio_event_wait(&never);
}

/* ---- others may still fail ---- */

static int one_fails_later(void *arg)
{
	(void)arg;
	if (cio_worker() == 0) {
		CHECK_INT(cio_sleep(CIO_MS(20)), 0);
		return -EIO;
	}
	CHECK_INT(waits_for_nothing(), -ECANCELED);
	CHECK(strstr(cio_cancel_reason(), "another worker") != NULL);
	return 0;
}

static void a_worker_may_wait_for_the_end_of_others(void **state)
{
	(void)state;
	several_loops();
	assert_int_equal(run_workers(3, one_fails_later), -EIO);
	assert_null(strstr(heard, "deadlock"));
}

/* ---- nobody is left ---- */

static int all_wait(void *arg)
{
	(void)arg;
	CHECK_INT(waits_for_nothing(), -ECANCELED);
	return -ECANCELED;
}

static void if_all_wait_all_are_named(void **state)
{
	(void)state;
	several_loops();
	for (int round = 0; round < 20; round++) {
		assert_int_equal(run_workers(3, all_wait), -ECANCELED);
		assert_non_null(strstr(heard, "deadlock: task main of worker 0, "
			"spawned at cio_run, waits for event"));
		assert_non_null(strstr(heard, "task main of worker 1"));
		assert_non_null(strstr(heard, "task main of worker 2"));
	}
}

static int the_last_waits(void *arg)
{
	(void)arg;
	if (cio_worker() != 1)
		return cio_sleep(CIO_MS(cio_worker() * 3));
	CHECK_INT(waits_for_nothing(), -ECANCELED);
	return 0;
}

static void the_last_one_is_told_when_the_others_have_ended(void **state)
{
	(void)state;
	several_loops();
	for (int round = 0; round < 5; round++) {
		assert_int_equal(run_workers(3, the_last_waits), 0);
		assert_null(strstr(heard, "worker 0"));
		assert_non_null(strstr(heard, "task main of worker 1"));
		assert_null(strstr(heard, "worker 2"));
	}
}

/* ---- channels ---- */

static cio_channel *ch;

static void open_channel(void)
{
	assert_int_equal(cio_channel_open(&ch, sizeof(int), 1), 0);
}

static int receives(void *arg)
{
	int got = 0, err = cio_channel_receive(ch, &got);
	(void)arg;
	return err < 0 ? err : got;
}

static void if_all_receive_all_are_named(void **state)
{
	(void)state;
	several_loops();
	only_thread();
	open_channel();
	for (int round = 0; round < 20; round++) {
		assert_int_equal(run_workers(2, receives), -ECANCELED);
		for (int i = 0; i < 2; i++) {
			char text[128];
			snprintf(text, sizeof text, "deadlock: task main of worker "
				"%d, spawned at cio_run, waits for an item", i);
			assert_non_null(strstr(heard, text));
		}
	}
	cio_channel_put(ch);
}

/* What one sends just before it falls asleep is not overlooked. */
enum { ROUNDS = 20000 };

static cio_channel *way[2];

static int plays(void *arg)
{
	uint32_t me = cio_worker();
	int err = 0, ball = 0;
	(void)arg;
	for (int i = 0; i < ROUNDS && err == 0; i++) {
		if (me == 0)
			err = cio_channel_send(way[0], &ball);
		if (err == 0)
			err = cio_channel_receive(way[1 - me], &ball);
		if (err == 0 && me == 1)
			err = cio_channel_send(way[1], &ball);
	}
	return err;
}

static void who_plays_is_not_stuck(void **state)
{
	(void)state;
	several_loops();
	for (int i = 0; i < 2; i++)
		assert_int_equal(cio_channel_open(&way[i], sizeof(int), 1), 0);
	assert_int_equal(run_workers(2, plays), 0);
	assert_string_equal(heard, "");
	for (int i = 0; i < 2; i++)
		cio_channel_put(way[i]);
}

/* ---- plain threads may still come ---- */

static void *sends_late(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2; i++) {
		usleep(10000);
		while (cio_channel_try_send(ch, &(int){7}) == -EAGAIN)
			usleep(100);
	}
	return NULL;
}

static void a_plain_thread_may_still_send(void **state)
{
	(void)state;
	several_loops();
	pthread_t thread;
	open_channel();
	assert_int_equal(pthread_create(&thread, NULL, sends_late, NULL), 0);
	assert_int_equal(run_workers(2, receives), 7);
	assert_string_equal(heard, "");
	assert_int_equal(pthread_join(thread, NULL), 0);
	cio_channel_put(ch);
}

/* ---- one loop ---- */

static void one_that_receives_alone_is_stuck(void **state)
{
	(void)state;
	only_thread();
	open_channel();
	assert_int_equal(run_workers(1, receives), -ECANCELED);
	assert_non_null(strstr(heard,
		"deadlock: task main, spawned at cio_run, waits for an item"));
	cio_channel_put(ch);
}

static int refers_to_itself(void *arg)
{
	cio_loop_ref *ref;
	(void)arg;
	CHECK_INT(cio_loop_ref_take(&ref), 0);
	CHECK_INT(waits_for_nothing(), -ECANCELED);
	cio_loop_ref_put(ref);
	return 0;
}

static void a_reference_that_no_thread_can_have_wakes_nobody(void **state)
{
	(void)state;
	only_thread();
	assert_int_equal(run_workers(1, refers_to_itself), 0);
	assert_non_null(strstr(heard, "deadlock: task main"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_may_wait_for_the_end_of_others),
		cmocka_unit_test(if_all_wait_all_are_named),
		cmocka_unit_test(the_last_one_is_told_when_the_others_have_ended),
		cmocka_unit_test(if_all_receive_all_are_named),
		cmocka_unit_test(who_plays_is_not_stuck),
		cmocka_unit_test(a_plain_thread_may_still_send),
		cmocka_unit_test(one_that_receives_alone_is_stuck),
		cmocka_unit_test(a_reference_that_no_thread_can_have_wakes_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
