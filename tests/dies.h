/* SPDX-License-Identifier: MIT */
/*
 * dies.h - what ends the process, tried in a process of its own
 */
#ifndef CIO_TESTS_DIES_H
#define CIO_TESTS_DIES_H

#include <cio/run.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Call `fn(arg)` in a child, which then exits with 0: how it ended, and in `said`
 * what it wrote to stderr. */
static inline int in_process(void (*fn)(const void *), const void *arg, char *said,
	size_t room)
{
	int ends[2], status = -1;
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL); /* not the test's */
		dup2(ends[1], STDERR_FILENO);
		alarm(20);
		fn(arg);
		_exit(0);
	}
	close(ends[1]);
	size_t n = 0;
	ssize_t got;
	while ((got = read(ends[0], said + n, room - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	printf("# status %#x: %s%s", (unsigned)status, said, n > 0 ? "" : "\n");
	return status;
}

struct run_of {
	int (*fn)(void *);
	void *arg;
};

static inline void run_it(const void *arg)
{
	const struct run_of *r = arg;
	_exit(cio_run(r->fn, r->arg) == 0 ? 0 : 3);
}

/* The same as the main task of a run; the child exits with 3 if that failed. */
static inline int in_child(int (*fn)(void *), void *arg, char *said,
	size_t room)
{
	return in_process(run_it, &(struct run_of){fn, arg}, said, room);
}

/* It aborts, having said one line, and that has all of these words (NULL: the
 * last). */
static inline void dies_saying(int (*fn)(void *), void *arg,
	const char *const words[])
{
	char said[2048];
	int status = in_child(fn, arg, said, sizeof said);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	for (; *words != NULL; words++)
		assert_non_null(strstr(said, *words));
	assert_non_null(strchr(said, '\n'));
	assert_true(strchr(said, '\n')[1] == '\0');
}

#endif
