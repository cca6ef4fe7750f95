/* SPDX-License-Identifier: MIT */
/*
 * pool.h - what the pool's files share
 *
 * Files: pool (places, and who waits for them), item (idle ones), lease (those
 * in use), keys (from a key's text to what is known of it).
 */
#ifndef CIO_POOL_POOL_H
#define CIO_POOL_POOL_H

#include <cio/impl.h>
#include <cio/pool.h>
#include <cio/time.h>

#include "base/histogram.h"

/* ---- keys.c ---- */

/* Exists while anybody needs it: `refs` counts items and acquirers. */
struct key {
	struct key *next; /* in its bucket */
	cio_link idle;    /* holders, last used at the end */
	cio_link waiters; /* for a place, if keys have a limit of their own */
	cio_link wanted;  /* in the pool's list of keys that may have waiters */
	uint32_t in_use, n_idle;
	uint32_t refs;
	uint64_t hash;
	cio_str text; /* stands behind the struct */
};

/* A hash table that grows; all zero but the seed is empty. */
struct keys {
	struct key **buckets;
	size_t n, size; /* size: a power of two, or 0 */
	uint64_t seed;  /* keys come from outside: nobody may aim at a bucket */
};

/* The key with this text, made if need be, with one more ref; NULL: no memory. */
struct key *keys_get(struct keys *t, cio_str text);

/* One ref less; the last frees it. */
void keys_put(struct keys *t, struct key *k);

/* Free the empty table. */
void keys_finish(struct keys *t);

/* ---- the pool ---- */

/* An item, in use or idle. */
struct holder {
	void *item;
	cio_pool *pool;
	struct key *key;
	cio_link of_key, of_pool; /* idle: in those lists; else of_pool in `leased` */
	cio_time born, since;     /* since: idle, or leased */
	cio_handle handle;        /* of the lease */
	const char *task_site;    /* where the holder was spawned; NULL: no task */
	const char *site;         /* where it acquired */
};

struct cio_pool {
	cio_pool_options o;
	cio_loop *loop; /* whose it is */
	cio_handle handle;
	struct keys keys;
	cio_link idle;    /* all idle holders, oldest first */
	cio_link waiters; /* all, if keys have no limit of their own */
	cio_link wanted;  /* else: keys that may have waiters */
	uint64_t turns;
	cio_timer expiry; /* armed while there may be idle ones */
	cio_link leased;  /* not yet too long, oldest first, if that is watched */
	cio_timer watch;  /* armed while there may be such */
	cio_pool_figures figures;
	struct histogram waits;
};

/* ---- item.c ---- */

/* Close it, which is in no list, and free. */
void item_close(cio_pool *p, struct holder *h);
/* Is its life over? */
bool item_outlived(const cio_pool *p, const struct holder *h);

void idle_add(cio_pool *p, struct holder *h);
/* The one of the key that was used last, taken out; NULL: there is none. */
struct holder *idle_take(cio_pool *p, struct key *k);
/* The one to be used now: `h`, which was taken out already, or another of its
 * key that is good; those that are not are closed. NULL: there is none. */
struct holder *idle_good(cio_pool *p, struct key *k, struct holder *h);
/* The pool's oldest, still in its lists, or NULL. */
struct holder *idle_oldest(cio_pool *p);
void idle_close(cio_pool *p, struct holder *h);
/* The pool's timer `expiry`. */
void idle_expire(cio_timer *t);

/* ---- lease.c ---- */

/* By the calling task, at `site`. */
void lease_begins(cio_pool *p, struct holder *h, const char *site);
void lease_ends(struct holder *h);
/* The pool's timer `watch`. */
void lease_watch(cio_timer *t);

#endif
