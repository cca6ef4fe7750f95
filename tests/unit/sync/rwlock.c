/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * rwlock.c - readers together, writers alone, nobody starves or is stranded
 */
#include <cio/rwlock.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

static char trace[128]; /* r, w: enters; R, W: leaves */
static size_t trace_n;

static void note(char c)
{
	trace[trace_n++] = c;
	trace[trace_n] = 0;
}

static bool traced(const char *wanted)
{
	bool same = strcmp(trace, wanted) == 0;
	if (!same)
		printf("# trace: %s, not %s\n", trace, wanted);
	trace_n = 0;
	trace[0] = 0;
	return same;
}

static int reads(cio_rwlock *const *l)
{
	int err = cio_rwlock_acquire_read(*l);
	if (err < 0)
		return err;
	note('r');
	err = cio_yield();
	note('R');
	CHECK_INT(cio_rwlock_release_read(*l), 0);
	return err;
}

static int writes(cio_rwlock *const *l)
{
	int err = cio_rwlock_acquire_write(*l);
	if (err < 0)
		return err;
	note('w');
	CHECK((*l)->writer == cio_current_task());
	err = cio_yield();
	note('W');
	CHECK_INT(cio_rwlock_release_write(*l), 0);
	return err;
}

static int spawn_each(cio_group *g, cio_rwlock *l, const char *kinds)
{
	int err = 0;
	for (; *kinds != 0 && err == 0; kinds++)
		err = *kinds == 'r' ? cio_group_spawn(g, reads, &l) :
				      cio_group_spawn(g, writes, &l);
	return err;
}

/* A row of readers goes in together, and not past the writer before it. */
static int arrival_order(void *arg)
{
	(void)arg;
	cio_rwlock l = {0};
	int err = 0;
	CIO_GROUP (g, &err) {
		err = spawn_each(&g, &l, "rrwrrrwwr");
	}
	CHECK_INT(err, 0);
	CHECK(traced("rrRRwWrrrRRRwWwWrR"));
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return 0;
}

static int reads_on(const struct member *m)
{
	cio_rwlock *l = m->shared;
	for (int i = 0; i < 50; i++) {
		int err = cio_rwlock_acquire_read(l);
		if (err < 0)
			return err;
		note(trace_n < 60 ? 'r' : '.');
		trace_n = trace_n > 60 ? 60 : trace_n;
		err = cio_yield();
		CHECK_INT(cio_rwlock_release_read(l), 0);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Readers that always overlap cannot keep a writer out. */
static int writers_do_not_starve(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	cio_task *a = cio_spawn(reads_on, &(struct member){&l, 0});
	CHECK_INT(cio_yield(), 0);
	cio_task *b = cio_spawn(reads_on, &(struct member){&l, 0});
	cio_task *w = cio_spawn(writes, &at);
	CHECK_INT(cio_await(w), 0);
	CHECK(!cio_task_done(a) && !cio_task_done(b));
	CHECK_INT(cio_await(a), 0);
	CHECK_INT(cio_await(b), 0);
	trace_n = 0;
	return 0;
}

static int no_barging(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	CHECK_INT(cio_rwlock_acquire_read(&l), 0);
	CHECK_INT(cio_rwlock_try_acquire_read(&l), 0);
	cio_task *w = cio_spawn(writes, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_rwlock_try_acquire_read(&l), -EAGAIN);
	CHECK_INT(cio_rwlock_release_read(&l), 0);
	CHECK(l.writer == NULL);
	CHECK_INT(cio_rwlock_release_read(&l), 0);
	CHECK(l.writer == w); /* at once */
	CHECK_INT(cio_rwlock_try_acquire_write(&l), -EAGAIN);
	CHECK_INT(cio_rwlock_try_acquire_read(&l), -EAGAIN);
	CHECK_INT(cio_rwlock_acquire_write(&l), 0);
	CHECK(traced("wW"));
	CHECK_INT(cio_rwlock_release_write(&l), 0);
	return cio_await(w);
}

/* Handed over, then cancelled in the same turn: both kinds are inside. */
static int handed_then_cancelled(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	CHECK_INT(cio_rwlock_acquire_write(&l), 0);
	cio_task *r = cio_spawn(reads, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_rwlock_release_write(&l), 0);
	cio_task_cancel(r, "it reads already");
	cio_task *w = cio_spawn(writes, &at);
	CHECK_INT(cio_rwlock_try_acquire_read(&l), 0);
	CHECK_INT(cio_await(r), -ECANCELED); /* by its cio_yield */
	CHECK_INT(cio_rwlock_release_read(&l), 0);
	cio_task_cancel(w, "it writes already");
	CHECK_INT(cio_await(w), -ECANCELED);
	CHECK(traced("rRwW"));
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return 0;
}

/* The writer that held readers up is cancelled: they go in, with the reader
 * that is still inside. */
static int a_cancelled_head_strands_nobody(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	CHECK_INT(cio_rwlock_acquire_read(&l), 0);
	cio_task *w = cio_spawn(writes, &at);
	cio_task *r1 = cio_spawn(reads, &at), *r2 = cio_spawn(reads, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(l.readers, 1);
	cio_task_cancel(w, "held up readers");
	CHECK_INT(cio_await(w), -ECANCELED);
	CHECK_INT(cio_await(r1), 0);
	CHECK_INT(cio_await(r2), 0);
	CHECK(traced("rrRR"));
	CHECK_INT(cio_rwlock_release_read(&l), 0);
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return 0;
}

/* Cancelled, then released in the same turn. */
static int cancelled_then_released(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	CHECK_INT(cio_rwlock_acquire_write(&l), 0);
	cio_task *w = cio_spawn(writes, &at), *r = cio_spawn(reads, &at);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(w, "first");
	CHECK_INT(cio_rwlock_release_write(&l), 0);
	CHECK_INT(l.readers, 1);
	CHECK_INT(cio_await(w), -ECANCELED);
	CHECK_INT(cio_await(r), 0);
	CHECK(traced("rR"));
	return 0;
}

static int refused_while_free(void *arg)
{
	(void)arg;
	cio_rwlock l = {0};
	int err = 0;
	CIO_TIMEOUT (0, &err) {
		CHECK_INT(cio_rwlock_acquire_read(&l), -ETIMEDOUT);
		err = cio_rwlock_acquire_write(&l);
		CHECK_INT(cio_rwlock_try_acquire_write(&l), 0);
		CHECK_INT(cio_rwlock_release_write(&l), 0);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return 0;
}

static int releases_anothers(cio_rwlock *const *l)
{
	CHECK_INT(cio_rwlock_release_write(*l), -EPERM);
	CHECK(strstr(cio_error_text(), "another") != NULL);
	return 0;
}

static int only_holders_release(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	CHECK_INT(cio_rwlock_release_read(&l), -EPERM);
	CHECK_INT(cio_rwlock_release_write(&l), -EPERM);
	CHECK_INT(cio_rwlock_acquire_write(&l), 0);
	CHECK_INT(cio_await(cio_spawn(releases_anothers, &at)), 0);
	CHECK_INT(cio_rwlock_acquire_write(&l), -EDEADLK);
	CHECK_INT(cio_rwlock_acquire_read(&l), -EDEADLK);
	CHECK_INT(cio_rwlock_release_read(&l), -EPERM);
	CHECK_INT(cio_rwlock_release_write(&l), 0);
	return 0;
}

/* Who was cancelled touches the lock once more: until then it is busy. */
static int finish_is_busy(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	CHECK_INT(cio_rwlock_acquire_read(&l), 0);
	CHECK_INT(cio_rwlock_finish(&l), -EBUSY);
	cio_task *w = cio_spawn(writes, &at);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(w, "but it has not run yet");
	CHECK_INT(cio_rwlock_release_read(&l), 0);
	CHECK_INT(cio_rwlock_finish(&l), -EBUSY);
	CHECK_INT(cio_await(w), -ECANCELED);
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return 0;
}

/* ---- cancelled anywhere ---- */

struct ward {
	cio_rwlock lock;
	int readers, writers;
};

static int yield_often(uint32_t n)
{
	int err = 0;
	while (n-- > 0 && err == 0)
		err = cio_yield();
	return err;
}

static int read_or_write(const struct member *m)
{
	struct ward *w = m->shared;
	bool write = m->chance % 3 == 0;
	int *mine = write ? &w->writers : &w->readers;
	int err = write ? cio_rwlock_acquire_write(&w->lock) :
			  cio_rwlock_acquire_read(&w->lock);
	if (err < 0)
		return err;
	++*mine;
	CHECK(w->writers == 0 || (w->writers == 1 && w->readers == 0));
	err = yield_often(m->chance / 3 % 3);
	--*mine;
	CHECK_INT(write ? cio_rwlock_release_write(&w->lock) :
			  cio_rwlock_release_read(&w->lock),
		0);
	return err;
}

static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct ward w = {0};
		storm(read_or_write, &w, seed, NULL);
		CHECK_INT(cio_rwlock_finish(&w.lock), 0);
	}
	return 0;
}

static int in_a_group(void *arg)
{
	(void)arg;
	cio_rwlock l = {0}, *at = &l;
	int err = 0;
	CIO_GROUP (g, &err) {
		err = spawn_each(&g, &l, "rwrrw");
		if (err == 0)
			err = writes(&at);
	}
	trace_n = 0;
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "rwlock");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(arrival_order)
RUNS(writers_do_not_starve)
RUNS(no_barging)
RUNS(handed_then_cancelled)
RUNS(a_cancelled_head_strands_nobody)
RUNS(cancelled_then_released)
RUNS(refused_while_free)
RUNS(only_holders_release)
RUNS(finish_is_busy)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_arrival_order),
		cmocka_unit_test(run_writers_do_not_starve),
		cmocka_unit_test(run_no_barging),
		cmocka_unit_test(run_handed_then_cancelled),
		cmocka_unit_test(run_a_cancelled_head_strands_nobody),
		cmocka_unit_test(run_cancelled_then_released),
		cmocka_unit_test(run_refused_while_free),
		cmocka_unit_test(run_only_holders_release),
		cmocka_unit_test(run_finish_is_busy),
		cmocka_unit_test(run_stormy),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
