/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * all_tasks.c - what every task is doing
 */
#include <cio/task.h>

#include <errno.h>

#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/queue.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

static cio_event go;

static int waits_for_event(const int *unused)
{
	(void)unused;
	return cio_event_wait(&go);
}

static int sleeps(const cio_duration *d)
{
	return cio_sleep(*d);
}

static int yields(const int *times)
{
	int err = 0;
	for (int i = 0; i < *times && err == 0; i++)
		err = cio_yield();
	return err;
}

static void check_view(const cio_task_view *v, const char *name,
	cio_task_state state, const char *waits_for)
{
	printf("# %s: %d, %s\n", v->name, (int)v->state, v->waits_for);
	CHECK(strcmp(v->name, name) == 0);
	CHECK(v->task != NULL && cio_task_name(v->task) == v->name);
	CHECK(v->site == cio_task_site(v->task));
	CHECK_INT(v->state, state);
	CHECK(strcmp(v->waits_for, waits_for) == 0);
	CHECK(state == CIO_TASK_WAITING || (v->since == 0 && v->until == 0));
}

/* One in each state; who has ended is not there, though its handle is. */
static int looks(void *arg)
{
	(void)arg;
	cio_task_view v[8];
	CHECK_INT(cio_all_tasks(v, 8), 1);
	check_view(&v[0], "main", CIO_TASK_RUNNING, "");
	CHECK(v[0].task == cio_current_task());

	go = (cio_event){0};
	cio_time begun = cio_now();
	cio_duration d = CIO_MS(20);
	cio_task *ended = cio_spawn(yields, &(int){0});
	cio_task *event = cio_spawn_with(&(cio_task_options){.name = "ev"},
		waits_for_event, &(int){0});
	cio_task *sleeper = cio_spawn(sleeps, &d);
	cio_task *busy = cio_spawn(yields, &(int){2});
	CHECK_INT(cio_yield(), 0);
	cio_task *fresh = cio_spawn(yields, &(int){0});
	CHECK_INT(cio_all_tasks(v, 8), 5);
	check_view(&v[0], "main", CIO_TASK_RUNNING, "");
	check_view(&v[1], "ev", CIO_TASK_WAITING, "event");
	CHECK(v[1].since >= begun && v[1].since <= cio_now());
	CHECK_INT(v[1].until, 0);
	check_view(&v[2], "sleeps", CIO_TASK_WAITING, "sleep");
	CHECK_INT(v[2].since, 0);
	CHECK(v[2].until >= begun + d && v[2].until <= cio_now() + d);
	check_view(&v[3], "yields", CIO_TASK_READY, "");
	check_view(&v[4], "yields", CIO_TASK_READY, "");

	/* woken, or cancelled: ready, though it has had no turn */
	cio_event_set(&go);
	cio_task_cancel(sleeper, "test");
	CHECK_INT(cio_all_tasks(v, 8), 5);
	check_view(&v[1], "ev", CIO_TASK_READY, "");
	check_view(&v[2], "sleeps", CIO_TASK_READY, "");

	CHECK_INT(cio_await(ended), 0);
	CHECK_INT(cio_await(event), 0);
	CHECK_INT(cio_await(sleeper), -ECANCELED);
	CHECK_INT(cio_await(busy), 0);
	CHECK_INT(cio_await(fresh), 0);
	CHECK_INT(cio_all_tasks(v, 8), 1);
	return 0;
}

static void each_state(void **state)
{
	(void)state;
	cio_task_view v;
	assert_int_equal(check_run(looks, NULL), 0);
	assert_int_equal(cio_all_tasks(&v, 1), 0); /* outside a loop */
}

/* ---- joins, and more than there is room for ---- */

static int looks_from_a_child(cio_task_view *const *v)
{
	return (int)cio_all_tasks(*v, 2);
}

static int joins(void *arg)
{
	(void)arg;
	cio_task_view v[3] = {{.name = NULL}, {.name = NULL}, {.name = "none"}};
	cio_task_view *p = v;
	CHECK_INT(cio_all_tasks(NULL, 0), 1);
	cio_time begun = cio_now();
	cio_task *other = cio_spawn(yields, &(int){3});
	CHECK_INT(cio_await(cio_spawn(looks_from_a_child, &p)), 3);
	check_view(&v[0], "main", CIO_TASK_WAITING, "task");
	CHECK(v[0].since >= begun);
	CHECK_INT(v[0].until, 0);
	CHECK(strcmp(v[2].name, "none") == 0); /* there was no room */
	return cio_await(other);
}

static void more_than_room(void **state)
{
	(void)state;
	assert_int_equal(check_run(joins, NULL), 0);
}

/* ---- the wait's length is that of the clock ---- */

static int waits_long(void *arg)
{
	(void)arg;
	cio_task_view v[2];
	go = (cio_event){0};
	cio_task *t = cio_spawn(waits_for_event, &(int){0});
	CHECK_INT(cio_yield(), 0);
	cio_time begun = cio_now();
	CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	CHECK_INT(cio_all_tasks(v, 2), 2);
	CHECK(v[1].since <= begun);
	CHECK(cio_now() - v[1].since >= CIO_MS(5));
	cio_event_set(&go);
	return cio_await(t);
}

static void how_long(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_long, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state),
		cmocka_unit_test(more_than_room),
		cmocka_unit_test(how_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
