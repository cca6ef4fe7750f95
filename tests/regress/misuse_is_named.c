/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * misuse_is_named.c - what the caller did wrong, by which task, spawned where
 *
 * Asserts watched for these: they named a line of the library and not the task,
 * and a build with NDEBUG went on, with a list, a tree or a freed record broken.
 */
#include <cio/run.h>

#include <errno.h>
#include <stdatomic.h>

#include <cio/barrier.h>
#include <cio/broadcast.h>
#include <cio/channel.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/net.h>
#include <cio/pool.h>
#include <cio/queue.h>
#include <cio/semaphore.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/time.h>
#include <cio/wait.h>

#include "dies.h"

static int sleeps(const cio_duration *d)
{
	return cio_sleep(*d);
}

/* ---- no error can tell ---- */

static void leaves_scope_open(void)
{
	static cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
}

static void leaves_group_open(void)
{
	static cio_group g;
	cio_group_open(&g, NULL);
}

static void ends_out_of_order(void)
{
	cio_scope outer, inner;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_begin(&inner, CIO_NEVER);
	(void)cio_scope_end(&outer, 0);
}

static void ends_twice(void)
{
	cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
	(void)cio_scope_end(&s, 0);
	(void)cio_scope_end(&s, 0);
}

static void closes_around_scope(void)
{
	cio_group g;
	cio_scope s;
	cio_group_open(&g, NULL);
	cio_scope_begin(&s, CIO_NEVER);
	(void)cio_group_close(&g, 0);
}

static int awaits(cio_task *const *t)
{
	return cio_await(*t);
}

static void detaches_awaited(void)
{
	cio_task *t = cio_spawn(sleeps, &(cio_duration){CIO_MS(2)});
	cio_task *other = cio_spawn(awaits, &t);
	(void)cio_yield();
	cio_detach(t, NULL);
	(void)cio_await(other);
}

static int asks_next(cio_as_completed *const *c)
{
	return (int)cio_as_completed_next(*c);
}

static void finishes_while_asked(void)
{
	cio_as_completed c, *at = &c;
	cio_task *t = cio_spawn(sleeps, &(cio_duration){CIO_MS(2)});
	(void)!cio_as_completed_init(&c, &t, 1);
	cio_task *asks = cio_spawn(asks_next, &at);
	(void)cio_yield();
	cio_as_completed_finish(&c);
	(void)cio_await(asks);
}

static void queues_of_nothing(void)
{
	cio_queue q;
	cio_queue_init(&q, 0, 0);
}

static void barrier_of_nobody(void)
{
	cio_barrier b;
	cio_barrier_init(&b, 0);
}

static void too_many_permits(void)
{
	cio_semaphore s;
	cio_semaphore_init(&s, UINT32_MAX);
	cio_semaphore_release(&s);
}

static int receives(cio_channel *const *ch)
{
	int item;
	return cio_channel_receive(*ch, &item);
}

static void puts_channel_away(void)
{
	cio_channel *ch;
	(void)!cio_channel_open(&ch, sizeof(int), 1);
	cio_task *t = cio_spawn(receives, &ch);
	(void)cio_yield();
	cio_channel_put(ch);
	(void)cio_await(t);
}

static atomic_bool begun;

/* Until the process dies. */
static int blocks(void *arg)
{
	(void)arg;
	begun = true;
	while (pause() < 0)
		continue;
	return 0;
}

static int runs_in(cio_executor *const *e)
{
	return cio_executor_run(*e, blocks, NULL);
}

static int closes(cio_executor *const *e)
{
	cio_executor_close(*e);
	return 0;
}

static void closes_executor_twice(void)
{
	cio_executor *e;
	(void)cio_executor_open(&e, &(cio_executor_options){.name = "files"});
	cio_task *job = cio_spawn(runs_in, &e);
	while (!begun) /* else the close would refuse it and be done */
		(void)cio_yield();
	cio_task *first = cio_spawn(closes, &e);
	(void)cio_yield();
	cio_executor_close(e);
	(void)cio_await(first);
	(void)cio_await(job);
}

struct misuse {
	void (*does)(void);
	const char *words;
};

static int errs(const struct misuse *const *m)
{
	(*m)->does();
	return 0;
}

static int app(void *m)
{
	const struct misuse *what = m;
	return cio_await(cio_spawn(errs, &what));
}

static void a_line_that_names_the_task(void **state)
{
	static const struct misuse all[] = {
		{leaves_scope_open, "has not ended a scope"},
		{leaves_group_open, "has not ended a scope or group"},
		{ends_out_of_order, "not its innermost one"},
		{ends_twice, "not its innermost one"},
		{closes_around_scope, "closes a group while a scope inside"},
		{detaches_awaited, "detaches task sleeps (spawned at "},
		{finishes_while_asked, "in which a task waits"},
		{queues_of_nothing, "a queue of items of 0 bytes"},
		{barrier_of_nobody, "a barrier of 0 parties"},
		{too_many_permits, "releases a semaphore more often"},
		{puts_channel_away, "a channel in which a task waits"},
		{closes_executor_twice, "closes executor files"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		dies_saying(app, (void *)(uintptr_t)&all[i],
			(const char *const[]){"cio: task errs (spawned at ",
				"misuse_is_named.c:", all[i].words, NULL});
}

/* ---- an error can ---- */

static int told(int err, const char *words)
{
	CHECK(strstr(cio_error_text(), words) != NULL);
	return err;
}

static int waits_for_event(cio_event *const *e)
{
	return cio_event_wait(*e);
}

static int gets_errors(void *arg)
{
	(void)arg;
	int err = 0;
	cio_task *child = NULL,
		 *t = cio_spawn(sleeps, &(cio_duration){CIO_MS(2)});
	cio_task *other = cio_spawn(awaits, &t);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(told(cio_await(t), "awaited already"), -EINVAL);
	CHECK_INT(cio_await(other), 0);

	cio_event event = {0}, *at = &event;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, waits_for_event, &at), 0);
		CHECK_INT(cio_yield(), 0);
		cio_task_view all[4];
		for (size_t i = cio_all_tasks(all, 4); i-- > 0;)
			if (strcmp(all[i].name, "waits_for_event") == 0)
				child = (cio_task *)(uintptr_t)all[i].task;
		CHECK_INT(told(cio_await(child), "not the caller's"), -EINVAL);
		CHECK_INT(cio_event_finish(&event), -EBUSY);
		cio_event_set(&event);
		CHECK_INT(cio_event_finish(&event), 0);
	}
	CHECK_INT(err, 0);

	cio_group never = {0};
	CHECK_INT(told(cio_group_spawn(&never, sleeps, &(cio_duration){0}),
			  "never opened"),
		-EINVAL);
	cio_broadcast b;
	CHECK_INT(told(cio_broadcast_init(&b, 0, 4), "of 0 bytes"), -EINVAL);
	CHECK_INT(cio_broadcast_finish(&b), 0);
	CHECK_INT(cio_broadcast_init(&b, 4, 0), -EINVAL);
	CHECK_INT(cio_broadcast_send(&b, "word"), -ESHUTDOWN);
	cio_pool *p;
	CHECK_INT(told(cio_pool_open(&p, &(cio_pool_options){.limit = 1}),
			  "its open and its close"),
		-EINVAL);
	return 0;
}

static void errors_that_say_so(void **state)
{
	(void)state;
	assert_int_equal(check_run(gets_errors, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- where there is no loop ---- */

static int opens(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg;
	(void)key;
	(void)how;
	(void)item;
	return 0;
}

static void closes_item(void *arg, void *item)
{
	(void)arg;
	(void)item;
}

static void outside_a_loop(void **state)
{
	cio_pool *p;
	cio_executor *e;
	(void)state;
	assert_int_equal(cio_pool_open(&p,
				 &(cio_pool_options){.open = opens,
					 .close = closes_item}),
		-EDEADLK);
	assert_non_null(strstr(cio_error_text(), "a pool belongs to a loop"));
	assert_int_equal(cio_executor_open(&e, NULL), -EDEADLK);
	assert_non_null(
		strstr(cio_error_text(), "an executor belongs to a loop"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_names_the_task),
		cmocka_unit_test(errors_that_say_so),
		cmocka_unit_test(outside_a_loop),
	};
	return cmocka_run_group_tests_name("misuse_is_named", tests, NULL,
		NULL);
}
