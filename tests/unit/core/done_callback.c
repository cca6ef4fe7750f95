/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * done_callback.c - to be told of a task's end without using its handle up
 */
#include <cio/task.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

static int order[8], order_n;

struct note {
	cio_done_callback callback;
	cio_task *task;
	int id;
};

static void notes(cio_done_callback *c, cio_task *t)
{
	struct note *n = (struct note *)(void *)c;
	CHECK(cio_task_done(t));
	n->task = t;
	order[order_n++] = n->id;
}

static int returns(const int *result)
{
	int err = cio_yield();
	return err < 0 ? err : *result;
}

/* In order of adding; a removed one is not called, nor is a late one. */
static int in_order(void *arg)
{
	(void)arg;
	struct note n[4];
	order_n = 0;
	cio_task *t = cio_spawn(returns, &(int){-EIO});
	for (int i = 0; i < 3; i++) {
		n[i] = (struct note){.callback.fn = notes, .id = i};
		CHECK_INT(cio_task_add_done_callback(t, &n[i].callback), 0);
	}
	cio_task_remove_done_callback(&n[1].callback);
	CHECK_INT(cio_task_result(t), -EINPROGRESS);
	CHECK(!cio_task_cancelled(t));
	while (!cio_task_done(t))
		CHECK_INT(cio_yield(), 0);
	CHECK_INT(order_n, 2);
	CHECK_INT(order[0], 0);
	CHECK_INT(order[1], 2);
	CHECK(n[0].task == t);
	n[3] = (struct note){.callback.fn = notes, .id = 3};
	CHECK_INT(cio_task_add_done_callback(t, &n[3].callback), -EALREADY);
	cio_task_remove_done_callback(&n[3].callback); /* both: no-ops */
	cio_task_remove_done_callback(&n[0].callback);
	CHECK_INT(cio_task_result(t), -EIO);
	CHECK(!cio_task_cancelled(t));
	CHECK_INT(cio_await(t), -EIO);
	CHECK_INT(order_n, 2);
	return 0;
}

/* Beside an await, of a detached task, and of a child, which frees itself. */
static int with_every_owner(void *arg)
{
	(void)arg;
	struct note n[2] = {{.callback.fn = notes, .id = 0},
		{.callback.fn = notes, .id = 1}};
	order_n = 0;
	cio_task *t = cio_spawn(returns, &(int){3});
	CHECK_INT(cio_task_add_done_callback(t, &n[0].callback), 0);
	CHECK_INT(cio_await(t), 3);
	CHECK_INT(order_n, 1);

	t = cio_spawn(returns, &(int){0});
	CHECK_INT(cio_task_add_done_callback(t, &n[1].callback), 0);
	cio_detach(t, NULL);
	while (order_n < 2)
		CHECK_INT(cio_yield(), 0);
	return 0;
}

static int watches_itself(struct note *const *n)
{
	CHECK_INT(
		cio_task_add_done_callback(cio_current_task(), &(*n)->callback),
		0);
	return cio_sleep(CIO_S(3600));
}

static int child_and_cancel(void *arg)
{
	(void)arg;
	struct note n = {.callback.fn = notes, .id = 5}, *at = &n;
	int err = 0;
	order_n = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, watches_itself, &at);
		if (err == 0)
			err = cio_yield();
		cio_group_cancel(&g, "test");
	}
	CHECK_INT(err, 0);
	CHECK_INT(order_n, 1);

	cio_task *t = cio_spawn(watches_itself, &at);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	CHECK(!cio_task_cancelled(t)); /* not yet */
	while (!cio_task_done(t))
		CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_cancelled(t));
	CHECK_INT(cio_task_result(t), -ECANCELED);
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(in_order)
RUNS(with_every_owner)
RUNS(child_and_cancel)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_in_order),
		cmocka_unit_test(run_with_every_owner),
		cmocka_unit_test(run_child_and_cancel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
