/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/* context.c - context variables: set, reset, inherited, and given up */
#include <cio/context.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cio/call.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/thread.h>
#include <cio/threadsafe.h>
#include <cio/time.h>
#include <cio/wait.h>

#include "base/list.h"
#include "check.h"

static const int minus_one = -1;
static const CIO_CONTEXT_VAR(number, int, &minus_one);
static const CIO_CONTEXT_VAR(other, int, NULL);
static const CIO_CONTEXT_VAR(third, long, NULL);

static int seen(void)
{
	return *(const int *)cio_context_get(&number);
}

static int set(int value)
{
	return cio_context_set(&number, &value, NULL);
}

static int other_seen(void)
{
	const int *value = cio_context_get(&other);
	return value != NULL ? *value : 0;
}

static void run_clean(int (*fn)(void *))
{
	assert_int_equal(check_run(fn, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- set and reset ---- */

static int sets_and_resets(void *arg)
{
	(void)arg;
	cio_context_token a, b, c;
	CHECK_INT(seen(), -1);
	CHECK(cio_context_get(&other) == NULL);
	CHECK_INT(cio_context_set(&number, &(int){1}, &a), 0);
	CHECK_INT(cio_context_set(&other, &(int){10}, &b), 0);
	CHECK_INT(cio_context_set(&number, &(int){2}, &c), 0);
	CHECK_INT(seen(), 2);
	CHECK_INT(cio_context_reset(&number, &b), -EINVAL); /* other's token */
	CHECK_INT(cio_context_reset(&number, &c), 0);
	CHECK_INT(seen(), 1);
	CHECK_INT(cio_context_reset(&number, &c), -EINVAL); /* used */
	CHECK(strstr(cio_error_text(), "number") != NULL);
	CHECK_INT(cio_context_reset(&number, &a), 0); /* below other's */
	CHECK_INT(seen(), -1);
	CHECK_INT(other_seen(), 10);
	CHECK_INT(cio_context_reset(&other, &b), 0);
	CHECK(cio_context_get(&other) == NULL);
	return 0;
}

static void set_and_reset(void **state)
{
	(void)state;
	run_clean(sets_and_resets);
}

/* A set without a token replaces: a reset still finds what was before. */
static int replaces(void *arg)
{
	(void)arg;
	cio_context_token token;
	CHECK_INT(set(1), 0);
	CHECK_INT(cio_context_set(&number, &(int){2}, &token), 0);
	CHECK_INT(cio_context_set(&other, &(int){10}, NULL), 0);
	uint64_t blocks = cio_sim_blocks();
	for (int i = 3; i < 100; i++)
		CHECK_INT(set(i), 0);
	CHECK_INT(cio_sim_blocks(), blocks);
	CHECK_INT(seen(), 99);
	CHECK_INT(other_seen(), 10);
	CHECK_INT(cio_context_reset(&number, &token), 0);
	CHECK_INT(seen(), 1);
	CHECK_INT(other_seen(), 10);
	return 0;
}

static void a_plain_set_replaces(void **state)
{
	(void)state;
	run_clean(replaces);
}

static int resets_anothers(cio_context_token *const *token)
{
	CHECK_INT(seen(), 1);
	CHECK_INT(cio_context_reset(&number, *token), -EINVAL);
	CHECK_INT(seen(), 1);
	return 0;
}

static int misuses(void *arg)
{
	(void)arg;
	cio_context_token token;
	CHECK_INT(cio_context_set(&number, &(char){1}, NULL), -EINVAL);
	CHECK(strstr(cio_error_text(), "number") != NULL);
	CHECK_INT(seen(), -1);
	CHECK_INT(cio_context_set(&number, &(int){1}, &token), 0);
	CHECK_INT(cio_await(cio_spawn(resets_anothers,
			  &(cio_context_token *){&token})),
		0);
	CHECK_INT(cio_context_reset(&number, &token), 0);
	return 0;
}

static void misuse_is_refused(void **state)
{
	(void)state;
	run_clean(misuses);
}

/* ---- tasks ---- */

struct child {
	int before, after;
};

static int child(const struct child *c)
{
	CHECK_INT(seen(), c->before);
	CHECK_INT(cio_yield(), 0); /* the spawner sets meanwhile */
	CHECK_INT(seen(), c->before);
	CHECK_INT(set(c->after), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(seen(), c->after);
	return 0;
}

static int spawns(void *arg)
{
	(void)arg;
	CHECK_INT(set(1), 0);
	cio_task *first = cio_spawn(child, (&(struct child){1, 11}));
	CHECK_INT(set(2), 0);
	cio_task *second = cio_spawn_with(&(cio_task_options){.eager = true},
		child, (&(struct child){2, 12}));
	CHECK_INT(seen(), 2);
	CHECK_INT(set(3), 0);
	CHECK_INT(cio_await(first), 0);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(seen(), 3);
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, child, (&(struct child){3, 13})),
			0);
		CHECK_INT(set(4), 0);
	}
	CHECK_INT(seen(), 4);
	return err;
}

static void children_copy_at_creation(void **state)
{
	(void)state;
	run_clean(spawns);
}

static int starts_with_the_threads(void *arg)
{
	CHECK_INT(seen(), 1);
	CHECK_INT(other_seen(), 5);
	CHECK_INT(cio_context_set(&other, &(int){6}, NULL), 0);
	return spawns(arg);
}

static void main_inherits_the_threads(void **state)
{
	(void)state;
	cio_context_token token;
	assert_int_equal(cio_context_set(&number, &(int){1}, &token), 0);
	assert_int_equal(cio_context_set(&other, &(int){5}, NULL), 0);
	assert_int_equal(check_run(starts_with_the_threads, NULL), 0);
	assert_int_equal(seen(), 1);
	assert_int_equal(cio_context_reset(&number, &token), 0);
	assert_int_equal(seen(), -1);
	assert_int_equal(other_seen(), 5);
}

/* ---- what is called later ---- */

static int calls_made;

static int on_call(void *want)
{
	CHECK_INT(seen(), (intptr_t)want);
	CHECK_INT(set(77), 0); /* ends with the call */
	calls_made++;
	return 0;
}

static void on_done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	CHECK_INT(seen(), 4);
	CHECK_INT(set(78), 0);
	calls_made++;
}

static int sets_and_ends(const int *value)
{
	CHECK_INT(set(*value), 0);
	return 0;
}

static int asks(void *arg)
{
	(void)arg;
	calls_made = 0;
	static cio_call soon, later, at, again, taken;
	static cio_done_callback done, removed;
	CHECK_INT(set(1), 0);
	cio_call_soon(&soon, on_call, (void *)1);
	cio_call_soon(&again, on_call, (void *)1);
	CHECK_INT(set(2), 0);
	cio_call_later(&later, CIO_MS(1), on_call, (void *)2);
	cio_call_later(&again, CIO_MS(1), on_call, (void *)2);
	cio_call_later(&taken, CIO_MS(1), on_call, (void *)2);
	CHECK_INT(set(3), 0);
	cio_call_at(&at, cio_now() + CIO_MS(2), on_call, (void *)3);
	cio_call_cancel(&taken);
	CHECK_INT(set(4), 0);
	cio_task *t = cio_spawn(sets_and_ends, &(int){50});
	done.fn = removed.fn = on_done;
	CHECK_INT(cio_task_add_done_callback(t, &done), 0);
	CHECK_INT(cio_task_add_done_callback(t, &removed), 0);
	cio_task_remove_done_callback(&removed);
	CHECK_INT(set(5), 0);
	CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(calls_made, 5);
	CHECK_INT(seen(), 5);
	return 0;
}

static void callbacks_see_their_askers(void **state)
{
	(void)state;
	run_clean(asks);
}

static int leaves_calls(void *arg)
{
	(void)arg;
	static cio_call soon, later, far;
	CHECK_INT(set(1), 0);
	cio_call_later(&later, CIO_S(100), on_call, (void *)1);
	cio_call_later(&far, CIO_S(100), on_call, (void *)1);
	cio_call_at(&soon, cio_now(), on_call, (void *)1);
	return 0;
}

static void calls_that_are_left_hold_nothing(void **state)
{
	(void)state;
	run_clean(leaves_calls);
}

struct operation {
	cio_op op;
	cio_waiter waiter;
	int times;
};

static void op_done(cio_op *op)
{
	struct operation *o = container_of(op, struct operation, op);
	CHECK_INT(seen(), 6);
	CHECK_INT(set(79), 0);
	o->times++;
	cio_unpark(&o->waiter);
}

static int cancels(void *op)
{
	cio_op_cancel(op);
	return 0;
}

static int submits(void *arg)
{
	(void)arg;
	int ends[2];
	CHECK_INT(pipe(ends), 0);
	struct operation o = {.op = {.kind = CIO_OP_READ, .off = -1}};
	cio_fd in;
	char byte;
	CHECK_INT(cio_fd_adopt(ends[0], &in), 0);
	o.op.fd = in;
	o.op.buf = &byte;
	o.op.len = 1;
	o.op.done = op_done;
	CHECK_INT(set(6), 0);
	CHECK_INT(cio_submit(&o.op), CIO_PENDING);
	CHECK_INT(set(7), 0);
	CHECK_INT(write(ends[1], "x", 1), 1);
	cio_settle(&o.waiter, NULL, "the operation", NULL, NULL);
	CHECK_INT(o.op.res, 1);
	/* and where the cancel ends it */
	CHECK_INT(set(6), 0);
	CHECK_INT(cio_submit(&o.op), CIO_PENDING);
	CHECK_INT(set(7), 0);
	static cio_call cancel;
	cio_call_soon(&cancel, cancels, &o.op);
	cio_settle(&o.waiter, NULL, "the operation", NULL, NULL);
	CHECK_INT(o.op.res, -ECANCELED);
	CHECK_INT(o.times, 2);
	CHECK_INT(seen(), 7);
	CHECK_INT(cio_perform_settled(&(cio_op){.kind = CIO_OP_CLOSE, .fd = in}),
		0);
	close(ends[1]);
	return 0;
}

static void operations_see_their_submitters(void **state)
{
	(void)state;
	run_clean(submits);
}

/* ---- threads ---- */

static int in_thread(void *want)
{
	int before = seen();
	CHECK_INT(set(80), 0);
	CHECK_INT(seen(), 80);
	return before == (int)(intptr_t)want ? 0 : -EINVAL;
}

static int abandoned_job(int *want)
{
	return in_thread((void *)(intptr_t)*want);
}

static int offloads(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) { /* the same threads again and again */
		CHECK_INT(set(i), 0);
		CHECK_INT(cio_to_thread(in_thread, (void *)(intptr_t)i), 0);
		CHECK_INT(seen(), i);
	}
	int want = 19;
	CHECK_INT(cio_to_thread_with(&(cio_thread_options){.abandon = true},
			  abandoned_job, &want),
		0);
	return 0;
}

static void threads_inherit_and_keep_their_own(void **state)
{
	(void)state;
	run_clean(offloads);
}

static _Atomic int called;

static int called_by_thread(void *want)
{
	CHECK_INT(seen(), (intptr_t)want);
	called++;
	return 0;
}

static int run_by_thread(void *want)
{
	CHECK_INT(seen(), (intptr_t)want);
	int err = cio_yield();
	CHECK_INT(set(81), 0);
	return err;
}

static void *plain_thread(void *loop)
{
	cio_future *f;
	CHECK_INT(seen(), -1);
	CHECK_INT(cio_call_threadsafe(loop, called_by_thread, (void *)-1), 0);
	CHECK_INT(set(90), 0);
	CHECK_INT(cio_call_threadsafe(loop, called_by_thread, (void *)90), 0);
	int err = cio_run_threadsafe(loop, run_by_thread, (void *)90, &f);
	CHECK_INT(set(91), 0);
	CHECK_INT(err < 0 ? err : cio_future_wait(f), 0);
	CHECK_INT(seen(), 91);
	cio_loop_ref_put(loop);
	return NULL; /* and what it has set ends with it */
}

static int join(void *thread)
{
	return -pthread_join(*(pthread_t *)thread, NULL);
}

static int hears_threads(void *arg)
{
	(void)arg;
	called = 0;
	CHECK_INT(set(1), 0);
	cio_loop_ref *loop;
	int err = cio_loop_ref_take(&loop);
	if (err < 0)
		return err;
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, plain_thread,
				  i > 0 ? cio_loop_ref_dup(loop) : loop),
			0);
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_to_thread(join, &threads[i]), 0);
	CHECK_INT(called, 8);
	CHECK_INT(seen(), 1);
	return 0;
}

static void what_threads_ask_for_sees_theirs(void **state)
{
	(void)state;
	run_clean(hears_threads);
}

/* ---- contexts as such ---- */

static int in_context(void *want)
{
	CHECK_INT(seen(), (intptr_t)want);
	int err = cio_yield(); /* others see theirs meanwhile */
	CHECK_INT(seen(), (intptr_t)want);
	CHECK_INT(set(82), 0);
	return err < 0 ? err : 7;
}

static int runs(void *arg)
{
	(void)arg;
	CHECK(cio_context_copy() == NULL);
	CHECK_INT(set(1), 0);
	cio_context *c = cio_context_copy();
	CHECK_INT(set(2), 0);
	cio_task *t = cio_spawn(child, (&(struct child){2, 3}));
	CHECK_INT(cio_context_run(c, in_context, (void *)1), 7);
	CHECK_INT(cio_context_run(c, in_context, (void *)1), 7);
	CHECK_INT(cio_context_run(NULL, in_context, (void *)-1), 7);
	CHECK_INT(seen(), 2);
	cio_context_free(c);
	CHECK_INT(cio_await(t), 0);
	return 0;
}

static void functions_run_in_a_context(void **state)
{
	(void)state;
	run_clean(runs);
}

/* ---- waits that add callbacks ---- */

static int rests(cio_event *const *until)
{
	return *until != NULL ? cio_event_wait(*until) : cio_yield();
}

static int waits(void *arg)
{
	(void)arg;
	CHECK_INT(set(1), 0);
	cio_event until = {0};
	cio_task *tasks[] = {cio_spawn(rests, &(cio_event *){NULL}),
		cio_spawn(rests, &(cio_event *){&until})};
	CHECK_INT(cio_wait(tasks, 2, CIO_FIRST_COMPLETED, CIO_NEVER), 1);
	CHECK_INT(cio_wait(tasks, 2, CIO_ALL_COMPLETED, CIO_MS(1)), 1);
	cio_event_set(&until);
	CHECK_INT(cio_await(tasks[0]), 0);
	return cio_await(tasks[1]);
}

static void waits_give_up_what_they_captured(void **state)
{
	(void)state;
	run_clean(waits);
}

/* ---- failures ---- */

/* Whatever fails, nothing has changed then, and nothing is lost. */
static int many_sets(void *arg)
{
	(void)arg;
	cio_context_token tokens[3];
	int got = seen(), had = other_seen();
	bool had_third = cio_context_get(&third) != NULL;
	if (set(1) == 0)
		got = 1;
	CHECK_INT(seen(), got);
	int a = cio_context_set(&number, &(int){2}, &tokens[0]);
	int b = cio_context_set(&other, &(int){10}, &tokens[1]);
	int c = cio_context_set(&third, &(long){20}, &tokens[2]);
	int before = a == 0 ? 2 : got;
	CHECK_INT(seen(), before);
	if (set(3) == 0) /* makes the two above anew */
		before = 3;
	CHECK_INT(seen(), before);
	CHECK_INT(other_seen(), b == 0 ? 10 : had);
	CHECK((cio_context_get(&third) != NULL) == (c == 0 || had_third));
	if (a == 0 && cio_context_reset(&number, &tokens[0]) < 0)
		CHECK_INT(seen(), before);
	if (b == 0)
		(void)cio_context_reset(&other, &tokens[1]);
	if (c == 0)
		(void)cio_context_reset(&third, &tokens[2]);
	return 0;
}

static int ends_and_sets(const int *value)
{
	(void)set(*value);
	return cio_yield();
}

static int everything(void *arg)
{
	(void)many_sets(arg);
	static cio_call later;
	cio_call_later(&later, CIO_S(1), many_sets, NULL);
	cio_task *t = cio_spawn(ends_and_sets, &(int){3});
	cio_loop_ref *loop;
	if (cio_loop_ref_take(&loop) == 0) {
		(void)cio_call_threadsafe(loop, many_sets, NULL);
		cio_loop_ref_put(loop);
	}
	(void)cio_to_thread(many_sets, NULL);
	(void)cio_sleep(CIO_MS(1));
	return cio_await(t);
}

static void memory_may_end_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(many_sets, NULL, "sets");
	check_fail_allocations(everything, NULL, "inheriting");
}

static void cancels_anywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(everything, NULL, "contexts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_reset),
		cmocka_unit_test(a_plain_set_replaces),
		cmocka_unit_test(misuse_is_refused),
		cmocka_unit_test(children_copy_at_creation),
		cmocka_unit_test(callbacks_see_their_askers),
		cmocka_unit_test(calls_that_are_left_hold_nothing),
		cmocka_unit_test(operations_see_their_submitters),
		cmocka_unit_test(threads_inherit_and_keep_their_own),
		cmocka_unit_test(what_threads_ask_for_sees_theirs),
		cmocka_unit_test(functions_run_in_a_context),
		cmocka_unit_test(waits_give_up_what_they_captured),
		cmocka_unit_test(memory_may_end_anywhere),
		cmocka_unit_test(cancels_anywhere),
		/* last: it leaves the thread a context */
		cmocka_unit_test(main_inherits_the_threads),
	};
	return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
