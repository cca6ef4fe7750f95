/* SPDX-License-Identifier: MIT */
/*
 * keys.c - from a key's text to what the pool knows of it
 *
 * Chained buckets, at most one key a bucket on average. The table does not
 * shrink: a pool that once knew many hosts will again.
 */
#include "pool/pool.h"

#include <assert.h>

#include "base/list.h"
#include "base/mem.h"

enum { FIRST_SIZE = 16 };

static uint64_t hash(uint64_t seed, cio_str text)
{
	uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325); /* FNV-1a, seeded */
	for (size_t i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
	return h ^ (h >> 32);
}

static struct key **bucket(const struct keys *t, uint64_t h)
{
	return &t->buckets[h & (t->size - 1)];
}

static void link_in(struct keys *t, struct key *k)
{
	struct key **at = bucket(t, k->hash);
	k->next = *at;
	*at = k;
}

/* Room for one more; false: no memory. */
static bool grow(struct keys *t)
{
	if (t->n < t->size)
		return true;
	size_t size = t->size == 0 ? FIRST_SIZE : t->size * 2;
	struct key **buckets = cio__zalloc(size * sizeof(void *));
	if (buckets == NULL)
		return false;

	struct keys old = *t;
	t->buckets = buckets;
	t->size = size;
	for (size_t i = 0; i < old.size; i++)
		for (struct key *k = old.buckets[i], *next; k != NULL;
			k = next) {
			next = k->next;
			link_in(t, k);
		}
	cio__free(old.buckets);
	return true;
}

static struct key *make(struct keys *t, cio_str text, uint64_t h)
{
	struct key *k = cio__zalloc(sizeof *k + text.n);
	if (k == NULL || !grow(t)) {
		cio__free(k);
		return NULL;
	}
	char *copy = (char *)(k + 1);
	if (text.n > 0)
		memcpy(copy, text.p, text.n);
	k->text = (cio_str){copy, text.n};
	k->hash = h;
	k->refs = 1;
	link_in(t, k);
	t->n++;
	return k;
}

struct key *keys_get(struct keys *t, cio_str text)
{
	uint64_t h = hash(t->seed, text);
	struct key *k = t->size > 0 ? *bucket(t, h) : NULL;
	while (k != NULL && !(k->hash == h && cio_str_equal(k->text, text)))
		k = k->next;
	if (k == NULL)
		return make(t, text, h);
	k->refs++;
	return k;
}

void keys_put(struct keys *t, struct key *k)
{
	assert(k->refs > 0);
	if (--k->refs > 0)
		return;
	assert(k->in_use == 0 && list_empty(&k->idle) &&
		list_empty(&k->waiters));
	list_remove(&k->wanted);
	struct key **at = bucket(t, k->hash);
	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	t->n--;
	cio__free(k);
}

void keys_finish(struct keys *t)
{
	assert(t->n == 0);
	cio__free(t->buckets);
	t->buckets = NULL;
	t->size = 0;
}
