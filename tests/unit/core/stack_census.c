/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stack_census.c - how much of their stacks tasks are seen to use
 */
#include <cio/run.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { KIB = 1024 };

/* Instrumented frames are larger, and a page more may be touched by them. */
#define TINY (SANITIZED ? 32 * KIB : 8 * KIB)

static size_t seen; /* by a task, of itself */

__attribute__((noinline)) static void touch(size_t n)
{
	volatile char *bytes = __builtin_alloca(n);
	for (size_t i = n; i > 0; i--)
		bytes[i - 1] = 1;
}

static int greedy(const size_t *n)
{
	touch(*n);
	seen = cio_task_stack_used(cio_current_task());
	return cio_yield();
}

static int modest(const int *unused)
{
	(void)unused;
	return cio_yield();
}

static const cio_stack_use *line_of(const cio_stack_use *lines, size_t n,
	const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(lines[i].name, name) == 0)
			return &lines[i];
	return NULL;
}

/* In turns, so that each modest one has a stack that a greedy one had before. */
static int uses_stacks(void)
{
	int err = 0;
	for (int i = 0; i < 20 && err == 0; i++) {
		CIO_GROUP(g, &err) {
			CHECK_INT(cio_group_spawn(&g, greedy,
					  &(size_t){100 * KIB}),
				0);
		}
		CIO_GROUP(g, &err) {
			for (int k = 0; k < 3; k++)
				CHECK_INT(cio_group_spawn(&g, modest, &(int){0}),
					0);
		}
	}
	return err;
}

static int counts(void *arg)
{
	(void)arg;
	CHECK_INT(cio_run_get_stacks(NULL, 0), 0); /* nobody has ended */
	int err = uses_stacks();
	CHECK(seen >= 100 * KIB && seen <= 100 * KIB + TINY);
	const cio_task_options large = {.stack_size = CIO_STACK_LARGE,
		.name = "large"};
	cio_task *t = cio_spawn_with(&large, greedy, &(size_t){500 * KIB});
	CHECK_INT(cio_await(t), 0);

	cio_stack_use lines[3];
	CHECK_INT(cio_run_get_stacks(lines, 1), 3); /* more than there is room */
	CHECK_INT(cio_run_get_stacks(lines, 3), 3);
	const cio_stack_use *g = line_of(lines, 3, "greedy");
	const cio_stack_use *m = line_of(lines, 3, "modest");
	const cio_stack_use *l = line_of(lines, 3, "large");
	if (!CHECK(g != NULL && m != NULL && l != NULL))
		return -EINVAL;
	CHECK_INT(g->tasks, 20);
	CHECK_INT(m->tasks, 60);
	CHECK_INT(l->tasks, 1);
	CHECK(g->used >= 100 * KIB && g->used <= 100 * KIB + TINY);
	CHECK(m->used > 0 && m->used <= TINY);
	CHECK(l->used >= 500 * KIB && l->used <= 500 * KIB + TINY);
	CHECK_INT(g->size, 192 * KIB);
	CHECK_INT(l->size, 1024 * KIB);
	return err;
}

static char said[4096];

static void note(void *arg, cio_level level, const char *text)
{
	(void)arg;
	if (level < CIO_LEVEL_WARNING)
		return;
	size_t n = strlen(said);
	snprintf(said + n, sizeof said - n, "%s\n", text);
}

static int run(int (*fn)(void *), bool census)
{
	said[0] = '\0';
	return cio_run_with(&(cio_run_options){.report = note,
				    .stack_census = census},
		fn, NULL);
}

static void the_most_of_each_function(void **state)
{
	(void)state;
	assert_int_equal(run(counts, true), 0);
	assert_non_null(strstr(said, "stacks: greedy used at most 1"));
	assert_non_null(strstr(said, " of 192 KiB (tasks: 20)\n"));
	assert_non_null(strstr(said, "stacks: modest used at most "));
	assert_non_null(strstr(said, "stacks: main used at most "));
}

static int counts_checked(void *arg)
{
	return counts(arg);
}

static void asked_for_in_the_environment(void **state)
{
	(void)state;
	setenv("CIO_STACKS", "1", 1);
	int err = check_run(counts_checked, NULL);
	unsetenv("CIO_STACKS");
	assert_int_equal(err, 0);
	assert_non_null(strstr(check_reports(), "stacks: greedy used at most "));
}

static int does_not_count(void *arg)
{
	(void)arg;
	int err = uses_stacks();
	CHECK(seen >= 100 * KIB);
	CHECK_INT(cio_run_get_stacks(NULL, 0), 0);
	return err;
}

static void nobody_asked(void **state)
{
	(void)state;
	assert_int_equal(cio_run_get_stacks(NULL, 0), 0); /* nor outside */
	assert_int_equal(check_run(does_not_count, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static int asks_at_each_stage(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(modest, &(int){0});
	CHECK_INT(cio_task_stack_used(t), 0); /* it has not begun */
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_stack_used(t) > 0);
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_done(t));
	CHECK_INT(cio_task_stack_used(t), 0);
	CHECK_INT(cio_await(t), 0);
	CHECK(cio_task_stack_used(cio_current_task()) > 0);
	return 0;
}

static void before_and_after(void **state)
{
	(void)state;
	assert_int_equal(check_run(asks_at_each_stage, NULL), 0);
}

static int counts_or_fails(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, modest, &(int){0});
	}
	return err;
}

/* No memory for a line costs the line, not the run. */
static void without_memory(void **state)
{
	(void)state;
	setenv("CIO_STACKS", "1", 1);
	check_fail_allocations(counts_or_fails, NULL, "a census");
	unsetenv("CIO_STACKS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_of_each_function),
		cmocka_unit_test(asked_for_in_the_environment),
		cmocka_unit_test(nobody_asked),
		cmocka_unit_test(before_and_after),
		cmocka_unit_test(without_memory),
	};
	return cmocka_run_group_tests_name("stack_census", tests, NULL, NULL);
}
