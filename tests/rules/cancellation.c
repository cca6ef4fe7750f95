/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * cancellation.c - rules C: how a cancel is delivered (C-08 is in scale.c, C-11 in
 * threads.c)
 */
#include "rules/rules.h"

#include "core/core.h"

/* ---- C-01 ---- */

static int counts_and_sleeps(int *const *runs)
{
	**runs += 1;
	return cio_sleep(LONG);
}

RULE(c_01_cancelled_before_its_turn_the_body_runs_to_a_refusal)
{
	int runs = 0, *p = &runs;
	cio_task *t = cio_spawn(counts_and_sleeps, &p);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(runs, 1);
	return 0;
}

/* ---- C-02 ---- */

struct acquirer {
	cio_semaphore *s;
	int *after;
};

static int acquires(const struct acquirer *a)
{
	int err = cio_semaphore_acquire(a->s);
	*a->after = cio_checkpoint();
	return err;
}

RULE(c_02_cancel_of_a_woken_task_keeps_its_result)
{
	cio_semaphore s;
	int after = 0;
	cio_semaphore_init(&s, 0);
	cio_task *t = cio_spawn(acquires, &(struct acquirer){&s, &after});
	CHECK_INT(cio_yield(), 0);
	cio_semaphore_release(&s);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(after, -ECANCELED);
	CHECK_INT(s.permits, 0);
	return 0;
}

/* ---- C-03 ---- */

struct performer {
	cio_call call;
	cio_op op;
	cio_task *task;
	int result, after;
};

static int performs(struct performer *const *p)
{
	(*p)->result = cio_perform(&(*p)->op);
	(*p)->after = cio_checkpoint();
	return 0;
}

/* Between the completion and the task's turn. */
static int cancels_when_it_came(void *arg)
{
	struct performer *p = arg;
	if (p->task->park == NULL || p->task->park->woken == NULL)
		cio_call_soon(&p->call, cancels_when_it_came, p);
	else
		cio_task_cancel(p->task, "test");
	return 0;
}

static void start(struct performer *p)
{
	p->task = cio_spawn(performs, &p);
	CHECK_INT(cio_yield(), 0);
	cio_call_soon(&p->call, cancels_when_it_came, p);
}

RULE(c_03_bytes_that_came_beat_the_cancel)
{
	char byte = 0;
	int theirs;
	struct performer p = {
		.op = {.kind = CIO_OP_RECV, .buf = &byte, .len = 1}};
	if (!open_pair(&p.op.fd, &theirs))
		return -EIO;
	start(&p);
	CHECK_INT(write(theirs, "x", 1), 1);
	CHECK_INT(cio_await(p.task), 0);
	CHECK_INT(p.result, 1);
	CHECK_INT(byte, 'x');
	CHECK_INT(p.after, -ECANCELED);
	close_handle(p.op.fd);
	close(theirs);
	return 0;
}

RULE(c_03_a_connection_that_came_beats_the_cancel)
{
	cio_listener *l;
	cio_stream *s = NULL;
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	struct performer p = {
		.op = {.kind = CIO_OP_ACCEPT, .fd = cio_listener_fd(l)}};
	start(&p);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", cio_listener_port(l), NULL),
		0);
	CHECK_INT(cio_await(p.task), 0);
	CHECK_INT(p.result, 0);
	CHECK_INT(p.after, -ECANCELED);
	if (CHECK(cio_fd_open(p.op.out)))
		close_handle(p.op.out);
	cio_stream_close(s);
	cio_listener_close(l);
	return 0;
}

/* ---- C-04 ---- */

RULE(c_04_cancel_of_a_finished_task_changes_nothing)
{
	cio_task *t = cio_spawn(returns, &(int){-ECANCELED});
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_done(t));
	cio_task_cancel(t, "too late");
	CHECK(!cio_task_cancelled(t)); /* the code was its own */
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}

RULE(c_04_a_handle_is_dead_though_its_slot_lives_again)
{
	char byte;
	cio_fd first, second;
	int a, b;
	if (!open_pair(&first, &a))
		return -EIO;
	close_handle(first);
	if (!open_pair(&second, &b))
		return -EIO;
	CHECK_INT(second.slot, first.slot);
	CHECK_INT(write(b, "x", 1), 1);
	cio_op op = {.kind = CIO_OP_RECV, .fd = first, .buf = &byte, .len = 1};
	CHECK_INT(cio_perform(&op), -EBADF);
	close_handle(second);
	close(a);
	close(b);
	return 0;
}

/* ---- C-05 ---- */

static int cancels_itself(int *const *goes_on)
{
	cio_task_cancel(cio_current_task(), "myself");
	**goes_on = 1;
	return cio_sleep(LONG);
}

RULE(c_05_a_task_that_cancels_itself_meets_it_at_its_next_wait)
{
	int goes_on = 0, *p = &goes_on;
	CHECK_INT(cio_await(cio_spawn(cancels_itself, &p)), -ECANCELED);
	CHECK_INT(goes_on, 1);
	return 0;
}

/* ---- C-06 ---- */

RULE(c_06_two_cancels_end_two_scopes)
{
	cio_scope outer, inner;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_begin(&inner, CIO_NEVER);
	cio_scope_cancel(&inner, "first");
	cio_scope_cancel(&inner, "again");
	CHECK(strcmp(cio_cancel_reason(), "first") == 0);
	int err = cio_sleep(LONG);
	CHECK_INT(err, -ECANCELED);
	cio_scope_cancel(&outer, "around it");
	err = cio_scope_end(&inner, err);
	CHECK_INT(err, -ECANCELED); /* the outer one is not swallowed */
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK_INT(cio_scope_end(&outer, err), 0);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

/* ---- C-07 ---- */

RULE(c_07_a_deadline_that_has_passed_refuses_the_first_call)
{
	const cio_duration past[] = {0, -1, -LONG};
	for (int i = 0; i < 3; i++) {
		int err = 0;
		CIO_TIMEOUT (past[i], &err) {
			err = cio_checkpoint();
			CHECK_INT(err, -ETIMEDOUT);
		}
		CHECK_INT(err, -ETIMEDOUT);
	}
	return 0;
}

/* ---- C-09 ---- */

RULE(c_09_a_shield_begun_and_ended_under_a_cancel_takes_no_blame)
{
	cio_scope outer, shield;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_scope_cancel(&outer, "outer");
	for (int i = 0; i < 3; i++) {
		cio_shield_begin(&shield, cio_now() + (i > 0 ? CIO_US(10) : LONG));
		CHECK_INT(cio_checkpoint(), 0);
		int err = cio_sleep(i > 0 ? LONG : CIO_US(10));
		CHECK_INT(cio_scope_end(&shield, err), i > 0 ? -ETIMEDOUT : 0);
		CHECK(cio_scope_expired(&shield) == (i > 0));
		CHECK_INT(cio_checkpoint(), -ECANCELED);
		CHECK(strcmp(cio_cancel_reason(), "outer") == 0);
	}
	CHECK_INT(cio_scope_end(&outer, -ECANCELED), 0);
	CHECK(cio_scope_caught(&outer));
	return 0;
}

static int cancels_scope(cio_scope *const *s)
{
	cio_scope_cancel(*s, "from outside");
	return 0;
}

RULE(c_09_a_cancel_from_outside_is_met_after_the_shield)
{
	cio_scope outer, *p = &outer;
	int err = 0;
	cio_scope_begin(&outer, CIO_NEVER);
	cio_task *t = cio_spawn(cancels_scope, &p);
	CIO_SHIELD (LONG, &err) {
		err = cio_sleep(CIO_US(10));
		CHECK(cio_task_done(t));
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK_INT(cio_scope_end(&outer, -ECANCELED), 0);
	CHECK_INT(cio_await(t), 0);
	return 0;
}

/* ---- C-10 ---- */

struct stubborn {
	int most, calls;
	bool stop;
};

static int swallows(struct stubborn *const *p)
{
	struct stubborn *s = *p;
	cio_task_cancel(cio_current_task(), "test");
	while (!s->stop && s->calls < s->most) {
		s->calls++;
		CHECK_INT(cio_checkpoint(), -ECANCELED);
	}
	return 0;
}

static int stops(struct stubborn *const *p)
{
	(*p)->stop = true;
	return 0;
}

RULE(c_10_a_loop_that_swallows_its_cancel_lets_others_run)
{
	struct stubborn s = {.most = 5000}, *p = &s;
	cio_task *t = cio_spawn(swallows, &p);
	cio_task *other = cio_spawn(stops, &p);
	CHECK_INT(cio_await(t), 0);
	CHECK(s.calls <= 101);
	CHECK_INT(cio_await(other), 0);
	return 0;
}

static int swallows_2500(void *arg)
{
	struct stubborn s = {.most = 2500}, *p = &s;
	(void)arg;
	return cio_await(cio_spawn(swallows, &p));
}

static void c_10_a_loop_that_swallows_its_cancel_is_named_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(swallows_2500, NULL), 0);
	const char *first = strstr(check_reports(), "task swallows,");
	assert_non_null(first);
	assert_null(strstr(first + 1, "task swallows,"));
}

/* ---- C-12 ---- */

static int fails_at(const cio_time *when)
{
	int err = cio_sleep_until(*when);
	return err < 0 ? err : -EIO;
}

/* Both are due at the same time: who was armed first is first. */
static int race(bool timer_first)
{
	cio_time when = cio_now() + CIO_MS(1);
	cio_scope limit;
	cio_group g;
	cio_scope_begin(&limit, timer_first ? when : CIO_NEVER);
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_spawn(&g, fails_at, &when), 0);
	CHECK_INT(cio_group_spawn(&g, sleeps, &(cio_duration){LONG}), 0);
	CHECK_INT(cio_yield(), 0);
	if (!timer_first)
		CHECK_INT(cio_scope_reschedule(&limit, when), 0);
	int err = cio_sleep(LONG);
	CHECK_INT(err, -ECANCELED);
	err = cio_group_close(&g, err);
	CHECK_INT(err, timer_first ? -ECANCELED : -EIO);
	return cio_scope_end(&limit, err);
}

RULE(c_12_a_child_that_fails_and_a_timeout_have_one_outcome)
{
	CHECK_INT(race(true), -ETIMEDOUT);
	CHECK_INT(cio_checkpoint(), 0);
	CHECK_INT(race(false), -EIO);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

/* ---- C-13 ---- */

struct told {
	char why[32];
	cio_cause cause;
};

static int tells_why(struct told *const *told)
{
	struct told *out = *told;
	CHECK(cio_cancel_reason()[0] == '\0');
	CHECK(!cio_cancel_cause(&out->cause));
	int err = cio_sleep(LONG);
	snprintf(out->why, sizeof out->why, "%s", cio_cancel_reason());
	CHECK(cio_cancel_cause(&out->cause));
	return err;
}

RULE(c_13_the_reason_is_readable_where_the_refusal_is)
{
	struct told told = {.why = ""}, *p = &told;
	cio_task *t = cio_spawn(tells_why, &p);
	CHECK_INT(cio_yield(), 0);
	const char *here;
	here = CIO__SITE, cio_task_cancel(t, "no longer needed");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK(strcmp(told.why, "no longer needed") == 0);
	CHECK(strcmp(told.cause.why, "no longer needed") == 0);
	CHECK(strcmp(told.cause.where, here) == 0);
	CHECK(strcmp(told.cause.who, "main") == 0);
	CHECK_INT(told.cause.deadline, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_01_cancelled_before_its_turn_the_body_runs_to_a_refusal),
		cmocka_unit_test(c_02_cancel_of_a_woken_task_keeps_its_result),
		cmocka_unit_test(c_03_bytes_that_came_beat_the_cancel),
		cmocka_unit_test(c_03_a_connection_that_came_beats_the_cancel),
		cmocka_unit_test(c_04_cancel_of_a_finished_task_changes_nothing),
		cmocka_unit_test(c_04_a_handle_is_dead_though_its_slot_lives_again),
		cmocka_unit_test(c_05_a_task_that_cancels_itself_meets_it_at_its_next_wait),
		cmocka_unit_test(c_06_two_cancels_end_two_scopes),
		cmocka_unit_test(c_07_a_deadline_that_has_passed_refuses_the_first_call),
		cmocka_unit_test(c_09_a_shield_begun_and_ended_under_a_cancel_takes_no_blame),
		cmocka_unit_test(c_09_a_cancel_from_outside_is_met_after_the_shield),
		cmocka_unit_test(c_10_a_loop_that_swallows_its_cancel_lets_others_run),
		cmocka_unit_test(c_10_a_loop_that_swallows_its_cancel_is_named_once),
		cmocka_unit_test(c_12_a_child_that_fails_and_a_timeout_have_one_outcome),
		cmocka_unit_test(c_13_the_reason_is_readable_where_the_refusal_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
