/* SPDX-License-Identifier: MIT */
/*
 * resolver.c - names, asked of name servers, kept as long as they say
 */
#include <cio/resolver.h>

#include <errno.h>

#include <cio/run.h>
#include <cio/thread.h>

#include "base/mem.h"
#include "resolver/resolver.h"

struct cio_resolver {
	cio_resolver_options o;
	char *servers;
	struct asker *asker; /* NULL: the system's resolver is asked */
	struct names names;
	cio_resolver_figures figures;
	cio_handle handle;
};

/* ---- open, close ---- */

static int open_in_thread(void *arg)
{
	cio_resolver *r = arg;
	int err = asker_open(&r->asker, &r->o);
	return err == -EOPNOTSUPP ? 0 : err;
}

static int set_up(cio_resolver *r)
{
	if (r->o.servers != NULL) {
		size_t n = strlen(r->o.servers) + 1;
		r->servers = cio__alloc(n);
		if (r->servers == NULL)
			return -ENOMEM;
		r->o.servers = memcpy(r->servers, r->o.servers, n);
	}
	int err = names_open(&r->names, r->o.cache_size);
	if (err < 0 || strcmp(cio_driver_name(), "sim") == 0)
		return err;
	err = cio_to_thread(open_in_thread, r);
	if (err == -EINVAL)
		return cio_fail(err, "%s: no list of name servers, like "
			"\"192.0.2.1,[2001:db8::1]:53\"", r->o.servers);
	return err;
}

static void close_left(cio_handle *h)
{
	cio_resolver_close(container_of(h, cio_resolver, handle));
}

int cio__resolver_open(const char *site, cio_resolver **out,
	const cio_resolver_options *options)
{
	static const cio_handle_kind kind = {"resolver", NULL, close_left};
	cio_resolver *r = cio__zalloc(sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	if (options != NULL)
		r->o = *options;
	if (r->o.timeout <= 0)
		r->o.timeout = CIO_S(2);
	if (r->o.tries <= 0)
		r->o.tries = 3;
	if (r->o.max_ttl <= 0)
		r->o.max_ttl = CIO_S(60);
	if (r->o.negative_ttl <= 0)
		r->o.negative_ttl = CIO_S(1);
	if (r->o.cache_size == 0)
		r->o.cache_size = 1000;
	int err = set_up(r);
	if (err < 0) {
		cio_resolver_close(r);
		return err;
	}
	cio_handle_note(&r->handle, &kind, site);
	*out = r;
	return 0;
}

void cio_resolver_close(cio_resolver *r)
{
	if (r == NULL)
		return;
	cio_handle_forget(&r->handle);
	asker_close(r->asker);
	names_close(&r->names);
	cio__free(r->servers);
	cio__free(r);
}

cio_resolver_figures cio_resolver_get_figures(const cio_resolver *r)
{
	cio_resolver_figures f = r->figures;
	f.names = r->names.count;
	f.failed = r->names.failed;
	return f;
}

/* ---- resolve ---- */

static int copy_out(const struct name *name, uint16_t port, cio_address *out,
	int max)
{
	if (name->n < 0)
		return cio_fail(name->n, "%s: %s", name->text, name->why);
	int n = name->n < max ? name->n : max;
	for (int i = 0; i < n; i++) {
		out[i] = name->found[i];
		cio_address_set_port(&out[i], port);
	}
	return n;
}

static int wait_for(struct name *name)
{
	cio_waiter w;
	name->refs++;
	int err = cio_park(&w, &name->waiters, "a host name");
	name->refs--;
	return err;
}

static int ask(cio_resolver *r, const char *host, uint16_t port,
	cio_address *out, int max)
{
	struct name *name = names_get(&r->names, host);
	if (name == NULL)
		return -ENOMEM;
	if (!name->asking && cio_now() < name->expires) {
		r->figures.hits++;
		return copy_out(name, port, out, max);
	}
	if (!name->asking) {
		name->asking = true;
		name->refs++;
		r->figures.queries++;
		asker_ask(r->asker, name, &r->o);
	}
	int err = name->asking ? wait_for(name) : 0;
	return err < 0 ? err : copy_out(name, port, out, max);
}

int cio_resolver_resolve(cio_resolver *r, const char *host, uint16_t port,
	cio_address *out, int max)
{
	if (r->asker == NULL)
		return cio_resolve(host, port, out, max);
	int n = cio_resolve_local(host, port, out, max);
	return n != 0 ? n : ask(r, host, port, out, max);
}
