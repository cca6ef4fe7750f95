/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * barrier.c - all or nobody: rounds, places, cancelled and broken
 */
#include <cio/barrier.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

enum { PARTIES = 4, ROUNDS = 20 };

struct party {
	cio_barrier *b;
	int *result;
};

static int comes(const struct party *p)
{
	*p->result = cio_barrier_wait(p->b);
	return 0;
}

static cio_task *party(cio_barrier *b, int *result)
{
	return cio_spawn(comes, &(struct party){b, result});
}

struct rounds {
	cio_barrier *b;
	int *at; /* in which round each of them is */
	int *places;
	int id;
};

static int goes_round(const struct rounds *r)
{
	for (int i = 0; i < ROUNDS; i++) {
		r->at[r->id] = i;
		int place = cio_barrier_wait(r->b);
		if (place < 0)
			return place;
		r->places[i] |= 1 << place;
		for (int k = 0; k < PARTIES; k++)
			CHECK(r->at[k] >= i); /* nobody was left behind */
		int err = place == r->id ? cio_yield() : 0;
		if (err < 0)
			return err;
	}
	return 0;
}

static int round_and_round(void *arg)
{
	(void)arg;
	cio_barrier b;
	int at[PARTIES] = {0}, places[ROUNDS] = {0}, err = 0;
	cio_barrier_init(&b, PARTIES);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < PARTIES; i++)
			CHECK_INT(cio_group_spawn(&g, goes_round,
					  &(struct rounds){&b, at, places, i}),
				0);
	}
	CHECK_INT(err, 0);
	for (int i = 0; i < ROUNDS; i++)
		CHECK_INT(places[i], (1 << PARTIES) - 1); /* each once */
	CHECK_INT(cio_barrier_finish(&b), 0);
	return 0;
}

static int alone(void *arg)
{
	(void)arg;
	cio_barrier b;
	cio_barrier_init(&b, 1);
	CHECK_INT(cio_barrier_wait(&b), 0);
	CHECK_INT(cio_barrier_wait(&b), 0);
	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_barrier_wait(&b); /* checks first */
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* A cancelled waiter leaves as if it had not come, also if the next one comes
 * in the same turn; the places of the others stay without a gap. */
static int a_cancelled_waiter_leaves(void *arg)
{
	(void)arg;
	cio_barrier b;
	int a = -1, gone = -1, c = -1;
	cio_barrier_init(&b, 3);
	cio_task *first = party(&b, &a), *second = party(&b, &gone);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_barrier_waiting(&b), 2);
	cio_task_cancel(second, "leaves");
	CHECK_INT(cio_barrier_waiting(&b), 1);
	cio_task *third = party(&b, &c); /* not the third of three */
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(gone, -ECANCELED);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_barrier_waiting(&b), 2);
	CHECK_INT(cio_barrier_finish(&b), -EBUSY);
	CHECK_INT(cio_barrier_wait(&b), 2);
	CHECK_INT(cio_await(first), 0);
	CHECK_INT(cio_await(third), 0);
	CHECK_INT(a, 0);
	CHECK_INT(c, 1);
	CHECK_INT(cio_barrier_waiting(&b), 0);
	return 0;
}

/* Released, then cancelled in the same turn: it has passed. */
static int released_then_cancelled(void *arg)
{
	(void)arg;
	cio_barrier b;
	int a = -1;
	cio_barrier_init(&b, 2);
	cio_task *t = party(&b, &a);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_barrier_wait(&b), 1);
	cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(a, 0);
	return 0;
}

static int aborted_and_reset(void *arg)
{
	(void)arg;
	cio_barrier b;
	int a = 0, c = 0;
	cio_barrier_init(&b, 2);
	cio_task *t = party(&b, &a);
	CHECK_INT(cio_yield(), 0);
	cio_barrier_abort(&b);
	CHECK(b.broken);
	CHECK_INT(cio_barrier_wait(&b), -CIO_EBROKEN);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(a, -CIO_EBROKEN);
	CHECK_INT(cio_barrier_wait(&b), -CIO_EBROKEN);

	cio_barrier_reset(&b);
	CHECK(!b.broken);
	t = party(&b, &a);
	CHECK_INT(cio_yield(), 0);
	/* who waits is sent away, the next ones are not */
	cio_barrier_reset(&b);
	cio_task *u = party(&b, &c);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(a, -CIO_EBROKEN);
	CHECK_INT(cio_barrier_wait(&b), 1);
	CHECK_INT(cio_await(u), 0);
	CHECK_INT(c, 0);
	CHECK_INT(cio_barrier_finish(&b), 0);
	return 0;
}

/* ---- cancelled anywhere ---- */

struct gate {
	cio_barrier b;
	int passed, done;
};

static int passes(const struct member *m)
{
	struct gate *g = m->shared;
	if (g->done)
		return 0;
	int place = cio_barrier_wait(&g->b);
	if (place >= 0)
		g->passed++;
	return place == -CIO_EBROKEN || place > 0 ? 0 : place;
}

static void open_for_good(void *shared)
{
	struct gate *g = shared;
	g->done = 1;
	cio_barrier_abort(&g->b);
}

/* Whoever is cancelled, only whole parties pass. */
static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct gate gate = {0};
		cio_barrier_init(&gate.b, PARTIES);
		storm(passes, &gate, seed, open_for_good);
		CHECK(gate.passed > 0);
		CHECK_INT(gate.passed % PARTIES, 0);
		CHECK_INT(cio_barrier_finish(&gate.b), 0);
	}
	return 0;
}

static int in_a_group(void *arg)
{
	(void)arg;
	cio_barrier b;
	int at[PARTIES] = {0}, places[ROUNDS] = {0}, err = 0;
	cio_barrier_init(&b, PARTIES);
	CIO_GROUP (g, &err) {
		for (int i = 1; i < PARTIES && err == 0; i++)
			err = cio_group_spawn(&g, goes_round,
				&(struct rounds){&b, at, places, i});
		if (err == 0) {
			err = cio_barrier_wait(&b);
			at[0] = ROUNDS;
		}
		cio_group_cancel(&g, "one round is enough");
	}
	CHECK_INT(cio_barrier_finish(&b), 0);
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "barrier");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(round_and_round)
RUNS(alone)
RUNS(a_cancelled_waiter_leaves)
RUNS(released_then_cancelled)
RUNS(aborted_and_reset)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_round_and_round),
		cmocka_unit_test(run_alone),
		cmocka_unit_test(run_a_cancelled_waiter_leaves),
		cmocka_unit_test(run_released_then_cancelled),
		cmocka_unit_test(run_aborted_and_reset),
		cmocka_unit_test(run_stormy),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
