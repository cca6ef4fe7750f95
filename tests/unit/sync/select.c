/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * select.c - the first of several things, and nothing of the others
 */
#include <cio/select.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

struct three {
	cio_queue a, b, full;
	int got_a, got_b, put, result;
};

static void open_three(struct three *s)
{
	*s = (struct three){.got_a = -1, .got_b = -1, .put = 7};
	cio_queue_init(&s->a, sizeof(int), 0);
	cio_queue_init(&s->b, sizeof(int), 0);
	cio_queue_init(&s->full, sizeof(int), 1);
	CHECK_INT(cio_queue_try_put(&s->full, &(int){1}), 0);
}

static void close_three(struct three *s)
{
	CHECK_INT(cio_queue_finish(&s->a), 0);
	CHECK_INT(cio_queue_finish(&s->b), 0);
	CHECK_INT(cio_queue_finish(&s->full), 0);
}

/* Get of a, get of b, put to full. */
static int selects(struct three *const *at)
{
	struct three *s = *at;
	cio_select_case on[] = {cio_on_get(&s->a, &s->got_a),
		cio_on_get(&s->b, &s->got_b), cio_on_put(&s->full, &s->put)};
	int i = cio_select(on, 3);
	if (i >= 0)
		s->result = on[i].result;
	return i;
}

static void put_now(cio_queue *q, int item)
{
	CHECK_INT(cio_queue_try_put(q, &item), 0);
}

static int get_now(cio_queue *q)
{
	int item = -1;
	CHECK_INT(cio_queue_try_get(q, &item), 0);
	return item;
}

/* of those possible at once, the first in the list. */
static int a02_first_in_the_list(void *arg)
{
	(void)arg;
	struct three s, *at = &s;
	open_three(&s);
	put_now(&s.a, 1);
	put_now(&s.b, 2);
	get_now(&s.full);
	CHECK_INT(selects(&at), 0);
	CHECK_INT(s.got_a, 1);
	CHECK_INT(s.got_b, -1);
	CHECK_INT(selects(&at), 1);
	CHECK_INT(s.got_b, 2);
	CHECK_INT(s.full.size, 0);
	CHECK_INT(selects(&at), 2);
	CHECK_INT(get_now(&s.full), 7);
	close_three(&s);
	return 0;
}

/* Asleep in all three: the first that comes, and both at once. */
static int only_one_has_an_effect(void *arg)
{
	(void)arg;
	for (int which = 0; which < 3; which++) {
		struct three s, *at = &s;
		open_three(&s);
		cio_task *t = cio_spawn(selects, &at);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_queue_finish(&s.a), -EBUSY);
		if (which == 0)
			put_now(&s.a, 10);
		if (which < 2)
			put_now(&s.b, 20);
		CHECK_INT(get_now(&s.full), 1);
		CHECK_INT(cio_await(t), which);
		CHECK_INT(s.result, 0);
		CHECK_INT(s.got_a, which == 0 ? 10 : -1);
		CHECK_INT(s.got_b, which == 1 ? 20 : -1);
		CHECK_INT(s.a.size, 0);
		CHECK_INT(s.b.size, which == 0);
		CHECK_INT(s.full.size, which == 2);
		close_three(&s);
	}
	return 0;
}

static int gets(cio_queue *const *q)
{
	int item = -1;
	int err = cio_queue_get(*q, &item);
	return err < 0 ? err : item;
}

/* In turn with those who get: no overtaking, and no place kept after it. */
static int in_turn_with_getters(void *arg)
{
	(void)arg;
	struct three s, *at = &s;
	cio_queue *a = &s.a;
	open_three(&s);
	cio_task *first = cio_spawn(gets, &a), *t = cio_spawn(selects, &at);
	cio_task *last = cio_spawn(gets, &a);
	CHECK_INT(cio_yield(), 0);
	put_now(&s.a, 1);
	put_now(&s.b, 2); /* ends the select */
	put_now(&s.a, 3);
	CHECK_INT(cio_await(first), 1);
	CHECK_INT(cio_await(t), 1);
	CHECK_INT(cio_await(last), 3);
	CHECK_INT(s.got_a, -1);
	close_three(&s);
	return 0;
}

static int handed_and_cancelled(void *arg)
{
	(void)arg;
	struct three s, *at = &s;
	open_three(&s);
	cio_task *t = cio_spawn(selects, &at);
	CHECK_INT(cio_yield(), 0);
	put_now(&s.b, 2);
	cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), 1);
	CHECK_INT(s.got_b, 2);

	t = cio_spawn(selects, &at);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "before");
	put_now(&s.b, 3);
	CHECK_INT(get_now(&s.full), 1);
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(s.b.size, 1);
	CHECK_INT(s.full.size, 0);

	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = selects(&at);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(s.b.size, 1);
	close_three(&s);
	return 0;
}

static int shut_down(void *arg)
{
	(void)arg;
	struct three s, *at = &s;
	open_three(&s);
	cio_task *t = cio_spawn(selects, &at);
	CHECK_INT(cio_yield(), 0);
	cio_queue_shutdown(&s.full, false);
	cio_queue_shutdown(&s.a, false);
	CHECK_INT(cio_await(t), 2);
	CHECK_INT(s.result, -ESHUTDOWN);
	CHECK_INT(selects(&at), 0);
	CHECK_INT(s.result, -ESHUTDOWN);
	close_three(&s);
	return 0;
}

/* ---- tasks and the time ---- */

static int sleeps(const int *ms)
{
	int err = cio_sleep(CIO_MS(*ms));
	return err < 0 ? err : *ms;
}

static int ends_and_times(void *arg)
{
	(void)arg;
	struct three s;
	open_three(&s);
	cio_task *quick = cio_spawn(sleeps, &(int){1});
	cio_task *slow = cio_spawn(sleeps, &(int){3600 * 1000});
	cio_select_case on[] = {cio_on_get(&s.a, &s.got_a), cio_on_done(slow),
		cio_on_done(quick), cio_on_time(cio_now() + CIO_S(3000)),
		cio_on_time(CIO_NEVER)};
	CHECK_INT(cio_try_select(on, 5), -EAGAIN);
	CHECK_INT(cio_select(on, 5), 2);
	CHECK(cio_task_done(quick));
	CHECK_INT(cio_select(on, 5), 2); /* still so */
	CHECK_INT(cio_await(quick), 1);
	on[2] = cio_on_time(cio_now() + CIO_MS(1));
	CHECK_INT(cio_select(on, 5), 2);
	CHECK(cio_now() >= on[2].deadline);
	CHECK_INT(cio_try_select(on, 5), 2);
	CHECK_INT(on[2].result, 0);
	CHECK_INT(cio_select(on, 0), -EINVAL);
	CHECK_INT(cio_select(on, CIO_SELECT_MAX + 1), -EINVAL);
	CHECK_INT(s.got_a, -1);
	cio_task_cancel(slow, "test"); /* nobody looks any more */
	CHECK_INT(cio_await(slow), -ECANCELED);
	close_three(&s);
	return 0;
}

/* What comes after the wake in the same turn changes nothing. */
static int ends_in_the_same_turn(void *arg)
{
	(void)arg;
	cio_time when = cio_now() + CIO_MS(1);
	cio_queue q;
	int item;
	cio_queue_init(&q, sizeof(int), 0);
	cio_select_case on[] = {cio_on_get(&q, &item), cio_on_time(when),
		cio_on_time(when), cio_on_time(when)};
	CHECK_INT(cio_select(on, 4), 1);
	int err = 0; /* refused, and then the time */
	cio_scope scope;
	when = cio_now() + CIO_MS(1);
	cio_scope_begin(&scope, when);
	on[1] = on[2] = on[3] = cio_on_time(when);
	err = cio_select(on, 4);
	CHECK_INT(cio_scope_end(&scope, err), -ETIMEDOUT);
	return cio_queue_finish(&q);
}

/* ---- everything at once, cancelled everywhere ---- */

struct pump {
	cio_queue in, out;
	int sent, moved, received;
};

static int produces(struct pump *const *at)
{
	struct pump *p = *at;
	int err = 0;
	while (err == 0 && p->sent < 10) {
		err = cio_queue_put(&p->in, &p->sent);
		p->sent += err == 0;
	}
	cio_queue_shutdown(&p->in, false);
	return err;
}

static int consumes(struct pump *const *at)
{
	struct pump *p = *at;
	int item, err;
	while ((err = cio_queue_get(&p->out, &item)) == 0)
		CHECK_INT(item, p->received++);
	return err == -ESHUTDOWN ? 0 : err;
}

/* Moves items on, holding one at most. */
static int moves(struct pump *p)
{
	int item = 0, i = 0;
	bool holds = false;
	while (i >= 0) {
		cio_select_case on[] = {holds ? cio_on_put(&p->out, &item) :
						cio_on_get(&p->in, &item),
			cio_on_time(CIO_NEVER)};
		i = cio_select(on, 2);
		if (i == 0 && on[0].result < 0) {
			cio_queue_shutdown(&p->out, false);
			return on[0].result == -ESHUTDOWN ? 0 : on[0].result;
		}
		if (i == 0) {
			p->moved += holds;
			holds = !holds;
		}
	}
	return i;
}

static int pump(void *arg)
{
	(void)arg;
	struct pump p = {.sent = 0}, *at = &p;
	int err = 0;
	cio_queue_init(&p.in, sizeof(int), 1);
	cio_queue_init(&p.out, sizeof(int), 1);
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, produces, &at);
		if (err == 0)
			err = cio_group_spawn(&g, consumes, &at);
		if (err == 0)
			err = moves(&p);
		cio_queue_shutdown(&p.out, false);
		cio_queue_shutdown(&p.in, false);
	}
	CHECK_INT(p.moved, p.received + (int)p.out.size);
	CHECK(p.sent - p.moved - (int)p.in.size <= 1); /* held */
	CHECK(err < 0 || p.received == 10);
	CHECK_INT(cio_queue_finish(&p.in), 0);
	CHECK_INT(cio_queue_finish(&p.out), 0);
	return err;
}

static void everywhere(void **state)
{
	(void)state;
	assert_int_equal(check_run(pump, NULL), 0);
	check_cancel_everywhere(pump, NULL, "select");
	check_fail_allocations(pump, NULL, "select");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(a02_first_in_the_list)
RUNS(only_one_has_an_effect)
RUNS(in_turn_with_getters)
RUNS(handed_and_cancelled)
RUNS(shut_down)
RUNS(ends_and_times)
RUNS(ends_in_the_same_turn)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_a02_first_in_the_list),
		cmocka_unit_test(run_only_one_has_an_effect),
		cmocka_unit_test(run_in_turn_with_getters),
		cmocka_unit_test(run_handed_and_cancelled),
		cmocka_unit_test(run_shut_down),
		cmocka_unit_test(run_ends_and_times),
		cmocka_unit_test(run_ends_in_the_same_turn),
		cmocka_unit_test(everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
