/* SPDX-License-Identifier: MIT */
/*
 * sim_name.c - who is where in the network in memory
 *
 * Every address is local, and a connection to one comes from that same address.
 * Only sockets that were given a name, or took one to be found by, stand in
 * sim->bound; a connecting stream merely has one. A path is free again as soon
 * as its socket is closed: there is no file that stays behind.
 */
#include "driver/sim.h"

#include <errno.h>

static size_t shortest_name(int domain)
{
	switch (domain) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return offsetof(struct sockaddr_un, sun_path) + 1;
	}
}

/* What is no part of the name must not make two names differ. */
static void plain(union address *a)
{
	if (a->any.sa_family == AF_INET)
		memset(a->in.sin_zero, 0, sizeof a->in.sin_zero);
	else
		a->in6.sin6_flowinfo = 0;
}

/* A path may come with or without its NUL, or with more behind it. */
static socklen_t path_length(const struct sockaddr_un *un, size_t n)
{
	size_t at = offsetof(struct sockaddr_un, sun_path);
	if (un->sun_path[0] == '\0')
		return (socklen_t)n; /* abstract: all of it counts */
	size_t length = at + strnlen(un->sun_path, n - at) + 1;
	return (socklen_t)(length < sizeof *un ? length : sizeof *un);
}

int cio__sim_name_read(struct name *out, int domain, const void *p, size_t n)
{
	struct name name = {.n = 0};
	size_t longest = domain == AF_UNIX ? sizeof name.a.un
		: sizeof(struct sockaddr_storage);
	if (n < shortest_name(domain) || n > longest)
		return -EINVAL;
	memcpy(&name.a, p, n < sizeof name.a ? n : sizeof name.a);
	if (name.a.any.sa_family != domain)
		return -EAFNOSUPPORT;
	if (domain == AF_UNIX) {
		name.n = path_length(&name.a.un, n);
	} else {
		name.n = (socklen_t)shortest_name(domain);
		plain(&name.a);
	}
	*out = name;
	return 0;
}

static in_port_t port_of(const struct name *a)
{
	return a->a.any.sa_family == AF_INET6 ? a->a.in6.sin6_port
		: a->a.in.sin_port;
}

static void set_port(struct name *a, uint16_t port)
{
	if (a->a.any.sa_family == AF_INET6)
		a->a.in6.sin6_port = htons(port);
	else
		a->a.in.sin_port = htons(port);
}

static bool is_any(const struct name *a)
{
	if (a->a.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->a.in6.sin6_addr);
	return a->a.in.sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Would what is sent to one of them come to the other? */
static bool overlap(const struct name *a, const struct name *b)
{
	if (a->n == 0 || b->n == 0 ||
		a->a.any.sa_family != b->a.any.sa_family)
		return false;
	if (a->a.any.sa_family == AF_UNIX)
		return a->n == b->n && memcmp(&a->a, &b->a, a->n) == 0;
	if (port_of(a) != port_of(b))
		return false;
	if (is_any(a) || is_any(b))
		return true;
	if (a->a.any.sa_family == AF_INET)
		return a->a.in.sin_addr.s_addr == b->a.in.sin_addr.s_addr;
	return memcmp(&a->a.in6.sin6_addr, &b->a.in6.sin6_addr,
		sizeof a->a.in6.sin6_addr) == 0;
}

static struct sock *bound_sock(cio_link *link)
{
	return container_of(link, struct sock, bound);
}

struct sock *cio__sim_find(struct sim *s, const struct name *to, int type,
	enum sock_state state)
{
	for (cio_link *l = s->bound.next; l != &s->bound; l = l->next) {
		struct sock *k = bound_sock(l);
		if (k->type == type && k->state == state &&
			overlap(&k->own, to))
			return k;
	}
	return NULL;
}

/* May k have this name beside those that are bound already? */
static bool is_taken(struct sim *s, const struct sock *k, const struct name *n)
{
	for (cio_link *l = s->bound.next; l != &s->bound; l = l->next) {
		const struct sock *other = bound_sock(l);
		if (other->type == k->type && overlap(&other->own, n) &&
			!(other->shared && k->shared))
			return true;
	}
	return false;
}

/* A port that nobody has; 0 if there is none. */
static uint16_t free_port(struct sim *s, const struct sock *k, struct name name)
{
	for (int i = 0; i < 20000; i++) {
		uint16_t port = s->next_port;
		s->next_port = port >= 59999 ? 40000 : (uint16_t)(port + 1);
		set_port(&name, port);
		if (!is_taken(s, k, &name))
			return port;
	}
	return 0;
}

int cio__sim_bind(struct sim *s, struct sock *k, const struct name *wanted)
{
	struct name name = *wanted;
	if (k->own.n != 0)
		return -EINVAL;
	bool has_port = k->domain != AF_UNIX;
	if (has_port && port_of(&name) == 0)
		set_port(&name, free_port(s, k, name));
	if (has_port && port_of(&name) == 0)
		return -EADDRINUSE;
	if (is_taken(s, k, &name))
		return -EADDRINUSE;
	k->own = name;
	list_push(&s->bound, &k->bound);
	return 0;
}

struct name cio__sim_name_blank(int domain)
{
	struct name name = {.n = sizeof(sa_family_t)};
	if (domain != AF_UNIX)
		name.n = (socklen_t)shortest_name(domain);
	name.a.any.sa_family = (sa_family_t)domain;
	return name;
}

int cio__sim_name_self(struct sim *s, struct sock *k)
{
	if (k->own.n != 0 || k->domain == AF_UNIX)
		return 0;
	struct name own = cio__sim_name_blank(k->domain);
	uint16_t port = free_port(s, k, own);
	if (port == 0)
		return -EADDRINUSE;
	set_port(&own, port);
	k->own = own;
	return 0;
}

int cio__sim_bind_any(struct sim *s, struct sock *k)
{
	int err = cio__sim_name_self(s, k);
	if (err == 0 && k->own.n != 0 && !list_in(&k->bound))
		list_push(&s->bound, &k->bound);
	return err;
}

struct name cio__sim_source(const struct sock *k, const struct name *to)
{
	if (k->domain == AF_UNIX || !is_any(&k->own))
		return k->own;
	struct name from = *to;
	set_port(&from, ntohs(port_of(&k->own)));
	return from;
}

void cio__sim_name_towards(struct name *to)
{
	if (to->a.any.sa_family == AF_UNIX || !is_any(to))
		return;
	if (to->a.any.sa_family == AF_INET6)
		to->a.in6.sin6_addr = in6addr_loopback;
	else
		to->a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}
