/* SPDX-License-Identifier: MIT */
/*
 * dies.h - what ends the process, tried in a process of its own
 */
#ifndef CIO_TESTS_DIES_H
#define CIO_TESTS_DIES_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Run `fn(arg)` as the main task of a run in a child: how it ended, and in
 * `said` what it wrote to stderr. */
static inline int in_child(int (*fn)(void *), void *arg, char *said,
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
		_exit(cio_run(fn, arg) == 0 ? 0 : 3);
	}
	close(ends[1]);
	size_t n = 0;
	ssize_t got;
	while ((got = read(ends[0], said + n, room - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* It aborts, having said one line, and that has all of these words (NULL: the
 * last). */
static inline void dies_saying(int (*fn)(void *), void *arg,
	const char *const words[])
{
	char said[2048];
	int status = in_child(fn, arg, said, sizeof said);
	printf("# status %#x: %s%s", (unsigned)status, said,
		said[0] != '\0' ? "" : "\n");
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	for (; *words != NULL; words++)
		assert_non_null(strstr(said, *words));
	assert_non_null(strchr(said, '\n'));
	assert_true(strchr(said, '\n')[1] == '\0');
}

#endif
