/* SPDX-License-Identifier: MIT */
/*
 * group.c - tasks that end together
 *
 * Invariant: `alive` counts the children that have not ended, and the places
 * handed to a spawner that has not used it yet; `pending` counts the operations
 * that the group owns. The close waits for both. While somebody waits for a
 * place, none is free: the child that ends hands its own to the oldest waiter.
 */
#include "core/core.h"

#include <errno.h>

#include "base/mem.h"

void group_init(cio_group *g, const cio_group_options *o)
{
	memset(g, 0, sizeof *g);
	if (o == NULL)
		return;
	g->limit = o->limit;
	g->collect = o->errors == CIO_COLLECT;
	g->result = o->err;
}

void cio_group_open(cio_group *g, const cio_group_options *options)
{
	group_init(g, options);
	cio_task *t = task_for("cio_group_open");
	g->scope.task = t;
	scope_link(&g->scope, t->scope, SCOPE_IS_GROUP);
	t->scope = &g->scope;
}

/* ---- spawning ---- */

static int take_place(cio_group *g, bool wait)
{
	if (g->limit == 0 || g->alive < g->limit) {
		g->alive++;
		return 0;
	}
	if (!wait)
		return -EAGAIN;
	cio_waiter w;
	return cio_park(&w, &g->places, "a place in the group");
}

static void give_place(cio_group *g)
{
	cio_waiter *w = cio_first_waiter(&g->places);
	if (w != NULL)
		cio_unpark(w);
	else
		g->alive--;
}

static int refuse_group(const cio_group *g)
{
	if (g->scope.up == NULL)
		return cio_fail(-EINVAL, "the group was never opened");
	return misuse_refuse_other("the group is");
}

int cio__group_spawn(cio_group *g, int wait, const cio_task_options *options,
	int (*fn)(void *), const void *arg, size_t size, const char *name,
	const char *site)
{
	cio_loop *l = cio__loop;
	int err = wait || l == NULL ? cio_checkpoint() : 0;
	if (err < 0)
		return err;
	if (g->closed) /* maybe while the check yielded */
		return -ESHUTDOWN;
	if (UNLIKELY(g->scope.loop != l->number))
		return refuse_group(g);
	err = take_place(g, wait);
	if (err < 0)
		return err;
	cio_task *t = task_new(l, g, fn, arg, size, options, name, site);
	if (t == NULL) {
		give_place(g);
		group_settled(g);
		return size > 4096 ? -E2BIG : -ENOMEM;
	}
	if (UNLIKELY(options != NULL && options->eager))
		sched_start(l, t);
	return 0;
}

/* ---- a child's end ---- */

static bool is_refusal(const cio_task *t)
{
	return t->result == -ECANCELED || t->result == -ETIMEDOUT;
}

/* Did the child fail by itself, and not because it was told to end? */
static bool failed(const cio_task *t)
{
	return t->result < 0 && !(is_refusal(t) && t->root.cause != NULL);
}

/* Did something further out than the group end the child's work? */
static bool cut_from_outside(const cio_group *g, const cio_task *t)
{
	const cio_scope *cause = t->root.cause;
	return is_refusal(t) && cause != NULL && cause != &t->root &&
		cause != &g->scope;
}

static void keep_error(cio_group *g, cio_task *t)
{
	if (g->error != 0) {
		cio_report(CIO_LEVEL_INFO,
			"task %s, spawned at %s, failed too: %s%s%s", t->name,
			t->site, cio_strerror(t->result),
			t->text != NULL ? ": " : "",
			t->text != NULL ? t->text : "");
		return;
	}
	g->error = t->result;
	cio_task *owner = g->scope.task;
	if (t->text != NULL && owner != NULL) {
		cio__free(owner->text);
		owner->text = t->text;
		t->text = NULL;
	}
	if (!g->collect)
		scope_fire(&g->scope, SCOPE_CANCELLED,
			&(cio_cause){t->name, t->site,
				"a task of the group has failed", 0});
}

void group_settled(cio_group *g)
{
	cio_waiter *w;
	while (g->alive == 0 && g->pending == 0 &&
		(w = cio_first_waiter(&g->closers)) != NULL)
		cio_unpark(w);
}

void group_child_ended(cio_loop *l, cio_group *g, cio_task *t)
{
	if (g == NULL)
		return;
	bool is_root = g == &l->root;
	if (failed(t) && !t->has_handle) {
		if (is_root)
			task_report_unseen(t);
		else
			keep_error(g, t);
	}
	if (cut_from_outside(g, t))
		g->cut = true;
	if (!t->has_handle)
		task_free(l, t);
	give_place(g);
	group_settled(g);
}

/* ---- the end ---- */

int cio_group_close(cio_group *g, int err)
{
	cio_task *t = cio_current_task();
	if (t == NULL || g->scope.task != t)
		return cio_fail(-EDEADLK,
			"a group is closed by the task that opened it");
	if (UNLIKELY(t->scope != &g->scope))
		cio__misuse("closes a group while a scope inside it is open");

	if (err < 0 && g->scope.cause == NULL && !g->collect) {
		g->error = err; /* the body failed, and before any child */
		scope_fire(&g->scope, SCOPE_CANCELLED,
			&(cio_cause){t->name, t->site,
				"the body of the group has failed", 0});
	}
	while (g->alive > 0 || g->pending > 0) {
		cio_waiter w;
		cio_settle(&w, &g->closers, "the end of the group", NULL, NULL);
	}
	g->closed = true;
	err = cio_scope_end(&g->scope, err);
	if (g->error != 0)
		return g->error;
	return err >= 0 && g->cut && scope_cut_short(t) < 0 ? -ECANCELED : err;
}

void cio__group_cancel(const char *site, cio_group *g, const char *reason)
{
	if (g->scope.up == NULL)
		return;
	(void)loop_of(g->scope.loop, "cio_group_cancel");
	scope_cancel(&g->scope, reason, site);
}

uint64_t cio_group_alive(const cio_group *g)
{
	return g->alive;
}

int cio_group_error(const cio_group *g)
{
	return g->error;
}

/* ---- the block form ---- */

cio_group *cio__group_enter(cio_group *g, const cio_group_options *options)
{
	cio_group_open(g, options);
	return g;
}

void cio__group_leave(cio_group **g)
{
	int *result = (*g)->result;
	int err = cio_group_close(*g, result != NULL ? *result : 0);
	if (result != NULL)
		*result = err;
}
