/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * misuse.c - calls from where they cannot work
 *
 * Each gives an error with a text, or ends the process with one line that says
 * what to do instead; such a one has a process of its own.
 */
#include <cio/run.h>

#include <errno.h>
#include <pthread.h>

#include <cio/barrier.h>
#include <cio/call.h>
#include <cio/condition.h>
#include <cio/context.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/limiter.h>
#include <cio/lock.h>
#include <cio/map.h>
#include <cio/net.h>
#include <cio/queue.h>
#include <cio/rate_limiter.h>
#include <cio/rwlock.h>
#include <cio/semaphore.h>
#include <cio/signal.h>
#include <cio/stream_server.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/threadsafe.h>
#include <cio/time.h>
#include <cio/wait.h>

#include "dies.h"

static void run_clean(int (*fn)(void *))
{
	assert_int_equal(check_run(fn, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static bool told(const char *words)
{
	bool so = strstr(cio_error_text(), words) != NULL;
	if (!so)
		printf("# it says '%s'\n", cio_error_text());
	return so;
}

static int work(const int *unused)
{
	(void)unused;
	return cio_sleep(CIO_MS(1));
}

static int item(int *unused)
{
	return work(unused);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* ---- in a task ---- */

static int runs_again(void *arg)
{
	(void)arg;
	CHECK_INT(cio_run(nothing, NULL), -EBUSY);
	CHECK(told("cio_run inside cio_run"));
	return 0;
}

static void a_run_inside_a_run(void **state)
{
	(void)state;
	run_clean(runs_again);
}

static int awaits_itself(void *arg)
{
	(void)arg;
	CHECK_INT(cio_await(cio_current_task()), -EDEADLK);
	CHECK(told("awaits itself"));
	CHECK_INT(cio_await(NULL), -ENOMEM);
	return 0;
}

static void a_task_that_awaits_itself(void **state)
{
	(void)state;
	run_clean(awaits_itself);
}

static int releases(cio_lock *const *l)
{
	CHECK_INT(cio_lock_release(*l), -EPERM);
	CHECK(told("another task holds this lock"));
	return 0;
}

static int writes(cio_rwlock *const *l)
{
	CHECK_INT(cio_rwlock_release_write(*l), -EPERM);
	CHECK(told("another task writes"));
	return 0;
}

static int releases_anothers(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	CHECK_INT(cio_lock_release(&l), -EPERM);
	CHECK(told("nobody holds this lock"));
	CHECK_INT(cio_lock_acquire(&l), 0);
	CHECK_INT(cio_lock_acquire(&l), -EDEADLK);
	CHECK(told("holds this lock already"));
	CHECK_INT(cio_await(cio_spawn(releases, &(cio_lock *){&l})), 0);
	CHECK_INT(cio_lock_finish(&l), -EBUSY);
	CHECK_INT(cio_lock_release(&l), 0);
	CHECK_INT(cio_lock_finish(&l), 0);

	cio_rwlock rw = {0};
	CHECK_INT(cio_rwlock_acquire_write(&rw), 0);
	CHECK_INT(cio_await(cio_spawn(writes, &(cio_rwlock *){&rw})), 0);
	CHECK_INT(cio_rwlock_release_write(&rw), 0);
	return 0;
}

static void a_lock_released_by_another(void **state)
{
	(void)state;
	run_clean(releases_anothers);
}

struct primitives {
	cio_semaphore semaphore;
	cio_condition condition;
	cio_lock lock;
	cio_queue queue;
	cio_barrier barrier;
	cio_event event;
};

static int waits_in_semaphore(struct primitives *const *p)
{
	return cio_semaphore_acquire(&(*p)->semaphore);
}

static int waits_in_condition(struct primitives *const *p)
{
	int err = cio_lock_acquire(&(*p)->lock);
	if (err < 0)
		return err;
	err = cio_condition_wait(&(*p)->condition, &(*p)->lock);
	(void)cio_lock_release(&(*p)->lock);
	return err;
}

static int waits_in_queue(struct primitives *const *p)
{
	int got;
	return cio_queue_get(&(*p)->queue, &got);
}

static int waits_in_barrier(struct primitives *const *p)
{
	return cio_barrier_wait(&(*p)->barrier);
}

static int finishes(void *arg)
{
	(void)arg;
	struct primitives all = {0}, *p = &all;
	int err = 0;
	cio_semaphore_init(&p->semaphore, 0);
	cio_barrier_init(&p->barrier, 2);
	cio_queue_init(&p->queue, sizeof(int), 0);
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, waits_in_semaphore, &p), 0);
		CHECK_INT(cio_group_spawn(&g, waits_in_condition, &p), 0);
		CHECK_INT(cio_group_spawn(&g, waits_in_queue, &p), 0);
		CHECK_INT(cio_group_spawn(&g, waits_in_barrier, &p), 0);
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
		CHECK_INT(cio_semaphore_finish(&p->semaphore), -EBUSY);
		CHECK_INT(cio_condition_finish(&p->condition), -EBUSY);
		CHECK_INT(cio_queue_finish(&p->queue), -EBUSY);
		CHECK_INT(cio_barrier_finish(&p->barrier), -EBUSY);
		cio_group_cancel(&g, "enough");
	}
	CHECK_INT(cio_semaphore_finish(&p->semaphore), 0);
	CHECK_INT(cio_condition_finish(&p->condition), 0);
	CHECK_INT(cio_queue_finish(&p->queue), 0);
	CHECK_INT(cio_barrier_finish(&p->barrier), 0);
	return err;
}

static void an_end_with_waiters(void **state)
{
	(void)state;
	run_clean(finishes);
}

static int closes(cio_group *const *g)
{
	CHECK_INT(cio_group_close(*g, 0), -EDEADLK);
	CHECK(told("closed by the task that opened it"));
	return 0;
}

static int group_closed_inside(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, closes, &(cio_group *){&g}), 0);
		CHECK_INT(cio_group_spawn_with(&g,
				  &(cio_task_options){.eager = true}, closes,
				  &(cio_group *){&g}),
			0);
	}
	CHECK_INT(cio_group_spawn(&(cio_group){.closed = true}, work, &(int){0}),
		-ESHUTDOWN);
	return err;
}

static void a_group_closed_by_its_own_task(void **state)
{
	(void)state;
	run_clean(group_closed_inside);
}

/* ---- blocking calls where nothing can wait ---- */

static void refused(int err, const char *words)
{
	CHECK_INT(err, -EDEADLK);
	CHECK(told(words));
}

static void call_all(const char *words, cio_task *t)
{
	struct primitives p = {0};
	int got;
	refused(cio_yield(), words);
	refused(cio_checkpoint(), words);
	refused(cio_sleep(0), words);
	refused(cio_sleep(CIO_MS(1)), words);
	refused(cio_await(t), words);
	refused(cio_lock_acquire(&p.lock), words);
	CHECK_INT(cio_condition_wait(&p.condition, &p.lock), -EPERM);
	cio_semaphore_init(&p.semaphore, 1);
	refused(cio_semaphore_acquire(&p.semaphore), words);
	cio_queue_init(&p.queue, sizeof(int), 0);
	refused(cio_queue_put(&p.queue, &(int){1}), words);
	refused(cio_queue_get(&p.queue, &got), words);
	refused(cio_queue_join(&p.queue), words);
	CHECK_INT(cio_queue_finish(&p.queue), 0);
	refused(cio_event_wait(&p.event), words);
	cio_barrier_init(&p.barrier, 1);
	refused(cio_barrier_wait(&p.barrier), words);
	cio_rwlock rw = {0};
	refused(cio_rwlock_acquire_read(&rw), words);
	refused(cio_rwlock_acquire_write(&rw), words);
	refused(cio_to_thread(nothing, NULL), words);
	refused(cio_wait(&t, 1, CIO_ALL_COMPLETED, CIO_NEVER), words);
	refused(cio_wait_for(t, CIO_S(1)), words);
	refused(cio_gather(CIO_TASKS(t)), words);
	refused(cio_gather(CIO_TASKS(t, NULL)), words);
	int items[2] = {0};
	refused(cio_map(item, items, 2), words);
	cio_stream *s;
	refused(cio_tcp_connect(&s, "127.0.0.1", 1, NULL), words);
	cio_waiter w;
	refused(cio_park(&w, NULL, "nothing"), words);
	cio_op op = {.kind = CIO_OP_NOP};
	refused(cio_perform(&op), words);
	cio_group closed = {.closed = true};
	refused(cio_group_spawn(&closed, work, &(int){0}), words);
	refused(cio_group_close(&closed, 0), "closed by the task that opened");
	CHECK_INT(cio_lock_try_acquire(&p.lock), -EPERM);
	CHECK(told("only a task can hold a lock"));
	CHECK_INT(cio_lock_release(&p.lock), -EPERM);
	CHECK(cio_current_task() == NULL);
	CHECK_INT(cio_refused(), 0);
	CHECK(cio_cancel_reason()[0] == '\0');
}

static cio_task *awaited;

static int from_callback(void *arg)
{
	(void)arg;
	call_all("in a callback, which cannot wait", awaited);
	return 0;
}

static int calls_back(void *arg)
{
	(void)arg;
	static cio_call call;
	awaited = cio_spawn(work, &(int){0});
	cio_call_soon(&call, from_callback, NULL);
	CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	return cio_await(awaited);
}

static void in_a_callback(void **state)
{
	(void)state;
	run_clean(calls_back);
}

static cio_stream *its_stream;

static void use_its_stream(void)
{
	char byte;
	cio_address a;
	refused((int)cio_stream_read(its_stream, &byte, 1), "outside a loop");
	refused((int)cio_stream_try_fill(its_stream), "outside a loop");
	refused(cio_stream_write(its_stream, "x", 1, NULL), "outside a loop");
	refused(cio_stream_shutdown(its_stream), "outside a loop");
	refused(cio_stream_peer(its_stream, &a), "outside a loop");
}

static void *from_thread(void *arg)
{
	use_its_stream();
	call_all("outside a loop", awaited);
	cio_group g = {0};
	refused(cio_group_try_spawn(&g, work, &(int){0}), "outside a loop");
	cio_op op = {.kind = CIO_OP_NOP};
	refused(cio_perform_settled(&op), "outside a loop");
	refused(cio_submit(&op), "outside a loop");
	cio_fd fd;
	refused(cio_fd_adopt(0, &fd), "outside a loop");
	cio_loop_ref *ref;
	CHECK_INT(cio_loop_ref_take(&ref), -ESHUTDOWN);
	cio_signals s;
	refused(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), "outside a loop");
	CHECK(cio_current_loop() == NULL);
	return arg;
}

static int join(void *thread)
{
	return -pthread_join(*(pthread_t *)thread, NULL);
}

static int asks_thread(void *arg)
{
	(void)arg;
	pthread_t thread;
	cio_stream *other;
	awaited = cio_spawn(work, &(int){0});
	CHECK_INT(cio_stream_pair(&its_stream, &other, 0), 0);
	CHECK_INT(pthread_create(&thread, NULL, from_thread, NULL), 0);
	CHECK_INT(cio_to_thread(join, &thread), 0);
	CHECK(cio_stream_reusable(its_stream)); /* nothing has come of it */
	cio_stream_close(its_stream);
	cio_stream_close(other);
	return cio_await(awaited);
}

static void in_another_thread(void **state)
{
	(void)state;
	run_clean(asks_thread);
}

static void outside_a_loop(void **state)
{
	(void)state;
	cio_lock l = {0};
	assert_int_equal(cio_lock_acquire(&l), -EDEADLK);
	assert_non_null(strstr(cio_error_text(), "outside a loop"));
}

/* ---- calls that have no error to give ---- */

static void do_spawn(void)
{
	(void)cio_spawn(work, &(int){0});
}

static void do_now(void)
{
	(void)cio_now();
}

static void do_scope(void)
{
	cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
}

static void do_shield(void)
{
	CIO_SHIELD (CIO_S(1))
		(void)cio_yield();
}

static void do_group(void)
{
	cio_group g;
	cio_group_open(&g, NULL);
}

static void do_call_soon(void)
{
	static cio_call c;
	cio_call_soon(&c, nothing, NULL);
}

static void do_call_later(void)
{
	static cio_call c;
	cio_call_later(&c, CIO_MS(1), nothing, NULL);
}

static void do_settle(void)
{
	cio_waiter w;
	cio_settle(&w, NULL, "nothing", NULL, NULL);
}

static cio_event shared_event;
static cio_task *shared_task;

static void do_event_set(void)
{
	cio_event_set(&shared_event);
}

static void do_cancel(void)
{
	cio_task_cancel(shared_task, "from elsewhere");
}

static cio_stream *shared_stream, *other_end;
static cio_listener *shared_listener;

static void do_close_stream(void)
{
	cio_stream_close(shared_stream);
}

static void do_drop_stream(void)
{
	cio_stream_drop(shared_stream);
}

static void do_close_listener(void)
{
	cio_listener_close(shared_listener);
}

static cio_stream_server *shared_server;

static void do_close_listeners(void)
{
	cio_stream_server_close_listeners(shared_server);
}

static int talk(cio_stream *stream, void *arg)
{
	(void)stream;
	(void)arg;
	return 0;
}

static void do_detach(void)
{
	cio_detach(shared_task, NULL);
}

static int waits_for_event(const int *unused)
{
	(void)unused;
	return cio_event_wait(&shared_event);
}

static void *thread_does(void *what)
{
	(*(void (**)(void))what)();
	return NULL;
}

/* In a plain thread, while a task waits in the loop's. */
static int does_in_thread(void *what)
{
	pthread_t thread;
	shared_task = cio_spawn(waits_for_event, &(int){0});
	int err = cio_stream_pair(&shared_stream, &other_end, 0);
	if (err == 0)
		err = cio_tcp_listen(&shared_listener, "127.0.0.1", 0, NULL);
	if (err == 0)
		err = cio_stream_server_open(&shared_server, talk, NULL, NULL);
	if (err == 0)
		err = cio_sleep(CIO_MS(1));
	if (err == 0)
		err = -pthread_create(&thread, NULL, thread_does, what);
	return err < 0 ? err : -pthread_join(thread, NULL);
}

static int does_in_call(void *what)
{
	(*(void (**)(void))what)();
	return 0;
}

static int asks_call(void *what)
{
	static cio_call call;
	cio_call_soon(&call, does_in_call, what);
	return cio_sleep(CIO_MS(1));
}

static char said[1024];

enum where { BARE, THREAD, CALLBACK };

struct deed {
	enum where where;
	void (*what)(void);
};

static void do_it(const void *arg)
{
	const struct deed *d = arg;
	if (d->where == BARE)
		d->what();
	else
		(void)cio_run(d->where == THREAD ? does_in_thread : asks_call,
			(void *)(uintptr_t)&d->what);
}

/* It dies of abort, having said one line that begins so. */
static void dies(const char *line, enum where where, void (*what)(void))
{
	int status = in_process(do_it, &(struct deed){where, what}, said,
		sizeof said);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(said, line));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void no_loop_and_no_error_to_give(void **state)
{
	(void)state;
	dies("cio: cio_spawn outside a loop: ", BARE, do_spawn);
	dies("cio: cio_now outside a loop: ", BARE, do_now);
	dies("cio: cio_scope_begin outside a loop: ", BARE, do_scope);
	dies("outside a loop: ", BARE, do_shield);
	dies("cio: cio_group_open outside a loop: ", BARE, do_group);
	dies("cio: cio_call_soon", BARE, do_call_soon);
	dies("outside a loop: ", BARE, do_call_later);
	dies("cio: cio_settle outside a loop: ", BARE, do_settle);
}

static void no_task_and_no_error_to_give(void **state)
{
	(void)state;
	dies("cio: cio_scope_begin in a callback", CALLBACK, do_scope);
	dies("cio: cio_group_open in a callback", CALLBACK, do_group);
	dies("cio: cio_settle in a callback", CALLBACK, do_settle);
	dies("cio: cio_scope_begin in a callback", CALLBACK, do_shield);
}

static void another_thread_and_no_error_to_give(void **state)
{
	(void)state;
	dies("cio: cio_spawn outside a loop: ", THREAD, do_spawn);
	dies("cio: cio_unpark outside a loop: ", THREAD, do_event_set);
	dies("cio: cio_task_cancel outside a loop: ", THREAD, do_cancel);
	dies("cio: cio_group_open outside a loop: ", THREAD, do_group);
	dies("cio: cio_detach outside a loop: ", THREAD, do_detach);
	dies("cio: cio_stream_close of the stream opened at ", THREAD,
		do_close_stream);
	dies("core/misuse.c:", THREAD, do_close_stream);
	dies(" by task 'main' outside a loop: ", THREAD,
		do_close_stream);
	dies("cio: cio_stream_drop of the stream opened at ", THREAD,
		do_drop_stream);
	dies("cio: cio_listener_close of the listener opened at ", THREAD,
		do_close_listener);
	dies("_close_listeners of the stream server opened at ", THREAD,
		do_close_listeners);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_inside_a_run),
		cmocka_unit_test(a_task_that_awaits_itself),
		cmocka_unit_test(a_lock_released_by_another),
		cmocka_unit_test(an_end_with_waiters),
		cmocka_unit_test(a_group_closed_by_its_own_task),
		cmocka_unit_test(in_a_callback),
		cmocka_unit_test(in_another_thread),
		cmocka_unit_test(outside_a_loop),
		cmocka_unit_test(no_loop_and_no_error_to_give),
		cmocka_unit_test(no_task_and_no_error_to_give),
		cmocka_unit_test(another_thread_and_no_error_to_give),
	};
	return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
