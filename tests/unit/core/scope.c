/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * scope.c - who is refused, with which code, and who absorbs it
 *
 * Each test is one sentence of the rule of cancellation; cancellation.c has the
 * cases where two things meet. Nothing here depends on how long anything takes:
 * deadlines are past, or fire while nothing else can run.
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
	CHECK_INT(cio_scope_end(&inner, -ECANCELED), -ECANCELED);
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
		CHECK_INT(err, -ECANCELED); /* a join may have had limits inside */
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
		CHECK_INT(cio_scope_end(&s, -ECANCELED), -ECANCELED);
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
		CASE(blocks_end_on_every_way_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
