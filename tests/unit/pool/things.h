/* SPDX-License-Identifier: MIT */
/*
 * things.h - something to pool, for tests: it knows whether it is open
 */
#ifndef CIO_TESTS_THINGS_H
#define CIO_TESTS_THINGS_H

#include <errno.h>
#include <stdlib.h>

#include <cio/pool.h>
#include <cio/time.h>

#include "check.h"

struct thing {
	char key[8];
	bool dead, in_use;
};

static int things_open, things_made, most_open;
static int fail_opens;         /* so many opens fail */
static cio_duration open_time; /* each open takes; < 0: it does not wait */

static int open_thing(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg;
	(void)how;
	if (open_time >= 0) {
		int err = cio_sleep(open_time);
		if (err < 0)
			return err;
	}
	if (fail_opens > 0) {
		fail_opens--;
		return -ECONNREFUSED;
	}
	struct thing *t = calloc(1, sizeof *t);
	CHECK(key.n < sizeof t->key);
	memcpy(t->key, key.p, key.n);
	things_made++;
	if (++things_open > most_open)
		most_open = things_open;
	*item = t;
	return 0;
}

static void close_thing(void *arg, void *item)
{
	(void)arg;
	struct thing *t = item;
	CHECK(!t->in_use);
	things_open--;
	free(t);
}

static bool check_thing(void *arg, void *item)
{
	(void)arg;
	return !((struct thing *)item)->dead;
}

/* A pool of things; the counters start afresh. */
static inline cio_pool *things_pool(cio_pool_options o)
{
	things_open = things_made = most_open = fail_opens = 0;
	open_time = -1;
	o.open = open_thing;
	o.close = close_thing;
	o.check = check_thing;
	cio_pool *p = NULL;
	if (cio_pool_open(&p, &o) < 0)
		return NULL;
	return p;
}

static inline int take(cio_pool *p, const char *key, cio_lease *out)
{
	int err = cio_pool_acquire(p, cio_str_of(key), NULL, out);
	if (err < 0)
		return err;
	struct thing *t = out->item;
	CHECK(!t->in_use && strcmp(t->key, key) == 0);
	t->in_use = true;
	return 0;
}

static inline void give(cio_pool *p, cio_lease *l, bool keep)
{
	if (l->item != NULL)
		((struct thing *)l->item)->in_use = false;
	cio_pool_release(p, l, keep);
}

#endif
