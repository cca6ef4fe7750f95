/* SPDX-License-Identifier: MIT */
/*
 * lease.c - who holds an item, since when, and the block form
 *
 * The time after which a lease is too long is the same for all, so the leases in
 * order of their beginning are in order of their deadlines: one list and one
 * timer do. A lease leaves the list when it ends or has been told of.
 */
#include "pool/pool.h"

#include <stdio.h>

#include "base/list.h"

static void describe_lease(cio_handle *handle, char *text)
{
	const struct holder *h = container_of(handle, struct holder, handle);
	const char *name = h->pool->o.name;
	(void)snprintf(text, CIO_HANDLE_TEXT, "%s%s", name != NULL ? "of " : "",
		name != NULL ? name : "");
}

static void close_lease(cio_handle *handle)
{
	struct holder *h = container_of(handle, struct holder, handle);
	cio_lease lease = {.holder = h};
	cio_pool_release(h->pool, &lease, false);
}

static void tell_long(cio_pool *p, const struct holder *h)
{
	const char *spawned = h->task_site, *name = p->o.name;
	p->figures.held_long++;
	cio_report(CIO_LEVEL_WARNING, "pool%s%s: a lease has been held for more "
		"than %lld ms%s%s%s%s%s%s%s", name != NULL ? " " : "",
		name != NULL ? name : "",
		(long long)(p->o.lease_warning / CIO_MS(1)),
		h->site != NULL ? ", acquired at " : "",
		h->site != NULL ? h->site : "",
		spawned != NULL ? " by task '" : "", h->handle.task,
		spawned != NULL ? "', spawned at " : "",
		spawned != NULL ? spawned : "", ": is it released on every way out?");
}

/* As with expiry: armed for the oldest at the time. */
void lease_watch(cio_timer *t)
{
	cio_pool *p = container_of(t, cio_pool, watch);
	cio_link *first;
	while ((first = list_first(&p->leased)) != NULL) {
		struct holder *h = container_of(first, struct holder, of_pool);
		cio_time due = cio_time_add(h->since, p->o.lease_warning);
		if (cio_now() < due) {
			cio_timer_arm(t, due);
			return;
		}
		list_remove(first); /* so it is told once */
		tell_long(p, h);
	}
}

void lease_begins(cio_pool *p, struct holder *h, const char *site)
{
	static const cio_handle_kind kind = {"pool lease", describe_lease,
		close_lease};
	const cio_task *me = cio_current_task();
	cio_handle_note(&h->handle, &kind, site);
	h->site = site;
	h->task_site = me != NULL ? cio_task_site(me) : NULL;
	if (p->o.lease_warning <= 0)
		return;
	h->since = cio_now();
	list_push(&p->leased, &h->of_pool);
	if (!cio_timer_armed(&p->watch))
		cio_timer_arm(&p->watch, cio_time_add(h->since, p->o.lease_warning));
}

void lease_ends(struct holder *h)
{
	cio_handle_forget(&h->handle);
	list_remove(&h->of_pool); /* from `leased`, if it is there */
}

cio_lease cio__lease_enter(const char *site, int *err, cio_pool *p, cio_str key,
	const void *how)
{
	cio_lease lease = {0};
	*err = cio__pool_acquire(site, false, p, key, how, &lease);
	lease.pool = p;
	lease.err = err;
	return lease;
}

void cio__lease_leave(cio_lease *lease)
{
	if (lease->holder != NULL)
		cio_pool_release(lease->pool, lease, *lease->err >= 0);
}
