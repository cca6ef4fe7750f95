/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * scope.c - who is refused, with which code, and who absorbs it
 *
 * Each test is one sentence of the rule of cancellation. Nothing here depends
 * on how long anything takes: deadlines are past, or fire while nothing else
 * can run, and two that are due together have the same absolute time, read
 * within one turn.
 */
#include <cio/scope.h>

#include <errno.h>

#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/semaphore.h>
#include <cio/task.h>
#include <cio/time.h>

#include "check.h"

static const cio_duration LONG = CIO_S(3600);

static int ends_at_once(const int *result)
{
	return *result;
}

static int sleeps(const cio_duration *d)
{
	return cio_sleep(*d);
}

/* ---- begin ---- */

static int past_deadline_is_late_on_entry(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, cio_now() - 1);
	CHECK_INT(cio_checkpoint(), -ETIMEDOUT);
	CHECK_INT(cio_sleep(LONG), -ETIMEDOUT);
	CHECK_INT(cio_yield(), -ETIMEDOUT);
	CHECK_INT(cio_scope_end(&s, -ETIMEDOUT), -ETIMEDOUT);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

static int never_is_never(void *arg)
{
	(void)arg;
	cio_scope s;
	uint64_t timers = cio_run_get_figures().timers;
	cio_scope_begin(&s, CIO_NEVER);
	CHECK_INT(cio_run_get_figures().timers, timers);
	CHECK_INT(cio_sleep(CIO_US(1)), 0);
	CHECK_INT(cio_scope_end(&s, 3), 3);
	return 0;
}

static int opened_in_a_cancelled_scope_is_refused(void *arg)
{
	(void)arg;
	cio_scope outer, inner;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_cancel(&outer, "test");
	cio_scope_begin(&inner, cio_now() + LONG);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK_INT(cio_scope_end(&inner, -ECANCELED), -ECANCELED);
	CHECK(!cio_scope_caught(&inner));
	CHECK_INT(cio_scope_end(&outer, -ECANCELED), 0);
	CHECK(cio_scope_caught(&outer));
	return 0;
}

/* The clock is read once a turn, so a deadline cannot pass in mid-turn. */
static int deadline_is_judged_by_the_turn(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_NS(1), &err) {
		for (volatile int i = 0; i < 100000; i++)
			;
		CHECK_INT(cio_checkpoint(), 0);
		err = cio_sleep(LONG);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int reschedule_moves_it(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
	CHECK_INT(cio_scope_reschedule(&s, cio_now() + CIO_MS(1)), 0);
	CHECK_INT(cio_sleep(LONG), -ETIMEDOUT);
	CHECK_INT(cio_scope_reschedule(&s, CIO_NEVER), -EALREADY);
	CHECK_INT(cio_scope_end(&s, -ETIMEDOUT), -ETIMEDOUT);
	CHECK_INT(cio_scope_reschedule(&s, CIO_NEVER), -EALREADY);

	cio_scope_begin(&s, cio_now() + CIO_US(1));
	CHECK_INT(cio_scope_reschedule(&s, CIO_NEVER), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(cio_scope_reschedule(&s, cio_now()), 0);
	CHECK_INT(cio_checkpoint(), -ETIMEDOUT);
	CHECK_INT(cio_scope_end(&s, 0), 0);
	return 0;
}

/* ---- cancel ---- */

static int first_cancel_wins(void *arg)
{
	(void)arg;
	cio_scope s;
	CHECK(strcmp(cio_cancel_reason(), "") == 0);
	cio_scope_begin(&s, CIO_NEVER);
	cio_scope_cancel(&s, "first");
	cio_scope_cancel(&s, "second");
	CHECK(strcmp(cio_cancel_reason(), "first") == 0);
	CHECK_INT(cio_scope_end(&s, cio_checkpoint()), 0);
	CHECK(strcmp(cio_cancel_reason(), "") == 0);
	return 0;
}

static int cancel_of_an_ended_scope_is_a_no_op(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
	CHECK_INT(cio_scope_end(&s, 0), 0);
	cio_scope_cancel(&s, "too late");
	CHECK_INT(cio_checkpoint(), 0);
	CHECK(!cio_scope_caught(&s));

	cio_task *t = cio_spawn(ends_at_once, &(int){4});
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_done(t));
	cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), 4);
	return 0;
}

static int waits_in_scope(cio_semaphore *const *s)
{
	return cio_semaphore_acquire(*s);
}

/* Woken with a refusal, and in the same step out of the queue. */
static int cancel_takes_a_waiter_out_of_its_queue(void *arg)
{
	(void)arg;
	cio_semaphore s, *p = &s;
	cio_semaphore_init(&s, 0);
	cio_task *t = cio_spawn(waits_in_scope, &p);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_semaphore_finish(&s), -EBUSY);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_semaphore_finish(&s), 0); /* before it has run */
	CHECK(!cio_task_done(t));
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}

struct nest {
	cio_event *go;
	int depth;
	int seen[2]; /* refusals in and around the shield */
	int *out;
};

static int nested_children(const struct nest *n)
{
	int err = 0;
	if (n->depth == 0) {
		CIO_SHIELD (LONG, &err) {
			err = cio_event_wait(n->go);
			n->out[0] = err;
		}
		err = cio_checkpoint();
		n->out[1] = err;
		return err;
	}
	CIO_GROUP (g, &err) {
		struct nest down = *n;
		down.depth--;
		err = cio_group_spawn(&g, nested_children, &down);
		if (err == 0)
			err = cio_sleep(LONG);
	}
	return err;
}

/* One cancel reaches everything below, across tasks, and stops at shields. */
static int cancel_walks_down_and_stops_at_shields(void *arg)
{
	(void)arg;
	cio_event go = {0};
	int out[2] = {99, 99};
	cio_task *t = cio_spawn(nested_children,
		&(struct nest){.go = &go, .depth = 5, .out = out});
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(out[0], 99); /* the shielded one still waits */
	CHECK(!cio_task_done(t));
	cio_event_set(&go);
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(out[0], 0);
	CHECK_INT(out[1], -ECANCELED);
	return 0;
}

/* ---- the refusal's code ---- */

/* Innermost and late: -ETIMEDOUT. Anything else: -ECANCELED. */
static int code_says_whose_deadline_it_was(void *arg)
{
	(void)arg;
	cio_scope outer, inner;
	cio_scope_begin(&outer, cio_now() - 1);
	CHECK_INT(cio_checkpoint(), -ETIMEDOUT);
	cio_scope_begin(&inner, CIO_NEVER);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK_INT(cio_refused(), -ECANCELED);
	CHECK_INT(cio_scope_end(&inner, -ECANCELED), -ETIMEDOUT);
	CHECK_INT(cio_checkpoint(), -ETIMEDOUT);
	CHECK(strcmp(cio_cancel_reason(), "") != 0);
	CHECK_INT(cio_scope_end(&outer, -ETIMEDOUT), -ETIMEDOUT);
	return 0;
}

static int tells(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG);
}

/* The parent's deadline is not the child's own. */
static int child_of_a_late_scope_gets_canceled(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		CIO_GROUP (g, &err) {
			err = cio_group_spawn(&g, tells, &(int){0});
			CHECK_INT(err, 0);
		}
		CHECK_INT(err, -ETIMEDOUT); /* as directly in the late scope */
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

enum { DEEP = 10000 };
static cio_scope deep[DEEP];

static int ten_thousand_deep(void *arg)
{
	(void)arg;
	for (int i = 0; i < DEEP; i++)
		cio_scope_begin(&deep[i], CIO_NEVER);
	cio_scope_cancel(&deep[1], "test");
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	int err = -ECANCELED;
	for (int i = DEEP - 1; i > 1; i--) {
		err = cio_scope_end(&deep[i], err);
		if (err != -ECANCELED)
			break;
	}
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(cio_scope_end(&deep[1], err), 0);
	CHECK_INT(cio_checkpoint(), 0);
	CHECK_INT(cio_scope_end(&deep[0], 0), 0);
	return 0;
}

/* ---- the end's translation ---- */

static int results_and_other_errors_stay(void *arg)
{
	(void)arg;
	const int kept[] = {0, 7, -EIO, -EPIPE};
	for (int i = 0; i < 4; i++) {
		cio_scope s;
		cio_scope_begin(&s, cio_now() - 1);
		CHECK_INT(cio_checkpoint(), -ETIMEDOUT);
		CHECK_INT(cio_scope_end(&s, kept[i]), kept[i]);
		CHECK(cio_scope_expired(&s)); /* it did cut something short */
	}
	return 0;
}

/* A peer's own -ECANCELED or -ETIMEDOUT is not ours to translate. */
static int foreign_refusals_stay(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, cio_now() + LONG);
	CHECK_INT(cio_scope_end(&s, -ECANCELED), -ECANCELED);
	cio_scope_begin(&s, CIO_NEVER);
	CHECK_INT(cio_scope_end(&s, -ETIMEDOUT), -ETIMEDOUT);
	CHECK(!cio_scope_expired(&s));
	return 0;
}

/* Late, but nothing was cut short: not expired, and nothing to translate. */
static int late_and_not_hit_is_not_expired(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, cio_now() - 1);
	CHECK_INT(cio_scope_end(&s, -ECANCELED), -ECANCELED);
	CHECK(!cio_scope_expired(&s));
	cio_scope_begin(&s, CIO_NEVER);
	cio_scope_cancel(&s, "test");
	CHECK_INT(cio_scope_end(&s, 0), 0);
	CHECK(!cio_scope_caught(&s));
	return 0;
}

static int quiet_cancel_ends_with_0(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, cio_now() + LONG);
	cio_scope_cancel(&s, "I have what I need");
	CHECK_INT(cio_scope_end(&s, cio_sleep(LONG)), 0);
	CHECK(cio_scope_caught(&s));
	CHECK(!cio_scope_expired(&s));
	return 0;
}

/* ---- who absorbs ---- */

static int only_the_cause_absorbs(void *arg)
{
	(void)arg;
	cio_scope a, b, c;
	cio_scope_begin(&a, CIO_NEVER);
	cio_scope_begin(&b, CIO_NEVER);
	cio_scope_begin(&c, CIO_NEVER);
	cio_scope_cancel(&b, "test");
	int err = cio_checkpoint();
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(err = cio_scope_end(&c, err), -ECANCELED);
	CHECK_INT(err = cio_scope_end(&b, err), 0);
	CHECK_INT(cio_checkpoint(), 0);
	CHECK_INT(cio_scope_end(&a, err), 0);
	return 0;
}

static int swallows_and_returns(const int *result)
{
	CHECK_INT(cio_sleep(LONG), -ECANCELED);
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_checkpoint(), -ECANCELED); /* level, not edge */
	return *result;
}

/* A task cancel holds to the task's end; its result is what it returns. */
static int task_cancel_holds_to_the_end(void *arg)
{
	(void)arg;
	cio_task *a = cio_spawn(swallows_and_returns, &(int){0});
	cio_task *b = cio_spawn(swallows_and_returns, &(int){12});
	cio_task *c = cio_spawn(swallows_and_returns, &(int){-EPERM});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(a, "test");
	cio_task_cancel(b, "test");
	cio_task_cancel(c, "test");
	CHECK_INT(cio_await(a), 0);
	CHECK_INT(cio_await(b), 12);
	CHECK_INT(cio_await(c), -EPERM);
	return 0;
}

/* ---- the four kinds of call ---- */

static int closers_are_never_refused(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_event e = {0};
	cio_semaphore_init(&s, 0);
	cio_task *t = NULL;
	int err = 0;
	CIO_TIMEOUT (-1, &err) {
		cio_semaphore_release(&s);
		cio_event_set(&e);
		t = cio_spawn(ends_at_once, &(int){2});
		CHECK(t != NULL);
		CHECK_INT(cio_semaphore_try_acquire(&s), 0);
		CIO_GROUP (g, &err) {
			CHECK_INT(cio_group_try_spawn(&g, ends_at_once,
					  &(int){0}),
				0);
			cio_group_cancel(&g, "test");
		}
		CHECK_INT(err, 0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_await(t), 2);
	return 0;
}

/* A join does not check: what has ended is returned in a cancelled scope. */
static int joins_do_not_check(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(ends_at_once, &(int){6});
	CHECK_INT(cio_yield(), 0);
	int err = 0;
	CIO_TIMEOUT (-1, &err) {
		err = cio_await(t);
	}
	CHECK_INT(err, 6);
	return 0;
}

/* ---- shields ---- */

static int shield_hides_what_is_outside(void *arg)
{
	(void)arg;
	cio_scope outer;
	cio_scope_begin(&outer, cio_now() - 1);
	int err = 0;
	CIO_SHIELD (LONG, &err) {
		CHECK_INT(cio_checkpoint(), 0);
		CHECK_INT(cio_refused(), 0);
		CHECK(strcmp(cio_cancel_reason(), "") == 0);
		err = cio_sleep(CIO_US(1));
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_checkpoint(), -ETIMEDOUT); /* back at the next check */
	CHECK_INT(cio_scope_end(&outer, 0), 0);
	return 0;
}

static int shield_has_its_own_deadline(void *arg)
{
	(void)arg;
	cio_scope outer;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_cancel(&outer, "test");
	int err = 0;
	CIO_SHIELD (CIO_MS(1), &err) {
		err = cio_sleep(LONG);
		CHECK_INT(err, -ETIMEDOUT);
		cio_scope s;
		cio_scope_begin(&s, CIO_NEVER);
		CHECK_INT(cio_checkpoint(), -ECANCELED); /* not s's deadline */
		CHECK_INT(cio_scope_end(&s, -ECANCELED), -ETIMEDOUT);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK_INT(cio_scope_end(&outer, -ECANCELED), 0);
	return 0;
}

static int shield_in_a_shield(void *arg)
{
	(void)arg;
	int err = 0, inner = 0;
	CIO_SHIELD (-1, &err) {
		CIO_SHIELD (LONG, &inner) {
			inner = cio_sleep(CIO_US(1));
		}
		CHECK_INT(inner, 0);
		err = cio_checkpoint();
		CHECK_INT(err, -ETIMEDOUT);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* Who is spawned inside a shield into an outer group hangs under the group. */
static int shield_does_not_cover_spawned_children(void *arg)
{
	(void)arg;
	int err = 0, inner = 0;
	CIO_GROUP (g, &err) {
		cio_group_cancel(&g, "test");
		CIO_SHIELD (LONG, &inner) {
			inner = cio_group_spawn(&g, swallows_and_returns,
				&(int){0});
			CHECK_INT(inner, 0);
			CHECK_INT(cio_sleep(CIO_US(1)), 0);
			CHECK_INT(cio_group_alive(&g), 0);
		}
	}
	CHECK_INT(err, 0);
	return 0;
}

/* ---- the tricky ones ---- */

static int sleeps_until(const cio_time *until)
{
	int err = cio_sleep(*until - cio_now());
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
		CHECK_INT(err, -ETIMEDOUT);
		CHECK_INT(cleaned, 3);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

/* 8: a cancelled awaiter cancels the task, waits for its end, and gets the
 * refusal as its own: -ETIMEDOUT directly in the late scope. */
static int t8_awaiter_in_a_late_scope(void *arg)
{
	(void)arg;
	int cleaned = 0, *p = &cleaned, err = 0;
	cio_task *t = cio_spawn(cleans_up_slowly, &p);
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_await(t);
		CHECK_INT(err, -ETIMEDOUT);
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
		} while (++tries < 100 && err == -ETIMEDOUT && tries < 4);
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
	CHECK_INT(err = cio_scope_end(&around, err), -ETIMEDOUT);
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
		CHECK_INT(err, -ETIMEDOUT);
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

/* ---- the block forms ---- */

static int leaves_by_return(void)
{
	CIO_TIMEOUT (-1) {
		return cio_checkpoint(); /* what the call gave */
	}
	return 1;
}

static int blocks_end_on_every_way_out(void *arg)
{
	(void)arg;
	int err = 0, after = 0;
	CHECK_INT(leaves_by_return(), -ETIMEDOUT);
	CHECK_INT(cio_checkpoint(), 0);
	for (int i = 0; i < 3; i++) {
		CIO_TIMEOUT (-1, &err) {
			err = cio_checkpoint();
			if (i == 0)
				break;
			if (i == 1)
				continue;
			goto out;
		}
		CHECK_INT(err, -ETIMEDOUT);
		after++; /* they leave the block, not the loop */
	}
out:
	CHECK_INT(after, 2);
	CHECK_INT(err, -ETIMEDOUT); /* translated by a goto, too */
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
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
	assert_non_null(strstr(at, "scope.c:"));
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
		CASE(past_deadline_is_late_on_entry),
		CASE(never_is_never),
		CASE(opened_in_a_cancelled_scope_is_refused),
		CASE(deadline_is_judged_by_the_turn),
		CASE(reschedule_moves_it),
		CASE(first_cancel_wins),
		CASE(cancel_of_an_ended_scope_is_a_no_op),
		CASE(cancel_takes_a_waiter_out_of_its_queue),
		CASE(cancel_walks_down_and_stops_at_shields),
		CASE(code_says_whose_deadline_it_was),
		CASE(child_of_a_late_scope_gets_canceled),
		CASE(ten_thousand_deep),
		CASE(results_and_other_errors_stay),
		CASE(foreign_refusals_stay),
		CASE(late_and_not_hit_is_not_expired),
		CASE(quiet_cancel_ends_with_0),
		CASE(only_the_cause_absorbs),
		CASE(task_cancel_holds_to_the_end),
		CASE(closers_are_never_refused),
		CASE(joins_do_not_check),
		CASE(shield_hides_what_is_outside),
		CASE(shield_has_its_own_deadline),
		CASE(shield_in_a_shield),
		CASE(shield_does_not_cover_spawned_children),
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
		CASE(blocks_end_on_every_way_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
