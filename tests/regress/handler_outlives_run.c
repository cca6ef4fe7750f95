/* SPDX-License-Identifier: MIT */
/* drivers: all */ /* threads */
/*
 * handler_outlives_run.c - another thread is in the handler when the run ends
 *
 * Signals are handled in any thread. One that had looked up the loop, and was
 * then late, woke a loop that was gone: it wrote to freed memory, or to whoever
 * had the descriptor by then. The thread is held here in the middle of its wake,
 * in our `write`, until the run is over or has had its chance.
 */
#include "check.h"

#include <cio.h>
#include <cio/signal.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHANCE = 100000 };

static atomic_bool in_wake, run_is_over, too_late;
static _Thread_local volatile sig_atomic_t holds_up;

ssize_t write(int fd, const void *buf, size_t n)
{
	if (holds_up) {
		atomic_store(&in_wake, true);
		for (int i = 0; i < CHANCE && !atomic_load(&run_is_over); i++)
			(void)sched_yield();
		atomic_store(&too_late, atomic_load(&run_is_over));
	}
	return syscall(SYS_write, fd, buf, n);
}

static void *handles_it(void *arg)
{
	(void)arg;
	holds_up = true;
	(void)pthread_kill(pthread_self(), SIGUSR1);
	holds_up = false;
	return NULL;
}

static int ends_meanwhile(void *arg)
{
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	if (CHECK_INT(pthread_create(arg, NULL, handles_it, NULL), 0))
		while (!atomic_load(&in_wake))
			(void)sched_yield();
	cio_signals_close(&s);
	return 0;
}

static void it_is_waited_for(void **state)
{
	(void)state;
	pthread_t thread;
	int result = cio_run(ends_meanwhile, &thread);
	atomic_store(&run_is_over, true);
	assert_int_equal(result, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(atomic_load(&too_late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
