/* SPDX-License-Identifier: MIT */
/*
 * names.c - what is known of names, bounded
 */
#include "base/mem.h"
#include "base/random.h"
#include "resolver/resolver.h"

#include <errno.h>
#include <stdio.h>

enum { BUCKETS = 512 };

int names_open(struct names *t, uint32_t limit)
{
	*t = (struct names){.limit = limit, .seed = cio__random_seed()};
	t->buckets = cio__zalloc(BUCKETS * sizeof *t->buckets);
	return t->buckets != NULL ? 0 : -ENOMEM;
}

static void forget(struct names *t, struct name *name)
{
	struct name **at = &t->buckets[name->hash % BUCKETS];
	while (*at != name)
		at = &(*at)->next;
	*at = name->next;
	list_remove(&name->used);
	t->count--;
	cio__free(name);
}

void names_close(struct names *t)
{
	while (t->buckets != NULL && !list_empty(&t->used))
		forget(t, container_of(t->used.next, struct name, used));
	cio__free(t->buckets);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static uint64_t hash_of(const struct names *t, const char *text)
{
	uint64_t h = t->seed;
	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)lower(*text)) * 0x100000001b3u;
	return h ^ h >> 32;
}

/* Make room: the oldest that nobody needs. */
static void forget_oldest(struct names *t)
{
	for (cio_link *l = list_first(&t->used); l != NULL && l != &t->used;
		l = l->next) {
		struct name *name = container_of(l, struct name, used);
		if (name->refs > 0)
			continue;
		forget(t, name);
		return;
	}
}

static struct name *make(struct names *t, const char *text, uint64_t hash)
{
	if (t->count >= t->limit)
		forget_oldest(t);
	size_t n = strlen(text) + 1;
	struct name *name = cio__zalloc(sizeof *name + n);
	if (name == NULL)
		return NULL;
	memcpy(name->text, text, n);
	name->all = t;
	name->hash = hash;
	name->next = t->buckets[hash % BUCKETS];
	t->buckets[hash % BUCKETS] = name;
	list_push(&t->used, &name->used);
	t->count++;
	return name;
}

struct name *names_get(struct names *t, const char *text)
{
	uint64_t hash = hash_of(t, text);
	struct name *name = t->buckets[hash % BUCKETS];
	while (name != NULL &&
		(name->hash != hash ||
			!cio_str_equal_nocase(cio_str_of(name->text),
				cio_str_of(text))))
		name = name->next;
	if (name == NULL)
		return make(t, text, hash);
	list_remove(&name->used);
	list_push(&t->used, &name->used);
	return name;
}

void names_answer(struct name *name, int n, const char *why, cio_time expires)
{
	(void)snprintf(name->why, sizeof name->why, "%s", n < 0 ? why : "");
	name->all->failed += n < 0;
	name->n = n;
	name->expires = expires;
	name->asking = false;
	name->refs--;
	cio_waiter *w;
	while ((w = cio_first_waiter(&name->waiters)) != NULL)
		cio_unpark(w);
}
