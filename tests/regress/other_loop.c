/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * other_loop.c - what belongs to one loop, used from another
 *
 * A set, put, release or cancel from a task of another loop put the sleeper into
 * the run queue of the wrong one: it went on in a thread that was not its own,
 * beside everything it had shared with its loop. An executor's job was never
 * answered, a handle went into the wrong loop's memory, a stream's bytes were
 * those of another descriptor.
 */
#include <cio/run.h>

#include <errno.h>
#include <pthread.h>

#include <cio/barrier.h>
#include <cio/broadcast.h>
#include <cio/call.h>
#include <cio/condition.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/http_server.h>
#include <cio/net.h>
#include <cio/pool.h>
#include <cio/queue.h>
#include <cio/semaphore.h>
#include <cio/stream.h>
#include <cio/stream_server.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/time.h>
#include <cio/wait.h>

#include "dies.h"

/* ---- what the first loop has ---- */

static struct {
	cio_event event;
	cio_semaphore semaphore;
	cio_queue queue;
	cio_stream *left, *right;
	cio_listener *listener;
	cio_stream_server *server;
	cio_http_server *site;
	cio_task *waits, *ended;
	cio_group *group;
	cio_scope *scope;
	cio_done_callback callback;
	cio_pool *pool;
	cio_lease lease;
	cio_executor *executor;
	cio_call soon, later;
} its;

static int waits_for_event(const int *unused)
{
	(void)unused;
	return cio_event_wait(&its.event);
}

static int waits_for_permit(const int *unused)
{
	(void)unused;
	return cio_semaphore_acquire(&its.semaphore);
}

static int waits_for_item(const int *unused)
{
	(void)unused;
	int item;
	return cio_queue_get(&its.queue, &item);
}

static int waits_for_bytes(const int *unused)
{
	char byte;
	(void)unused;
	return (int)cio_stream_read(its.right, &byte, 1);
}

static int ends_at_once(const int *unused)
{
	(void)unused;
	return 0;
}

static void ended(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
}

static int open_item(void *arg, cio_str key, const void *how, void **item)
{
	(void)key;
	(void)how;
	*item = arg;
	return 0;
}

static void close_item(void *arg, void *item)
{
	(void)arg;
	(void)item;
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* ---- what the second loop does to it ---- */

struct misuse {
	void (*does)(void);
	const char *words;
};

static void sets(void)
{
	cio_event_set(&its.event);
}

static void releases(void)
{
	cio_semaphore_release(&its.semaphore);
}

static void puts_item(void)
{
	(void)!cio_queue_put(&its.queue, &(int){1});
}

static void shuts_queue(void)
{
	cio_queue_shutdown(&its.queue, false);
}

static void closes_stream(void)
{
	cio_stream_close(its.left);
}

static void aborts_stream(void)
{
	cio_stream_abort(its.left);
}

static void drops_stream(void)
{
	cio_stream_drop(its.left);
}

static void asks_stream(void)
{
	(void)cio_stream_reusable(its.left);
}

static void closes_listener(void)
{
	cio_listener_close(its.listener);
}

static void closes_listeners(void)
{
	cio_stream_server_close_listeners(its.server);
}

static void cancels_task(void)
{
	cio_task_cancel(its.waits, "meddling");
}

static void cancels_scope(void)
{
	cio_scope_cancel(its.scope, "meddling");
}

static void moves_scope(void)
{
	(void)cio_scope_reschedule(its.scope, cio_now());
}

static void cancels_group(void)
{
	cio_group_cancel(its.group, "meddling");
}

static void detaches(void)
{
	cio_detach(its.ended, NULL);
}

static void waits_for_task(void)
{
	(void)!cio_wait(&its.waits, 1, CIO_ALL_COMPLETED, CIO_MS(1));
}

static void removes(void)
{
	cio_task_remove_done_callback(&its.callback);
}

static void gives_back(void)
{
	cio_pool_release(its.pool, &its.lease, true);
}

static void calls_soon(void)
{
	cio_call_soon(&its.soon, nothing, NULL);
}

static void cancels_call(void)
{
	cio_call_cancel(&its.later);
}

static void closes_executor(void)
{
	cio_executor_close(its.executor);
}

static void gets_errors(void)
{
	cio_lease lease;
	CHECK_INT(cio_await(its.ended), -EINVAL);
	CHECK(strstr(cio_error_text(), "of another loop") != NULL);
	CHECK_INT(cio_group_spawn(its.group, ends_at_once, &(int){0}), -EINVAL);
	CHECK_INT(cio_group_try_spawn(its.group, ends_at_once, &(int){0}),
		-EINVAL);
	CHECK_INT(cio_pool_acquire(its.pool, cio_str_of("k"), NULL, &lease),
		-EINVAL);
	CHECK(strstr(cio_error_text(), "belongs to another loop") != NULL);
	CHECK_INT(cio_pool_fill(its.pool, cio_str_of("k"), NULL), -EINVAL);
	CHECK_INT(cio_pool_close(its.pool), -EINVAL);
	CHECK_INT(cio_executor_run(its.executor, nothing, NULL), -EINVAL);
	CHECK(strstr(cio_error_text(), "belongs to another loop") != NULL);
}

static void idle_over(cio_stream_idle *idle, int err)
{
	(void)idle;
	(void)err;
}

static void told(long long err)
{
	CHECK_INT(err, -EINVAL);
	CHECK(strstr(cio_error_text(), " opened at ") != NULL);
	CHECK(strstr(cio_error_text(), "other_loop.c:") != NULL);
	CHECK(strstr(cio_error_text(), "of another loop") != NULL);
	(void)cio_fail(0, "%s", "");
}

static void uses_streams(void)
{
	static cio_stream_idle idle = {.ready = idle_over};
	cio_group g;
	cio_str line;
	cio_address a;
	cio_stream *s;
	char byte;
	told(cio_stream_read(its.left, &byte, 1));
	told(cio_stream_readline(its.left, &line));
	told(cio_stream_try_fill(its.left));
	told(cio_stream_write(its.left, "x", 1, NULL));
	told(cio_stream_shutdown(its.left));
	told(cio_stream_peer(its.left, &a));
	told(cio_stream_local(its.left, &a));
	cio_group_open(&g, NULL);
	told(cio_stream_wait_idle(its.left, &idle, &g, 0));
	CHECK_INT(cio_group_close(&g, 0), 0);
	told(cio_listener_accept(its.listener, &s));
	told(cio_stream_server_drain(its.server, 0));
	told(cio_stream_server_abort(its.server));
	told(cio_stream_server_close(its.server, 0));
	told(cio_http_server_drain(its.site, 0, NULL));
	told(cio_http_server_abort(its.site));
	told(cio_http_server_close(its.site, 0, NULL));
}

static int meddle(const struct misuse *const *m)
{
	(*m)->does();
	return cio_sleep(CIO_MS(5));
}

static int second(void *m)
{
	const struct misuse *what = m;
	return cio_await(cio_spawn(meddle, &what));
}

static void *run_second(void *m)
{
	(void)cio_run(second, m);
	return NULL;
}

/* ---- the first loop, which stands still meanwhile ---- */

static int talks(cio_stream *s, void *arg)
{
	(void)s;
	(void)arg;
	return 0;
}

static void have_all(cio_group *g, cio_scope *s)
{
	cio_pool_options pool = {.open = open_item, .close = close_item};
	cio_semaphore_init(&its.semaphore, 0);
	cio_queue_init(&its.queue, sizeof(int), 0);
	CHECK_INT(cio_stream_pair(&its.left, &its.right, 0), 0);
	CHECK_INT(cio_tcp_listen(&its.listener, "127.0.0.1", 0, NULL), 0);
	CHECK_INT(cio_stream_server_open(&its.server, talks, NULL, NULL), 0);
	CHECK_INT(cio_http_server_open(&its.site,
			  &(cio_http_server_options){.in_process = true}),
		0);
	its.scope = s;
	its.group = g;
	CHECK_INT(cio_group_spawn(g, waits_for_permit, &(int){0}), 0);
	CHECK_INT(cio_group_spawn(g, waits_for_item, &(int){0}), 0);
	CHECK_INT(cio_group_spawn(g, waits_for_bytes, &(int){0}), 0);
	its.waits = cio_spawn(waits_for_event, &(int){0});
	its.ended = cio_spawn(ends_at_once, &(int){0});
	its.callback.fn = ended;
	CHECK_INT(cio_task_add_done_callback(its.waits, &its.callback), 0);
	CHECK_INT(cio_pool_open(&its.pool, &pool), 0);
	CHECK_INT(cio_pool_acquire(its.pool, cio_str_of("k"), NULL, &its.lease),
		0);
	CHECK_INT(cio_executor_open(&its.executor, NULL), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_call_soon(&its.soon, nothing, NULL);
	cio_call_later(&its.later, CIO_S(60), nothing, NULL);
}

static void give_all_back(cio_group *g)
{
	cio_event_set(&its.event);
	CHECK_INT(cio_await(its.waits), 0);
	CHECK_INT(cio_await(its.ended), 0);
	cio_pool_release(its.pool, &its.lease, true);
	CHECK_INT(cio_pool_close(its.pool), 0);
	cio_executor_close(its.executor);
	cio_call_cancel(&its.later);
	cio_group_cancel(g, "enough");
}

static int first(void *m)
{
	pthread_t thread;
	cio_scope s;
	cio_group g;
	its.event = (cio_event){0};
	cio_scope_begin(&s, CIO_NEVER);
	cio_group_open(&g, NULL);
	have_all(&g, &s);
	CHECK_INT(pthread_create(&thread, NULL, run_second, m), 0);
	CHECK_INT(pthread_join(thread, NULL), 0);
	give_all_back(&g);
	int err = cio_scope_end(&s, cio_group_close(&g, 0));
	cio_stream_close(its.left);
	cio_stream_close(its.right);
	cio_listener_close(its.listener);
	CHECK_INT(cio_stream_server_close(its.server, 0), 0);
	CHECK_INT(cio_http_server_close(its.site, 0, NULL), 0);
	CHECK_INT(cio_queue_finish(&its.queue), 0);
	return err;
}

/* ---- the tests ---- */

static void what_has_no_error_to_give_ends_the_process(void **state)
{
	static const struct misuse all[] = {
		{sets, "wakes task waits_for_event"},
		{releases, "wakes task waits_for_permit"},
		{puts_item, "wakes task waits_for_item"},
		{shuts_queue, "wakes task waits_for_item"},
		{closes_stream, "calls cio_stream_close of the stream opened at"},
		{aborts_stream, "calls cio_stream_abort of the stream opened at"},
		{drops_stream, "calls cio_stream_drop of the stream opened at"},
		{asks_stream, "cio_stream_reusable of the stream opened at"},
		{closes_listener, "cio_listener_close of the listener opened at"},
		{closes_listeners, "close_listeners of the stream server opened"},
		{cancels_task, "cio_task_cancel for what is of another loop"},
		{cancels_scope, "cio_scope_cancel for what is of another loop"},
		{moves_scope,
			"cio_scope_reschedule for what is of another loop"},
		{cancels_group, "cio_group_cancel for what is of another loop"},
		{detaches, "cio_detach for what is of another loop"},
		{waits_for_task, "done_callback for what is of another loop"},
		{removes, "done_callback for what is of another loop"},
		{calls_soon,
			"cio_call_soon, _later, _at or _cancel for what is"},
		{cancels_call,
			"cio_call_soon, _later, _at or _cancel for what is"},
		{gives_back, "releases a lease of pool"},
		{closes_executor, "closes executor"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		dies_saying(first, (void *)(uintptr_t)&all[i],
			(const char *const[]){"cio: task meddle (spawned at ",
				"other_loop.c:", all[i].words, "another loop",
				NULL});
}

static void what_has_one_gives_it(void **state)
{
	struct misuse m = {gets_errors, NULL}, streams = {uses_streams, NULL};
	(void)state;
	assert_int_equal(check_run(first, &m), 0);
	assert_int_equal(check_run(first, &streams), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_error_to_give_ends_the_process),
		cmocka_unit_test(what_has_one_gives_it),
	};
	return cmocka_run_group_tests_name("other_loop", tests, NULL, NULL);
}
