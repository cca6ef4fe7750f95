/* SPDX-License-Identifier: MIT */
/*
 * context.c - variables that are inherited
 *
 * A context is a chain of nodes, a value each, the newest first; NULL is the
 * empty one. Nodes never change, and count who points to them: so a copy is a
 * pointer, taken by every spawn, and a set makes a new node and leaves all who
 * share the rest alone. Chains are short; a look-up walks them. The counts are
 * atomic, since functions in threads see their caller's chain.
 *
 * Invariant: a chain has at most one node of each variable that no token
 * belongs to. A set without a token takes the place of the variable's newest
 * node, a reset takes one out; the nodes above, if any, are made anew.
 *
 * Everybody has a slot that points to his chain: a task, the loop for what runs
 * on its own stack, a thread without a loop.
 */
#include <cio/context.h>

#include <errno.h>
#include <pthread.h>

#include "base/mem.h"
#include "core/core.h"

struct cio_context {
	_Atomic uint32_t holders;
	const cio_context_var *var;
	uint64_t set; /* its token's; 0: none */
	cio_context *up;
	_Alignas(max_align_t) char value[];
};

/* ---- holding ---- */

cio_context *context_hold(cio_context *c)
{
	atomic_fetch_add_explicit(&c->holders, 1, memory_order_relaxed);
	return c;
}

void context_drop(cio_context *c)
{
	while (c != NULL && atomic_fetch_sub_explicit(&c->holders, 1,
				    memory_order_acq_rel) == 1) {
		cio_context *up = c->up;
		cio__free(c);
		c = up;
	}
}

/* ---- a plain thread's slot ---- */

static _Thread_local cio_context *of_thread;
static pthread_key_t key; /* only for its destructor */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool key_made;

static void end_of_thread(void *unused)
{
	(void)unused;
	context_drop(of_thread);
	of_thread = NULL;
}

static void make_key(void)
{
	key_made = pthread_key_create(&key, end_of_thread) == 0;
}

/* Have the thread's slot emptied when it ends. */
static int note_thread(void)
{
	(void)pthread_once(&key_once, make_key);
	return key_made && pthread_setspecific(key, &key_made) == 0 ? 0 :
								      -ENOMEM;
}

static cio_context **slot(void)
{
	return cio__loop != NULL ? context_slot(cio__loop) : &of_thread;
}

/* ---- chains ---- */

static cio_context *find(cio_context *c, const cio_context_var *var)
{
	while (c != NULL && c->var != var)
		c = c->up;
	return c;
}

/* A node above `up`, which it takes over; NULL: no memory, and it does not. */
static cio_context *node(const cio_context_var *var, const void *value,
	uint64_t set, cio_context *up)
{
	cio_context *c = cio__alloc(sizeof *c + var->size);
	if (c == NULL)
		return NULL;
	atomic_init(&c->holders, 1);
	c->var = var;
	c->set = set;
	c->up = up;
	memcpy(c->value, value, var->size);
	return c;
}

/* The nodes from `c` down to, without, `end` again, above `base`, which is taken
 * over whatever happens. How deep this goes, the number of variables tells. */
static cio_context *again(cio_context *c, const cio_context *end,
	cio_context *base)
{
	if (c == end)
		return base;
	cio_context *up = again(c->up, end, base);
	if (up == NULL && c->up != end)
		return NULL; /* no memory, and all below is given up */
	cio_context *copy = node(c->var, c->value, c->set, up);
	if (copy == NULL)
		context_drop(up);
	return copy;
}

/* Put `base`, taken over, into the place of everything from `old` on. */
static int replace(cio_context **at, cio_context *old, cio_context *base)
{
	cio_context *made = again(*at, old, base);
	if (made == NULL && *at != old)
		return -ENOMEM;
	context_drop(*at);
	*at = made;
	return 0;
}

static cio_context *hold_or_null(cio_context *c)
{
	return c != NULL ? context_hold(c) : NULL;
}

cio_context *context_of_thread(void)
{
	return hold_or_null(of_thread);
}

/* ---- the public face ---- */

const void *cio_context_get(const cio_context_var *var)
{
	const cio_context *c = find(*slot(), var);
	return c != NULL ? c->value : var->initial;
}

static int push(cio_context **at, const cio_context_var *var,
	const void *value, cio_context_token *token)
{
	static _Atomic uint64_t sets;
	uint64_t set = token != NULL ? atomic_fetch_add(&sets, 1) + 1 : 0;
	cio_context *c = node(var, value, set, *at);
	if (c == NULL)
		return -ENOMEM;
	*at = c;
	if (token != NULL)
		*token = (cio_context_token){.set = set, .where = at};
	return 0;
}

int cio__context_set(const cio_context_var *var, const void *value,
	size_t size, cio_context_token *token)
{
	if (size != var->size)
		return cio_fail(-EINVAL,
			"context variable %s has %zu bytes, this value %zu",
			var->name, var->size, size);
	cio_context **at = slot();
	if (at == &of_thread && of_thread == NULL && note_thread() < 0)
		return -ENOMEM;
	cio_context *old = token == NULL ? find(*at, var) : NULL;
	if (old == NULL)
		return push(at, var, value, token);
	cio_context *up = hold_or_null(old->up);
	cio_context *c = node(var, value, old->set, up);
	if (c == NULL) {
		context_drop(up);
		return -ENOMEM;
	}
	return replace(at, old, c);
}

int cio_context_reset(const cio_context_var *var, cio_context_token *token)
{
	cio_context **at = slot(), *c = *at;
	while (c != NULL && (c->set != token->set || c->var != var))
		c = c->up;
	if (c == NULL || token->set == 0 || token->where != at)
		return cio_fail(-EINVAL,
			"context variable %s: its token was used, or is of "
			"another task or variable", var->name);
	int err = replace(at, c, hold_or_null(c->up));
	if (err == 0)
		token->set = 0;
	return err;
}

cio_context *cio_context_copy(void)
{
	return hold_or_null(*slot());
}

void cio_context_free(cio_context *c)
{
	context_drop(c);
}

int cio_context_run(cio_context *c, int (*fn)(void *arg), void *arg)
{
	cio_context **at = slot(), *before = *at;
	*at = hold_or_null(c);
	int result = fn(arg);
	context_drop(*at);
	*at = before;
	return result;
}
