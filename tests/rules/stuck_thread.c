/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * stuck_thread.c - rule T-01: a function that does not return in its thread
 *
 * What the run leaves behind is never freed: hence a process of its own. Under
 * sim time stands still while a thread owes an answer.
 */
#include "rules/rules.h"

#include <semaphore.h>
#include <sys/wait.h>

static sem_t begun;

static int never_returns(void *arg)
{
	sem_post(&begun);
	while (arg != NULL)
		pause();
	return 0;
}

static int calls_it(const int *unused)
{
	int n = *unused;
	return cio_to_thread(never_returns, &n);
}

static int leaves_it(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(calls_it, &(int){0}), "patient");
	int err = cio_yield();
	while (sem_wait(&begun) < 0)
		continue;
	return err;
}

static char heard[4096];

static void hear(void *arg, cio_level level, const char *text)
{
	size_t n = strlen(heard);
	(void)arg;
	if (level == CIO_LEVEL_ERROR)
		snprintf(heard + n, sizeof heard - n, "%s\n", text);
}

/* Which part of it was not so. */
static int run_is_bounded_and_names_it(void)
{
	sem_init(&begun, 0, 0);
	int err = cio_run_with(&(cio_run_options){.drain = CIO_MS(10),
				       .report = hear},
		leaves_it, NULL);
	if (err >= 0)
		return 1;
	if (strstr(heard, "patient") == NULL)
		return 2;
	return strstr(heard, "never_returns") == NULL ? 3 : 0;
}

static void t_01_a_stuck_thread_does_not_hold_the_end_and_is_named(void **state)
{
	int status = -1;
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(run_is_bounded_and_names_it());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_01_a_stuck_thread_does_not_hold_the_end_and_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
