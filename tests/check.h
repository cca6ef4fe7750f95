/* SPDX-License-Identifier: MIT */
/*
 * check.h - what tests of the loop share
 *
 *	static void echo_echoes(void **state)
 *	{
 *		assert_int_equal(check_run(echo, NULL), 0);
 *		assert_string_equal(check_reports(), "");
 *	}
 *
 * Every run made here must give back the descriptors and the heap blocks that
 * it took. It uses the driver that $CIO_DRIVER names, else the best.
 *
 * cmocka's asserts leave by longjmp: use them in the test function. Inside a
 * task use CHECK and CHECK_INT, which note the failure, let the task go on to
 * its cleanup, and fail the test when the run has ended.
 *
 * Linking this also gives the program a limit on hanging (CHECK_SECONDS in the
 * environment, 100 without), after which it names itself, shows its stack and
 * dies. CHECK_ONLY in the environment runs only the tests of that name, in which
 * `*` and `?` stand for anything.
 *
 * In its first five lines a test's source may say where it is to run:
 * `drivers: epoll uring`, `drivers: all` (epoll, uring and sim) or `drivers:
 * none` (once, no loop), each in a comment of its own, and `threads` to be run
 * under ThreadSanitizer. Unsaid, it is none for tests/unit/{base,wire,driver},
 * epoll and uring for tests/e2e, and all for the rest.
 */
#ifndef CIO_TESTS_CHECK_H
#define CIO_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <cio/base.h>

/* `cio_run_with` on $CIO_DRIVER; its result. Fails the test if descriptors or
 * blocks are left, or a CHECK failed. */
int check_run(int (*fn)(void *), void *arg);

/* The same with a seed (0: the usual one); `when` says which of many runs this
 * is, and begins what is said if it fails. */
int check_run_as(int (*fn)(void *), void *arg, uint64_t seed, const char *when);

/* What the last check_run reported: "warning: text\n" and so on. */
const char *check_reports(void);

/* Run `fn` again and again, cancelling its main task at suspension 1, 2, ...
 * until a run had fewer; each must leave nothing behind. `fn` starts afresh each
 * time. The number of points tried, which is also printed; none is a failure. */
uint64_t check_cancel_everywhere(int (*fn)(void *), void *arg,
	const char *name);

/* The same with the first, second, ... allocation failing, until a run did not
 * get that far. */
uint64_t check_fail_allocations(int (*fn)(void *), void *arg,
	const char *name);

/* Leave the calling test, saying why: the runner counts and shows it. */
#define check_skip(...) \
	do { \
		check_skip_reason(__VA_ARGS__); \
		skip(); \
	} while (0)
void check_skip_reason(const char *format, ...) CIO_PRINTF(1, 2);

/* Does $CHECK_WRAP name a tool that runs this program? Valgrind has limits of
 * descriptors of its own, and dies of guards that madvise has made. */
bool check_wrapped(void);

/* The driver that tests run on: "epoll", "uring", "sim"; "" if not said. */
const char *check_driver(void);

/* How many descriptors this process has open. */
int check_open_fds(void);

/* For use in tasks; true if it holds. Safe from any thread. */
#define CHECK(condition) \
	check_that((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define CHECK_INT(got, want) \
	check_equal((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
bool check_that(int holds, const char *text, const char *file, int line);
bool check_equal(long long got, long long want, const char *text,
	const char *file, int line);

#endif
