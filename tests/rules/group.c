/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * group.c - rules TG: tasks that end together
 */
#include "rules/rules.h"

/* ---- TG-01 ---- */

RULE(tg_01_a_child_that_fails_cancels_the_body_and_no_more)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, returns, &(int){-EIO}), 0);
		CHECK_INT(cio_group_alive(&g), 1); /* it has not run yet */
		err = cio_sleep(LONG);
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

/* ---- TG-02 ---- */

struct spawner {
	cio_group *group;
	int left;
	int *ran;
};

static int spawns_another(const struct spawner *s)
{
	int err = cio_sleep(CIO_US(10));
	*s->ran += 1;
	if (err == 0 && s->left > 0)
		err = cio_group_spawn(s->group, spawns_another,
			&(struct spawner){s->group, s->left - 1, s->ran});
	return err;
}

RULE(tg_02_children_may_spawn_while_the_group_closes)
{
	int ran = 0;
	cio_group g;
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_spawn(&g, spawns_another,
			  &(struct spawner){&g, 5, &ran}),
		0);
	CHECK_INT(cio_group_close(&g, 0), 0);
	CHECK_INT(ran, 6);
	return 0;
}

/* ---- TG-03 ---- */

RULE(tg_03_a_child_that_fails_at_once_ends_the_spawning)
{
	int err = 0, spawned = 0;
	CIO_GROUP (g, &err, .limit = 1) {
		for (; spawned < 10 && err == 0; spawned++)
			err = cio_group_spawn(&g, returns, &(int){-EIO});
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(spawned, 2);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

RULE(tg_03_an_eager_child_that_fails_ends_the_group)
{
	static const cio_task_options eager = {.eager = true};
	int err = 0, tries = 0;
	CIO_GROUP (g, &err) {
		for (; tries < 10 && err == 0; tries++)
			err = cio_group_spawn_with(&g, &eager, returns,
				&(int){-EIO});
		CHECK_INT(err, -ECANCELED);
		CHECK_INT(cio_group_alive(&g), 0);
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(tries, 2);
	CHECK_INT(cio_checkpoint(), 0); /* and nothing leaks out of it */
	return 0;
}

/* ---- TG-04 ---- */

static int copies_reason(char (*const *out)[32])
{
	int err = cio_sleep(LONG);
	snprintf(**out, sizeof **out, "%s", cio_cancel_reason());
	return err;
}

RULE(tg_04_a_group_may_be_cancelled_before_twice_and_after)
{
	char why[32] = "", (*p)[32] = &why;
	cio_group g;
	cio_group_open(&g, NULL);
	cio_group_cancel(&g, "before any child");
	cio_group_cancel(&g, "twice");
	CHECK_INT(cio_group_try_spawn(&g, copies_reason, &p), 0);
	int err = cio_checkpoint();
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(cio_group_close(&g, err), 0);
	CHECK(strcmp(why, "before any child") == 0);
	cio_group_cancel(&g, "after");
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

/* ---- TG-05 ---- */

static int cleans_up_slowly(cio_event *const *cleaning)
{
	int err = cio_sleep(LONG), ignored = 0;
	cio_event_set(*cleaning);
	CIO_SHIELD (LONG, &ignored) {
		ignored = cio_sleep(CIO_MS(5));
	}
	CHECK_INT(ignored, 0);
	return err;
}

struct leaver {
	cio_event *cleaning;
	int *closed, *after;
};

static int leaves_early(const struct leaver *l)
{
	cio_group g;
	cio_group_open(&g, NULL);
	int err = cio_group_spawn(&g, cleans_up_slowly, &l->cleaning);
	if (err == 0)
		err = cio_yield();
	cio_group_cancel(&g, "it has what it needs");
	if (err == 0)
		err = cio_checkpoint();
	*l->closed = cio_group_close(&g, err);
	*l->after = cio_checkpoint();
	return *l->after;
}

RULE(tg_05_an_outside_cancel_during_the_clean_up_of_a_group_is_seen)
{
	cio_event cleaning = {0};
	int closed = 99, after = 99;
	cio_task *t = cio_spawn(leaves_early,
		&(struct leaver){&cleaning, &closed, &after});
	CHECK_INT(cio_event_wait(&cleaning), 0);
	cio_task_cancel(t, "from outside");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(closed, -ECANCELED);
	CHECK_INT(after, -ECANCELED);
	return 0;
}

/* ---- TG-06 ---- */

static int several_fail(void *arg)
{
	const int errors[] = {-EIO, -EPIPE, -ENOENT};
	int err = 0;
	(void)arg;
	CIO_GROUP (g, &err, .errors = CIO_COLLECT) {
		for (int i = 0; i < 3; i++)
			CHECK_INT(cio_group_spawn(&g, returns, &errors[i]), 0);
	}
	return err;
}

static void tg_06_of_several_errors_the_first_counts_and_none_is_hidden(
	void **state)
{
	(void)state;
	assert_int_equal(check_run(several_fail, NULL), -EIO);
	const char *second = strstr(check_reports(), cio_strerror(-EPIPE));
	assert_non_null(second);
	assert_non_null(strstr(second, cio_strerror(-ENOENT)));
}

/* ---- TG-07 ---- */

static int fails_when_cancelled(void *const *unused)
{
	(void)unused;
	(void)cio_sleep(LONG);
	return -EIO;
}

static int has_a_group(int *const *after)
{
	int err = 0;
	void *nothing = NULL;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, fails_when_cancelled, &nothing), 0);
		err = cio_sleep(LONG);
	}
	**after = cio_checkpoint();
	return err;
}

RULE(tg_07_an_error_beats_the_parents_cancel_which_stays_pending)
{
	int after = 0, *p = &after;
	cio_task *t = cio_spawn(has_a_group, &p);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -EIO);
	CHECK_INT(after, -ECANCELED);
	return 0;
}

/* ---- TG-08 ---- */

enum { CLEANERS = 100 };

struct cleaner {
	int *begun;
	cio_event *all;
};

/* Each goes on only when every other one cleans up, too. */
static int cleans_up_with_the_others(const struct cleaner *c)
{
	int err = cio_sleep(LONG), ignored = 0;
	CHECK_INT(err, -ECANCELED);
	if (++*c->begun == CLEANERS)
		cio_event_set(c->all);
	CIO_SHIELD (LONG, &ignored) {
		ignored = cio_event_wait(c->all);
	}
	CHECK_INT(ignored, 0);
	return err;
}

RULE(tg_08_all_children_are_cancelled_before_any_is_awaited)
{
	cio_event all = {0};
	int begun = 0;
	cio_group g;
	cio_group_open(&g, NULL);
	for (int i = 0; i < CLEANERS; i++)
		CHECK_INT(cio_group_spawn(&g, cleans_up_with_the_others,
				  &(struct cleaner){&begun, &all}),
			0);
	CHECK_INT(cio_yield(), 0);
	cio_group_cancel(&g, "test");
	CHECK_INT(cio_group_close(&g, 0), 0);
	CHECK_INT(begun, CLEANERS);
	return 0;
}

/* ---- TG-09 ---- */

static int closes(cio_group *const *g)
{
	CHECK_INT(cio_group_close(*g, 0), -EDEADLK);
	CHECK(strstr(cio_error_text(), "opened") != NULL);
	return 0;
}

RULE(tg_09_a_child_cannot_close_its_group)
{
	cio_group g, *p = &g;
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_spawn(&g, closes, &p), 0);
	CHECK_INT(cio_group_close(&g, 0), 0);
	return 0;
}

/* ---- TG-10 ---- */

enum way { BREAK, CONTINUE, GOTO, RETURN };

static int naps(int *const *ended)
{
	int err = cio_sleep(CIO_MS(1));
	**ended += 1;
	return err;
}

static int leaves(enum way way, int *ended)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, naps, &ended), 0);
		if (way == BREAK)
			break;
		if (way == CONTINUE)
			continue;
		if (way == GOTO)
			goto out;
		return err;
	}
out:
	return err;
}

RULE(tg_10_every_way_out_of_the_block_joins_the_group)
{
	for (int way = BREAK; way <= RETURN; way++) {
		int ended = 0;
		CHECK_INT(leaves((enum way)way, &ended), 0);
		CHECK_INT(ended, 1);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tg_01_a_child_that_fails_cancels_the_body_and_no_more),
		cmocka_unit_test(tg_02_children_may_spawn_while_the_group_closes),
		cmocka_unit_test(tg_03_a_child_that_fails_at_once_ends_the_spawning),
		cmocka_unit_test(tg_03_an_eager_child_that_fails_ends_the_group),
		cmocka_unit_test(tg_04_a_group_may_be_cancelled_before_twice_and_after),
		cmocka_unit_test(tg_05_an_outside_cancel_during_the_clean_up_of_a_group_is_seen),
		cmocka_unit_test(tg_06_of_several_errors_the_first_counts_and_none_is_hidden),
		cmocka_unit_test(tg_07_an_error_beats_the_parents_cancel_which_stays_pending),
		cmocka_unit_test(tg_08_all_children_are_cancelled_before_any_is_awaited),
		cmocka_unit_test(tg_09_a_child_cannot_close_its_group),
		cmocka_unit_test(tg_10_every_way_out_of_the_block_joins_the_group),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
