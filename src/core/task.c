/* SPDX-License-Identifier: MIT */
/*
 * task.c - records of tasks: born, awaited, gone
 *
 * A record and the copied argument are one block from a slab, so that spawning
 * costs no heap call. It is freed when the task has ended and nobody has a
 * handle: at once in a group, by cio_await or cio_detach otherwise.
 */
#include "core/core.h"

#include <errno.h>

#include "base/mem.h"

enum {
	CLASS_STEP = 16,
	CLASSES = 64, /* up to 1 KiB; larger ones are the heap's */
	HEAP_CLASS = CLASSES,
	SLAB_BYTES = 16384,
	ARGUMENT_MAX = 4096,
};

/* ---- records ---- */

struct slab {
	struct slab *next;
	_Alignas(16) char bytes[];
};

static bool grow(cio_loop *l, size_t class)
{
	struct slab *s = cio__alloc(sizeof *s + SLAB_BYTES);
	if (s == NULL)
		return false;
	s->next = l->slabs;
	l->slabs = s;
	size_t size = (class + 1) * CLASS_STEP;
	for (size_t at = 0; at + size <= SLAB_BYTES; at += size) {
		cio_task *t = (cio_task *)(void *)(s->bytes + at);
		t->next = l->spare[class];
		l->spare[class] = t;
	}
	return true;
}

static cio_task *record_new(cio_loop *l, size_t bytes)
{
	size_t class = (bytes - 1) / CLASS_STEP;
	cio_task *t;
	if (class >= CLASSES) {
		class = HEAP_CLASS;
		t = cio__alloc(bytes);
		if (t == NULL)
			return NULL;
	} else {
		if (l->spare[class] == NULL && !grow(l, class))
			return NULL;
		t = l->spare[class];
		l->spare[class] = t->next;
	}
	t->size_class = class & 127;
	return t;
}

void task_free(cio_loop *l, cio_task *t)
{
	list_remove(&t->all);
	cio__free(t->text);
	if (t->size_class == HEAP_CLASS) {
		cio__free(t);
		return;
	}
	t->next = l->spare[t->size_class];
	l->spare[t->size_class] = t;
}

void tasks_close(cio_loop *l)
{
	while (l->slabs != NULL) {
		struct slab *s = l->slabs;
		l->slabs = s->next;
		cio__free(s);
	}
}

/* ---- birth ---- */

static bool promise_stack(cio_loop *l, cio_task *t, size_t stack_size)
{
	t->large = stack_size > 0;
	if (!t->large)
		return stacks_reserve(&l->stacks) == 0;
	t->stack = stacks_take_large(&l->stacks, stack_size);
	return t->stack != NULL;
}

cio_task *task_new(cio_loop *l, cio_group *g, int (*fn)(void *), const void *arg,
	size_t size, const cio_task_options *o, const char *name,
	const char *site)
{
	if (size > ARGUMENT_MAX)
		return NULL;
	bool aligned = size % 16 == 0; /* as much as the size allows */
	size_t head = argument_at(aligned);
	cio_task *t = record_new(l, head + size);
	if (t == NULL)
		return NULL;
	size_t class = t->size_class;
	*t = (cio_task){.fn = fn, .size_class = class & 127, .aligned = aligned,
		.name = o != NULL && o->name != NULL ? o->name : name,
		.site = site};
	if (!promise_stack(l, t, o != NULL ? o->stack_size : 0)) {
		task_free(l, t);
		return NULL;
	}
	if (size > 0)
		memcpy((char *)t + head, arg, size);
	t->root.task = t;
	scope_link(&t->root, &g->scope, SCOPE_IS_ROOT);
	t->scope = &t->root;
	t->context = context_capture(l);
	list_push(&l->tasks, &t->all);
	l->alive++;
	l->spawned++;
	if (o == NULL || !o->eager)
		sched_ready(l, t);
	return t;
}

cio_task *cio__spawn(const cio_task_options *options, int (*fn)(void *),
	const void *arg, size_t size, const char *name, const char *site)
{
	cio_loop *l = loop_for("cio_spawn");
	cio_task *t = task_new(l, &l->root, fn, arg, size, options, name, site);
	if (t == NULL)
		return NULL;
	l->root.alive++;
	t->has_handle = true;
	if (UNLIKELY(options != NULL && options->eager))
		sched_start(l, t);
	return t;
}

/* ---- end ---- */

void task_report_unseen(const cio_task *t)
{
	bool refusal = t->result == -ECANCELED || t->result == -ETIMEDOUT;
	if (t->result >= 0 || t->looked_at || (refusal && t->root.hit))
		return;
	cio_report(CIO_LEVEL_ERROR,
		"task %s, spawned at %s, failed and nobody looked: %s%s%s",
		t->name, t->site, cio_strerror(t->result),
		t->text != NULL ? ": " : "", t->text != NULL ? t->text : "");
}

/* The record has no room for a list's head: the links are a ring by themselves. */
static void hang(cio_task *t, cio_done_callback *c)
{
	c->task = t;
	if (t->callbacks != NULL) {
		list_push(&t->callbacks->link, &c->link);
		return;
	}
	list_init(&c->link);
	t->callbacks = c;
}

static void unhang(cio_done_callback *c)
{
	cio_task *t = c->task;
	cio_done_callback *next =
		container_of(c->link.next, cio_done_callback, link);
	if (t->callbacks == c)
		t->callbacks = next != c ? next : NULL;
	list_remove(&c->link);
	c->task = NULL;
}

static void call_back(cio_loop *l, cio_task *t)
{
	cio_done_callback *c;
	while ((c = t->callbacks) != NULL) {
		unhang(c);
		cio_context *before = context_enter(l, c->context);
		c->context = NULL;
		c->fn(c, t); /* c may be gone after */
		context_leave(l, before);
	}
}

void task_end(cio_loop *l, cio_task *t, int result)
{
	if (UNLIKELY(t->scope != &t->root))
		cio__misuse("ends, and has not ended a scope or group that it "
			"opened: end it on every way out");
	cio_group *g = container_of(t->root.up, cio_group, scope);
	t->result = result;
	t->done = true;
	if (t->root.cause != NULL && t->root.cause != &t->root)
		t->root.hit = true; /* it was ended from further out */
	scope_unlink(&t->root);
	t->root.up = NULL;
	l->alive--;
	if (t == l->main)
		l->ended = true;
	if (!t->large)
		stacks_unreserve(&l->stacks);
	l->current = NULL; /* nor can its callbacks wait */
	t->ending = true;
	call_back(l, t);
	t->ending = false;
	if (UNLIKELY(t->context != NULL)) {
		context_drop(t->context);
		t->context = NULL;
	}
	group_child_ended(l, g, t);
}

bool cio_task_done(const cio_task *t)
{
	return t->done;
}

int cio__task_result(const cio_task *t)
{
	return t->done ? t->result : -EINPROGRESS;
}

int cio_task_result(const cio_task *t)
{
	if (t->done)
		((cio_task *)(uintptr_t)t)->looked_at = true;
	return cio__task_result(t);
}

bool cio_task_cancelled(const cio_task *t)
{
	return t->done && t->root.cause != NULL &&
		(t->result == -ECANCELED || t->result == -ETIMEDOUT);
}

int cio_task_add_done_callback(cio_task *t, cio_done_callback *c)
{
	c->link = (cio_link){0};
	c->context = NULL;
	c->task = NULL;
	if (t->done)
		return -EALREADY;
	c->context = context_capture(
		loop_of(t->root.loop, "cio_task_add_done_callback"));
	hang(t, c);
	return 0;
}

void cio_task_remove_done_callback(cio_done_callback *c)
{
	if (c->task == NULL)
		return;
	(void)loop_of(c->task->root.loop, "cio_task_remove_done_callback");
	unhang(c);
	context_drop(c->context);
	c->context = NULL;
}

/* ---- handles ---- */

void cio__task_cancel(const char *site, cio_task *t, const char *reason)
{
	(void)loop_of(t->root.loop, "cio_task_cancel");
	if (!t->done)
		scope_cancel(&t->root, reason, site);
}

struct awaiter {
	cio_done_callback ended;
	cio_waiter waiter;
	cio_task *awaited;
};

void cio__task_cancel_for(cio_task *t, const cio_task *of, const char *reason)
{
	const cio_scope *s = of->done ? NULL : of->scope->cause;
	cio_cause c = {of->name, of->site, reason, 0};
	if (s != NULL) {
		c.who = s->who;
		c.where = s->where;
	}
	if (!t->done)
		scope_fire(&t->root, SCOPE_CANCELLED, &c);
}

static void cancel_awaited(void *arg)
{
	const struct awaiter *a = arg;
	cio__task_cancel_for(a->awaited, a->waiter.task, "its awaiter has ended");
}

static void wake_awaiter(cio_done_callback *c, cio_task *t)
{
	(void)t;
	cio_unpark(&container_of(c, struct awaiter, ended)->waiter);
}

static void join(cio_task *t)
{
	struct awaiter a = {.ended.fn = wake_awaiter, .awaited = t};
	if (t->done)
		return;
	hang(t, &a.ended); /* it needs no context */
	cio_settle(&a.waiter, NULL, "task", cancel_awaited, &a);
}

static int refuse_await(const cio_task *t)
{
	if (t->root.loop != cio__loop->number)
		return misuse_refuse_other("the task is");
	return cio_fail(-EINVAL, "task %s, spawned at %s, %s", t->name, t->site,
		t->awaited ? "is awaited already: cio_wait looks without using up" :
			     "is not the caller's to await: its group's, or detached");
}

int cio__task_claim(cio_task *t)
{
	if (UNLIKELY(t->root.loop != cio__loop->number || !t->has_handle ||
		t->awaited))
		return refuse_await(t);
	t->awaited = true;
	return 0;
}

void cio__task_unclaim(cio_task *t)
{
	t->awaited = false;
}

int cio_await(cio_task *t)
{
	cio_loop *l = cio__loop;
	if (t == NULL)
		return -ENOMEM;
	if (l == NULL || l->current == NULL)
		return misuse_refuse_wait();
	cio_task *me = l->current;
	if (t == me)
		return cio_fail(-EDEADLK, "task %s awaits itself", t->name);
	int err = cio__task_claim(t);
	if (err < 0)
		return err;
	join(t);
	int result = t->result;
	if (result == -ECANCELED && t->root.hit)
		(void)scope_cut_short(me); /* it ended because we did */
	if (result < 0 && t->text != NULL) {
		cio__free(me->text);
		me->text = t->text;
		t->text = NULL;
	}
	task_free(l, t);
	return result;
}

void cio_detach(cio_task *t, const char *name)
{
	if (t == NULL)
		return;
	cio_loop *l = loop_of(t->root.loop, "cio_detach");
	if (UNLIKELY(t->awaited))
		cio__misuse("detaches task %s (spawned at %s), which is awaited",
			t->name, t->site);
	if (name != NULL)
		t->name = name;
	t->has_handle = false;
	if (t->done && !t->ending) { /* else its end sees to it */
		task_report_unseen(t);
		task_free(l, t);
	}
}

/* ---- queries ---- */

size_t cio_task_stack_used(const cio_task *t)
{
	return t->stack != NULL && !t->done ? stack_touched(t->stack) : 0;
}

cio_task *cio_current_task(void)
{
	return cio__loop != NULL ? cio__loop->current : NULL;
}

const char *cio_task_name(const cio_task *t)
{
	return t->name;
}

const char *cio_task_site(const cio_task *t)
{
	return t->site;
}
