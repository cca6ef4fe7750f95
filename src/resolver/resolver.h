/* SPDX-License-Identifier: MIT */
/*
 * resolver.h - the parts of the resolver: its cache of names, its questions
 */
#ifndef CIO_RESOLVER_PRIVATE_H
#define CIO_RESOLVER_PRIVATE_H

#include <cio/impl.h>
#include <cio/resolver.h>
#include <cio/time.h>

#include "base/list.h"

enum { MOST_FOUND = 16, WHY_BYTES = 96 };

/* A name: being asked for, or answered until `expires`. */
struct name {
	struct names *all;
	struct name *next; /* in its bucket */
	cio_link used;     /* in the cache's list, last used at the end */
	uint64_t hash;
	uint32_t refs;     /* who waits, and the question */
	bool asking;
	cio_link waiters;
	cio_time expires;
	int n; /* addresses, or < 0 */
	cio_address found[MOST_FOUND];
	char why[WHY_BYTES];
	char text[];
};

struct names {
	uint64_t failed; /* ever */
	struct name **buckets;
	cio_link used;
	uint32_t count, limit;
	uint64_t seed;
};

int names_open(struct names *t, uint32_t limit);
void names_close(struct names *t);
/* The name, made if need be, as the last used one; NULL: no memory. */
struct name *names_get(struct names *t, const char *text);
/* It has been answered: n addresses, or < 0 and why, until `expires`. */
void names_answer(struct name *name, int n, const char *why, cio_time expires);

/* ---- questions ---- */

/* Does this nsswitch.conf name sources of hosts other than the hosts file and
 * name servers, or not these? One that is not there does not. Blocks. */
bool nsswitch_needs_system(const char *path);

struct asker; /* ask.c: c-ares */

/* Blocks: for a thread. 0, -EINVAL, -ENOMEM, or -EOPNOTSUPP: the system's own
 * resolver has to be asked. */
int asker_open(struct asker **out, const cio_resolver_options *o);
void asker_close(struct asker *a);
/* Ask for name->text; names_answer follows, maybe at once. `name` must stay until
 * then. Never yields. */
void asker_ask(struct asker *a, struct name *name,
	const cio_resolver_options *o);

#endif
