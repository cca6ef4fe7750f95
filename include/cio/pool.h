/* SPDX-License-Identifier: MIT */
#ifndef CIO_POOL_H
#define CIO_POOL_H

#include <cio/scope.h>
#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Pool: a bounded number of reusable things (connections) under every client.
 *
 *	CIO_LEASE(lease, &err, pool, key, &target) {
 *		err = talk(lease.item);
 *	}
 *
 * or with its two halves, cio_pool_acquire and cio_pool_release.
 *
 * Items are kept apart by key (for HTTP everything that makes a connection
 * different). Whoever acquires first is served first, among those that their
 * key's limit allows. An idle item is checked before it is handed out again.
 * Idle items give way, oldest first: together with those in use they never
 * exceed the limits. A pool has no task of its own: items are opened by those
 * who want them, in their tasks, and closed without waiting.
 */
typedef struct cio_pool cio_pool;

typedef struct cio_pool_options {
	const char *name;       /* for reports; must outlive the pool; or NULL */
	uint32_t limit;         /* leases and openings at once; 0: 100 */
	uint32_t limit_per_key; /* of these for one key; 0: no limit of its own */
	uint32_t min_idle;      /* so many idle items of each key outlive
	                           idle_timeout, checked each time; 0: none */
	cio_duration idle_timeout;    /* an idle item is closed then; 0: 15 s */
	cio_duration max_lifetime;    /* no item is reused after; 0: no limit */
	cio_duration acquire_timeout; /* wait for a place; 0: no limit */
	cio_duration lease_warning;   /* a lease held longer is reported, once,
	                                 with its holder; 0: never */

	/* Make an item; in the acquirer's task, may wait. 0 and *item, or -errno,
	 * which the acquire returns. `how` is the acquirer's. */
	int (*open)(void *arg, cio_str key, const void *how, void **item);
	/* Close an item; must not wait (may be called from callbacks). So a
	 * release is bounded: what takes time goes on after it by itself, as
	 * with cio_stream_drop. */
	void (*close)(void *arg, void *item);
	/* Is an idle item still good? Must not wait. NULL: always. */
	bool (*check)(void *arg, void *item);
	void *arg;
} cio_pool_options;

typedef struct cio_lease {
	void *item;
	bool reused;  /* it was used before: the first write may find it dead */
	void *holder; /* private, as all that follows */
	cio_pool *pool;
	const int *err; /* of the block form */
} cio_lease;

/* `int cio_pool_open(cio_pool **out, const cio_pool_options *options)`: a pool of
 * the calling loop. The options are copied. 0, -ENOMEM, -EINVAL (no `open` or
 * `close`), -EDEADLK outside a loop. Never yields. */
#define cio_pool_open(...) cio__pool_open(CIO__SITE, __VA_ARGS__)

/* Close the idle items and free. Leases must have come back (-EBUSY, and nothing
 * happens, if not). In another loop -EINVAL, as every call that can give an error;
 * the others end the process. NULL is ignored: 0. Never yields. */
CIO_API int cio_pool_close(cio_pool *p);

/* `int cio_pool_acquire(cio_pool *p, cio_str key, const void *how,
 * cio_lease *out)`: take an item with this key: an idle one that passes the
 * check (last used first), else a new one from `open`, waiting for a place if
 * the limits are reached. 0, what `open` returned, -ETIMEDOUT
 * (`acquire_timeout`), -ENOMEM, or a refusal. Yields. */
#define cio_pool_acquire(...) cio__pool_acquire(CIO__SITE, false, __VA_ARGS__)

/* As cio_pool_acquire, but never an idle one: for the second try after a reused
 * item was found dead. */
#define cio_pool_acquire_new(...) \
	cio__pool_acquire(CIO__SITE, true, __VA_ARGS__)

/* Give it back: kept for reuse, or closed. Never refused, never yields. */
CIO_API void cio_pool_release(cio_pool *p, cio_lease *lease, bool keep);

/* Open idle items of this key until it has `min_idle`, or the limits are
 * reached: how many were opened, or what `open` returned, -ENOMEM, a refusal.
 * For the start of a program; later, acquirers open what they miss. Yields. */
CIO_API int cio_pool_fill(cio_pool *p, cio_str key, const void *how);

/*
 * Block form: `CIO_LEASE(lease, &err, pool, key, how) {...}` declares
 * `cio_lease lease`, sets `err` to what the acquire returns, runs the block if
 * that is 0, and releases on every way out: its end, `break` and `continue`
 * (which leave the block, not a loop around it), `return` and `goto`. The item
 * is kept for reuse if `err` is not below 0 then, else closed.
 */
#define CIO_LEASE(lease, ...) CIO__LEASE(__COUNTER__, lease, __VA_ARGS__)

/* Change `limit_per_key`; leases that are out stay out. Never yields. */
CIO_API void cio_pool_set_limit_per_key(cio_pool *p, uint32_t limit);

/* For hooks and tests. Its size is in_use + idle. */
typedef struct cio_pool_figures {
	uint32_t in_use, idle, waiting;   /* now; in_use: openings, too */
	uint64_t opened, closed;          /* ever */
	uint64_t reused, expired;         /* ever; expired: idle or life limit */
	uint64_t failed_check;            /* ever: idle items found dead */
	uint64_t held_long;               /* ever: leases beyond lease_warning */
	cio_duration waited;              /* ever, for places, in sum */
} cio_pool_figures;

/* Never yields. */
CIO_API cio_pool_figures cio_pool_get_figures(const cio_pool *p);

/* How long acquirers waited for a place, those that did not wait included; a
 * percentile is at most 3.2 % above the truth. Never yields. */
typedef struct cio_pool_waits {
	uint64_t count; /* acquirers that got a place, or gave up */
	cio_duration p50, p90, p99, max;
} cio_pool_waits;

CIO_API cio_pool_waits cio_pool_get_waits(const cio_pool *p);

/* Private from here. A site of NULL: part of something larger. */
#define CIO__LEASE(id, lease, ...) CIO__LEASE_(id, lease, __VA_ARGS__)
#define CIO__LEASE_(id, lease, ...) \
	for (cio_lease lease __attribute__((cleanup(cio__lease_leave))) = \
			cio__lease_enter(CIO__SITE, __VA_ARGS__); \
		; __extension__({ goto CIO__CAT(cio__pl, id); })) \
		if (lease.holder == NULL) { \
			CIO__CAT(cio__pl, id) : break; \
		} else

CIO_API int cio__pool_open(const char *site, cio_pool **out,
	const cio_pool_options *options);
CIO_API CIO_MUST_CHECK int cio__pool_acquire(const char *site, bool fresh,
	cio_pool *p, cio_str key, const void *how, cio_lease *out);
CIO_API cio_lease cio__lease_enter(const char *site, int *err, cio_pool *p,
	cio_str key, const void *how);
CIO_API void cio__lease_leave(cio_lease *lease);

CIO_END_DECLS
#endif
