/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * scope_model.c - random trees of scopes against the definition
 *
 * Tasks open scopes, shields and groups at random, and end each other's. Beside
 * each scope stands a shadow that knows only the definition: the cause is the
 * outermost fired scope, looking no further up than the nearest shield. After
 * every step the runtime must say what the definition says.
 */
#include <errno.h>
#include <stdlib.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "base/random.h"

#include "check.h"

struct shadow {
	struct shadow *up;
	cio_scope *scope; /* NULL: a task's root */
	cio_task *task;   /* of a root */
	bool shield, fired, late;
};

enum { SCOPES_MAX = 5, STEPS = 9, DEPTH = 3, CHILDREN = 3 };

static struct random dice;
static struct shadow *live[4096]; /* every scope that is open */
static size_t live_n;
static uint64_t checked, refused, seed;

static uint64_t roll(uint64_t sides)
{
	return cio__random_below(&dice, sides);
}

/* ---- the definition ---- */

static const struct shadow *cause(const struct shadow *s)
{
	const struct shadow *found = NULL;
	for (; s != NULL; s = s->shield ? NULL : s->up)
		if (s->fired)
			found = s;
	return found;
}

static int refusal(const struct shadow *innermost)
{
	const struct shadow *c = cause(innermost);
	if (c == NULL)
		return 0;
	return c == innermost && c->late ? -ETIMEDOUT : -ECANCELED;
}

static int end_result(const struct shadow *s, int err)
{
	const struct shadow *c = cause(s);
	if (c == NULL || (err != -ECANCELED && err != -ETIMEDOUT))
		return err;
	if (c == s)
		return s->late ? -ETIMEDOUT : 0;
	return -ECANCELED;
}

/* ---- both at once ---- */

static bool agree(const struct shadow *innermost)
{
	int want = refusal(innermost);
	checked++;
	refused += want < 0;
	return CHECK_INT(cio_refused(), want);
}

static void enter(struct shadow *s)
{
	if (live_n == sizeof live / sizeof *live)
		abort();
	live[live_n++] = s;
}

static void leave(struct shadow *s)
{
	size_t i = 0;
	while (live[i] != s)
		i++;
	live[i] = live[--live_n];
}

static void fire_any(void)
{
	struct shadow *s = live[roll(live_n)];
	bool late = s->scope != NULL && roll(2) == 0;
	if (late)
		CHECK_INT(cio_scope_reschedule(s->scope, cio_now()),
			s->fired ? -EALREADY : 0);
	else if (s->scope != NULL)
		cio_scope_cancel(s->scope, "model");
	else
		cio_task_cancel(s->task, "model");
	if (s->fired)
		return;
	s->fired = true;
	s->late = late;
}

static void wait_somehow(const struct shadow *innermost)
{
	int before = refusal(innermost), err;
	switch (roll(3)) {
	case 0: err = cio_yield(); break;
	case 1: err = cio_sleep((cio_duration)roll(100) * 1000); break;
	default: err = cio_checkpoint();
	}
	if (before < 0 || err < 0)
		CHECK_INT(err, refusal(innermost));
}

/* ---- a task's program ---- */

struct program {
	struct shadow *group;
	int depth;
};

static int run_program(const struct program *p);

static void run_steps(struct shadow *innermost, int depth);

static void group_step(struct shadow *innermost, int depth)
{
	cio_group g;
	cio_group_open(&g, &(cio_group_options){.limit = (uint32_t)roll(3)});
	struct shadow s = {.up = innermost, .scope = &g.scope};
	enter(&s);
	for (uint64_t i = 0; i < 1 + roll(CHILDREN); i++) {
		int err = cio_group_spawn(&g, run_program,
			&(struct program){&s, depth + 1});
		if (err < 0)
			CHECK_INT(err, refusal(&s));
	}
	run_steps(&s, depth + 1);
	agree(&s);
	int err = cio_group_close(&g, 0);
	leave(&s);
	if (err != 0)
		CHECK_INT(err, cause(innermost) != NULL ? -ECANCELED : 0);
}

static void scope_step(struct shadow *innermost, int depth)
{
	static const int errors[] = {0, 3, -EIO, -ECANCELED, -ETIMEDOUT};
	cio_scope scope;
	struct shadow s = {.up = innermost,
		.scope = &scope,
		.shield = roll(4) == 0,
		.fired = roll(6) == 0};
	s.late = s.fired;
	cio_time deadline = s.late ? cio_now() : CIO_NEVER;
	if (s.shield)
		cio_shield_begin(&scope, deadline);
	else
		cio_scope_begin(&scope, deadline);
	enter(&s);
	run_steps(&s, depth);
	agree(&s); /* so that a cause is also hit */
	int err = errors[roll(5)], want = end_result(&s, err);
	CHECK_INT(cio_scope_end(&scope, err), want);
	leave(&s);
}

static void run_steps(struct shadow *innermost, int depth)
{
	uint64_t steps = roll(STEPS);
	for (uint64_t i = 0; i < steps; i++) {
		uint64_t what = roll(10);
		if (what < 2 && depth < DEPTH)
			group_step(innermost, depth);
		else if (what < 5 && depth < DEPTH + SCOPES_MAX)
			scope_step(innermost, depth + 1);
		else if (what < 6)
			fire_any();
		else
			wait_somehow(innermost);
		agree(innermost);
	}
}

static int run_program(const struct program *p)
{
	struct shadow root = {.up = p->group, .task = cio_current_task()};
	enter(&root);
	agree(&root);
	run_steps(&root, p->depth);
	leave(&root);
	return 0;
}

static int model(void *arg)
{
	dice = (struct random){*(uint64_t *)arg};
	live_n = 0;
	struct shadow top = {.task = cio_current_task()};
	enter(&top);
	for (int i = 0; i < 4; i++) {
		cio_scope scope;
		cio_shield_begin(&scope, CIO_NEVER);
		struct shadow s = {.up = &top, .scope = &scope, .shield = true};
		enter(&s);
		group_step(&s, 0);
		leave(&s);
		(void)cio_scope_end(&scope, 0);
	}
	leave(&top);
	CHECK_INT(live_n, 0);
	return 0;
}

static void agrees_with_the_definition(void **state)
{
	(void)state;
	for (seed = 1; seed <= 40; seed++)
		assert_int_equal(check_run(model, &seed), 0);
	printf("# scope model: %llu checks, %llu of them refused\n",
		(unsigned long long)checked, (unsigned long long)refused);
	assert_true(refused > 1000 && checked - refused > 1000);
}

/* Which one failed, if one did. */
static int tell_seed(void **state)
{
	(void)state;
	printf("# scope model: the last seed was %llu\n",
		(unsigned long long)seed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_definition),
	};
	return cmocka_run_group_tests(tests, NULL, tell_seed);
}
