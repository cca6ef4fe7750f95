/* SPDX-License-Identifier: MIT */
#ifndef CIO_POOL_H
#define CIO_POOL_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Pool: a bounded number of reusable things (connections) under every client.
 *
 *	cio_lease lease;
 *	int err = cio_pool_acquire(pool, key, &target, &lease);
 *	if (err < 0)
 *		return err;
 *	err = talk(lease.item);
 *	cio_pool_release(pool, &lease, err == 0);
 *
 * Items are kept apart by key (for HTTP everything that makes a connection
 * different). Whoever acquires first is served first, among those that their
 * key's limit allows. An idle item is checked before it is handed out again.
 * Idle items give way, oldest first: together with those in use they never
 * exceed the limits.
 */
typedef struct cio_pool cio_pool;

typedef struct cio_pool_options {
	uint32_t limit;         /* leases and openings at once; 0: 100 */
	uint32_t limit_per_key; /* of these for one key; 0: no limit of its own */
	cio_duration idle_timeout;    /* an idle item is closed then; 0: 15 s */
	cio_duration max_lifetime;    /* no item is reused after; 0: no limit */
	cio_duration acquire_timeout; /* wait for a place; 0: no limit */

	/* Make an item; in the acquirer's task, may wait. 0 and *item, or -errno,
	 * which the acquire returns. `how` is the acquirer's. */
	int (*open)(void *arg, cio_str key, const void *how, void **item);
	/* Close an item; must not wait (may be called from callbacks). */
	void (*close)(void *arg, void *item);
	/* Is an idle item still good? Must not wait. NULL: always. */
	bool (*check)(void *arg, void *item);
	void *arg;
} cio_pool_options;

typedef struct cio_lease {
	void *item;
	bool reused;  /* it was used before: the first write may find it dead */
	void *holder; /* private */
} cio_lease;

/* 0 or -ENOMEM. The options are copied. Never yields. */
CIO_API int cio_pool_open(cio_pool **out, const cio_pool_options *options);

/* Close the idle items and free. Leases must have come back (-EBUSY, and nothing
 * happens, if not). NULL is ignored: 0. */
CIO_API int cio_pool_close(cio_pool *p);

/* Take an item with this key: an idle one that passes the check (last used
 * first), else a new one from `open`, waiting for a place if the limits are
 * reached. 0, what `open` returned, -ETIMEDOUT (`acquire_timeout`), -ENOMEM, or
 * a refusal. Yields. */
CIO_API CIO_MUST_CHECK int cio_pool_acquire(cio_pool *p, cio_str key,
	const void *how, cio_lease *out);

/* As cio_pool_acquire, but never an idle one: for the second try after a reused
 * item was found dead. */
CIO_API CIO_MUST_CHECK int cio_pool_acquire_new(cio_pool *p, cio_str key,
	const void *how, cio_lease *out);

/* Give it back: kept for reuse, or closed. Never refused, never yields. */
CIO_API void cio_pool_release(cio_pool *p, cio_lease *lease, bool keep);

/* Change `limit_per_key`; leases that are out stay out. Never yields. */
CIO_API void cio_pool_set_limit_per_key(cio_pool *p, uint32_t limit);

typedef struct cio_pool_figures {
	uint32_t in_use, idle, waiting;   /* now */
	uint64_t opened, reused, expired; /* ever; expired: idle or life limit */
	uint64_t failed_check;            /* ever: idle items found dead */
	cio_duration waited;              /* ever, for places, in sum */
} cio_pool_figures;

CIO_API cio_pool_figures cio_pool_get_figures(const cio_pool *p);

CIO_END_DECLS
#endif
