/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * every.c - the schedule does not drift, does not pile up and does not give up
 */
#include <cio/every.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

struct diary {
	cio_time start;
	cio_duration at[16]; /* when each round began */
	cio_duration takes[16];
	int results[16];
	int n, enough; /* after so many, cancel this: */
	cio_scope *scope;
};

static int keep(void *arg)
{
	struct diary *d = arg;
	int i = d->n++;
	d->at[i] = cio_now() - d->start;
	if (d->n == d->enough)
		cio_scope_cancel(d->scope, "enough rounds");
	else if (d->takes[i] > 0 && cio_sleep(d->takes[i]) < 0)
		return -ECANCELED;
	return d->results[i];
}

/* Keep the diary every `period` until there is enough in it. */
static int keep_every(struct diary *d, cio_duration period,
	cio_every_figures *figures)
{
	cio_scope s;
	d->n = 0;
	d->scope = &s;
	d->start = cio_now();
	cio_scope_begin(&s, CIO_NEVER);
	int err = cio_every_with(&(cio_every_options){.period = period,
					 .name = "diary",
					 .figures = figures},
		keep, d);
	CHECK_INT(err, -ECANCELED);
	CHECK(cio_scope_caught(&s));
	return cio_scope_end(&s, err);
}

static bool on_sim(void)
{
	return strcmp(cio_driver_name(), "sim") == 0;
}

/* Rounds that take time do not move those after them. */
static int does_not_drift(void *arg)
{
	(void)arg;
	cio_every_figures f = {0};
	struct diary d = {.enough = 6,
		.takes = {CIO_US(300), CIO_MS(1), 0, CIO_US(1), CIO_US(1999)}};
	CHECK_INT(keep_every(&d, CIO_MS(2), &f), 0);
	CHECK_INT(f.rounds, 6);
	CHECK_INT(f.failed, 0);
	for (int i = 0; i < d.n; i++)
		CHECK(d.at[i] >= CIO_MS(2) * i);
	if (on_sim()) {
		CHECK_INT(f.missed, 0);
		for (int i = 0; i < d.n; i++)
			CHECK_INT(d.at[i], CIO_MS(2) * i);
	}
	return 0;
}

/* What passed during a round is skipped and counted; the rest stays on the
 * schedule. A round that ends at the very moment of the next misses none. */
static int missed_rounds_are_skipped(void *arg)
{
	(void)arg;
	cio_every_figures f = {0};
	struct diary d = {.enough = 4,
		.takes = {CIO_MS(7), CIO_MS(4), CIO_MS(2)}};
	CHECK_INT(keep_every(&d, CIO_MS(2), &f), 0);
	CHECK_INT(f.rounds, 4);
	CHECK(f.missed >= 4);
	for (int i = 1; i < d.n; i++)
		CHECK(d.at[i] >= d.at[i - 1] + d.takes[i - 1]);
	if (on_sim()) {
		CHECK_INT(d.at[0], 0);
		CHECK_INT(d.at[1], CIO_MS(8));  /* 2, 4 and 6 have passed */
		CHECK_INT(d.at[2], CIO_MS(12)); /* 10 has passed */
		CHECK_INT(d.at[3], CIO_MS(14)); /* just in time */
		CHECK_INT(f.missed, 4);
	}
	return 0;
}

static int goes_on_after_errors(void *arg)
{
	cio_every_figures *f = arg;
	struct diary d = {.enough = 4, .results = {-EIO, 0, -ECANCELED, 0}};
	CHECK_INT(keep_every(&d, CIO_US(100), f), 0);
	return 0;
}

static void errors_are_reported(void **state)
{
	(void)state;
	cio_every_figures f = {0};
	assert_int_equal(check_run(goes_on_after_errors, &f), 0);
	assert_int_equal(f.rounds, 4);
	assert_int_equal(f.failed, 2); /* a -ECANCELED of its own is an error */
	assert_string_equal(check_reports(),
		"warning: diary: round 1 failed: Input/output error\n"
		"warning: diary: round 3 failed: cancelled\n");
}

static int fails_with_a_text(void *arg)
{
	int *n = arg;
	switch ((*n)++) {
	case 0: return cio_fail(-EINVAL, "the text of the first");
	case 1: return -EPIPE;
	default: return cio_sleep(CIO_S(3600)); /* until we are late */
	}
}

static int texts(void *arg)
{
	int err = 0, n = 0;
	(void)arg;
	CIO_TIMEOUT (CIO_MS(50), &err) {
		err = cio_every(CIO_US(10), fails_with_a_text, &n);
		CHECK_INT(err, -ETIMEDOUT); /* the scope's refusal */
	}
	CHECK_INT(n, 3);
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* Each failure has its own text, and being cut short is no failure. */
static void texts_are_reported(void **state)
{
	(void)state;
	assert_int_equal(check_run(texts, NULL), 0);
	assert_non_null(strstr(check_reports(),
		"round 1 failed: Invalid argument: the text of the first\n"));
	assert_non_null(
		strstr(check_reports(), "round 2 failed: Broken pipe\n"));
	assert_null(strstr(check_reports(), "round 3"));
}

static int counts(void *arg)
{
	++*(int *)arg;
	return 0;
}

static int ends_with_its_scope(void *arg)
{
	(void)arg;
	int n = 0, err = 0;
	CHECK_INT(cio_every(0, counts, &n), -EINVAL);
	CHECK_INT(cio_every(-1, counts, &n), -EINVAL);
	CIO_TIMEOUT (0, &err) {
		err = cio_every(CIO_MS(1), counts, &n);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(n, 0); /* it checks first */
	CIO_TIMEOUT (CIO_MS(50), &err) {
		err = cio_every(CIO_NEVER, counts, &n); /* once, then never */
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(n, 1);
	return 0;
}

struct job {
	int n;
};

static int in_the_background(struct job *const *j)
{
	return cio_every(CIO_US(50), counts, &(*j)->n);
}

static int in_a_group(void *arg)
{
	(void)arg;
	struct job job = {0}, *at = &job;
	int err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, in_the_background, &at);
		for (int i = 0; i < 5 && err == 0; i++)
			err = cio_sleep(CIO_US(100));
		cio_group_cancel(&g, "done");
	}
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "every");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(does_not_drift)
RUNS(missed_rounds_are_skipped)
RUNS(ends_with_its_scope)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_does_not_drift),
		cmocka_unit_test(run_missed_rounds_are_skipped),
		cmocka_unit_test(errors_are_reported),
		cmocka_unit_test(texts_are_reported),
		cmocka_unit_test(run_ends_with_its_scope),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
