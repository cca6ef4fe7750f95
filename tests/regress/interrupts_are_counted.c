/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * interrupts_are_counted.c - a second run that may not have the signals
 *
 * A run with `.signals` beside one that had them was refused, as it should be,
 * but began the count of interrupts anew: the second Ctrl-C was taken for a
 * first, and a stuck process went on. And a handler that the program had put in
 * place of ours in the meantime was replaced by the one from before the run.
 */
#include "check.h"

#include <cio.h>
#include <cio/signal.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_with_signals(int (*fn)(void *))
{
	return cio_run_with(&(cio_run_options){.signals = true, .quiet = true,
				    .driver = check_driver()[0] != '\0' ?
					    check_driver() : NULL},
		fn, NULL);
}

static int never_runs(void *arg)
{
	(void)arg;
	_exit(2);
}

static void *runs_in_vain(void *arg)
{
	(void)arg;
	if (run_with_signals(never_runs) != -EBUSY)
		_exit(3);
	return NULL;
}

static int is_stubborn(void *arg)
{
	pthread_t other;
	(void)arg;
	(void)raise(SIGTERM);
	if (pthread_create(&other, NULL, runs_in_vain, NULL) != 0)
		return -EAGAIN;
	(void)pthread_join(other, NULL);
	(void)raise(SIGTERM);
	return 0;
}

static void the_second_is_the_second(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(run_with_signals(is_stubborn) == 0 ? 0 : 1);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* ---- somebody else's handler ---- */

static volatile sig_atomic_t theirs;

static void their_handler(int signo)
{
	theirs = signo;
}

static int replaces_handlers(void *arg)
{
	(void)arg;
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	CHECK(signal(SIGUSR1, their_handler) != SIG_ERR);
	CHECK(signal(SIGINT, their_handler) != SIG_ERR);
	cio_signals_close(&s);
	return 0;
}

static void a_later_handler_stays(void **state)
{
	(void)state;
	assert_int_equal(run_with_signals(replaces_handlers), 0);
	const int signals[] = {SIGUSR1, SIGINT};
	for (int i = 0; i < 2; i++) {
		theirs = 0;
		assert_ptr_equal(signal(signals[i], SIG_DFL), their_handler);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_the_second),
		cmocka_unit_test(a_later_handler_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
