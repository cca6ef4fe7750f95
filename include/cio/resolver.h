/* SPDX-License-Identifier: MIT */
#ifndef CIO_RESOLVER_H
#define CIO_RESOLVER_H

#include <cio/dns.h>

CIO_BEGIN_DECLS

/*
 * Resolver: host names asked of name servers from the loop itself (by c-ares),
 * with a cache that keeps each answer as long as it says. For programs that ask
 * for many names; HTTP sessions have one of their own.
 *
 *	cio_resolver *names;
 *	int err = cio_resolver_open(&names, NULL);
 *	...
 *	int n = cio_resolver_resolve(names, "example.org", 443, found, 8);
 *	...
 *	cio_resolver_close(names);
 *
 * Literals and names of the hosts file are answered without asking, as by
 * cio_resolve. Tasks that ask for the same name at the same time share one
 * question. Where the system's nsswitch.conf names a source of hosts that name
 * servers do not know (mdns, nis, ldap), under the sim driver, and in a build
 * without c-ares, cio_resolve answers, and nothing is kept.
 */
typedef struct cio_resolver cio_resolver;

typedef struct cio_resolver_options {
	const char *servers;       /* "192.0.2.1,[2001:db8::1]:53"; NULL: the
	                              system's, of resolv.conf */
	cio_duration timeout;      /* for a server's first answer, twice as
	                              long at each further try; 1 ms to 60 s;
	                              0: 2 s */
	int tries;                 /* of all servers, at most 10; 0: 3 */
	cio_duration max_ttl;      /* no answer is kept longer; 0: 60 s */
	cio_duration negative_ttl; /* "no such name" is kept so long; 0: 1 s */
	uint32_t cache_size;       /* names kept, the last used; 0: 1,000 */
} cio_resolver_options;

/* `int cio_resolver_open(cio_resolver **out,
 * const cio_resolver_options *options)`: 0; -EINVAL (servers; cio_error_text),
 * -ENOMEM, or a refusal. Reads resolv.conf, in a thread, and not again. NULL
 * options are all defaults. Yields. */
#define cio_resolver_open(...) cio__resolver_open(CIO__SITE, __VA_ARGS__)
CIO_API int cio__resolver_open(const char *site, cio_resolver **out,
	const cio_resolver_options *options);

/* Nobody may wait in it. Never refused, never yields. NULL is ignored. */
CIO_API void cio_resolver_close(cio_resolver *r);

/* As cio_resolve. A caller who is cut short leaves at once; the question goes
 * on, for the cache. Yields, unless the answer is at hand. */
CIO_API int cio_resolver_resolve(cio_resolver *r, const char *host,
	uint16_t port, cio_address *out, int max);

typedef struct cio_resolver_figures {
	uint32_t names;             /* kept or being asked for, now */
	uint64_t queries, hits;     /* ever: questions; answers at hand */
	uint64_t failed;            /* ever: questions without an address */
} cio_resolver_figures;
CIO_API cio_resolver_figures cio_resolver_get_figures(const cio_resolver *r);

CIO_END_DECLS
#endif
