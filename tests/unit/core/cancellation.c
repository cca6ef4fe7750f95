/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * cancellation.c - what happens when two things happen in one turn
 *
 * The rule's hard cases, one test each: value against deadline, hand-over
 * against cancel, the clean-up of one cancel against another. Two deadlines that
 * are due together have the same absolute time, read within one turn, so that
 * nothing here depends on how long anything takes.
 */
#include <cio/scope.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/semaphore.h>
#include <cio/task.h>
#include <cio/time.h>

#include "check.h"

static const cio_duration LONG = CIO_S(3600);

static int sleeps(const cio_duration *d)
{
	return cio_sleep(*d);
}

/* ---- the tricky ones ---- */

static int sleeps_until(const cio_time *until)
{
	int err = cio_sleep_until(*until);
	return err < 0 ? err : 5;
}

/* 1: done before the timer: the result. The two timers are due together, and
 * fire in the order of arming. */
static int t1_value_before_the_deadline(void *arg)
{
	(void)arg;
	cio_time when = cio_now() + CIO_MS(1);
	cio_task *t = cio_spawn(sleeps_until, &when);
	CHECK_INT(cio_yield(), 0); /* it is armed first */
	cio_scope s;
	cio_scope_begin(&s, when);
	CHECK_INT(cio_scope_end(&s, cio_await(t)), 5);
	CHECK(!cio_scope_expired(&s));
	return 0;
}

/* 1: the timer first: the task is cancelled, and awaited. */
static int t1_deadline_before_the_value(void *arg)
{
	(void)arg;
	cio_time when = cio_now() + CIO_MS(1);
	cio_scope s;
	cio_scope_begin(&s, when);
	cio_task *t = cio_spawn(sleeps_until, &when);
	CHECK_INT(cio_scope_end(&s, cio_await(t)), -ETIMEDOUT);
	CHECK(cio_scope_expired(&s));
	return 0;
}

static int answers_with_a_value(const int *value)
{
	(void)cio_sleep(LONG);
	return *value;
}

/* 1 and hard case 3: its own value or error, given after the deadline, wins. */
static int t1_own_answer_after_the_deadline(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_await(cio_spawn(answers_with_a_value, &(int){8}));
	}
	CHECK_INT(err, 8);
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_await(cio_spawn(answers_with_a_value, &(int){-EIO}));
	}
	CHECK_INT(err, -EIO);
	return 0;
}

struct holder {
	cio_semaphore *s;
	int *after;
};

static int takes_then_checks(const struct holder *h)
{
	int err = cio_semaphore_acquire(h->s);
	*h->after = cio_checkpoint();
	return err;
}

/* 2, 3 and hard cases 2, 9: handed over in the turn of a cancel: it owns it,
 * and meets the cancel at its next call. */
static int t2_handed_over_then_cancelled(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 0);
	int after = 0;
	cio_task *t = cio_spawn(takes_then_checks,
		&(struct holder){&s, &after});
	CHECK_INT(cio_yield(), 0);
	cio_semaphore_release(&s);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(after, -ECANCELED);
	CHECK_INT(s.permits, 0);
	return 0;
}

/* 6: a timeout that passes while another cancel is cleaned up takes no blame. */
static int t6_late_during_anothers_cleanup(void *arg)
{
	(void)arg;
	cio_scope outer, inner;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_begin(&inner, cio_now() + CIO_MS(1));
	cio_scope_cancel(&outer, "the cause");
	int err = cio_sleep(LONG), cleanup = 0;
	CHECK_INT(err, -ECANCELED);
	CIO_SHIELD (LONG, &cleanup) {
		cleanup = cio_sleep(CIO_MS(5)); /* inner becomes late */
	}
	CHECK_INT(cleanup, 0);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK(strcmp(cio_cancel_reason(), "the cause") == 0);
	CHECK_INT(cio_scope_end(&inner, err), -ECANCELED);
	CHECK(!cio_scope_expired(&inner));
	CHECK_INT(cio_scope_end(&outer, err), 0);
	return 0;
}

static int cleans_up_slowly(int *const *cleaned)
{
	int err = cio_sleep(LONG), ignored = 0;
	CIO_SHIELD (CIO_S(10), &ignored) {
		ignored = cio_sleep(CIO_MS(2));
	}
	CHECK_INT(ignored, 0);
	**cleaned += 1;
	return err;
}

/* 7: a group in a cancelled scope waits for its children's shields. */
static int t7_group_in_a_cancelled_scope(void *arg)
{
	(void)arg;
	int cleaned = 0, *p = &cleaned, err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		CIO_GROUP (g, &err) {
			for (int i = 0; i < 3; i++)
				CHECK_INT(cio_group_spawn(&g, cleans_up_slowly,
						  &p),
					0);
			err = cio_sleep(LONG);
			CHECK_INT(err, -ECANCELED);
		}
		CHECK_INT(err, -ECANCELED);
		CHECK_INT(cleaned, 3);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* 8: a cancelled awaiter cancels the task, waits for its end, and gets
 * what it returned; -ETIMEDOUT comes with the end of the late scope. */
static int t8_awaiter_in_a_late_scope(void *arg)
{
	(void)arg;
	int cleaned = 0, *p = &cleaned, err = 0;
	cio_task *t = cio_spawn(cleans_up_slowly, &p);
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_await(t);
		CHECK_INT(err, -ECANCELED);
		CHECK_INT(cleaned, 1);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int awaits(cio_task *const *t)
{
	return cio_await(*t);
}

static int t8_cancelled_awaiter(void *arg)
{
	(void)arg;
	int cleaned = 0, *p = &cleaned;
	cio_task *t = cio_spawn(cleans_up_slowly, &p);
	cio_task *awaiter = cio_spawn(awaits, &t);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(awaiter, "test");
	CHECK_INT(cio_await(awaiter), -ECANCELED);
	CHECK_INT(cleaned, 1);
	return 0;
}

/* 8: the task's own refusal, which the awaiter did not cause, stays its. */
static int t8_task_cancelled_by_another(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(sleeps, &LONG);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	int err = 0;
	CIO_TIMEOUT (LONG, &err) {
		err = cio_await(t);
	}
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

static int shielded_first(int *const *out)
{
	int err = 0;
	CIO_SHIELD (LONG, &err) {
		err = cio_sleep(CIO_MS(2));
	}
	(*out)[0] = err;
	(*out)[1] = cio_sleep(LONG);
	return 0;
}

static int cancels_itself(int *const *out)
{
	cio_task_cancel(cio_current_task(), "myself");
	(*out)[0] = 1;
	(*out)[1] = cio_sleep(LONG);
	return 0;
}

/* 10 and hard case 8: pending, and met after the shield, or at the next wait */
static int t10_cancel_in_a_shield_and_of_self(void *arg)
{
	(void)arg;
	int out[2] = {99, 99}, *p = out;
	cio_task *t = cio_spawn(shielded_first, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(out[0], 0);
	CHECK_INT(out[1], -ECANCELED);
	CHECK_INT(cio_await(cio_spawn(cancels_itself, &p)), 0);
	CHECK_INT(out[0], 1);
	CHECK_INT(out[1], -ECANCELED);
	return 0;
}

/* 11 */
static int t11_cancelled_before_its_first_turn(void *arg)
{
	(void)arg;
	int out[2] = {99, 99}, *p = out;
	cio_task *t = cio_spawn(cancels_itself, &p);
	cio_task_cancel(t, "before");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(out[0], 1); /* the body ran */
	CHECK_INT(out[1], -ECANCELED);
	return 0;
}

enum stubborn_call { CHECKPOINT, SLEEP, YIELD, PARK };
struct stubborn {
	enum stubborn_call call;
	bool *stop;
	int *calls;
};

static int one_call(enum stubborn_call call, cio_semaphore *s)
{
	switch (call) {
	case CHECKPOINT: return cio_checkpoint();
	case SLEEP: return cio_sleep(LONG);
	case YIELD: return cio_yield();
	default: return cio_semaphore_acquire(s);
	}
}

static int ignores_refusals(const struct stubborn *s)
{
	cio_semaphore none;
	cio_semaphore_init(&none, 0);
	cio_task_cancel(cio_current_task(), "test");
	while (!*s->stop && *s->calls < 5000) {
		*s->calls += 1;
		if (one_call(s->call, &none) != -ECANCELED)
			return -EBADMSG;
	}
	return 0;
}

static int stops(bool *const *stop)
{
	**stop = true;
	return 0;
}

/* 12: a task that ignores its refusals is made to yield after 100 of them */
static int t12_stubborn_task_yields(void *arg)
{
	(void)arg;
	for (int call = CHECKPOINT; call <= PARK; call++) {
		bool stop = false, *p = &stop;
		int calls = 0;
		cio_task *t = cio_spawn(ignores_refusals,
			&(struct stubborn){(enum stubborn_call)call, &stop,
				&calls});
		cio_task *other = cio_spawn(stops, &p);
		CHECK_INT(cio_await(t), 0);
		CHECK(calls == 100 || calls == 101);
		CHECK_INT(cio_await(other), 0);
	}
	return 0;
}

static int goes_on_and_on(void *arg)
{
	(void)arg;
	bool stop = false;
	int calls = 0;
	return cio_await(cio_spawn(ignores_refusals,
		&(struct stubborn){CHECKPOINT, &stop, &calls}));
}

/* 13: an outer timeout does not look like the inner loop's own */
static int t13_retry_loop_under_an_outer_timeout(void *arg)
{
	(void)arg;
	int err = 0, tries = 0;
	CIO_TIMEOUT (CIO_MS(10), &err) {
		do {
			int inner = 0;
			CIO_TIMEOUT (tries < 3 ? CIO_MS(1) : LONG, &inner) {
				inner = cio_sleep(LONG);
			}
			err = inner;
		} while (++tries < 100 && err == -ETIMEDOUT);
	}
	CHECK_INT(tries, 4); /* three of its own, then the outer one */
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* The same with the code that the loop sees, one scope further in. */
static int t13_inner_sees_canceled(void *arg)
{
	(void)arg;
	cio_scope outer, around, inner;
	cio_scope_begin(&outer, cio_now() + CIO_MS(1));
	cio_scope_begin(&around, CIO_NEVER);
	cio_scope_begin(&inner, cio_now() + LONG);
	int err = cio_sleep(LONG);
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(err = cio_scope_end(&inner, err), -ECANCELED);
	CHECK_INT(err = cio_scope_end(&around, err), -ECANCELED);
	CHECK_INT(cio_scope_end(&outer, err), -ETIMEDOUT);
	return 0;
}

/* ---- the hard cases that are not among those above ---- */

/* 4: nested deadlines, both past: the outer one answers for it, whichever of
 * the two was first in the turn */
static int h4_both_deadlines_past(void *arg)
{
	(void)arg;
	for (int outer_first = 0; outer_first < 2; outer_first++) {
		cio_scope outer, inner;
		cio_time when = cio_now() + CIO_MS(1);
		cio_scope_begin(&outer, outer_first ? when : CIO_NEVER);
		cio_scope_begin(&inner, when);
		if (!outer_first)
			CHECK_INT(cio_scope_reschedule(&outer, when), 0);
		int err = cio_sleep(LONG);
		CHECK_INT(err, -ECANCELED);
		err = cio_scope_end(&inner, err);
		CHECK_INT(err, -ECANCELED);
		CHECK(!cio_scope_expired(&inner));
		CHECK_INT(cio_scope_end(&outer, err), -ETIMEDOUT);
		CHECK(cio_scope_expired(&outer));
	}
	return 0;
}

/* 5: deadline inside, cancel outside: -ECANCELED all the way */
static int h5_cancel_outside(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(sleeps, &LONG);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);

	cio_scope outer, inner;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_begin(&inner, cio_now() + CIO_MS(1));
	cio_scope_cancel(&outer, "test");
	int err = cio_sleep(LONG);
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(cio_scope_end(&inner, err), -ECANCELED);
	CHECK_INT(cio_scope_end(&outer, err), 0);
	return 0;
}

static int fails(const int *err)
{
	return *err;
}

/* 6: a child fails and the opener is cancelled in the same turn */
static int fails_while_cancelled(const int *unused)
{
	(void)unused;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, fails, &(int){-EIO}), 0);
		cio_task_cancel(cio_current_task(), "in the same turn");
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	return err;
}

static int h6_error_and_cancel_in_one_turn(void *arg)
{
	(void)arg;
	CHECK_INT(cio_await(cio_spawn(fails_while_cancelled, &(int){0})), -EIO);
	return 0;
}

/* 7: in the cleanup of a cancelled task only a shield can wait */
static int cleans_up(const int *unused)
{
	(void)unused;
	int err = 0;
	CHECK_INT(cio_sleep(LONG), -ECANCELED);
	CIO_TIMEOUT (LONG, &err) {
		err = cio_sleep(CIO_US(1));
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ECANCELED);
	CIO_SHIELD (LONG, &err) {
		err = cio_sleep(CIO_US(1));
	}
	CHECK_INT(err, 0);
	return 0;
}

static int h7_only_a_shield_can_wait(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(cleans_up, &(int){0});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	return cio_await(t);
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

static void t12_stubborn_task_is_named(void **state)
{
	(void)state;
	assert_int_equal(check_run(goes_on_and_on, NULL), 0);
	const char *at = strstr(check_reports(), "warning: ");
	assert_non_null(at);
	assert_non_null(strstr(at, "ignores_refusals"));
	assert_non_null(strstr(at, "cancellation.c:"));
	assert_null(strstr(at + 1, "warning: ")); /* once */
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
		CASE(t1_value_before_the_deadline),
		CASE(t1_deadline_before_the_value),
		CASE(t1_own_answer_after_the_deadline),
		CASE(t2_handed_over_then_cancelled),
		CASE(t6_late_during_anothers_cleanup),
		CASE(t7_group_in_a_cancelled_scope),
		CASE(t8_awaiter_in_a_late_scope),
		CASE(t8_cancelled_awaiter),
		CASE(t8_task_cancelled_by_another),
		CASE(t10_cancel_in_a_shield_and_of_self),
		CASE(t11_cancelled_before_its_first_turn),
		CASE(t12_stubborn_task_yields),
		cmocka_unit_test(t12_stubborn_task_is_named),
		CASE(t13_retry_loop_under_an_outer_timeout),
		CASE(t13_inner_sees_canceled),
		CASE(h4_both_deadlines_past),
		CASE(h5_cancel_outside),
		CASE(h6_error_and_cancel_in_one_turn),
		CASE(h7_only_a_shield_can_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
