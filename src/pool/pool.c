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
#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/random.h"
#include "pool/pool.h"

/* A task in an acquire, while it waits. */
struct acquirer {
	cio_waiter waiter; /* value: the holder handed over, 0: a place only */
	struct key *key;
	uint64_t turn;
	bool fresh; /* wants no idle one */
	bool reused;
};

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
		struct holder *h = a->fresh ? NULL : idle_take(p, a->key);
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

/* ---- whose it is ---- */

static const char *name_of(const cio_pool *p)
{
	return p->o.name != NULL ? p->o.name : "(without a name)";
}

static int refuse_other(const cio_pool *p)
{
	if (p->loop == cio_current_loop())
		return 0;
	return cio_fail(-EINVAL, "pool %s belongs to another loop", name_of(p));
}

/* For what has no error to give. */
static void check_own(const cio_pool *p, const char *does)
{
	if (p->loop != cio_current_loop())
		cio__misuse("%s pool %s, which belongs to another loop", does,
			name_of(p));
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
	cio_duration d = p->o.acquire_timeout;
	cio_scope limit;
	cio_scope_begin(&limit, d > 0 ? cio_time_after(d) : CIO_NEVER);
	int err = cio_scope_end(&limit, park(p, a));
	p->figures.waited += cio_now() - began;
	cio__histogram_record(&p->waits, (uint64_t)(cio_now() - began));
	return err;
}

/* Idle items give way to the one that is about to be opened. */
static void make_room(cio_pool *p, struct key *k)
{
	while (p->o.limit_per_key > 0 && k->n_idle > 0 &&
		k->in_use + k->n_idle > p->o.limit_per_key)
		idle_close(p,
			container_of(k->idle.next, struct holder, of_key));
	while (p->figures.idle > 0 &&
		p->figures.in_use + p->figures.idle > p->o.limit)
		idle_close(p, idle_oldest(p));
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
	h->pool = p;
	h->key = k;
	k->refs++;
	h->born = cio_now();
	p->figures.opened++;
	*out = h;
	return 0;
}

static int get_place(cio_pool *p, struct acquirer *a)
{
	if (p->figures.in_use >= p->o.limit || !key_allows(p, a->key))
		return wait_for_place(p, a);
	take_place(p, a->key);
	cio__histogram_record(&p->waits, 0);
	return 0;
}

static int take(cio_pool *p, struct acquirer *a, const void *how,
	struct holder **out)
{
	int err = get_place(p, a);
	if (err < 0)
		return err;

	struct holder *h = NULL;
	if (!a->fresh) {
		h = (struct holder *)(uintptr_t)a->waiter.value;
		h = idle_good(p, a->key, h);
	}
	a->reused = h != NULL;
	if (!a->reused)
		err = open_one(p, a->key, how, &h);
	if (err < 0) {
		give_place(p, a->key);
		serve(p);
		return err;
	}
	p->figures.reused += a->reused;
	*out = h;
	return 0;
}

/* -ETIMEDOUT is what acquire_timeout gives, and maybe `open`. */
static int check(const cio_pool *p)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err == -ETIMEDOUT ? -ECANCELED : err;
	return refuse_other(p);
}

int cio__pool_acquire(const char *site, bool fresh, cio_pool *p, cio_str key,
	const void *how, cio_lease *out)
{
	int err = check(p);
	if (err < 0)
		return err;
	struct acquirer a = {.key = keys_get(&p->keys, key), .fresh = fresh};
	if (a.key == NULL)
		return -ENOMEM;
	struct holder *h;
	err = take(p, &a, how, &h);
	keys_put(&p->keys, a.key);
	if (err < 0)
		return err;
	lease_begins(p, h, site);
	*out = (cio_lease){.item = h->item, .reused = a.reused, .holder = h};
	return 0;
}

void cio_pool_release(cio_pool *p, cio_lease *lease, bool keep)
{
	struct holder *h = lease->holder;
	if (h == NULL)
		return;
	check_own(p, "releases a lease of");
	*lease = (cio_lease){0};
	lease_ends(h);
	give_place(p, h->key);
	bool old = keep && item_outlived(p, h);
	p->figures.expired += old;
	if (keep && !old)
		idle_add(p, h);
	else
		item_close(p, h);
	serve(p);
}

/* ---- fill ---- */

/* Is there a place for one more idle item of this key? */
static bool has_room(const cio_pool *p, const struct key *k)
{
	return k->n_idle < p->o.min_idle &&
		p->figures.in_use + p->figures.idle < p->o.limit &&
		(p->o.limit_per_key == 0 ||
			k->in_use + k->n_idle < p->o.limit_per_key);
}

static int fill(cio_pool *p, struct key *k, const void *how)
{
	int n = 0, err = check(p);
	for (; err == 0 && has_room(p, k); n += err == 0) {
		struct holder *h;
		take_place(p, k);
		err = open_one(p, k, how, &h);
		give_place(p, k);
		if (err == 0)
			idle_add(p, h);
		serve(p);
	}
	return err < 0 ? err : n;
}

int cio_pool_fill(cio_pool *p, cio_str key, const void *how)
{
	struct key *k = keys_get(&p->keys, key);
	if (k == NULL)
		return -ENOMEM;
	int n = fill(p, k, how);
	keys_put(&p->keys, k);
	return n;
}

/* ---- the pool ---- */

static void describe(cio_handle *h, char *text)
{
	const cio_pool *p = container_of(h, cio_pool, handle);
	if (p->o.name != NULL)
		(void)snprintf(text, CIO_HANDLE_TEXT, "%s", p->o.name);
}

/* An acquirer that did not end in time keeps it open. */
static void close_left(cio_handle *h)
{
	(void)cio_pool_close(container_of(h, cio_pool, handle));
}

int cio__pool_open(const char *site, cio_pool **out,
	const cio_pool_options *options)
{
	static const cio_handle_kind kind = {"pool", describe, close_left};
	if (options->open == NULL || options->close == NULL)
		return cio_fail(-EINVAL, "a pool needs its open and its close");
	if (cio_current_loop() == NULL)
		return cio_fail(-EDEADLK, "a pool belongs to a loop: open it in "
			"what cio_run runs");
	cio_pool *p = cio__zalloc(sizeof *p);
	if (p == NULL)
		return -ENOMEM;
	p->loop = cio_current_loop();
	p->o = *options;
	if (p->o.limit == 0)
		p->o.limit = 100;
	if (p->o.idle_timeout <= 0)
		p->o.idle_timeout = CIO_S(15);
	p->keys.seed = cio__random_seed();
	p->expiry.fire = idle_expire;
	p->watch.fire = lease_watch;
	cio_handle_note(&p->handle, &kind, site);
	*out = p;
	return 0;
}

int cio_pool_close(cio_pool *p)
{
	if (p == NULL)
		return 0;
	int err = refuse_other(p);
	if (err < 0)
		return err;
	if (p->figures.in_use > 0 || p->figures.waiting > 0)
		return -EBUSY;
	cio_handle_forget(&p->handle);
	cio_timer_disarm(&p->expiry);
	cio_timer_disarm(&p->watch);
	for (struct holder *h; (h = idle_oldest(p)) != NULL;)
		idle_close(p, h);
	keys_finish(&p->keys);
	cio__free(p);
	return 0;
}

cio_pool_figures cio_pool_get_figures(const cio_pool *p)
{
	return p->figures;
}

static cio_duration wait_of(const cio_pool *p, double percent)
{
	return (cio_duration)cio__histogram_percentile(&p->waits, percent);
}

cio_pool_waits cio_pool_get_waits(const cio_pool *p)
{
	return (cio_pool_waits){.count = p->waits.count, .p50 = wait_of(p, 50),
		.p90 = wait_of(p, 90), .p99 = wait_of(p, 99),
		.max = (cio_duration)p->waits.max};
}

/* Without a limit of their own the keys share one queue; with one, each has its
 * own. A pool that got a limit keeps to the queues of its keys. */
void cio_pool_set_limit_per_key(cio_pool *p, uint32_t limit)
{
	bool shared = p->o.limit_per_key == 0;
	check_own(p, "changes a limit of");
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
