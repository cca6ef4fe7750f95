/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * lease.c - leases as blocks, leases that last too long, idle items that stay,
 * and what the figures say
 */
#include <string.h>

#include <cio/group.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "things.h"

static bool is_sim(void)
{
	return strcmp(cio_driver_name(), "sim") == 0;
}

static cio_str key(const char *text)
{
	return cio_str_of(text);
}

#define TEST(name) \
	static int name##_body(void *arg); \
	static void name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name##_body, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	} \
	static int name##_body(void *arg __attribute__((unused)))

/* ---- the block form ---- */

static int leave_early(cio_pool *p)
{
	int err;
	CIO_LEASE(l, &err, p, key("a"), NULL) {
		CHECK(l.item != NULL);
		return 7;
	}
	return err;
}

TEST(blocks_release_on_every_way_out)
{
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	int err = -1, rounds = 0;
	CHECK_INT(leave_early(p), 7);
	for (int i = 0; i < 3; i++) {
		CIO_LEASE(l, &err, p, key("a"), NULL) {
			rounds++;
			CHECK_INT(l.reused, true);
			CHECK_INT(cio_pool_get_figures(p).in_use, 1);
			if (i == 0)
				break;
			if (i == 1)
				continue;
		}
		CHECK_INT(err, 0);
		CHECK_INT(cio_pool_get_figures(p).in_use, 0);
	}
	CHECK_INT(rounds, 3);
	CIO_LEASE(l, &err, p, key("a"), NULL) {
		goto out;
	}
	CHECK(false);
out:
	CHECK_INT(things_made, 1);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* An error closes the item, and one of the acquire skips the block. */
TEST(blocks_look_at_the_error)
{
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	int err = 0, entered = 0;
	CIO_LEASE(l, &err, p, key("a"), NULL) {
		entered++;
		err = -EPROTO;
	}
	CHECK_INT(err, -EPROTO);
	CHECK_INT(things_open, 0);
	fail_opens = 1;
	CIO_LEASE(l, &err, p, key("a"), NULL) {
		entered++;
	}
	CHECK_INT(err, -ECONNREFUSED);
	CHECK_INT(entered, 1);
	CIO_LEASE(l, &err, p, ((cio_str){"a", 1}), NULL) {
		cio_pool_release(p, &l, false); /* early; the end does nothing */
		CHECK_INT(things_open, 0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* ---- leases that last ---- */

struct holding { cio_pool *p; cio_duration time; };

static int hold(const struct holding *h)
{
	cio_lease l;
	int err = take(h->p, "a", &l);
	if (err < 0)
		return err;
	err = cio_sleep(h->time);
	give(h->p, &l, true);
	return err;
}

static int acquire_line, spawn_line;

static int leaky(cio_pool *const *p)
{
	cio_lease l;
	acquire_line = __LINE__ + 1;
	return cio_pool_acquire(*p, key("b"), NULL, &l); /* never released */
}

static int long_body(void *arg)
{
	cio_duration unit = is_sim() ? CIO_S(1) : CIO_MS(20);
	cio_pool *p = things_pool((cio_pool_options){.name = "db",
		.lease_warning = 3 * unit});
	struct holding h = {p, unit};
	cio_lease l;
	int err = 0;
	(void)arg;
	CHECK_INT(take(p, "a", &l), 0);
	for (int i = 0; i < 2; i++) /* none of these is long */
		CHECK_INT(cio_await(cio_spawn(hold, &h)), 0);
	if (is_sim())
		CHECK_INT(cio_pool_get_figures(p).held_long, 0);
	spawn_line = __LINE__ + 1;
	err = cio_await(cio_spawn(leaky, &p));
	CHECK_INT(err, 0); /* its task has ended, the lease has not */
	while (cio_pool_get_figures(p).held_long < 2)
		CHECK_INT(cio_sleep(unit), 0);
	CHECK_INT(cio_sleep(10 * unit), 0);
	/* each once; a slow machine may have held another one for long */
	CHECK(cio_pool_get_figures(p).held_long <= (is_sim() ? 2 : 4));
	give(p, &l, true);
	return 0;
}

static void long_leases_are_told_once(void **state)
{
	char text[300];
	(void)state;
	assert_int_equal(check_run(long_body, NULL), 0);
	snprintf(text, sizeof text, "acquired at %s:%d by task 'leaky', spawned "
		"at %s:%d", __FILE__, acquire_line, __FILE__, spawn_line);
	const char *found = strstr(check_reports(), text);
	assert_non_null(found);
	assert_null(strstr(found + 1, text));
	assert_non_null(strstr(check_reports(), "warning: pool db: a lease has "
		"been held for more than "));
	assert_non_null(strstr(check_reports(), "pool lease of db still open"));
}

/* ---- idle ones that stay ---- */

TEST(so_many_stay_idle)
{
	cio_duration unit = is_sim() ? CIO_S(1) : CIO_MS(20);
	cio_pool *p = things_pool((cio_pool_options){.min_idle = 2,
		.idle_timeout = unit});
	cio_lease l[4];
	for (int i = 0; i < 4; i++)
		CHECK_INT(take(p, i < 3 ? "a" : "b", &l[i]), 0);
	for (int i = 0; i < 4; i++)
		give(p, &l[i], true);
	while (cio_pool_get_figures(p).expired < 1)
		CHECK_INT(cio_sleep(unit), 0);
	CHECK_INT(cio_sleep(5 * unit), 0);
	cio_pool_figures f = cio_pool_get_figures(p);
	CHECK_INT(f.idle, 3); /* two of a, one of b */
	CHECK_INT(f.expired, 1);
	CHECK_INT(f.closed, 1);
	CHECK_INT(take(p, "a", &l[0]), 0); /* long idle, but good */
	CHECK_INT(l[0].reused, true);
	give(p, &l[0], true);

	/* They are looked after, too. */
	CHECK_INT(take(p, "b", &l[0]), 0);
	((struct thing *)l[0].item)->dead = true;
	give(p, &l[0], true);
	while (cio_pool_get_figures(p).failed_check < 1)
		CHECK_INT(cio_sleep(unit), 0);
	CHECK_INT(cio_pool_get_figures(p).idle, 2);
	CHECK_INT(cio_pool_close(p), 0);
	CHECK_INT(things_open, 0);
	return 0;
}

/* A life ends all the same. */
TEST(lives_end_though_they_are_wanted)
{
	cio_duration unit = is_sim() ? CIO_S(1) : CIO_MS(20);
	cio_pool *p = things_pool((cio_pool_options){.min_idle = 2,
		.idle_timeout = unit, .max_lifetime = 3 * unit});
	CHECK_INT(cio_pool_fill(p, key("a"), NULL), 2);
	while (things_open > 0)
		CHECK_INT(cio_sleep(unit), 0);
	CHECK_INT(cio_pool_get_figures(p).expired, 2);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

TEST(fills_ahead)
{
	cio_pool *p = things_pool((cio_pool_options){.min_idle = 3, .limit = 4,
		.limit_per_key = 3});
	cio_lease l;
	CHECK_INT(cio_pool_fill(p, key("a"), NULL), 3);
	CHECK_INT(cio_pool_fill(p, key("a"), NULL), 0); /* they are there */
	CHECK_INT(cio_pool_get_figures(p).idle, 3);
	CHECK_INT(cio_pool_fill(p, key("b"), NULL), 1); /* the limit */
	CHECK_INT(things_open, 4);
	CHECK_INT(take(p, "a", &l), 0);
	CHECK_INT(l.reused, true);
	fail_opens = 1;
	give(p, &l, false);
	CHECK_INT(cio_pool_fill(p, key("a"), NULL), -ECONNREFUSED);
	CHECK_INT(cio_pool_get_figures(p).in_use, 0);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* ---- figures ---- */

TEST(waits_are_counted)
{
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	cio_pool_waits none = cio_pool_get_waits(p);
	CHECK_INT(none.count + (uint64_t)none.max, 0);
	struct holding h = {p, CIO_MS(10)};
	int err = 0;
	CIO_GROUP(g, &err) {
		for (int i = 0; i < 4; i++)
			CHECK_INT(cio_group_spawn(&g, hold, &h), 0);
	}
	CHECK_INT(err, 0);
	cio_pool_waits w = cio_pool_get_waits(p);
	CHECK_INT(w.count, 4);
	CHECK(w.p50 >= CIO_MS(9) && w.p50 <= w.p90 && w.p90 <= w.p99);
	CHECK(w.max >= CIO_MS(29));
	if (is_sim()) {
		CHECK_INT(w.max, CIO_MS(30));
		CHECK(w.p50 >= CIO_MS(10) && w.p50 <= CIO_US(10400));
	}
	cio_pool_figures f = cio_pool_get_figures(p);
	CHECK_INT(f.opened, 1);
	CHECK_INT(f.closed, 0);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* ---- whatever fails ---- */

static int use(cio_pool *const *p)
{
	int err = 0;
	CIO_LEASE(l, &err, *p, key("a"), NULL) {
		err = cio_yield();
	}
	return err;
}

/* Errors are not looked at: nothing may be left. */
static int scenario(void *arg)
{
	cio_pool *p = things_pool((cio_pool_options){.limit = 2, .min_idle = 1,
		.lease_warning = CIO_S(100)});
	(void)arg;
	if (p == NULL)
		return 0;
	open_time = 0;
	(void)cio_pool_fill(p, key("a"), NULL);
	int err = 0;
	CIO_GROUP(g, &err, .errors = CIO_COLLECT) {
		for (int i = 0; i < 4; i++)
			(void)cio_group_spawn(&g, use, &p);
		(void)use(&p);
	}
	CHECK_INT(cio_pool_close(p), 0);
	CHECK_INT(things_open, 0);
	return 0;
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(scenario, NULL, "leases");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(scenario, NULL, "leases");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_release_on_every_way_out),
		cmocka_unit_test(blocks_look_at_the_error),
		cmocka_unit_test(long_leases_are_told_once),
		cmocka_unit_test(so_many_stay_idle),
		cmocka_unit_test(lives_end_though_they_are_wanted),
		cmocka_unit_test(fills_ahead),
		cmocka_unit_test(waits_are_counted),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
