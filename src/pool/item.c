/* SPDX-License-Identifier: MIT */
/*
 * item.c - items that nobody uses: kept, checked, closed
 *
 * An idle item is in two lists: that of its key, last used at the end, and that
 * of the pool, oldest first. One timer for the pool looks after the oldest.
 */
#include "pool/pool.h"

#include "base/list.h"
#include "base/mem.h"

void item_close(cio_pool *p, struct holder *h)
{
	p->figures.closed++;
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

void idle_close(cio_pool *p, struct holder *h)
{
	leave_idle(p, h);
	item_close(p, h);
}

void idle_add(cio_pool *p, struct holder *h)
{
	h->since = cio_now();
	list_push(&h->key->idle, &h->of_key);
	list_push(&p->idle, &h->of_pool);
	h->key->n_idle++;
	p->figures.idle++;
	if (!cio_timer_armed(&p->expiry))
		cio_timer_arm(&p->expiry,
			cio_time_add(h->since, p->o.idle_timeout));
}

/* The one used last, taken out; NULL if there is none. */
struct holder *idle_take(cio_pool *p, struct key *k)
{
	if (list_empty(&k->idle))
		return NULL;
	struct holder *h = container_of(k->idle.prev, struct holder, of_key);
	leave_idle(p, h);
	return h;
}

struct holder *idle_oldest(cio_pool *p)
{
	cio_link *link = list_first(&p->idle);
	return link != NULL ? container_of(link, struct holder, of_pool) : NULL;
}

bool item_outlived(const cio_pool *p, const struct holder *h)
{
	return p->o.max_lifetime > 0 &&
		cio_now() >= cio_time_add(h->born, p->o.max_lifetime);
}

static bool idled_out(const cio_pool *p, const struct holder *h)
{
	return cio_now() >= cio_time_add(h->since, p->o.idle_timeout);
}

static bool works(const cio_pool *p, const struct holder *h)
{
	return p->o.check == NULL || p->o.check(p->o.arg, h->item);
}

/* This idle one has had its time. */
static void expire_one(cio_pool *p, struct holder *h)
{
	bool wanted = h->key->n_idle <= p->o.min_idle && !item_outlived(p, h);
	leave_idle(p, h);
	if (wanted && works(p, h)) {
		idle_add(p, h); /* for another time */
		return;
	}
	*(wanted ? &p->figures.failed_check : &p->figures.expired) += 1;
	item_close(p, h);
}

/* The timer is armed for the oldest at the time; the items of a busy pool come
 * and go without touching it. */
void idle_expire(cio_timer *t)
{
	cio_pool *p = container_of(t, cio_pool, expiry);
	struct holder *h;
	while ((h = idle_oldest(p)) != NULL &&
		(idled_out(p, h) || item_outlived(p, h)))
		expire_one(p, h);
	if (h != NULL)
		cio_timer_arm(t, cio_time_add(h->since, p->o.idle_timeout));
}

/* The place is taken. `h`: what was handed over with it, or NULL. */
struct holder *idle_good(cio_pool *p, struct key *k, struct holder *h)
{
	if (h == NULL)
		h = idle_take(p, k);
	for (; h != NULL; h = idle_take(p, k)) {
		bool old = item_outlived(p, h) ||
			(idled_out(p, h) && k->n_idle >= p->o.min_idle);
		if (!old && works(p, h))
			break;
		*(old ? &p->figures.expired : &p->figures.failed_check) += 1;
		item_close(p, h);
	}
	return h;
}
