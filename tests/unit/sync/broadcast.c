/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * broadcast.c - the newest value and the last few items, for many tasks
 */
#include <cio/broadcast.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

/* ---- watch ---- */

struct looker {
	cio_watch *w;
	int *sum, *looks;
};

static int looks(const struct looker *l)
{
	uint64_t seen = 0;
	int value, err;
	while ((err = cio_watch_next(l->w, &seen, &value)) == 0) {
		*l->sum += value;
		(*l->looks)++;
	}
	return err;
}

/* The first value is news, a slow one sees only the newest, the last is never
 * missed. */
static int watch_sees_the_newest(void *arg)
{
	(void)arg;
	int value = 1, sum = 0, n = 0;
	cio_watch w;
	cio_watch_init(&w, &value, sizeof value);
	CHECK_INT(w.version, 1);
	cio_task *t = cio_spawn(looks, &(struct looker){&w, &sum, &n});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(sum, 1);
	CHECK_INT(cio_watch_finish(&w), -EBUSY);
	for (int i = 10; i < 20; i++)
		CHECK_INT(cio_watch_set(&w, &i), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(sum, 20);
	CHECK_INT(n, 2);
	CHECK_INT(cio_watch_set(&w, &(int){100}), 0);
	cio_watch_close(&w);
	CHECK_INT(cio_watch_set(&w, &(int){200}), -ESHUTDOWN);
	CHECK_INT(cio_await(t), -ESHUTDOWN);
	CHECK_INT(sum, 120);
	CHECK_INT(w.version, 12);
	return cio_watch_finish(&w);
}

static int watch_cancelled(void *arg)
{
	(void)arg;
	int value = 1, sum = 0, n = 0;
	cio_watch w;
	cio_watch_init(&w, &value, sizeof value);
	cio_task *first = cio_spawn(looks, &(struct looker){&w, &sum, &n});
	cio_task *second = cio_spawn(looks, &(struct looker){&w, &sum, &n});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(n, 2);
	cio_task_cancel(first, "before");
	CHECK_INT(cio_watch_set(&w, &(int){5}), 0);
	cio_task_cancel(second, "after: it is met by the next call");
	CHECK_INT(cio_await(first), -ECANCELED);
	CHECK_INT(cio_await(second), -ECANCELED);
	CHECK_INT(n, 3);
	CHECK_INT(sum, 7);
	int err = 0;
	uint64_t seen = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_watch_next(&w, &seen, &value);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(seen, 0);
	return cio_watch_finish(&w);
}

/* ---- broadcast ---- */

static int send_numbers(cio_broadcast *b, int from, int to)
{
	int err = 0;
	for (int i = from; i < to && err == 0; i++)
		err = cio_broadcast_send(b, &i);
	return err;
}

static int late_and_lagging(void *arg)
{
	(void)arg;
	cio_broadcast b;
	cio_subscriber keeps_up, lags, late;
	int item = -1;
	CHECK_INT(cio_broadcast_init(&b, sizeof(int), 4), 0);
	cio_subscribe(&keeps_up, &b);
	cio_subscribe(&lags, &b);
	for (int i = 0; i < 10; i++) {
		CHECK_INT(cio_broadcast_send(&b, &i), 0);
		CHECK_INT(cio_subscriber_receive(&keeps_up, &item), 0);
		CHECK_INT(item, i);
	}
	cio_subscribe(&late, &b);
	CHECK_INT(cio_subscriber_try_receive(&late, &item), -EAGAIN);
	CHECK_INT(cio_subscriber_receive(&lags, &item), 6);
	for (int i = 6; i < 10; i++) {
		CHECK_INT(item, i);
		if (i < 9)
			CHECK_INT(cio_subscriber_receive(&lags, &item), 0);
	}
	CHECK_INT(send_numbers(&b, 10, 14), 0); /* just what is kept */
	CHECK_INT(cio_subscriber_receive(&late, &item), 0);
	CHECK_INT(item, 10);
	cio_broadcast_close(&b);
	CHECK_INT(cio_broadcast_send(&b, &item), -ESHUTDOWN);
	for (int i = 11; i < 14; i++) {
		CHECK_INT(cio_subscriber_receive(&late, &item), 0);
		CHECK_INT(item, i);
	}
	CHECK_INT(cio_subscriber_receive(&late, &item), -ESHUTDOWN);
	CHECK_INT(cio_subscriber_try_receive(&late, &item), -ESHUTDOWN);
	return cio_broadcast_finish(&b);
}

struct listener {
	cio_broadcast *b;
	int *sum;
};

static int listens(const struct listener *l)
{
	cio_subscriber s;
	cio_subscribe(&s, l->b);
	int64_t missed;
	int item;
	while ((missed = cio_subscriber_receive(&s, &item)) >= 0) {
		CHECK_INT(missed, 0);
		*l->sum += item;
	}
	return missed == -ESHUTDOWN ? 0 : (int)missed;
}

static int everybody_gets_everything(void *arg)
{
	(void)arg;
	cio_broadcast b;
	int sums[5] = {0}, err = 0, sent = 0;
	err = cio_broadcast_init(&b, sizeof(int), 8);
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 5 && err == 0; i++)
			err = cio_group_spawn(&g, listens,
				&(struct listener){&b, &sums[i]});
		if (err == 0)
			err = cio_yield(); /* they subscribe */
		for (; sent < 32 && err == 0; sent += 8) {
			err = send_numbers(&b, sent, sent + 8);
			if (err == 0)
				err = cio_yield(); /* they catch up */
		}
		cio_broadcast_close(&b);
	}
	for (int i = 0; i < 5 && err == 0; i++)
		CHECK_INT(sums[i], 31 * 16);
	CHECK_INT(cio_broadcast_finish(&b), 0);
	return err;
}

struct shared {
	cio_subscriber *s;
	int got;
};

static int receives_once(struct shared *const *sh)
{
	int item;
	int64_t missed = cio_subscriber_receive((*sh)->s, &item);
	(*sh)->got += missed == 0;
	return (int)missed;
}

/* Two tasks on one subscriber: each item goes to one of them. */
static int shared_subscriber(void *arg)
{
	(void)arg;
	cio_broadcast b;
	cio_subscriber s;
	CHECK_INT(cio_broadcast_init(&b, sizeof(int), 4), 0);
	cio_subscribe(&s, &b);
	struct shared sh = {&s, 0}, *at = &sh;
	cio_task *t1 = cio_spawn(receives_once, &at);
	cio_task *t2 = cio_spawn(receives_once, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_broadcast_finish(&b), -EBUSY);
	CHECK_INT(send_numbers(&b, 0, 1), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(sh.got, 1);
	CHECK_INT(send_numbers(&b, 1, 2), 0);
	CHECK_INT(cio_await(t1), 0);
	CHECK_INT(cio_await(t2), 0);
	CHECK_INT(sh.got, 2);
	return cio_broadcast_finish(&b);
}

static void everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(everybody_gets_everything, NULL, "broadcast");
	check_fail_allocations(everybody_gets_everything, NULL, "broadcast");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(watch_sees_the_newest)
RUNS(watch_cancelled)
RUNS(late_and_lagging)
RUNS(everybody_gets_everything)
RUNS(shared_subscriber)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_watch_sees_the_newest),
		cmocka_unit_test(run_watch_cancelled),
		cmocka_unit_test(run_late_and_lagging),
		cmocka_unit_test(run_everybody_gets_everything),
		cmocka_unit_test(run_shared_subscriber),
		cmocka_unit_test(everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
