/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * signal.c - process signals: told once, one owner each, handlers put back
 */
#include <cio/signal.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio/impl.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

static int sends(const int *signo)
{
	int err = cio_yield();
	CHECK_INT(kill(getpid(), *signo), 0);
	return err;
}

static int waits_for_one(void *arg)
{
	(void)arg;
	cio_signals s;
	CHECK_INT(
		cio_signals_open(&s, CIO_SIGNAL(SIGTERM) | CIO_SIGNAL(SIGUSR1)),
		0);
	cio_task *t = cio_spawn(sends, &(int){SIGTERM});
	CHECK_INT(cio_signals_wait(&s), SIGTERM);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(raise(SIGUSR1), 0); /* before anybody waits */
	CHECK_INT(cio_signals_wait(&s), SIGUSR1);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_signals_wait(&s); /* each arrival is told once */
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_signals_close(&s);
	return 0;
}

static int waits_for_two_kinds(void *arg)
{
	(void)arg;
	cio_signals a, b;
	CHECK_INT(cio_signals_open(&a, CIO_SIGNAL(SIGUSR1)), 0);
	CHECK_INT(
		cio_signals_open(&b, CIO_SIGNAL(SIGUSR2) | CIO_SIGNAL(SIGHUP)),
		0);
	CHECK_INT(raise(SIGUSR1), 0);
	CHECK_INT(raise(SIGUSR2), 0);
	CHECK_INT(raise(SIGHUP), 0);
	CHECK_INT(cio_signals_wait(&a), SIGUSR1);
	int first = cio_signals_wait(&b), second = cio_signals_wait(&b);
	CHECK((first == SIGUSR2 && second == SIGHUP) ||
		(first == SIGHUP && second == SIGUSR2));
	cio_signals_close(&a);
	cio_signals_close(&b);
	return 0;
}

static int refuses_what_cannot_be(void *arg)
{
	(void)arg;
	cio_signals s, again;
	CHECK_INT(cio_signals_open(&s, 0), -EINVAL);
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGKILL)), -EINVAL);
	CHECK_INT(
		cio_signals_open(&s, CIO_SIGNAL(SIGSTOP) | CIO_SIGNAL(SIGHUP)),
		-EINVAL);
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGHUP)), 0);
	CHECK_INT(cio_signals_open(&again,
			  CIO_SIGNAL(SIGUSR1) | CIO_SIGNAL(SIGHUP)),
		-EBUSY);
	/* and the refused open has left nothing of itself behind */
	CHECK_INT(cio_signals_open(&again, CIO_SIGNAL(SIGUSR1)), 0);
	cio_signals_close(&again);
	cio_signals_close(&s);
	return 0;
}

static void one(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_for_one, NULL), 0);
}

static void two_kinds(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_for_two_kinds, NULL), 0);
}

static void busy_and_invalid(void **state)
{
	(void)state;
	assert_int_equal(check_run(refuses_what_cannot_be, NULL), 0);
}

/* ---- the handler from before ---- */

static volatile sig_atomic_t mine;

static void my_handler(int signo)
{
	mine = signo;
}

static int opens_and_closes(void *arg)
{
	(void)arg;
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGHUP)), 0);
	CHECK_INT(raise(SIGHUP), 0);
	CHECK_INT(mine, 0);
	CHECK_INT(cio_signals_wait(&s), SIGHUP);
	cio_signals_close(&s);
	CHECK_INT(raise(SIGHUP), 0);
	CHECK_INT(mine, SIGHUP);
	return 0;
}

static int leaves_them_open(void *arg)
{
	return cio_signals_open(arg, CIO_SIGNAL(SIGHUP));
}

static void handler_is_put_back(void **state)
{
	(void)state;
	cio_signals s;
	mine = 0;
	assert_ptr_not_equal(signal(SIGHUP, my_handler), SIG_ERR);
	assert_int_equal(check_run(opens_and_closes, NULL), 0);
	mine = 0;
	assert_int_equal(check_run(leaves_them_open, &s), 0);
	raise(SIGHUP);
	assert_int_equal(mine, SIGHUP);
	signal(SIGHUP, SIG_DFL);
}

/* ---- nobody but a signal can wake the loop: no deadlock ---- */

static void *sends_from_a_thread(void *arg)
{
	(void)arg;
	kill(getpid(), SIGUSR1);
	return NULL;
}

static int waits_for_a_signal_alone(void *arg)
{
	(void)arg;
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	for (int i = 0; i < 50; i++) {
		pthread_t thread;
		CHECK_INT(pthread_create(&thread, NULL, sends_from_a_thread,
				  NULL),
			0);
		CHECK_INT(cio_signals_wait(&s), SIGUSR1);
		CHECK_INT(pthread_join(thread, NULL), 0);
	}
	cio_signals_close(&s);
	return 0;
}

static void signal_alone(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_for_a_signal_alone, NULL), 0);
	assert_null(strstr(check_reports(), "error: "));
}

/* ---- `.signals` ---- */

static const char *driver_or_best(void)
{
	return check_driver()[0] != '\0' ? check_driver() : NULL;
}

static int is_interrupted(void *arg)
{
	int signo = *(int *)arg;
	cio_task *t = cio_spawn(sends, &signo);
	CHECK_INT(cio_sleep(CIO_S(3600)), -ECANCELED);
	CHECK(strstr(cio_cancel_reason(), "signal") != NULL);
	CHECK_INT(cio_await(t), 0);
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGTERM)), -EBUSY);
	return 11;
}

static void option_cancels_main(void **state)
{
	(void)state;
	int signals[] = {SIGTERM, SIGINT};
	signal(SIGTERM, my_handler);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			cio_run_with(&(cio_run_options){.signals = true,
					     .driver = driver_or_best(),
					     .quiet = true},
				is_interrupted, &signals[i]),
			11);
	mine = 0;
	raise(SIGTERM);
	assert_int_equal(mine, SIGTERM);
	signal(SIGTERM, SIG_DFL);
}

static int ignores_the_first(void *arg)
{
	(void)arg;
	raise(SIGTERM);
	CHECK_INT(cio_yield(), 0);
	raise(SIGTERM);
	return 0;
}

static void second_ends_the_process(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		(void)cio_run_with(&(cio_run_options){.signals = true,
					   .driver = driver_or_best(),
					   .quiet = true},
			ignores_the_first, NULL);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one),
		cmocka_unit_test(two_kinds),
		cmocka_unit_test(busy_and_invalid),
		cmocka_unit_test(handler_is_put_back),
		cmocka_unit_test(signal_alone),
		cmocka_unit_test(option_cancels_main),
		cmocka_unit_test(second_ends_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
