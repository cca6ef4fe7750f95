/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* eager.c - tasks that start within their spawn */
#include <cio/task.h>

#include <errno.h>
#include <stdlib.h>

#include <cio/call.h>
#include <cio/context.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "check.h"

static const cio_task_options eager = {.eager = true};
static const cio_task_options large_eager = {.eager = true,
	.stack_size = CIO_STACK_LARGE};

static char order[64];

static void put(char c)
{
	size_t n = strlen(order);
	if (n + 1 < sizeof order)
		order[n] = c;
}

static void run_clean(int (*fn)(void *))
{
	memset(order, 0, sizeof order);
	assert_int_equal(check_run(fn, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- the order ---- */

static int says(const char *c)
{
	put(*c);
	return 0;
}

static int says_twice(const char *c)
{
	put(*c);
	int err = cio_yield();
	put((char)(*c - 'a' + 'A'));
	return err;
}

static int is_spawned(void *arg)
{
	(void)arg;
	cio_task *me = cio_current_task();
	cio_task *other = cio_spawn(says, &(char){'o'});
	cio_task *t = cio_spawn_with(&eager, says, &(char){'a'});
	CHECK(cio_current_task() == me);
	CHECK(cio_task_done(t));
	CHECK_INT(cio_task_result(t), 0);
	put('1');
	cio_task *u = cio_spawn_with(&eager, says_twice, &(char){'b'});
	CHECK(cio_current_task() == me);
	CHECK(!cio_task_done(u));
	put('2');
	cio_task *v = cio_spawn_with(&large_eager, says_twice, &(char){'c'});
	put('3');
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_await(u), 0);
	CHECK_INT(cio_await(v), 0);
	CHECK_INT(cio_await(other), 0);
	CHECK(strcmp(order, "a1b2c3oBC") == 0);
	return 0;
}

static void the_spawner_goes_on_at_once(void **state)
{
	(void)state;
	run_clean(is_spawned);
}

/* Not even a call or another ready task comes between, however many runs the
 * turn has had. */
static int on_call(void *arg)
{
	(void)arg;
	put('!');
	return 0;
}

static int spawns_late(void *arg)
{
	(void)arg;
	for (int i = 0; i < 200; i++) {
		memset(order, 0, sizeof order);
		static cio_call call;
		cio_task *waits = cio_spawn(says, &(char){'w'});
		cio_call_soon(&call, on_call, NULL);
		cio_task *t = cio_spawn_with(&eager, says_twice, &(char){'a'});
		put('1');
		CHECK(strcmp(order, "a1") == 0);
		CHECK_INT(cio_await(t), 0);
		CHECK_INT(cio_await(waits), 0);
		cio_call_cancel(&call);
		if (i % 3 == 0)
			CHECK_INT(cio_yield(), 0);
	}
	return 0;
}

static void nothing_comes_between(void **state)
{
	(void)state;
	run_clean(spawns_late);
}

static int nests(const int *depth)
{
	put((char)('a' + *depth));
	if (*depth == 4)
		return cio_yield();
	cio_task *t = cio_spawn_with(&eager, nests, &(int){*depth + 1});
	put((char)('A' + *depth));
	int err = cio_yield();
	put((char)('0' + *depth));
	return cio_await(t) < 0 ? -EIO : err;
}

static int nested(void *arg)
{
	(void)arg;
	CHECK_INT(cio_await(cio_spawn_with(&eager, nests, &(int){0})), 0);
	CHECK(strcmp(order, "abcdeDCBA3210") == 0);
	return 0;
}

static void they_nest(void **state)
{
	(void)state;
	run_clean(nested);
}

static int sleeps(const int *ms)
{
	return cio_sleep(CIO_MS(*ms));
}

static int waits(cio_event *const *e)
{
	return cio_event_wait(*e);
}

static int many(void *arg)
{
	(void)arg;
	cio_event go = {0}, *p = &go;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 500 && err == 0; i++)
			err = cio_group_spawn_with(&g, &eager, waits, &p);
		CHECK_INT(cio_group_alive(&g), 500);
		cio_event_set(&go);
	}
	return err;
}

static void many_at_once(void **state)
{
	(void)state;
	run_clean(many);
}

/* ---- from callbacks ---- */

static cio_task *by_call;

static int spawns_from_call(void *arg)
{
	(void)arg;
	by_call = cio_spawn_with(&eager, says, &(char){'t'});
	put('c');
	return 0;
}

static int asks(void *arg)
{
	(void)arg;
	static cio_call call;
	cio_call_soon(&call, spawns_from_call, NULL);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK(strcmp(order, "ct") == 0);
	return cio_await(by_call);
}

static void callbacks_spawn_as_ever(void **state)
{
	(void)state;
	run_clean(asks);
}

static void on_done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	CHECK_INT(cio_task_result(t), 0);
	put('d');
}

static int adds_callbacks(void *arg)
{
	(void)arg;
	cio_done_callback c = {.fn = on_done};
	cio_task *t = cio_spawn_with(&eager, says, &(char){'a'});
	CHECK_INT(cio_task_add_done_callback(t, &c), -EALREADY);
	CHECK_INT(cio_await(t), 0);
	t = cio_spawn_with(&eager, says_twice, &(char){'b'});
	CHECK_INT(cio_task_add_done_callback(t, &c), 0);
	CHECK_INT(cio_await(t), 0);
	CHECK(strcmp(order, "abBd") == 0);
	return 0;
}

static void done_callbacks(void **state)
{
	(void)state;
	run_clean(adds_callbacks);
}

/* ---- groups ---- */

static int fails(const int *err)
{
	return cio_fail(*err, "made to fail");
}

/* A child that fails while it is being spawned: the group does not hang, the
 * body is refused, and the refusal ends with the group. */
static int group_fails_at_once(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn_with(&g, &eager, fails,
				  &(int){-EIO}),
			0);
		CHECK_INT(cio_group_error(&g), -EIO);
		CHECK_INT(cio_group_alive(&g), 0);
		err = cio_sleep(CIO_S(1000));
		CHECK_INT(err, -ECANCELED);
		CHECK_INT(cio_group_spawn_with(&g, &eager, fails,
				  &(int){-EPERM}),
			-ECANCELED);
	}
	CHECK_INT(err, -EIO);
	CHECK(strcmp(cio_error_text(), "made to fail") == 0);
	CHECK_INT(cio_refused(), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	return 0;
}

static void a_child_fails_in_its_spawn(void **state)
{
	(void)state;
	run_clean(group_fails_at_once);
}

/* The same from a child, which spawns one that fails into its own group, beside
 * a sibling that waits. */
static int spawns_failing(cio_group *const *g)
{
	CHECK_INT(cio_group_spawn_with(*g, &eager, fails, &(int){-EIO}), 0);
	int err = cio_sleep(CIO_S(1000));
	CHECK_INT(err, -ECANCELED);
	return err;
}

static int group_fails_deeper(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_S(100), &err) {
		CIO_GROUP (outer, &err) {
			CIO_GROUP (g, &err) {
				CHECK_INT(cio_group_spawn_with(&g, &eager,
						  sleeps, &(int){1000000}),
					0);
				CHECK_INT(cio_group_spawn_with(&g, &eager,
						  spawns_failing,
						  &(cio_group *){&g}),
					0);
			}
			CHECK_INT(err, -EIO);
			CHECK_INT(cio_sleep(CIO_MS(1)), 0);
			err = 0;
		}
	}
	return err;
}

static void a_grandchild_fails_in_its_spawn(void **state)
{
	(void)state;
	run_clean(group_fails_deeper);
}

/* The group is cancelled by the child itself, before the spawn has returned. */
static int cancels_its_group(cio_group *const *g)
{
	cio_group_cancel(*g, "enough");
	return cio_sleep(CIO_S(1000));
}

static int group_cancelled(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn_with(&g, &eager, cancels_its_group,
				  &(cio_group *){&g}),
			0);
		err = cio_sleep(CIO_S(1000));
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	return err;
}

static void a_child_cancels_its_group(void **state)
{
	(void)state;
	run_clean(group_cancelled);
}

static int limited(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err, .limit = 2) {
		for (int i = 0; i < 10 && err == 0; i++) {
			err = cio_group_spawn_with(&g, &eager, sleeps, &(int){1});
			CHECK(cio_group_alive(&g) <= 2);
		}
	}
	return err;
}

static void a_limit_holds(void **state)
{
	(void)state;
	run_clean(limited);
}

/* ---- scopes and cancels ---- */

static int cancels(cio_task *const *t)
{
	cio_task_cancel(*t, "cancelled by its child");
	return cio_sleep(CIO_MS(1));
}

static int cancelled_by_child(const int *unused)
{
	(void)unused;
	cio_task *t = cio_spawn_with(&eager, cancels,
		&(cio_task *){cio_current_task()});
	CHECK_INT(cio_sleep(CIO_S(1000)), -ECANCELED);
	CHECK_INT(cio_await(t), -ECANCELED); /* cancelled with its awaiter */
	return 0;
}

static int inside_scopes(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_TIMEOUT (CIO_MS(1), &err)
		err = cio_sleep(CIO_S(1000));
	CHECK_INT(err, -ETIMEDOUT);
	return err;
}

static int scopes(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_S(1000), &err) {
		cio_task *t = cio_spawn_with(&eager, inside_scopes, &(int){0});
		CHECK_INT(cio_await(t), -ETIMEDOUT);
		t = cio_spawn_with(&eager, cancelled_by_child, &(int){0});
		CHECK_INT(cio_await(t), 0);
	}
	return err;
}

static void scopes_are_the_tasks_own(void **state)
{
	(void)state;
	run_clean(scopes);
}

/* ---- failures ---- */

static int everything(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn_with(&g, &eager, sleeps, &(int){1});
		if (err == 0)
			err = cio_group_spawn_with(&g, &eager, sleeps,
				&(int){0});
	}
	cio_task *t = cio_spawn_with(&eager, sleeps, &(int){1});
	cio_task *u = cio_spawn_with(&large_eager, sleeps, &(int){1});
	int first = cio_await(t), second = cio_await(u);
	return err < 0 ? err : first < 0 ? first : second;
}

static void failures_anywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(everything, NULL, "eager tasks");
	check_fail_allocations(everything, NULL, "eager tasks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_spawner_goes_on_at_once),
		cmocka_unit_test(nothing_comes_between),
		cmocka_unit_test(they_nest),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(callbacks_spawn_as_ever),
		cmocka_unit_test(done_callbacks),
		cmocka_unit_test(a_child_fails_in_its_spawn),
		cmocka_unit_test(a_grandchild_fails_in_its_spawn),
		cmocka_unit_test(a_child_cancels_its_group),
		cmocka_unit_test(a_limit_holds),
		cmocka_unit_test(scopes_are_the_tasks_own),
		cmocka_unit_test(failures_anywhere),
	};
	return cmocka_run_group_tests_name("eager", tests, NULL, NULL);
}
