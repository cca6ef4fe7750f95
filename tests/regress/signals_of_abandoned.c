/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * signals_of_abandoned.c - watched signals in a run that could not be ended
 *
 * A watcher that lay on a stack, and was left open, was closed at the end of a
 * run that had given up on a task: by its memory, which was gone.
 */
#include "check.h"

#include <cio.h>
#include <cio/signal.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t mine;

static void my_handler(int signo)
{
	mine = signo;
}

static int stays(const int *unused)
{
	(void)unused;
	CIO_SHIELD (CIO_S(3600)) {
		(void)cio_sleep(CIO_S(1800));
	}
	return 0;
}

static int leaves_all(void *arg)
{
	(void)arg;
	cio_signals *s = malloc(sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	int err = cio_signals_open(s, CIO_SIGNAL(SIGUSR1));
	cio_detach(cio_spawn(stays, &(int){0}), NULL);
	(void)cio_yield();
	memset(s, 0xa5, sizeof *s);
	free(s); /* as a stack would be gone */
	return err;
}

static void handler_is_put_back(void **state)
{
	(void)state;
	int status = 0;
	const char *driver = check_driver()[0] != '\0' ? check_driver() : NULL;
	pid_t child = fork();
	if (child == 0) { /* what is left behind ends with it */
		cio_run_options o = {.drain = CIO_NS(1), .quiet = true,
			.driver = driver};
		(void)signal(SIGUSR1, my_handler);
		int err = cio_run_with(&o, leaves_all, NULL);
		(void)raise(SIGUSR1);
		_exit(err == -ETIMEDOUT && mine == SIGUSR1 ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handler_is_put_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
