/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * cancel_cause.c - a refusal tells who, where, why, and since which deadline
 */
#include <cio/scope.h>

#include <errno.h>

#include <cio/call.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

#define LONG CIO_S(3600)

static cio_cause seen;

/* Sleep until refused, and note by whom. */
static int sleeps(const int *unused)
{
	(void)unused;
	int err = cio_sleep(LONG);
	CHECK(cio_cancel_cause(&seen));
	CHECK(seen.why == cio_cancel_reason());
	return err;
}

static void check_seen(const char *who, const char *where, const char *why)
{
	if (strcmp(seen.who, who) != 0 || strcmp(seen.where, where) != 0 ||
		strcmp(seen.why, why) != 0)
		printf("# by '%s' at '%s': %s\n", seen.who, seen.where,
			seen.why);
	CHECK(strcmp(seen.who, who) == 0);
	CHECK(strcmp(seen.where, where) == 0);
	CHECK(strcmp(seen.why, why) == 0);
}

/* ---- by hand ---- */

struct victim {
	cio_task *task;
	const char *site;
};

static int cancels(struct victim *const *v)
{
	(*v)->site = CIO__SITE, cio_task_cancel((*v)->task, "enough");
	return 0;
}

static int on_call(void *arg)
{
	struct victim *v = arg;
	v->site = CIO__SITE, cio_task_cancel(v->task, "from a call");
	return 0;
}

static int by_hand(void *arg)
{
	(void)arg;
	cio_call call = {0};
	struct victim v = {.task = cio_spawn(sleeps, &(int){0})}, *p = &v;
	CHECK_INT(cio_yield(), 0);
	cio_task *other = cio_spawn_with(&(cio_task_options){.name = "killer"},
		cancels, &p);
	CHECK_INT(cio_await(other), 0); /* it is gone when the cause is read */
	CHECK_INT(cio_await(v.task), -ECANCELED);
	check_seen("killer", v.site, "enough");
	CHECK_INT(seen.deadline, 0);

	v.task = cio_spawn(sleeps, &(int){0});
	cio_call_soon(&call, on_call, &v);
	CHECK_INT(cio_await(v.task), -ECANCELED);
	check_seen("", v.site, "from a call");

	v.task = cio_spawn(sleeps, &(int){0});
	v.site = CIO__SITE, cio_task_cancel(v.task, NULL);
	CHECK_INT(cio_await(v.task), -ECANCELED);
	check_seen("main", v.site, "");
	return 0;
}

static void cancelled_by_hand(void **state)
{
	(void)state;
	assert_int_equal(check_run(by_hand, NULL), 0);
	assert_false(cio_cancel_cause(&seen)); /* outside a loop */
}

/* ---- scopes: the outermost counts, and the clock is nobody ---- */

static int scopes(void *arg)
{
	(void)arg;
	cio_scope outer, inner;
	cio_cause none = {.why = "untouched"};
	cio_scope_begin(&outer, CIO_NEVER);
	cio_time deadline = cio_now() + CIO_MS(2);
	cio_scope_begin(&inner, deadline);
	CHECK(!cio_cancel_cause(&none));
	CHECK(strcmp(none.why, "untouched") == 0);
	CHECK_INT(sleeps(NULL), -ETIMEDOUT);
	check_seen("", "", "the deadline has passed");
	CHECK_INT(seen.deadline, deadline);
	CHECK_INT(cio_scope_end(&inner, -ETIMEDOUT), -ETIMEDOUT);

	cio_scope_begin(&inner, cio_now() - CIO_S(1)); /* late at once */
	CHECK_INT(sleeps(NULL), -ETIMEDOUT);
	CHECK_INT(seen.deadline, cio_now() - CIO_S(1));
	(void)cio_scope_end(&inner, 0);

	cio_scope_begin(&inner, CIO_NEVER);
	const char *here;
	here = CIO__SITE, cio_scope_cancel(&outer, "outer");
	cio_scope_cancel(&inner, "inner");
	CHECK_INT(sleeps(NULL), -ECANCELED);
	check_seen("main", here, "outer");
	(void)cio_scope_end(&inner, 0);
	cio_shield_begin(&inner, CIO_NEVER);
	CHECK(!cio_cancel_cause(&none));
	(void)cio_scope_end(&inner, 0);
	return cio_scope_end(&outer, -ECANCELED);
}

static void scopes_by_rank(void **state)
{
	(void)state;
	assert_int_equal(check_run(scopes, NULL), 0);
}

/* ---- groups: the child that failed, the body, the canceller ---- */

static int fails(const int *err)
{
	return *err;
}

static int groups(void *arg)
{
	(void)arg;
	const char *site = NULL;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sleeps, &(int){0}), 0);
		site = CIO__SITE, (void)cio_group_spawn(&g, fails, &(int){-EIO});
		err = cio_sleep(LONG);
	}
	CHECK_INT(err, -EIO);
	check_seen("fails", site, "a task of the group has failed");

	err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sleeps, &(int){0}), 0);
		err = -EPIPE;
	}
	CHECK_INT(err, -EPIPE);
	check_seen("main", cio_task_site(cio_current_task()),
		"the body of the group has failed");

	err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sleeps, &(int){0}), 0);
		site = CIO__SITE, cio_group_cancel(&g, "had enough");
	}
	CHECK_INT(err, 0);
	check_seen("main", site, "had enough");
	return 0;
}

static void groups_name_who_failed(void **state)
{
	(void)state;
	assert_int_equal(check_run(groups, NULL), 0);
}

/* ---- an awaiter hands on what it was told; the end of main ---- */

static int awaits(cio_task *const *t)
{
	return cio_await(*t);
}

static int awaiters(void *arg)
{
	(void)arg;
	cio_task *inner = cio_spawn(sleeps, &(int){0});
	cio_task *outer = cio_spawn(awaits, &inner);
	CHECK_INT(cio_yield(), 0);
	const char *here;
	here = CIO__SITE, cio_task_cancel(outer, "outer");
	CHECK_INT(cio_await(outer), -ECANCELED);
	check_seen("main", here, "its awaiter has ended");
	cio_detach(cio_spawn(sleeps, &(int){0}), NULL);
	return cio_yield();
}

static void awaiters_hand_it_on(void **state)
{
	(void)state;
	assert_int_equal(check_run(awaiters, NULL), 0);
	assert_string_equal(seen.why, "the main task has ended");
	assert_string_equal(seen.who, "main");
	assert_string_equal(seen.where, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancelled_by_hand),
		cmocka_unit_test(scopes_by_rank),
		cmocka_unit_test(groups_name_who_failed),
		cmocka_unit_test(awaiters_hand_it_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
