/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * task.c - spawn, await, detach: order, arguments, results, names, stacks
 */
#include <cio/task.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

static int ends_at_once(const int *result)
{
	return *result;
}

/* ---- order ---- */

static int order[256], order_n;

static int notes(const int *id)
{
	order[order_n++] = *id;
	return *id;
}

static int starts_in_order(void *arg)
{
	(void)arg;
	cio_task *t[200];
	order_n = 0;
	for (int i = 0; i < 200; i++)
		t[i] = cio_spawn(notes, &i);
	CHECK_INT(order_n, 0); /* spawning only queues */
	for (int i = 199; i >= 0; i--)
		CHECK_INT(cio_await(t[i]), i);
	for (int i = 0; i < 200; i++)
		CHECK_INT(order[i], i);
	return 0;
}

static int notes_thrice(const int *id)
{
	for (int i = 0; i < 3; i++) {
		order[order_n++] = *id;
		int err = cio_yield();
		if (err < 0)
			return err;
	}
	return 0;
}

static int takes_turns(void *arg)
{
	(void)arg;
	cio_task *t[3];
	order_n = 0;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(notes_thrice, &i);
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_await(t[i]), 0);
	for (int i = 0; i < 9; i++)
		CHECK_INT(order[i], i % 3);
	return 0;
}

/* ---- arguments ---- */

struct bytes128 {
	unsigned char b[128];
};
struct bytes129 {
	unsigned char b[129];
};
struct bytes4096 {
	unsigned char b[4096];
};
struct bytes4097 {
	unsigned char b[4097];
};

static int all_are(const unsigned char *b, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (b[i] != value)
			return -EBADMSG;
	return (int)n;
}

static int sees128(const struct bytes128 *a)
{
	CHECK_INT((uintptr_t)a % 16, 0);
	return all_are(a->b, sizeof a->b, 1);
}

static int sees129(const struct bytes129 *a)
{
	return all_are(a->b, sizeof a->b, 2);
}

static int sees4096(const struct bytes4096 *a)
{
	int err = cio_yield();
	return err < 0 ? err : all_are(a->b, sizeof a->b, 3);
}

static int sees4097(const struct bytes4097 *a)
{
	return all_are(a->b, sizeof a->b, 4);
}

static int copies_the_argument(void *arg)
{
	(void)arg;
	struct bytes128 a;
	struct bytes129 b;
	struct bytes4096 c;
	struct bytes4097 d;
	memset(&a, 1, sizeof a);
	memset(&b, 2, sizeof b);
	memset(&c, 3, sizeof c);
	memset(&d, 4, sizeof d);
	cio_task *ta = cio_spawn(sees128, &a), *tb = cio_spawn(sees129, &b);
	cio_task *tc = cio_spawn(sees4096, &c), *td = cio_spawn(sees4097, &d);
	memset(&a, 9, sizeof a);
	memset(&b, 9, sizeof b);
	memset(&c, 9, sizeof c);
	CHECK(td == NULL); /* refused above 4 KiB */
	CHECK_INT(cio_await(ta), 128);
	CHECK_INT(cio_await(tb), 129);
	CHECK_INT(cio_await(tc), 4096);
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sees4097, &d), -E2BIG);
	}
	CHECK_INT(err, 0);
	return 0;
}

/* ---- await ---- */

static int awaits_results(void *arg)
{
	(void)arg;
	CHECK_INT(cio_await(cio_spawn(ends_at_once, &(int){-EIO})), -EIO);
	CHECK_INT(cio_await(cio_spawn(ends_at_once, &(int){INT32_MAX})),
		INT32_MAX);
	CHECK_INT(cio_await(NULL), -ENOMEM);
	CHECK_INT(cio_await(cio_current_task()), -EDEADLK);

	cio_task *ended = cio_spawn(ends_at_once, &(int){3});
	CHECK(!cio_task_done(ended));
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_done(ended));
	CHECK_INT(cio_await(ended), 3);
	return 0;
}

static int fails_with_text(const int *n)
{
	return cio_fail(-EIO, "disk %d is full", *n);
}

static int brings_the_error_text(void *arg)
{
	(void)arg;
	CHECK_INT(cio_await(cio_spawn(fails_with_text, &(int){3})), -EIO);
	CHECK(strcmp(cio_error_text(), "disk 3 is full") == 0);
	/* texts are each task's own */
	cio_task *t = cio_spawn(fails_with_text, &(int){4});
	CHECK_INT(cio_yield(), 0);
	CHECK(strcmp(cio_error_text(), "disk 3 is full") == 0);
	CHECK_INT(cio_await(t), -EIO);
	CHECK(strcmp(cio_error_text(), "disk 4 is full") == 0);
	return 0;
}

/* ---- names ---- */

static int tells_name(char *const *out)
{
	snprintf(*out, 64, "%s", cio_task_name(cio_current_task()));
	return 0;
}

static int has_a_name_and_a_site(void *arg)
{
	(void)arg;
	char name[64], *p = name;
	cio_task *t = cio_spawn(tells_name, &p);
	CHECK(strcmp(cio_task_name(t), "tells_name") == 0);
	CHECK(strstr(cio_task_site(t), "task.c:") != NULL);
	CHECK_INT(cio_await(t), 0);
	CHECK(strcmp(name, "tells_name") == 0);
	t = cio_spawn_with(&(cio_task_options){.name = "other"}, tells_name,
		&p);
	CHECK_INT(cio_await(t), 0);
	CHECK(strcmp(name, "other") == 0);
	CHECK(strcmp(cio_task_name(cio_current_task()), "main") == 0);
	return 0;
}

/* ---- stacks ---- */

__attribute__((noinline)) static int touch(volatile char *p, size_t n)
{
	int sum = 0;
	for (size_t i = 0; i < n; i += 512)
		p[i] = (char)(i / 512);
	for (size_t i = 0; i < n; i += 512)
		sum += p[i] == (char)(i / 512);
	return sum;
}

static int uses_100k(const int *unused)
{
	(void)unused;
	volatile char local[100 * 1024];
	int sum = touch(local, sizeof local);
	int err = cio_yield();
	return err < 0 ? err : sum;
}

static int uses_3m(const int *unused)
{
	(void)unused;
	volatile char local[3 << 20];
	int sum = touch(local, sizeof local);
	int err = cio_yield();
	return err < 0 ? err : sum;
}

static int has_room_on_its_stack(void *arg)
{
	(void)arg;
	cio_task *t[20];
	for (int i = 0; i < 20; i++)
		t[i] = cio_spawn(uses_100k, &i);
	for (int i = 0; i < 20; i++)
		CHECK_INT(cio_await(t[i]), 200);
	cio_task *large = cio_spawn_with(
		&(cio_task_options){.stack_size = 4 * CIO_STACK_LARGE}, uses_3m,
		&(int){0});
	CHECK_INT(cio_await(large), 6144);
	return 0;
}

/* ---- many ---- */

enum { MANY = 100000 };
static cio_task *many[MANY];

static int spawns_many_at_once(void *arg)
{
	(void)arg;
	for (int i = 0; i < MANY; i++)
		many[i] = cio_spawn(ends_at_once, &i);
	CHECK_INT(cio_run_get_figures().tasks_alive, MANY + 1);
	int wrong = 0;
	for (int i = 0; i < MANY; i++)
		wrong += cio_await(many[i]) != i;
	CHECK_INT(wrong, 0);
	CHECK_INT(cio_run_get_figures().tasks_alive, 1);
	CHECK_INT(cio_run_get_figures().tasks_spawned, MANY + 1);
	/* they ended in their first turn, on the stacks of those before them */
	CHECK(cio_run_get_figures().stacks < 100);
	return 0;
}

/* ---- spawning from callbacks ---- */

struct later {
	cio_op op;
	cio_group *group;
	int *result;
	bool came;
};

static int writes(int *const *out)
{
	**out = 17;
	return 0;
}

static void spawns_a_child(cio_op *op)
{
	struct later *l = (struct later *)(void *)op;
	l->came = true;
	CHECK_INT(cio_group_try_spawn(l->group, writes, &l->result), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), -EDEADLK); /* it may not wait */
	CHECK(cio_current_task() == NULL);
}

static void timer_spawns(cio_timer *t)
{
	struct later *l = (struct later *)(void *)((char *)t -
		offsetof(struct later, op.timer));
	spawns_a_child(&l->op);
}

static int spawns_from_a_callback(void *arg)
{
	(void)arg;
	int result = 0, err = 0;
	CIO_GROUP (g, &err) {
		struct later l = {.group = &g, .result = &result};
		l.op.timer.fire = timer_spawns;
		cio_timer_arm(&l.op.timer, cio_now() + CIO_MS(1));
		CHECK_INT(cio_sleep(CIO_MS(2)), 0);
		CHECK(l.came);
	}
	CHECK_INT(err, 0);
	CHECK_INT(result, 17);
	return 0;
}

/* An operation that runs into its deadline ends in done(), on any driver. */
static int spawns_from_done(void *arg)
{
	(void)arg;
	int fds[2], result = 0, err = 0;
	cio_fd fd;
	CHECK_INT(pipe(fds), 0);
	CHECK_INT(cio_fd_adopt(fds[0], &fd), 0);
	struct later l = {.result = &result};
	CIO_GROUP (g, &err) {
		l.group = &g;
		l.op = (cio_op){.kind = CIO_OP_POLL,
			.off = POLLIN,
			.fd = fd,
			.done = spawns_a_child,
			.group = &g,
			.deadline = cio_now() + CIO_MS(1)};
		CHECK_INT(cio_submit(&l.op), CIO_PENDING);
	}
	CHECK_INT(err, 0);
	CHECK_INT(l.op.res, -ETIMEDOUT);
	CHECK_INT(result, 17);
	cio_op closing = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&closing), 0);
	close(fds[1]);
	return 0;
}

/* ---- what is reported ---- */

static int fails_later(const int *err)
{
	int refused = cio_yield();
	return refused < 0 ? refused : *err;
}

static int detaches(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(fails_later, &(int){-EIO}), "stray");
	cio_detach(cio_spawn(fails_with_text, &(int){5}), NULL);
	cio_task *ended = cio_spawn(ends_at_once, &(int){-EPERM});
	CHECK_INT(cio_yield(), 0);
	cio_detach(ended, "ended");
	cio_detach(cio_spawn(ends_at_once, &(int){3}), "good");
	cio_detach(NULL, "nobody");
	return cio_sleep(CIO_MS(1));
}

static int count_of(const char *text, const char *what)
{
	int n = 0;
	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

static void detached_errors_are_reported_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(detaches, NULL), 0);
	const char *r = check_reports();
	assert_int_equal(count_of(r, "nobody looked"), 3);
	assert_int_equal(count_of(r, "task stray, spawned at "), 1);
	assert_int_equal(count_of(r, "task fails_with_text, spawned at "), 1);
	assert_int_equal(count_of(r, "disk 5 is full"), 1);
	assert_int_equal(count_of(r, "task ended, spawned at "), 1);
	assert_int_equal(count_of(r, "good"), 0);
	assert_int_equal(count_of(r, "task.c:"), 3);
}

static int cancelled_stray(const int *unused)
{
	(void)unused;
	return cio_sleep(CIO_S(3600));
}

static int leaves_one_to_be_cancelled(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(cancelled_stray, &(int){0}), NULL);
	return cio_yield();
}

static void refused_strays_are_not_reported(void **state)
{
	(void)state;
	assert_int_equal(check_run(leaves_one_to_be_cancelled, NULL), 0);
	assert_null(strstr(check_reports(), "error: "));
	assert_null(strstr(check_reports(), "warning: "));
}

static int forgets(void *arg)
{
	(void)arg;
	(void)cio_spawn(ends_at_once, &(int){1});
	(void)cio_spawn_with(&(cio_task_options){.name = "lost"}, ends_at_once,
		&(int){-EIO});
	return cio_sleep(CIO_MS(1));
}

static void forgotten_handles_are_named(void **state)
{
	(void)state;
	assert_int_equal(check_run(forgets, NULL), 0);
	const char *r = check_reports();
	assert_int_equal(count_of(r, "warning: "), 2);
	assert_int_equal(count_of(r, "neither awaited nor detached"), 2);
	assert_int_equal(count_of(r, "task ends_at_once, spawned at "), 1);
	assert_int_equal(count_of(r, "nobody looked"),
		1); /* and its error, once */
	assert_non_null(strstr(r, "task lost, spawned at "));
}

struct test_case {
	int (*fn)(void *);
};

static void run_case(void **state)
{
	const struct test_case *c = *state;
	assert_int_equal(check_run(c->fn, NULL), 0);
	assert_null(strstr(check_reports(), "warning: "));
	assert_null(strstr(check_reports(), "error: "));
}

#define CASE(f) \
	{ \
		.name = #f, .test_func = run_case, \
		.initial_state = &(struct test_case) \
		{ \
			f \
		} \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(starts_in_order),
		CASE(takes_turns),
		CASE(copies_the_argument),
		CASE(awaits_results),
		CASE(brings_the_error_text),
		CASE(has_a_name_and_a_site),
		CASE(has_room_on_its_stack),
		CASE(spawns_many_at_once),
		CASE(spawns_from_a_callback),
		CASE(spawns_from_done),
		cmocka_unit_test(detached_errors_are_reported_once),
		cmocka_unit_test(refused_strays_are_not_reported),
		cmocka_unit_test(forgotten_handles_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
