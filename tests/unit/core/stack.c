/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stack.c - guards of each kind, and what an overflow does
 *
 * An overflow ends the process, so each one has a process of its own.
 */
#include <cio/run.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { KIB = 1024 };

/* Touch `n` bytes of this task's stack, from the top down. */
__attribute__((noinline)) static void touch(size_t n)
{
	volatile char *bytes = __builtin_alloca(n);
	for (size_t i = n; i > 0; i--)
		bytes[i - 1] = 1;
}

static int touches(const size_t *n)
{
	touch(*n);
	int err = cio_yield();
	touch(*n);
	return err;
}

static int uses_stacks(void *arg)
{
	(void)arg;
	int err = 0;
	for (int round = 0; round < 3; round++) {
		CIO_GROUP (g, &err) {
			for (int i = 0; i < 300; i++) /* more than an arena */
				CHECK_INT(cio_group_try_spawn(&g, touches,
						  &(size_t){8 * KIB}),
					0);
			CHECK_INT(cio_group_spawn(&g, touches,
					  &(size_t){150 * KIB}),
				0);
		}
		CHECK_INT(err, 0);
	}
	CHECK(cio_run_get_figures().stacks >= 300);
	cio_task *t = cio_spawn_with(
		&(cio_task_options){.stack_size = CIO_STACK_LARGE}, touches,
		&(size_t){900 * KIB});
	CHECK_INT(cio_await(t), 0);
	return 0;
}

static const char *const guards[] = {"", "mprotect", "canary"};

static void every_guard_works(void **state)
{
	(void)state;
	for (int i = check_wrapped(); i < 3; i++) {
		setenv("CIO_GUARD", guards[i], 1);
		assert_int_equal(check_run(uses_stacks, NULL), 0);
		assert_null(strstr(check_reports(), "warning: "));
	}
	unsetenv("CIO_GUARD");
}

static int overflows(void *arg)
{
	const size_t *n = arg;
	/* a neighbour, whose stack must not be what is hit */
	cio_task *t = cio_spawn(touches, &(size_t){4 * KIB});
	int err = cio_await(cio_spawn(touches, n));
	return err < 0 ? err : cio_await(t);
}

static char said[1024]; /* by the process, on stderr */

static void listen_to(int fd)
{
	size_t n = 0;
	ssize_t got;
	while (n < sizeof said - 1 &&
		(got = read(fd, said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(fd);
}

/* How a process ends in which a task uses so much of its stack. */
static int status_of(const char *guard, size_t bytes)
{
	int status = 0, ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		setenv("CIO_GUARD", guard, 1);
		_exit(cio_run_with(&(cio_run_options){.quiet = true}, overflows,
			      &bytes) == 0 ?
				0 :
				98);
	}
	close(ends[1]);
	listen_to(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return status;
}

static void assert_named(void)
{
	assert_non_null(strstr(said,
		"cio: task touches overflowed its 192 KiB stack; it was spawned at "));
	assert_non_null(strstr(said, "stack.c:"));
}

/* A fault that is no overflow is not called one. */
static int faults(void *arg)
{
	*(volatile int *)arg = 1;
	return 0;
}

static void other_faults_pass(void **state)
{
	(void)state;
	if (SANITIZED || check_wrapped())
		check_skip("the tool has its own way with faults");
	int ends[2], status = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGSEGV, SIG_DFL); /* cmocka has a handler, too */
		dup2(ends[1], STDERR_FILENO);
		_exit(cio_run(faults, (void *)(uintptr_t)16));
	}
	close(ends[1]);
	listen_to(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGSEGV);
	assert_string_equal(said, "");
}

static void overflow_is_caught(void **state)
{
	(void)state;
	if (SANITIZED || check_wrapped())
		check_skip("the tool has its own way with overflows");
	for (int i = 0; i < 2; i++) {
		int status = status_of(guards[i], 150 * KIB);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_string_equal(said, "");
		status = status_of(guards[i], 300 * KIB);
		assert_named();
		assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			SIGSEGV);
	}
	/* a canary is looked at when the task has ended */
	int status = status_of("canary", 150 * KIB);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	status = status_of("canary", 210 * KIB);
	assert_named();
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_guard_works),
		cmocka_unit_test(overflow_is_caught),
		cmocka_unit_test(other_faults_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
