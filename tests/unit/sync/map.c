/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * map.c - one function over many items: limits, errors, results, cancels
 */
#include <cio/map.h>

#include <errno.h>

#include <cio/event.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

struct item {
	int in, out, started;
};

static int now_running, most_running;

static int triple(struct item *i)
{
	i->started = 1;
	if (++now_running > most_running)
		most_running = now_running;
	int err = cio_sleep(CIO_US(100 * (1 + i->in % 3)));
	now_running--;
	if (err < 0)
		return err;
	i->out = 3 * i->in;
	return i->in % 2;
}

static void fill(struct item *items, int n)
{
	now_running = most_running = 0;
	for (int i = 0; i < n; i++)
		items[i] = (struct item){.in = i};
}

static int with_a_limit(void *arg)
{
	(void)arg;
	struct item items[100];
	int results[100];
	fill(items, 100);
	CHECK_INT(cio_map(triple, items, 100, .limit = 7, .results = results),
		0);
	CHECK_INT(most_running, 7);
	for (int i = 0; i < 100; i++) {
		CHECK_INT(items[i].out, 3 * i);
		CHECK_INT(results[i], i % 2);
	}
	return 0;
}

static int without_a_limit(void *arg)
{
	(void)arg;
	struct item items[100];
	fill(items, 100);
	CHECK_INT(cio_map(triple, items, 100), 0);
	CHECK_INT(most_running, 100);
	CHECK_INT(cio_map(triple, items, 0), 0);
	return 0;
}

/* ---- errors ---- */

static int fifth_fails(struct item *i)
{
	i->started = 1;
	if (i->in == 5)
		return cio_fail(-EPROTO, "item %d is bad", i->in);
	if (i->in == 6)
		return -EIO;
	int err = cio_sleep(CIO_S(i->in < 5 ? 3600 : 0));
	return err;
}

static int fails_fast(void *arg)
{
	(void)arg;
	struct item items[100];
	int results[100];
	fill(items, 100);
	CHECK_INT(cio_map(fifth_fails, items, 100, .limit = 10,
			  .results = results),
		-EPROTO);
	CHECK(strcmp(cio_error_text(), "item 5 is bad") == 0);
	CHECK_INT(results[5], -EPROTO);
	for (int i = 0; i < 5; i++)
		CHECK_INT(results[i], -ECANCELED); /* cut short */
	for (int i = 10; i < 100; i++) {
		CHECK_INT(items[i].started, 0);
		CHECK_INT(results[i], -ECANCELED); /* not started */
	}
	CHECK_INT(cio_sleep(0), 0); /* the caller goes on */
	return 0;
}

static int every_third_fails(struct item *i)
{
	i->started = 1;
	int err = cio_yield();
	return err < 0 ? err : i->in % 3 == 2 ? -100 - i->in : i->in;
}

static int collects(void *arg)
{
	(void)arg;
	struct item items[20];
	int results[20];
	fill(items, 20);
	CHECK_INT(cio_map(every_third_fails, items, 20, .limit = 4,
			  .errors = CIO_COLLECT, .results = results),
		-102);
	for (int i = 0; i < 20; i++)
		CHECK_INT(results[i], i % 3 == 2 ? -100 - i : i);
	return 0;
}

/* ---- cancels ---- */

static int sleeps_long(struct item *i)
{
	i->started = 1;
	int err = cio_sleep(CIO_S(3600));
	i->out = err;
	return err;
}

static int times_out(void *arg)
{
	(void)arg;
	struct item items[20];
	int results[20];
	fill(items, 20);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_map(sleeps_long, items, 20, .limit = 5,
			.results = results);
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);
	for (int i = 0; i < 20; i++) {
		CHECK_INT(items[i].started, i < 5);
		CHECK_INT(items[i].out, i < 5 ? -ECANCELED : 0);
		CHECK_INT(results[i], -ECANCELED);
	}
	return 0;
}

struct slow {
	cio_event *may_end;
	int ended;
};

static int ends_when_it_may(struct slow *s)
{
	CHECK_INT(cio_sleep(CIO_S(3600)), -ECANCELED);
	int err = 0;
	CIO_SHIELD (CIO_S(60), &err) {
		err = cio_event_wait(s->may_end);
	}
	CHECK_INT(err, 0);
	s->ended = 1;
	return -ECANCELED;
}

static int maps(struct slow *const *items)
{
	return cio_map(ends_when_it_may, *items, 3);
}

/* A cancelled caller still waits for those that were started. */
static int cancelled_caller_waits(void *arg)
{
	(void)arg;
	cio_event may_end = {0};
	struct slow items[3] = {{&may_end, 0}, {&may_end, 0}, {&may_end, 0}};
	struct slow *first = items;
	cio_task *t = cio_spawn(maps, &first);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK(!cio_task_done(t));
	cio_event_set(&may_end);
	CHECK_INT(cio_await(t), -ECANCELED);
	for (int i = 0; i < 3; i++)
		CHECK_INT(items[i].ended, 1);
	return 0;
}

static int in_a_cancelled_scope(void *arg)
{
	(void)arg;
	struct item items[3];
	int results[3];
	fill(items, 3);
	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_map(triple, items, 3, .results = results);
		CHECK_INT(err, -ECANCELED);
	}
	for (int i = 0; i < 3; i++) {
		CHECK_INT(items[i].started, 0);
		CHECK_INT(results[i], -ECANCELED);
	}
	return 0;
}

/* ---- names ---- */

static int tells_its_name(struct item *i)
{
	const char *name = cio_task_name(cio_current_task());
	CHECK(strstr(cio_task_site(cio_current_task()), "map.c:") != NULL);
	return strcmp(name, i->in ? "fetcher" : "tells_its_name") == 0;
}

static int names_its_tasks(void *arg)
{
	(void)arg;
	struct item items[2] = {{.in = 0}, {.in = 1}};
	int result = -1;
	CHECK_INT(cio_map(tells_its_name, items, 1, .results = &result), 0);
	CHECK_INT(result, 1);
	CHECK_INT(cio_map(tells_its_name, items + 1, 1, .results = &result,
			  .name = "fetcher"),
		0);
	CHECK_INT(result, 1);
	return 0;
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
	}
RUNS(with_a_limit)
RUNS(without_a_limit)
RUNS(fails_fast)
RUNS(collects)
RUNS(times_out)
RUNS(cancelled_caller_waits)
RUNS(in_a_cancelled_scope)
RUNS(names_its_tasks)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_with_a_limit),
		cmocka_unit_test(run_without_a_limit),
		cmocka_unit_test(run_fails_fast),
		cmocka_unit_test(run_collects),
		cmocka_unit_test(run_times_out),
		cmocka_unit_test(run_cancelled_caller_waits),
		cmocka_unit_test(run_in_a_cancelled_scope),
		cmocka_unit_test(run_names_its_tasks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
