/* SPDX-License-Identifier: MIT */
/*
 * connect.c - TCP, the end that calls
 *
 * One limit of time holds for the name and all its addresses.
 */
#include <cio/net.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include <cio/time.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/option_name.h"
#include "net/net.h"

enum { MOST_ADDRESSES = 16 };
#define DEFAULT_TIMEOUT CIO_S(30)

void cio__net_prepare(cio_fd fd, int level, int name)
{
	int on = 1;
	cio_perform_settled(&(cio_op){.kind = CIO_OP_SOCKOPT, .fd = fd,
		.buf = &on, .len = sizeof on,
		.off = (int64_t)level << 32 | name});
}

int cio__net_socket(cio_fd *out, int family)
{
	cio_op op = {.kind = CIO_OP_SOCKET, .off = family, .len = SOCK_STREAM};
	int err = cio_perform(&op);
	if (err < 0)
		return err;
	*out = op.out;
	return 0;
}

/* How many there are to connect from; the usual number if it is not told. */
static int local_ports(void)
{
	int from = 32768, to = 60999;
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	if (f != NULL) {
		if (fscanf(f, "%d %d", &from, &to) != 2)
			from = 32768, to = 60999;
		fclose(f);
	}
	return to - from + 1;
}

int cio__net_fail(int err, const cio_address *a)
{
	char text[CIO_ADDRESS_TEXT];
	cio_address_text(a, text);
	switch (-err) {
	case EADDRNOTAVAIL:
		return cio_fail(err, "%s: all %d local ports to it are in use "
			"(net.ipv4.ip_local_port_range), or no network leads "
			"there: share one session instead of connecting for "
			"each request", text, local_ports());
	case EMFILE:
	case ENFILE:
		return cio_fail(err, "%s: no file descriptor is left: raise "
			"`ulimit -n` or limit the connections", text);
	case ECONNREFUSED:
		return cio_fail(err, "%s: connection refused", text);
	default:
		return cio_fail(err, "%s: %s", text, cio_strerror(err));
	}
}

/* ---- the stream, as reports name it ---- */

static void describe(cio_handle *h, char *text)
{
	cio_address peer;
	char name[CIO_ADDRESS_TEXT];
	cio_stream *s = container_of(h, cio_stream, handle);
	if (cio_stream_peer(s, &peer) == 0 && peer.len > sizeof(sa_family_t))
		(void)snprintf(text, CIO_HANDLE_TEXT, "to %s",
			cio_address_text(&peer, name));
}

static void close_left(cio_handle *h)
{
	cio_stream_close(container_of(h, cio_stream, handle));
}

int cio__net_stream(const char *site, cio_stream **out, cio_fd fd)
{
	static const cio_handle_kind kind = {"stream", describe, close_left};
	int err = cio__stream_from_fd(NULL, out, fd);
	if (err == 0)
		cio_handle_note(&(*out)->handle, &kind, site);
	return err;
}

/* ---- connecting ---- */

static int bind_to(cio_fd fd, const cio_address *from)
{
	struct sockaddr_storage where = from->storage;
	char text[CIO_ADDRESS_TEXT];
	/* the port is chosen by the connect, which knows the other end */
	cio__net_prepare(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
	int err = cio_perform(&(cio_op){.kind = CIO_OP_BIND, .fd = fd,
		.buf = &where, .len = from->len});
	if (err < 0 && cio_refused() == 0)
		return cio_fail(err, "%s %s: %s",
			cio__option_name("local_address"),
			cio_address_text(from, text), err == -EADDRNOTAVAIL ?
			"this machine has no such address" : cio_strerror(err));
	return err;
}

static int connect_socket(const char *site, cio_stream **out, cio_fd fd,
	const cio_address *to)
{
	struct sockaddr_storage where = to->storage;
	if (where.ss_family != AF_UNIX)
		cio__net_prepare(fd, IPPROTO_TCP, TCP_NODELAY);
	int err = cio_perform(&(cio_op){.kind = CIO_OP_CONNECT, .fd = fd,
		.buf = &where, .len = to->len});
	if (err == 0)
		err = cio__net_stream(site, out, fd);
	return err < 0 && cio_refused() == 0 ? cio__net_fail(err, to) : err;
}

int cio__net_connect(const char *site, cio_stream **out, const cio_address *to,
	const cio_address *from)
{
	cio_fd fd;
	int err = cio__net_socket(&fd, to->storage.ss_family);
	if (err < 0)
		return cio_refused() == 0 ? cio__net_fail(err, to) : err;
	err = from != NULL ? bind_to(fd, from) : 0;
	if (err == 0)
		err = connect_socket(site, out, fd, to);
	if (err < 0)
		cio_fd_close(fd);
	return err;
}

int cio__connect(const char *site, cio_stream **out, const cio_address *to)
{
	return cio__net_connect(site, out, to, NULL);
}

/* ---- by name ---- */

/* So many addresses are half a page of a stack that is about to wait: they have
 * memory of their own, no more of it than they need, which the caller frees. */
static int resolve(const char *host, uint16_t port, const cio_tcp_options *o,
	cio_address **out)
{
	cio_time begin = cio_now();
	cio_address *found = cio__alloc(MOST_ADDRESSES * sizeof *found);
	if (found == NULL)
		return -ENOMEM;
	int n = o->resolve != NULL ?
		o->resolve(o->arg, host, port, found, MOST_ADDRESSES) :
		cio_resolve(host, port, found, MOST_ADDRESSES);
	if (o->resolve_time != NULL)
		*o->resolve_time = cio_now() - begin;
	cio_address *fitting = n > 0 ?
		cio__realloc(found, (size_t)n * sizeof *found) : NULL;
	*out = fitting != NULL ? fitting : found;
	return n;
}

/* Those that can be connected to from there. */
static int keep_family(cio_address *found, int n, const cio_address *from)
{
	int kept = 0;
	for (int i = 0; i < n; i++)
		if (found[i].storage.ss_family == from->storage.ss_family)
			found[kept++] = found[i];
	return kept;
}

static int connect_to(const char *site, cio_stream **out, const char *host,
	cio_address *found, int n, const cio_tcp_options *o,
	const cio_address *from)
{
	if (n > 0 && from != NULL) {
		n = keep_family(found, n, from);
		if (n == 0)
			return cio_fail(-EADDRNOTAVAIL, "%s has no address of "
				"%s %s's kind", host,
				cio__option_name("local_address"),
				o->local_address);
	}
	if (n <= 0)
		return n < 0 ? n : cio_fail(-CIO_EDNS, "%s: it has no address",
			host);
	return cio__net_race(site, out, found, n, o, from);
}

static int resolve_and_connect(const char *site, cio_stream **out,
	const char *host, uint16_t port, const cio_tcp_options *o)
{
	cio_address *found = NULL, from;
	const char *local = o->local_address;
	if (local != NULL && cio_address_parse(local, 0, &from) < 0)
		return cio_fail(-EINVAL, "%s %s: no address",
			cio__option_name("local_address"), local);
	int n = resolve(host, port, o, &found);
	int err = connect_to(site, out, host, found, n, o,
		local != NULL ? &from : NULL);
	cio__free(found);
	return err;
}

int cio__tcp_connect(const char *site, cio_stream **out, const char *host,
	uint16_t port, const cio_tcp_options *options)
{
	static const cio_tcp_options none;
	const cio_tcp_options *o = options != NULL ? options : &none;
	cio_duration limit = o->connect_timeout > 0 ? o->connect_timeout :
						      DEFAULT_TIMEOUT;
	if (cio_current_task() == NULL)
		return cio_checkpoint(); /* it says why not */
	cio_time until = cio_time_after(limit);
	cio_scope s;
	cio_scope_begin(&s, until);
	int err = resolve_and_connect(site, out, host, port, o);
	err = cio_scope_end(&s, err);
	if (err == -ETIMEDOUT && cio_scope_expired(&s))
		cio_fail(err, "%s:%u: no connection within %lld ms", host, port,
			(long long)(limit / CIO_MS(1)));
	return err;
}
