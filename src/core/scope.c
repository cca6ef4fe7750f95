/* SPDX-License-Identifier: MIT */
/*
 * scope.c - the tree of scopes, and who is refused
 *
 * Invariant: scope->cause is the outermost fired scope among this one and its
 * ancestors, looking no further up than the nearest shield, which itself
 * counts. So "am I refused?" is one load at any depth. Firing pays for it: it
 * walks down and stops at shields.
 *
 * A task's root scope lies in its group's scope, a group's in the scope where
 * it was opened; so the tree spans tasks, and a scope ends after all below it.
 */
#include "core/core.h"

#include <assert.h>
#include <errno.h>

/* ---- the tree ---- */

void scope_link(cio_scope *s, cio_scope *up, unsigned flags)
{
	s->up = up;
	s->down = NULL;
	s->cause = (flags & SCOPE_IS_SHIELD) ? NULL : up->cause;
	s->timer = (cio_timer){0};
	s->reason = s->where = s->who = "";
	s->why = SCOPE_LIVE;
	s->flags = (uint8_t)flags;
	s->loop = up->loop;
	s->hit = false;
	if (up->down == NULL) {
		s->next = s->prev = up->down = s;
		return;
	}
	s->next = up->down;
	s->prev = up->down->prev;
	s->prev->next = s;
	s->next->prev = s;
}

void scope_unlink(cio_scope *s)
{
	assert(s->down == NULL && "scopes end in the reverse order of beginning");
	cio_timer_disarm(&s->timer);
	if (s->next == s) {
		s->up->down = NULL;
		return;
	}
	s->prev->next = s->next;
	s->next->prev = s->prev;
	if (s->up->down == s)
		s->up->down = s->next;
}

/* ---- firing ---- */

static void cancel_ops(cio_group *g)
{
	cio_link asked = {0};
	while (!list_empty(&g->ops)) {
		cio_link *link = list_pop(&g->ops);
		list_push(&asked, link);
		cio_op_cancel(container_of(link, cio_op, link));
	}
	while (!list_empty(&asked))
		list_push(&g->ops, list_pop(&asked));
}

static void mark(cio_scope *s, cio_scope *cause)
{
	cio_loop *l = loop_for("a cancel");
	s->cause = cause;
	if (s->task != NULL && s->task->scope == s)
		sched_interrupt(l, s->task);
	if (s->flags & SCOPE_IS_GROUP)
		cancel_ops(container_of(s, cio_group, scope));
}

/* The next scope after s in the tree under `top`, skipping what is below a
 * shield; NULL at the end. */
static cio_scope *walk(cio_scope *s, cio_scope *top, bool descend)
{
	if (descend && s->down != NULL)
		return s->down;
	while (s != top) {
		if (s->next != s->up->down)
			return s->next;
		s = s->up;
	}
	return NULL;
}

void scope_fire(cio_scope *s, int why, const cio_cause *cause)
{
	if (s->why != SCOPE_LIVE)
		return;
	s->why = (uint8_t)why;
	s->reason = cause->why != NULL ? cause->why : "";
	s->where = cause->where;
	s->who = cause->who;
	if (!(s->flags & SCOPE_IS_ROOT)) /* its timer is the task's sleep */
		cio_timer_disarm(&s->timer);
	if (s->cause != NULL)
		return; /* something further out has the word already */

	mark(s, s);
	cio_scope *at = walk(s, s, true);
	while (at != NULL) {
		bool shield = (at->flags & SCOPE_IS_SHIELD) != 0;
		if (!shield)
			mark(at, s);
		at = walk(at, s, !shield);
	}
}

static void late(cio_timer *t)
{
	scope_fire(container_of(t, cio_scope, timer), SCOPE_LATE,
		&(cio_cause){"", "", "the deadline has passed", 0});
}

void scope_cancel(cio_scope *s, const char *reason, const char *site)
{
	const cio_task *t = cio_current_task();
	scope_fire(s, SCOPE_CANCELLED,
		&(cio_cause){t != NULL ? t->name : "", site, reason, 0});
}

void cio__scope_cancel(const char *site, cio_scope *s, const char *reason)
{
	if (s->up == NULL)
		return;
	(void)loop_of(s->loop, "cio_scope_cancel");
	scope_cancel(s, reason, site);
}

/* ---- begin and end ---- */

static void set_deadline(cio_scope *s, cio_time deadline)
{
	s->timer.fire = late;
	s->timer.deadline = deadline;
	if (deadline == CIO_NEVER)
		return;
	if (deadline <= loop_for("a deadline")->now)
		late(&s->timer);
	else
		cio_timer_arm(&s->timer, deadline);
}

static void begin(cio_scope *s, cio_time deadline, unsigned flags)
{
	cio_task *t = task_for("cio_scope_begin");
	s->task = t;
	scope_link(s, t->scope, flags);
	t->scope = s;
	set_deadline(s, deadline);
}

void cio_scope_begin(cio_scope *s, cio_time deadline)
{
	begin(s, deadline, 0);
}

void cio_shield_begin(cio_scope *s, cio_time deadline)
{
	begin(s, deadline, SCOPE_IS_SHIELD);
}

int scope_refusal(cio_task *t)
{
	cio_scope *cause = t->scope->cause;
	if (cause == NULL)
		return 0;
	cause->hit = true;
	return cause == t->scope && cause->why == SCOPE_LATE ? -ETIMEDOUT :
							       -ECANCELED;
}

int scope_cut_short(cio_task *t)
{
	return scope_refusal(t) < 0 ? -ECANCELED : 0;
}

int cio_scope_end(cio_scope *s, int err)
{
	cio_task *t = task_for("cio_scope_end");
	if (UNLIKELY(t->scope != s))
		cio__misuse("ends a scope that is not its innermost one: a scope "
			"ends once, in its task, after those inside it");
	t->scope = s->up;
	if (t->scope->cause == NULL)
		t->refusals = 0; /* else it may be a loop that ignores them */
	scope_unlink(s);
	s->up = NULL;

	bool refusal = err == -ECANCELED || err == -ETIMEDOUT;
	if (!refusal || s->cause == NULL)
		return err;
	if (s->cause != s)
		return (s->flags & SCOPE_IS_SHIELD) ? err : scope_cut_short(t);
	if (!s->hit)
		return err;
	return s->why == SCOPE_LATE ? -ETIMEDOUT : 0;
}

int cio_scope_reschedule(cio_scope *s, cio_time deadline)
{
	if (s->why != SCOPE_LIVE || s->up == NULL)
		return -EALREADY;
	(void)loop_of(s->loop, "cio_scope_reschedule");
	cio_timer_disarm(&s->timer);
	set_deadline(s, deadline);
	return 0;
}

bool cio_scope_expired(const cio_scope *s)
{
	return s->hit && s->why == SCOPE_LATE;
}

bool cio_scope_caught(const cio_scope *s)
{
	return s->hit && s->why == SCOPE_CANCELLED;
}

const char *cio_cancel_reason(void)
{
	cio_task *t = cio_current_task();
	return t != NULL && t->scope->cause != NULL ? t->scope->cause->reason : "";
}

bool cio_cancel_cause(cio_cause *out)
{
	cio_task *t = cio_current_task();
	const cio_scope *s = t != NULL ? t->scope->cause : NULL;
	if (s == NULL)
		return false;
	*out = (cio_cause){s->who, s->where, s->reason,
		s->why == SCOPE_LATE ? s->timer.deadline : 0};
	return true;
}

/* ---- the block forms ---- */

cio__block *cio__block_enter(cio__block *b, cio_duration d, int *err, int shield)
{
	b->err = err;
	if (shield)
		cio_shield_begin(&b->scope, cio_time_after(d));
	else
		cio_scope_begin(&b->scope, cio_time_after(d));
	return b;
}

void cio__block_leave(cio__block *b)
{
	int err = cio_scope_end(&b->scope, b->err != NULL ? *b->err : 0);
	if (b->err != NULL)
		*b->err = err;
}
