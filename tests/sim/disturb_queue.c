/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * disturb_queue.c - queues, select and news, disturbed everywhere
 *
 * An item that was put was got once or is still there, whoever was refused on
 * the way; who listens misses nothing and hears nothing twice.
 */
#include "disturb.h"

#include <errno.h>

#include <cio.h>

enum { USERS = 4 };

/* Start USERS tasks, wait a little, wait for them. */
#define IN_A_GROUP(err, fn, shared) \
	CIO_GROUP (g, &(err)) { \
		for (int i = 0; i < USERS && (err) == 0; i++) \
			(err) = cio_group_spawn(&g, fn, \
				&(struct user){&(shared), i}); \
		if ((err) == 0) \
			(err) = cio_sleep(CIO_US(3)); \
	}

struct user {
	void *shared;
	int i;
};

/* ---- queues ---- */

enum { ITEMS = 24 };

struct queued {
	cio_queue q, other;
	int put[ITEMS], got[ITEMS];
};

static void count_got(struct queued *s, int item)
{
	if (CHECK(item >= 0 && item < ITEMS))
		s->got[item]++;
}

/* Users 0 and 1 put, 2 and 3 get. */
static int puts_or_gets(const struct user *u)
{
	struct queued *s = u->shared;
	int err = 0;
	for (int i = 0; i < 4 && err == 0; i++) {
		int item = u->i * 4 + i;
		if (u->i < 2) {
			err = cio_queue_put(&s->q, &item);
			if (err == 0)
				s->put[item]++;
			if (err == 0 && i == 2)
				err = cio_yield();
			continue;
		}
		err = cio_queue_get(&s->q, &item);
		if (err < 0)
			break;
		count_got(s, item);
		if (u->i == 2)
			err = cio_yield();
		CHECK_INT(cio_queue_task_done(&s->q), 0);
	}
	return err == -ESHUTDOWN ? 0 : err;
}

static void drain(struct queued *s, cio_queue *q)
{
	int item;
	while (cio_queue_try_get(q, &item) == 0) {
		count_got(s, item);
		CHECK_INT(cio_queue_task_done(q), 0);
	}
}

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return (x > y) - (x < y);
}

/* An item was put, or not; and if it was, it was got, once. */
static int pump(struct queued *s)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < USERS && err == 0; i++)
			err = cio_group_spawn(&g, puts_or_gets,
				&(struct user){s, i});
		if (err == 0)
			err = cio_sleep(CIO_US(5));
		/* whoever waits for a cancelled one waits no longer */
		cio_queue_shutdown(&s->q, false);
	}
	CALM() {
		drain(s, &s->q);
		for (int i = 0; i < ITEMS; i++)
			CHECK_INT(s->got[i], s->put[i]);
		CHECK_INT(s->q.size, 0);
		CHECK_INT(s->q.unfinished, 0);
		CHECK_INT(cio_queue_join(&s->q), 0);
		CHECK_INT(cio_queue_finish(&s->q), 0);
		int item = 1;
		cio_queue_init(&s->q, sizeof item, 1);
		CHECK_INT(cio_queue_put(&s->q, &item), 0);
		CHECK_INT(cio_queue_get(&s->q, &item), 0);
		CHECK_INT(cio_queue_finish(&s->q), 0);
	}
	return err;
}

static int queue(void)
{
	struct queued s = {.put = {0}};
	cio_queue_init(&s.q, sizeof(int), 2);
	return pump(&s);
}

static int lifo_queue(void)
{
	struct queued s = {.put = {0}};
	cio_lifo_queue_init(&s.q, sizeof(int), 1);
	return pump(&s);
}

static int priority_queue(void)
{
	struct queued s = {.put = {0}};
	cio_priority_queue_init(&s.q, sizeof(int), 3, by_value);
	return pump(&s);
}

static int marks_done(const struct user *u)
{
	struct queued *s = u->shared;
	int item, err = 0;
	while (err == 0 && (err = cio_queue_get(&s->q, &item)) == 0) {
		err = cio_sleep(CIO_US(1));
		CHECK_INT(cio_queue_task_done(&s->q), 0);
	}
	return err == -ESHUTDOWN ? 0 : err;
}

/* A join of a queue whose workers are cut: shut down, nothing is unfinished. */
static int queue_join(void)
{
	struct queued s = {.put = {0}};
	int err = 0;
	cio_queue_init(&s.q, sizeof(int), 0);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 2 && err == 0; i++)
			err = cio_group_spawn(&g, marks_done,
				&(struct user){&s, i});
		for (int i = 0; i < 5 && err == 0; i++)
			err = cio_queue_put(&s.q, &i);
		if (err == 0) {
			CIO_TIMEOUT (CIO_MS(1), &err) {
				err = cio_queue_join(&s.q);
			}
		}
		if (err == -ETIMEDOUT) /* both workers are gone */
			err = 0;
		cio_queue_shutdown(&s.q, true);
	}
	CALM() {
		CHECK_INT(s.q.unfinished, 0);
		CHECK_INT(cio_queue_join(&s.q), 0);
		CHECK_INT(cio_queue_finish(&s.q), 0);
	}
	return err;
}

/* ---- select ---- */

static int selects(const struct user *u)
{
	struct queued *s = u->shared;
	int err = 0;
	for (int i = 0; i < 4 && err >= 0; i++) {
		int item = u->i * 4 + i, in = -1;
		cio_select_case on[] = {
			cio_on_put(u->i % 2 == 0 ? &s->q : &s->other, &item),
			cio_on_get(u->i % 2 == 0 ? &s->other : &s->q, &in),
			cio_on_time(cio_now() + CIO_US(4)),
		};
		err = cio_select(on, 3);
		if (err >= 0 && on[err].result < 0)
			return on[err].result == -ESHUTDOWN ? 0
							    : on[err].result;
		if (err == 0)
			s->put[item]++;
		else if (err == 1)
			count_got(s, in);
	}
	return err < 0 ? err : 0;
}

static int select_cases(void)
{
	struct queued s = {.put = {0}};
	int err = 0;
	cio_queue_init(&s.q, sizeof(int), 1);
	cio_queue_init(&s.other, sizeof(int), 1);
	IN_A_GROUP (err, selects, s)
	CALM() {
		int item;
		while (cio_queue_try_get(&s.q, &item) == 0)
			count_got(&s, item);
		while (cio_queue_try_get(&s.other, &item) == 0)
			count_got(&s, item);
		for (int i = 0; i < ITEMS; i++)
			CHECK_INT(s.got[i], s.put[i]);
		CHECK_INT(cio_queue_finish(&s.q), 0);
		CHECK_INT(cio_queue_finish(&s.other), 0);
	}
	return err;
}

/* ---- news ---- */

struct news {
	cio_broadcast broadcast;
	cio_watch watch;
	cio_event event;
	int value, heard;
};

static int listens(const struct user *u)
{
	struct news *s = u->shared;
	cio_subscriber me;
	int next = 0, item = 0;
	int64_t missed;
	cio_subscribe(&me, &s->broadcast);
	while ((missed = cio_subscriber_receive(&me, &item)) >= 0) {
		next += (int)missed;
		CHECK_INT(item, next);
		next++;
		s->heard++;
	}
	return missed == -ESHUTDOWN ? 0 : (int)missed;
}

static int broadcast(void)
{
	struct news s = {.value = 0};
	int err = cio_broadcast_init(&s.broadcast, sizeof(int), 2);
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < USERS && err == 0; i++)
			err = cio_group_spawn(&g, listens,
				&(struct user){&s, i});
		if (err == 0)
			err = cio_yield();
		for (int i = 0; i < 6 && err == 0; i++) {
			err = cio_broadcast_send(&s.broadcast, &i);
			if (err == 0 && i % 3 == 2)
				err = cio_sleep(CIO_US(1));
		}
		cio_broadcast_close(&s.broadcast);
	}
	CALM() {
		CHECK_INT(cio_broadcast_finish(&s.broadcast), 0);
		CHECK_INT(cio_broadcast_init(&s.broadcast, 1, 1), 0);
		CHECK_INT(cio_broadcast_send(&s.broadcast, "x"), 0);
		CHECK_INT(cio_broadcast_finish(&s.broadcast), 0);
	}
	return err;
}

static int watches(const struct user *u)
{
	struct news *s = u->shared;
	uint64_t seen = 0;
	int value, last = -1, err;
	while ((err = cio_watch_next(&s->watch, &seen, &value)) == 0) {
		CHECK(value > last);
		last = value;
	}
	if (err == -ESHUTDOWN)
		CHECK_INT(last, s->value);
	return err == -ESHUTDOWN ? 0 : err;
}

static int watch(void)
{
	struct news s = {.value = 0};
	int err = 0;
	cio_watch_init(&s.watch, &s.value, sizeof s.value);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < USERS && err == 0; i++)
			err = cio_group_spawn(&g, watches,
				&(struct user){&s, i});
		for (int i = 1; i < 4 && err == 0; i++) {
			err = cio_watch_set(&s.watch, &i);
			if (err == 0)
				err = cio_sleep(CIO_US(1));
		}
		cio_watch_close(&s.watch);
	}
	CALM() {
		uint64_t seen = 0;
		int value = -1;
		CHECK_INT(cio_watch_next(&s.watch, &seen, &value), 0);
		CHECK_INT(value, s.value);
		CHECK_INT(cio_watch_finish(&s.watch), 0);
	}
	return err;
}

static int waits_for_event(const struct user *u)
{
	struct news *s = u->shared;
	int err = cio_event_wait(&s->event);
	s->heard += err == 0;
	return err;
}

static int event(void)
{
	struct news s = {.value = 0};
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < USERS && err == 0; i++)
			err = cio_group_spawn(&g, waits_for_event,
				&(struct user){&s, i});
		if (err == 0)
			err = cio_sleep(CIO_US(1));
		cio_event_set(&s.event);
		cio_event_clear(&s.event);
		if (err < 0) /* some may not have begun to wait */
			cio_event_set(&s.event);
	}
	CALM() {
		cio_event_set(&s.event);
		CHECK_INT(cio_event_wait(&s.event), 0);
	}
	return err;
}

static const struct scenario scenarios[] = {
	{"queue", queue, DISTURB_TASKS},
	{"lifo_queue", lifo_queue, DISTURB_TASKS},
	{"priority_queue", priority_queue, DISTURB_TASKS},
	{"queue_join", queue_join, DISTURB_TASKS},
	{"select", select_cases, DISTURB_TASKS},
	{"broadcast", broadcast, DISTURB_TASKS},
	{"watch", watch, DISTURB_TASKS},
	{"event", event, DISTURB_TASKS},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}
