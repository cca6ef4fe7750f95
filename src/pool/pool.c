/* SPDX-License-Identifier: MIT */
/*
 * pool.c - a bounded number of reusable things
 *
 * What is counted is places: each lease, and each acquirer whose `open` runs,
 * has one. Places are handed over, never thrown into the open: whoever gives
 * one back serves the oldest waiter whom its key's limit allows, with an idle
 * item of its key if there is one. What was handed over is owned, so a cancel
 * that comes between the hand-over and the run loses nothing.
 *
 * Invariant: while a place is free, nobody waits whom its key's limit allows.
 * So a newcomer who finds a free place and room under its key has overtaken
 * nobody.
 *
 * Items in use and idle ones together stay within the limits: before an item is
 * opened, the idle ones that have no place beside it are closed, oldest first.
 */
#include <cio/pool.h>

#include <assert.h>
#include <errno.h>

#include <cio/impl.h>
#include <cio/time.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/random.h"
#include "pool/pool.h"

/* An item, in use or idle. */
struct holder {
	void *item;
	struct key *key;
	cio_link of_key, of_pool; /* in the lists of idle ones */
	cio_time born, idle_since;
};

/* A task in an acquire, while it waits. */
struct acquirer {
	cio_waiter waiter; /* value: the holder handed over, 0: a place only */
	struct key *key;
	uint64_t turn;
	bool fresh; /* wants no idle one */
};

struct cio_pool {
	cio_pool_options o;
	struct keys keys;
	cio_link idle;    /* all idle holders, oldest first */
	cio_link waiters; /* all, if keys have no limit of their own */
	cio_link wanted;  /* else: keys that may have waiters */
	uint64_t turns;
	cio_timer expiry; /* armed while there may be idle ones */
	cio_pool_figures figures;
};

static cio_time later(cio_time t, cio_duration d)
{
	return d > CIO_NEVER - t ? CIO_NEVER : t + d;
}

/* ---- items ---- */

static void destroy(cio_pool *p, struct holder *h)
{
	p->o.close(p->o.arg, h->item);
	keys_put(&p->keys, h->key);
	cio__free(h);
}

static void leave_idle(cio_pool *p, struct holder *h)
{
	list_remove(&h->of_key);
	list_remove(&h->of_pool);
	h->key->n_idle--;
	p->figures.idle--;
}

static void close_oldest(cio_pool *p, struct holder *h)
{
	leave_idle(p, h);
	destroy(p, h);
}

static void make_idle(cio_pool *p, struct holder *h)
{
	h->idle_since = cio_now();
	list_push(&h->key->idle, &h->of_key);
	list_push(&p->idle, &h->of_pool);
	h->key->n_idle++;
	p->figures.idle++;
	if (!cio_timer_armed(&p->expiry))
		cio_timer_arm(&p->expiry,
			later(h->idle_since, p->o.idle_timeout));
}

/* The one used last, taken out; NULL if there is none. */
static struct holder *take_idle(cio_pool *p, struct key *k)
{
	if (list_empty(&k->idle))
		return NULL;
	struct holder *h = container_of(k->idle.prev, struct holder, of_key);
	leave_idle(p, h);
	return h;
}

static struct holder *oldest_idle(cio_pool *p)
{
	cio_link *link = list_first(&p->idle);
	return link != NULL ? container_of(link, struct holder, of_pool) : NULL;
}

static bool outlived(const cio_pool *p, const struct holder *h)
{
	return p->o.max_lifetime > 0 &&
		cio_now() >= later(h->born, p->o.max_lifetime);
}

static bool stale(const cio_pool *p, const struct holder *h)
{
	return cio_now() >= later(h->idle_since, p->o.idle_timeout) ||
		outlived(p, h);
}

/* The timer is armed for the oldest at the time; the items of a busy pool come
 * and go without touching it. */
static void expire(cio_timer *t)
{
	cio_pool *p = container_of(t, cio_pool, expiry);
	struct holder *h;
	while ((h = oldest_idle(p)) != NULL && stale(p, h)) {
		close_oldest(p, h);
		p->figures.expired++;
	}
	if (h != NULL)
		cio_timer_arm(t, later(h->idle_since, p->o.idle_timeout));
}

/* ---- places ---- */

static bool key_allows(const cio_pool *p, const struct key *k)
{
	return p->o.limit_per_key == 0 || k->in_use < p->o.limit_per_key;
}

static void take_place(cio_pool *p, struct key *k)
{
	assert(p->figures.in_use < p->o.limit && key_allows(p, k));
	p->figures.in_use++;
	k->in_use++;
}

static struct acquirer *first_of(cio_link *queue)
{
	cio_waiter *w = cio_first_waiter(queue);
	return w != NULL ? container_of(w, struct acquirer, waiter) : NULL;
}

static struct acquirer *oldest_allowed(cio_pool *p)
{
	if (p->o.limit_per_key == 0)
		return first_of(&p->waiters);

	struct acquirer *oldest = NULL;
	cio_link *link = list_first(&p->wanted);
	while (link != NULL && link != &p->wanted) {
		struct key *k = container_of(link, struct key, wanted);
		struct acquirer *a = first_of(&k->waiters);
		link = link->next;
		if (a == NULL) /* served, or cancelled */
			list_remove(&k->wanted);
		else if (key_allows(p, k) &&
			(oldest == NULL || a->turn < oldest->turn))
			oldest = a;
	}
	return oldest;
}

/* Hand the free places over. */
static void serve(cio_pool *p)
{
	while (p->figures.waiting > 0 && p->figures.in_use < p->o.limit) {
		struct acquirer *a = oldest_allowed(p);
		if (a == NULL)
			return;
		take_place(p, a->key);
		struct holder *h = a->fresh ? NULL : take_idle(p, a->key);
		a->waiter.value = (uint64_t)(uintptr_t)h;
		p->figures.waiting--;
		cio_unpark(&a->waiter);
	}
}

static void give_place(cio_pool *p, struct key *k)
{
	assert(p->figures.in_use > 0 && k->in_use > 0);
	p->figures.in_use--;
	k->in_use--;
}

/* ---- acquire ---- */

static int park(cio_pool *p, struct acquirer *a)
{
	cio_link *queue = &p->waiters;
	if (p->o.limit_per_key > 0) {
		queue = &a->key->waiters;
		if (!list_in(&a->key->wanted))
			list_push(&p->wanted, &a->key->wanted);
	}
	a->turn = p->turns++;
	p->figures.waiting++;
	int err = cio_park(&a->waiter, queue, "pool");
	if (err < 0)
		p->figures.waiting--;
	return err;
}

static int wait_for_place(cio_pool *p, struct acquirer *a)
{
	cio_time began = cio_now();
	int err;
	if (p->o.acquire_timeout > 0) {
		cio_scope limit;
		cio_scope_begin(&limit, later(began, p->o.acquire_timeout));
		err = cio_scope_end(&limit, park(p, a));
	} else {
		err = park(p, a);
	}
	p->figures.waited += cio_now() - began;
	return err;
}

/* The place is taken. `h`: what was handed over with it, or NULL. */
static struct holder *good_idle(cio_pool *p, struct key *k, struct holder *h)
{
	if (h == NULL)
		h = take_idle(p, k);
	for (; h != NULL; h = take_idle(p, k)) {
		bool old = stale(p, h);
		if (!old &&
			(p->o.check == NULL || p->o.check(p->o.arg, h->item)))
			break;
		*(old ? &p->figures.expired : &p->figures.failed_check) += 1;
		destroy(p, h);
	}
	return h;
}

/* Idle items give way to the one that is about to be opened. */
static void make_room(cio_pool *p, struct key *k)
{
	while (p->o.limit_per_key > 0 && k->n_idle > 0 &&
		k->in_use + k->n_idle > p->o.limit_per_key)
		close_oldest(p,
			container_of(k->idle.next, struct holder, of_key));
	while (p->figures.idle > 0 &&
		p->figures.in_use + p->figures.idle > p->o.limit)
		close_oldest(p, oldest_idle(p));
}

static int open_one(cio_pool *p, struct key *k, const void *how,
	struct holder **out)
{
	struct holder *h = cio__zalloc(sizeof *h);
	if (h == NULL)
		return -ENOMEM;
	make_room(p, k);
	int err = p->o.open(p->o.arg, k->text, how, &h->item);
	if (err < 0) {
		cio__free(h);
		return err;
	}
	h->key = k;
	k->refs++;
	h->born = cio_now();
	p->figures.opened++;
	*out = h;
	return 0;
}

static int take(cio_pool *p, struct acquirer *a, const void *how,
	cio_lease *out)
{
	int err = 0;
	if (p->figures.in_use < p->o.limit && key_allows(p, a->key))
		take_place(p, a->key);
	else
		err = wait_for_place(p, a);
	if (err < 0)
		return err;

	struct holder *h = NULL;
	if (!a->fresh) {
		h = (struct holder *)(uintptr_t)a->waiter.value;
		h = good_idle(p, a->key, h);
	}
	bool reused = h != NULL;
	if (!reused)
		err = open_one(p, a->key, how, &h);
	if (err < 0) {
		give_place(p, a->key);
		serve(p);
		return err;
	}
	p->figures.reused += reused;
	*out = (cio_lease){.item = h->item, .reused = reused, .holder = h};
	return 0;
}

static int acquire(cio_pool *p, cio_str key, const void *how, cio_lease *out,
	bool fresh)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	struct acquirer a = {.key = keys_get(&p->keys, key), .fresh = fresh};
	if (a.key == NULL)
		return -ENOMEM;
	err = take(p, &a, how, out);
	keys_put(&p->keys, a.key);
	return err;
}

int cio_pool_acquire(cio_pool *p, cio_str key, const void *how, cio_lease *out)
{
	return acquire(p, key, how, out, false);
}

int cio_pool_acquire_new(cio_pool *p, cio_str key, const void *how,
	cio_lease *out)
{
	return acquire(p, key, how, out, true);
}

void cio_pool_release(cio_pool *p, cio_lease *lease, bool keep)
{
	struct holder *h = lease->holder;
	if (h == NULL)
		return;
	*lease = (cio_lease){0};
	give_place(p, h->key);
	bool old = keep && outlived(p, h);
	p->figures.expired += old;
	if (keep && !old)
		make_idle(p, h);
	else
		destroy(p, h);
	serve(p);
}

/* ---- the pool ---- */

int cio_pool_open(cio_pool **out, const cio_pool_options *options)
{
	assert(options->open != NULL && options->close != NULL);
	cio_pool *p = cio__zalloc(sizeof *p);
	if (p == NULL)
		return -ENOMEM;
	p->o = *options;
	if (p->o.limit == 0)
		p->o.limit = 100;
	if (p->o.idle_timeout <= 0)
		p->o.idle_timeout = CIO_S(15);
	p->keys.seed = cio__random_seed();
	p->expiry.fire = expire;
	*out = p;
	return 0;
}

int cio_pool_close(cio_pool *p)
{
	if (p == NULL)
		return 0;
	if (p->figures.in_use > 0 || p->figures.waiting > 0)
		return -EBUSY;
	cio_timer_disarm(&p->expiry);
	for (struct holder *h; (h = oldest_idle(p)) != NULL;)
		close_oldest(p, h);
	keys_finish(&p->keys);
	cio__free(p);
	return 0;
}

cio_pool_figures cio_pool_get_figures(const cio_pool *p)
{
	return p->figures;
}

/* Without a limit of their own the keys share one queue; with one, each has its
 * own. A pool that got a limit keeps to the queues of its keys. */
void cio_pool_set_limit_per_key(cio_pool *p, uint32_t limit)
{
	bool shared = p->o.limit_per_key == 0;
	p->o.limit_per_key = limit > 0 || shared ? limit : UINT32_MAX;
	if (shared && limit > 0) {
		cio_link *link;
		while ((link = list_pop(&p->waiters)) != NULL) {
			struct key *k = container_of(link, struct acquirer,
				waiter.link)
						->key;
			list_push(&k->waiters, link);
			if (!list_in(&k->wanted))
				list_push(&p->wanted, &k->wanted);
		}
	}
	serve(p);
}
