/* SPDX-License-Identifier: MIT */
/*
 * connect.c - TCP, the end that calls
 *
 * The addresses of a name are tried one after another, in the order that the
 * resolver gave; one limit of time holds for the name and all of them. Of what
 * is left of it each address gets its share, so that a silent one (IPv6 that
 * leads nowhere) does not use up the time of those after it.
 */
#include <cio/net.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <cio/time.h>

#include "net/net.h"

enum { MOST_ADDRESSES = 16 };
#define DEFAULT_TIMEOUT CIO_S(30)

void cio__net_close(cio_fd fd)
{
	cio_perform_settled(&(cio_op){.kind = CIO_OP_CLOSE, .fd = fd});
}

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

int cio__net_fail(int err, const cio_address *a)
{
	char text[CIO_ADDRESS_TEXT];
	cio_address_text(a, text);
	switch (-err) {
	case EADDRNOTAVAIL:
		return cio_fail(err, "%s: all local ports are in use, or no "
			"network leads there: share one session instead of "
			"connecting for each request", text);
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

static int connect_socket(cio_stream **out, cio_fd fd, const cio_address *to)
{
	struct sockaddr_storage where = to->storage;
	if (where.ss_family != AF_UNIX)
		cio__net_prepare(fd, IPPROTO_TCP, TCP_NODELAY);
	int err = cio_perform(&(cio_op){.kind = CIO_OP_CONNECT, .fd = fd,
		.buf = &where, .len = to->len});
	return err < 0 ? err : cio_stream_from_fd(out, fd);
}

int cio_connect(cio_stream **out, const cio_address *to)
{
	cio_fd fd;
	int err = cio__net_socket(&fd, to->storage.ss_family);
	if (err == 0) {
		err = connect_socket(out, fd, to);
		if (err < 0)
			cio__net_close(fd);
	}
	if (err < 0 && cio_refused() == 0)
		return cio__net_fail(err, to);
	return err;
}

/* A refusal ends the tries; so does what no other address can cure. */
static bool is_final(int err)
{
	return cio_refused() < 0 || err == -EMFILE || err == -ENFILE ||
		err == -ENOMEM;
}

static int connect_in_time(cio_stream **out, const cio_address *to,
	cio_time until)
{
	cio_scope s;
	cio_scope_begin(&s, until);
	int err = cio_scope_end(&s, cio_connect(out, to));
	if (err == -ETIMEDOUT && cio_refused() == 0)
		return cio__net_fail(err, to);
	return err;
}

static int connect_any(cio_stream **out, const cio_address *to, int n,
	cio_time until)
{
	int err = 0;
	for (int i = 0; i < n; i++) {
		cio_time now = cio_now();
		if (i == n - 1)
			err = cio_connect(out, &to[i]);
		else
			err = connect_in_time(out, &to[i],
				now + (until - now) / (n - i));
		if (err == 0 || is_final(err))
			break;
	}
	return err;
}

static int resolve_and_connect(cio_stream **out, const char *host,
	uint16_t port, const cio_tcp_options *o, cio_time until)
{
	cio_address found[MOST_ADDRESSES];
	cio_time begin = cio_now();
	int n = cio_resolve(host, port, found, MOST_ADDRESSES);
	if (o != NULL && o->resolve_time != NULL)
		*o->resolve_time = cio_now() - begin;
	return n < 0 ? n : connect_any(out, found, n, until);
}

int cio_tcp_connect(cio_stream **out, const char *host, uint16_t port,
	const cio_tcp_options *options)
{
	cio_duration limit = DEFAULT_TIMEOUT;
	if (options != NULL && options->connect_timeout > 0)
		limit = options->connect_timeout;
	cio_time now = cio_now();
	cio_time until = limit < CIO_NEVER - now ? now + limit : CIO_NEVER;
	cio_scope s;
	cio_scope_begin(&s, until);
	int err = resolve_and_connect(out, host, port, options, until);
	err = cio_scope_end(&s, err);
	if (err == -ETIMEDOUT && cio_scope_expired(&s))
		cio_fail(err, "%s:%u: no connection within %lld ms", host, port,
			(long long)(limit / CIO_MS(1)));
	return err;
}
