/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * context.c - rules: variables that are inherited
 */
#include "rules/rules.h"

#include <poll.h>
#include <pthread.h>

static const CIO_CONTEXT_VAR(letter, char, "-");

static char seen(void)
{
	return *(const char *)cio_context_get(&letter);
}

static void set(char c)
{
	CHECK_INT(cio_context_set(&letter, &c, NULL), 0);
}

/* ---- X-10 ---- */

static int sees_then_sets(char *const *out)
{
	(*out)[0] = seen();
	set('c');
	int err = cio_yield();
	(*out)[1] = seen();
	return err;
}

RULE(x_10_a_child_inherits_at_its_spawn_and_nothing_leaks)
{
	char out[2] = {0}, *p = out;
	set('a');
	cio_task *t = cio_spawn(sees_then_sets, &p);
	set('b'); /* after the spawn, before its turn */
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(seen(), 'b');
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(out[0], 'a');
	CHECK_INT(out[1], 'c');
	CHECK_INT(seen(), 'b');
	return 0;
}

/* ---- X-11 ---- */

static char heard[8];
static int heard_n;

static void hear(void)
{
	heard[heard_n++] = seen();
	set('!'); /* which stays with the callback */
}

static int is_called(void *arg)
{
	(void)arg;
	hear();
	return 0;
}

static void is_done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	hear();
}

static void has_polled(cio_op *op)
{
	CHECK(op->res > 0);
	hear();
}

RULE(x_11_callbacks_run_in_the_context_of_their_registration)
{
	cio_call soon = {.fn = NULL}, later = {.fn = NULL};
	cio_done_callback done = {.fn = is_done};
	cio_fd ours;
	int theirs;
	heard_n = 0;
	if (!open_pair(&ours, &theirs))
		return -EIO;
	cio_task *t = cio_spawn(sleeps, &(cio_duration){CIO_MS(1)});
	cio_op op = {.kind = CIO_OP_POLL, .fd = ours, .off = POLLIN,
		.done = has_polled};

	set('r');
	cio_call_soon(&soon, is_called, NULL);
	cio_call_later(&later, CIO_MS(1), is_called, NULL);
	CHECK_INT(cio_task_add_done_callback(t, &done), 0);
	CHECK_INT(cio_submit(&op), CIO_PENDING);
	set('x');

	CHECK_INT(write(theirs, "x", 1), 1);
	CHECK_INT(cio_await(t), 0);
	while (heard_n < 4 && cio_sleep(CIO_MS(1)) == 0)
		continue;
	CHECK_INT(heard_n, 4);
	for (int i = 0; i < heard_n; i++)
		CHECK_INT(heard[i], 'r');
	CHECK_INT(seen(), 'x');
	close_handle(ours);
	close(theirs);
	return 0;
}

/* ---- X-12 ---- */

static int sees_in_a_thread(void *arg)
{
	*(char *)arg = seen();
	set('t');
	return 0;
}

struct starter {
	cio_loop_ref *loop;
	char sees;
};

static int sees_in_the_loop(void *arg)
{
	((struct starter *)arg)->sees = seen();
	return 0;
}

static void *starts_a_task(void *arg)
{
	struct starter *s = arg;
	cio_future *f;
	set('p');
	if (CHECK_INT(cio_run_threadsafe(s->loop, sees_in_the_loop, s, &f), 0))
		CHECK_INT(cio_future_wait(f), 0);
	return NULL;
}

RULE(x_12_threads_executors_and_tasks_from_threads_see_it)
{
	char sees = 0;
	cio_executor *e;
	set('a');
	CHECK_INT(cio_to_thread(sees_in_a_thread, &sees), 0);
	CHECK_INT(sees, 'a');
	CHECK_INT(seen(), 'a');
	set('b');
	CHECK_INT(cio_executor_open(&e, &(cio_executor_options){.threads = 1}), 0);
	CHECK_INT(cio_executor_run(e, sees_in_a_thread, &sees), 0);
	CHECK_INT(sees, 'b');
	cio_executor_close(e);

	struct starter s = {.sees = 0};
	pthread_t thread;
	CHECK_INT(cio_loop_ref_take(&s.loop), 0);
	CHECK_INT(pthread_create(&thread, NULL, starts_a_task, &s), 0);
	while (s.sees == 0 && cio_yield() == 0)
		continue;
	CHECK_INT(pthread_join(thread, NULL), 0);
	CHECK_INT(s.sees, 'p');
	cio_loop_ref_put(s.loop);
	return 0;
}

/* ---- X-13 ---- */

static const CIO_CONTEXT_VAR(page, char[4096], NULL);

RULE(x_13_a_timeout_does_not_keep_a_context_alive)
{
	static const char bytes[4096];
	cio_scope s;
	uint64_t blocks = cio_sim_blocks();
	cio_context_token token;
	CHECK_INT(cio_context_set(&page, &bytes, &token), 0);
	CHECK(cio_sim_blocks() > blocks);
	cio_scope_begin(&s, cio_now() + LONG);
	CHECK_INT(cio_sleep(CIO_US(1)), 0);
	CHECK_INT(cio_context_reset(&page, &token), 0);
	CHECK_INT(cio_run_get_figures().timers, 1);
	CHECK_INT(cio_sim_blocks(), blocks);
	return cio_scope_end(&s, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x_10_a_child_inherits_at_its_spawn_and_nothing_leaks),
		cmocka_unit_test(x_11_callbacks_run_in_the_context_of_their_registration),
		cmocka_unit_test(x_12_threads_executors_and_tasks_from_threads_see_it),
		cmocka_unit_test(x_13_a_timeout_does_not_keep_a_context_alive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
