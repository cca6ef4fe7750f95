/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * rate_limiter.c - tokens by the clock: exact on sim, never too early anywhere
 */
#include <cio/rate_limiter.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

static int order[64], order_n;
static cio_time started;

/* So much time has passed since the start: exactly so on a virtual clock. */
static bool passed(cio_duration wanted)
{
	cio_duration d = cio_now() - started;
	if (strcmp(cio_driver_name(), "sim") == 0)
		return CHECK_INT(d, wanted);
	return CHECK(d >= wanted);
}

static void start(cio_rate_limiter *l, uint32_t rate, cio_duration per,
	uint32_t burst)
{
	CHECK_INT(cio_rate_limiter_init(l, rate, per, burst), 0);
	order_n = 0;
	started = cio_now();
}

struct user {
	cio_rate_limiter *l;
	uint32_t n;
	int id;
};

static int spends(const struct user *u)
{
	int err = cio_rate_limiter_acquire(u->l, u->n);
	if (err == 0)
		order[order_n++] = u->id;
	return err;
}

static cio_task *user(cio_rate_limiter *l, uint32_t n, int id)
{
	return cio_spawn(spends, &(struct user){l, n, id});
}

static int a_burst_then_the_rate(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 1000, CIO_S(1), 5);
	CHECK_INT(cio_rate_limiter_available(&l), 5);
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_rate_limiter_acquire(&l, 1), 0);
	passed(0);
	for (int i = 1; i <= 10; i++) {
		CHECK_INT(cio_rate_limiter_acquire(&l, 1), 0);
		passed(CIO_MS(i));
	}
	CHECK_INT(cio_rate_limiter_acquire(&l, 5), 0);
	passed(CIO_MS(15));
	CHECK_INT(cio_rate_limiter_finish(&l), 0);
	return 0;
}

/* A rate that does not divide a second loses nothing to rounding. */
static int exact_in_the_long_run(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 7, CIO_MS(1), 1);
	CHECK_INT(cio_rate_limiter_acquire(&l, 1), 0);
	for (int i = 0; i < 70; i++)
		CHECK_INT(cio_rate_limiter_acquire(&l, 1), 0);
	cio_duration d = cio_now() - started;
	CHECK(d >= CIO_MS(10));
	if (strcmp(cio_driver_name(), "sim") == 0)
		CHECK(d <= CIO_MS(10) + 70); /* a timer's nanosecond each */
	return 0;
}

/* The bucket does not run over, however long nobody comes. */
static int full_is_full(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 1000, CIO_S(1), 3);
	CHECK_INT(cio_rate_limiter_try_acquire(&l, 2), 0);
	CHECK_INT(cio_sleep(CIO_MS(20)), 0);
	CHECK_INT(cio_rate_limiter_available(&l), 3);
	CHECK_INT(cio_rate_limiter_try_acquire(&l, 3), 0);
	CHECK_INT(cio_rate_limiter_try_acquire(&l, 1), -EAGAIN);
	CHECK_INT(cio_rate_limiter_try_acquire(&l, 4), -EINVAL);
	CHECK(strstr(cio_error_text(), "4 tokens") != NULL);
	CHECK_INT(cio_rate_limiter_acquire(&l, 4), -EINVAL);
	CHECK_INT(cio_rate_limiter_acquire(&l, 0), 0);
	return 0;
}

/* A small wish does not overtake a big one, nor does try_acquire. */
static int arrival_order(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 100, CIO_S(1), 10);
	CHECK_INT(cio_rate_limiter_acquire(&l, 10), 0);
	cio_task *big = user(&l, 8, 1), *small = user(&l, 1, 2);
	cio_task *other = user(&l, 3, 3);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_rate_limiter_finish(&l), -EBUSY);
	CHECK_INT(cio_sleep(CIO_MS(15)), 0); /* one token, but not for us */
	CHECK_INT(cio_rate_limiter_try_acquire(&l, 1), -EAGAIN);
	CHECK_INT(cio_await(other), 0);
	passed(CIO_MS(120));
	CHECK_INT(cio_await(big), 0);
	CHECK_INT(cio_await(small), 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(order[i], i + 1);
	return 0;
}

/* Who is cancelled has spent nothing and holds up nobody: the next one gets
 * its tokens when they are there, not when the first one's would have been. */
static int a_cancelled_head_gives_way(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 100, CIO_S(1), 10);
	CHECK_INT(cio_rate_limiter_acquire(&l, 10), 0);
	cio_task *big = user(&l, 10, 1), *small = user(&l, 4, 2);
	cio_task *now = user(&l, 2, 3);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_sleep(CIO_MS(20)), 0);
	cio_task_cancel(big, "it would have taken 100 ms");
	CHECK_INT(cio_rate_limiter_finish(&l), -EBUSY);
	CHECK_INT(cio_await(big), -ECANCELED);
	CHECK_INT(cio_await(small), 0);
	passed(CIO_MS(40));
	CHECK_INT(cio_await(now), 0);
	passed(CIO_MS(60));
	CHECK_INT(cio_rate_limiter_finish(&l), 0);
	return 0;
}

struct race {
	cio_timer timer;
	cio_task *victim;
};

static void cancel_victim(cio_timer *t)
{
	struct race *r = (struct race *)(void *)t;
	cio_task_cancel(r->victim, "in the turn of its tokens");
}

/* Cancelled in the turn in which the tokens come: the earlier timer wins. */
static int tokens_against_cancel(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 1000, CIO_S(1), 2);
	CHECK_INT(cio_rate_limiter_acquire(&l, 2), 0);
	struct race before = {.timer = {.fire = cancel_victim}};
	cio_timer_arm(&before.timer, started + CIO_MS(2));
	cio_task *t = before.victim = user(&l, 2, 1);
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(cio_rate_limiter_try_acquire(&l, 2), 0); /* nothing spent */

	started = cio_now();
	t = user(&l, 2, 1);
	CHECK_INT(cio_yield(), 0); /* arms its timer first */
	struct race after = {.timer = {.fire = cancel_victim}, .victim = t};
	cio_timer_arm(&after.timer, started + CIO_MS(2));
	CHECK_INT(cio_await(t), 0);
	if (strcmp(cio_driver_name(), "sim") == 0)
		CHECK_INT(cio_rate_limiter_available(&l), 0);
	cio_timer_disarm(&after.timer);
	return 0;
}

static int times_out(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	start(&l, 1, CIO_S(3600), 2); /* one an hour */
	CHECK_INT(cio_rate_limiter_acquire(&l, 1), 0);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(2), &err) {
		err = cio_rate_limiter_acquire(&l, 2);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CIO_TIMEOUT (0, &err) {
		err = cio_rate_limiter_acquire(&l, 1); /* checks first */
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_rate_limiter_available(&l), 1);
	CHECK_INT(cio_rate_limiter_finish(&l), 0); /* and no timer is left */
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

static int bad_figures(void *arg)
{
	(void)arg;
	cio_rate_limiter l;
	CHECK_INT(cio_rate_limiter_init(&l, 0, CIO_S(1), 1), -EINVAL);
	CHECK_INT(cio_rate_limiter_init(&l, 1, 0, 1), -EINVAL);
	CHECK_INT(cio_rate_limiter_init(&l, 1, -1, 1), -EINVAL);
	CHECK_INT(cio_rate_limiter_init(&l, 1, INT64_MAX, 2), -EINVAL);
	CHECK_INT(cio_rate_limiter_init(&l, 1, CIO_S(1), 0), -EINVAL);
	CHECK_INT(cio_rate_limiter_acquire(&l, 1), -EINVAL);
	CHECK_INT(cio_rate_limiter_acquire(&l, 0), 0);
	CHECK_INT(cio_rate_limiter_available(&l), 0);

	/* the largest: full, spent, full again */
	CHECK_INT(cio_rate_limiter_init(&l, UINT32_MAX, CIO_S(2), UINT32_MAX),
		0);
	CHECK_INT(cio_rate_limiter_acquire(&l, UINT32_MAX), 0);
	CHECK(cio_rate_limiter_available(&l) < UINT32_MAX);
	CHECK_INT(cio_rate_limiter_acquire(&l, 1000000), 0);
	return 0;
}

/* ---- cancelled anywhere ---- */

struct ward {
	cio_rate_limiter limiter;
	uint64_t spent;
};

static int spend_some(const struct member *m)
{
	struct ward *w = m->shared;
	uint32_t n = 1 + m->chance % 5;
	int err = cio_rate_limiter_acquire(&w->limiter, n);
	if (err == 0)
		w->spent += n;
	return err;
}

/* What was spent is what the time allows, exactly; nothing is lost or made. */
static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct ward w = {0};
		start(&w.limiter, 1000, CIO_MS(1), 8);
		storm(spend_some, &w, seed, NULL);
		uint64_t us = (uint64_t)(cio_now() - started) / 1000;
		uint64_t left = cio_rate_limiter_available(&w.limiter);
		CHECK(w.spent + left <= 8 + us);
		CHECK(w.spent > 100);
		CHECK_INT(cio_rate_limiter_finish(&w.limiter), 0);
	}
	return 0;
}

static int in_a_group(void *arg)
{
	(void)arg;
	struct ward w = {0};
	start(&w.limiter, 10, CIO_MS(1), 5);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (uint32_t i = 0; i < 5 && err == 0; i++)
			err = cio_group_spawn(&g, spend_some,
				&(struct member){&w, i});
		for (uint32_t i = 0; i < 5 && err == 0; i++)
			err = spend_some(&(struct member){&w, i});
	}
	CHECK_INT(cio_rate_limiter_finish(&w.limiter), 0);
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "rate limiter");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(a_burst_then_the_rate)
RUNS(exact_in_the_long_run)
RUNS(full_is_full)
RUNS(arrival_order)
RUNS(a_cancelled_head_gives_way)
RUNS(tokens_against_cancel)
RUNS(times_out)
RUNS(bad_figures)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_a_burst_then_the_rate),
		cmocka_unit_test(run_exact_in_the_long_run),
		cmocka_unit_test(run_full_is_full),
		cmocka_unit_test(run_arrival_order),
		cmocka_unit_test(run_a_cancelled_head_gives_way),
		cmocka_unit_test(run_tokens_against_cancel),
		cmocka_unit_test(run_times_out),
		cmocka_unit_test(run_bad_figures),
		cmocka_unit_test(run_stormy),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
