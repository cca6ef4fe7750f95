/* SPDX-License-Identifier: MIT */
/*
 * pool.h - what the pool knows of each key
 */
#ifndef CIO_POOL_POOL_H
#define CIO_POOL_POOL_H

#include <cio/pool.h>

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

#endif
