/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * disturb_tasks.c - groups, awaits and scopes, disturbed everywhere
 *
 * Whatever is cancelled or fails: every task that was started ends before its
 * owner goes on, each result is counted once, and a join joins.
 */
#include "disturb.h"

#include <errno.h>

#include <cio.h>

/* How many bodies are between their first and their last line. */
static int inside, started;

struct job {
	int naps, result;
	int *told; /* NULL: nobody */
};

static int work(const struct job *j)
{
	int err = 0;
	inside++;
	started++;
	for (int i = 0; i < j->naps && err == 0; i++)
		err = i % 2 == 0 ? cio_sleep(CIO_US(2)) : cio_yield();
	if (err == 0)
		err = j->result;
	if (j->told != NULL)
		*j->told = err;
	inside--;
	return err;
}

#define NOBODY_IS_LEFT() CHECK_INT(inside, 0)

/* ---- groups ---- */

static int nested(const struct job *j)
{
	int err = 0;
	CIO_GROUP (g, &err, .limit = 2) {
		for (int i = 0; i < j->naps && err == 0; i++)
			err = cio_group_spawn(&g, work,
				&(struct job){.naps = i});
	}
	return err;
}

static int groups(void)
{
	int err = 0;
	inside = 0;
	CIO_GROUP (g, &err) {
		for (int i = 2; i < 5 && err == 0; i++)
			err = cio_group_spawn(&g, nested,
				&(struct job){.naps = i});
		if (err == 0)
			err = cio_group_try_spawn(&g, work,
				&(struct job){.naps = 3});
		if (err == 0)
			err = cio_sleep(CIO_US(3));
	}
	NOBODY_IS_LEFT();
	CALM() {
		int again = 0;
		CIO_GROUP (g, &again) {
			again = cio_group_spawn(&g, work,
				&(struct job){.naps = 1});
		}
		CHECK_INT(again, 0);
	}
	return err;
}

/* The first error cancels the rest and is what the close returns. */
static int group_fails(void)
{
	int err = 0;
	inside = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, work,
			&(struct job){.naps = 2, .result = -EIO});
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, work,
				&(struct job){.naps = 100});
	}
	NOBODY_IS_LEFT();
	/* If the one that fails was cut, the others went on to their end. */
	return err == -EIO ? 0 : err;
}

static int group_cancel(void)
{
	int err = 0;
	inside = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, work,
				&(struct job){.naps = 20});
		if (err == 0)
			err = cio_sleep(CIO_US(5));
		cio_group_cancel(&g, "enough");
	}
	NOBODY_IS_LEFT();
	return err;
}

/* ---- awaits ---- */

static int awaits(void)
{
	int told[3] = {1, 1, 1}, err = 0;
	cio_task *t[3];
	inside = 0;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(work,
			&(struct job){.naps = 3 + i, .told = &told[i]});
	for (int i = 0; i < 3; i++) {
		bool made = t[i] != NULL;
		int result = cio_await(t[i]);
		if (made) /* the awaiter's own refusal has the same code */
			CHECK_INT(result, told[i]);
		else
			CHECK_INT(result, -ENOMEM);
		if (err == 0)
			err = result;
	}
	NOBODY_IS_LEFT();
	return err;
}

static int gathers(void)
{
	int told[4] = {1, 1, 1, 1}, results[4];
	cio_task *t[4];
	inside = 0;
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(work,
			&(struct job){.naps = 1 + i, .told = &told[i]});
	int err = cio_gather(t, 4, .errors = CIO_COLLECT, .results = results);
	NOBODY_IS_LEFT();
	for (int i = 0; i < 4; i++)
		if (t[i] != NULL && err == 0)
			CHECK_INT(results[i], told[i]);
	return err;
}

static int waits(void)
{
	cio_task *t[3];
	int err;
	inside = 0;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(work, &(struct job){.naps = 2 + 4 * i});
	err = cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_S(1));
	if (err >= 0) {
		int done = 0;
		for (int i = 0; i < 3; i++)
			done += cio_task_done(t[i]);
		CHECK_INT(done, err);
		err = cio_wait(t, 3, CIO_ALL_COMPLETED, CIO_NEVER);
		if (err >= 0)
			CHECK_INT(err, 3);
	}
	for (int i = 0; i < 3; i++) {
		int result = cio_await(t[i]);
		if (err >= 0)
			err = result;
	}
	NOBODY_IS_LEFT();
	return err;
}

static int as_completed(void)
{
	cio_task *t[3];
	cio_as_completed each;
	bool seen[3] = {false};
	ssize_t i = 0;
	int err = 0, ended = 0;
	inside = 0;
	for (int k = 0; k < 3; k++)
		t[k] = cio_spawn(work, &(struct job){.naps = 6 - 2 * k});
	err = cio_as_completed_init(&each, t, 3);
	while (err == 0 && (i = cio_as_completed_next(&each)) >= 0) {
		CHECK(!seen[i]);
		seen[i] = true;
		ended++;
		err = cio_await(t[i]);
		t[i] = NULL;
	}
	if (err == 0 && i != -ENODATA)
		err = (int)i;
	if (err == 0)
		CHECK_INT(ended, 3);
	cio_as_completed_finish(&each);
	for (int k = 0; k < 3; k++) {
		if (!seen[k] && t[k] != NULL)
			(void)cio_await(t[k]);
	}
	NOBODY_IS_LEFT();
	return err;
}

static int wait_for(void)
{
	int told = 1, err;
	cio_task *fast = cio_spawn(work, &(struct job){.naps = 2}),
		 *slow = cio_spawn(work,
			 &(struct job){.naps = 1000000, .told = &told});
	inside = 0;
	err = cio_wait_for(fast, CIO_S(1));
	int late = cio_wait_for(slow, CIO_US(20));
	NOBODY_IS_LEFT();
	if (slow != NULL)
		CHECK(told < 0);
	CHECK(late < 0);
	return err < 0 ? err : late == -ETIMEDOUT ? 0 : late;
}

static int maps(int *item)
{
	int err = cio_sleep(CIO_US(2));
	if (err == 0)
		*item *= 2;
	return err;
}

static int map(void)
{
	int items[6] = {1, 2, 3, 4, 5, 6}, results[6];
	int err = cio_map(maps, items, 6, .limit = 2, .results = results);
	for (int i = 0; i < 6 && err == 0; i++)
		CHECK_INT(items[i], results[i] == 0 ? 2 * (i + 1) : i + 1);
	CALM() {
		int one[1] = {4};
		CHECK_INT(cio_map(maps, one, 1), 0);
		CHECK_INT(one[0], 8);
	}
	return err;
}

/* ---- scopes ---- */

/* The code of each end is the one that the enclosing scope gives. */
static int scopes(void)
{
	int err = 0, inner = 0;
	CIO_TIMEOUT (CIO_S(1), &err) {
		CIO_TIMEOUT (CIO_US(4), &inner) {
			inner = cio_sleep(CIO_S(10));
		}
		CHECK(inner == -ETIMEDOUT || inner == cio_refused());
		err = cio_sleep(CIO_US(1));
	}
	CHECK(err != -ETIMEDOUT);
	return err;
}

static int shield(void)
{
	int err = 0, shielded = 0;
	err = cio_sleep(CIO_US(1));
	CIO_SHIELD (CIO_S(1), &shielded) {
		for (int i = 0; i < 3 && shielded == 0; i++)
			shielded = cio_sleep(CIO_US(2));
	}
	CHECK_INT(shielded, 0);
	int after = cio_sleep(CIO_US(1));
	CHECK_INT(cio_refused(), after == 0 ? 0 : after);
	return err < 0 ? err : after;
}

struct noted {
	cio_done_callback callback;
	int calls;
};

static void note(cio_done_callback *c, cio_task *t)
{
	CHECK(cio_task_done(t));
	((struct noted *)(void *)c)->calls++;
}

static int callbacks(void)
{
	struct noted n = {.callback = {.fn = note}};
	cio_task *t = cio_spawn(work, &(struct job){.naps = 4});
	inside = 0;
	if (t == NULL)
		return -ENOMEM;
	int err = cio_task_add_done_callback(t, &n.callback);
	CHECK_INT(err, 0);
	err = cio_await(t);
	CHECK_INT(n.calls, 1);
	cio_detach(cio_spawn(work, &(struct job){.naps = 2}), "detached");
	return err;
}

static void timed(cio_timer *t)
{
	cio_unpark((cio_waiter *)((char *)t + sizeof *t));
}

/* A wait made by hand, out of impl.h. */
static int by_hand(void)
{
	struct {
		cio_timer timer;
		cio_waiter waiter;
	} s = {.timer = {.fire = timed}};
	int err = cio_checkpoint();
	for (int i = 0; i < 3 && err == 0; i++) {
		cio_timer_arm(&s.timer, cio_now() + CIO_US(2));
		err = cio_park(&s.waiter, NULL, "by hand");
		cio_timer_disarm(&s.timer);
	}
	return err;
}

static const struct scenario scenarios[] = {
	{"groups", groups, DISTURB_TASKS},
	{"group_fails", group_fails, DISTURB_TASKS},
	{"group_cancel", group_cancel, DISTURB_TASKS},
	{"await", awaits, DISTURB_TASKS},
	{"gather", gathers, DISTURB_TASKS},
	{"wait", waits, DISTURB_TASKS},
	{"as_completed", as_completed, DISTURB_TASKS},
	{"wait_for", wait_for, DISTURB_TASKS},
	{"map", map, DISTURB_TASKS},
	{"scopes", scopes, DISTURB_TASKS},
	{"shield", shield, DISTURB_TASKS},
	{"callbacks", callbacks, DISTURB_TASKS},
	{"by_hand", by_hand, DISTURB_TASKS},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}
