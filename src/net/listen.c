/* SPDX-License-Identifier: MIT */
/*
 * listen.c - the end that is called
 *
 * A task that accepts holds the listener, as its owner does until the close;
 * the last one frees it.
 */
#include <cio/net.h>

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"
#include "net/net.h"

enum { DEFAULT_BACKLOG = 4096 };

static void release(cio_listener *l)
{
	assert(l->holders > 0);
	if (--l->holders == 0)
		cio__free(l);
}

/* ---- listen ---- */

static int fail(int err, const cio_address *a)
{
	char text[CIO_ADDRESS_TEXT];
	cio_address_text(a, text);
	switch (-err) {
	case EADDRINUSE:
		return cio_fail(err, "%s is in use: stop the other program or "
			"choose another port", text);
	case EACCES:
		return cio_fail(err, "%s: not allowed: ports below 1024 need "
			"root or CAP_NET_BIND_SERVICE; choose a higher one",
			text);
	case EADDRNOTAVAIL:
		return cio_fail(err, "%s: this machine has no such address: "
			"listen on 0.0.0.0 or on one that it has", text);
	default:
		return cio__net_fail(err, a);
	}
}

/* bind, listen, and the port that we really have. */
static int start(cio_fd fd, cio_address *a, int backlog,
	struct socket_file *file)
{
	int err = cio_perform(&(cio_op){.kind = CIO_OP_BIND, .fd = fd,
		.buf = &a->storage, .len = a->len});
	if (err < 0)
		return err;
	cio__net_file_made(file);
	err = cio_perform(&(cio_op){.kind = CIO_OP_LISTEN, .fd = fd,
		.len = (size_t)backlog});
	if (err < 0)
		return err;
	cio_address own = {0};
	err = cio_perform(&(cio_op){.kind = CIO_OP_SOCKNAME, .fd = fd,
		.buf = &own.storage, .len = sizeof own.storage});
	if (err < 0)
		return err;
	own.len = (socklen_t)err;
	*a = own;
	return 0;
}

static void describe(cio_handle *h, char *text)
{
	(void)snprintf(text, CIO_HANDLE_TEXT, "on %s",
		container_of(h, cio_listener, handle)->name);
}

static void close_left(cio_handle *h)
{
	cio_listener_close(container_of(h, cio_listener, handle));
}

static cio_listener *make(const char *site, cio_fd fd, const cio_address *a,
	const struct socket_file *file)
{
	static const cio_handle_kind kind = {"listener", describe, close_left};
	cio_listener *l = cio__alloc(sizeof *l);
	if (l == NULL)
		return NULL;
	*l = (cio_listener){.fd = fd, .port = cio_address_port(a),
		.holders = 1, .file = *file};
	cio_address_text(a, l->name);
	cio_handle_note(&l->handle, &kind, site);
	return l;
}

int cio__net_listen(const char *site, cio_listener **out, cio_address *a,
	const cio_listen_options *o, struct socket_file *file)
{
	cio_fd fd;
	int err = cio__net_socket(&fd, a->storage.ss_family);
	if (err < 0)
		return err;
	if (a->storage.ss_family != AF_UNIX)
		cio__net_prepare(fd, SOL_SOCKET, SO_REUSEADDR);
	if (o->reuse_port)
		cio__net_prepare(fd, SOL_SOCKET, SO_REUSEPORT);
	err = start(fd, a, o->backlog > 0 ? o->backlog : DEFAULT_BACKLOG, file);
	cio_listener *l = NULL;
	if (err == 0) {
		l = make(site, fd, a, file);
		err = l != NULL ? 0 : -ENOMEM;
	}
	if (err < 0) {
		cio__net_file_remove(file);
		cio_fd_close(fd);
		return err;
	}
	*out = l;
	return 0;
}

int cio__tcp_listen(const char *site, cio_listener **out, const char *host,
	uint16_t port, const cio_listen_options *options)
{
	cio_listen_options o = {0};
	if (options != NULL)
		o = *options;
	cio_address a;
	int n = cio_resolve(host != NULL ? host : "0.0.0.0", port, &a, 1);
	if (n < 0)
		return n;
	struct socket_file none = {.made = false};
	int err = cio__net_listen(site, out, &a, &o, &none);
	return err < 0 && cio_refused() == 0 ? fail(err, &a) : err;
}

void cio_listener_close(cio_listener *l)
{
	if (l == NULL)
		return;
	cio__handle_insist(&l->handle, "cio_listener_close");
	if (l->closed)
		cio__handle_closed(&l->handle, "closes");
	l->closed = true;
	cio_handle_forget(&l->handle);
	cio__net_file_remove(&l->file);
	cio_fd_close(l->fd);
	release(l);
}

uint16_t cio_listener_port(const cio_listener *l)
{
	return l->port;
}

cio_fd cio_listener_fd(const cio_listener *l)
{
	return l->fd;
}

/* ---- accept ---- */

/* accept(2): Linux hands errors that lie on the new connection to the caller,
 * who is to treat them as "try again". */
static bool is_about_the_peer(int err)
{
	switch (-err) {
	case ECONNABORTED:
	case EPROTO:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EPERM:
		return true;
	default:
		return false;
	}
}

static int accept_fd(cio_listener *l, cio_fd *out)
{
	cio_op op;
	int err;
	do {
		op = (cio_op){.kind = CIO_OP_ACCEPT, .fd = l->fd};
		err = l->closed ? -ECANCELED : cio_perform(&op);
	} while (err < 0 && is_about_the_peer(err));
	if (err == -EMFILE || err == -ENFILE)
		return cio_fail(err, "no file descriptor is left for another "
			"connection: raise `ulimit -n` or limit them");
	*out = op.out;
	return err < 0 ? err : 0;
}

static int accept_stream(const char *site, cio_listener *l, cio_stream **out)
{
	cio_fd fd;
	int err = accept_fd(l, &fd);
	if (err < 0)
		return l->closed ? -ECANCELED : err;
	if (l->port > 0)
		cio__net_prepare(fd, IPPROTO_TCP, TCP_NODELAY);
	/* Closed meanwhile, the listener is dead for the caller, who must not
	 * be led to accept again. */
	err = l->closed ? -ECANCELED : cio__net_stream(site, out, fd);
	if (err < 0)
		cio_fd_close(fd);
	return err;
}

int cio__listener_accept(const char *site, cio_listener *l, cio_stream **out)
{
	int err = cio_handle_check(&l->handle);
	if (err < 0)
		return err;
	if (l->closed)
		cio__handle_closed(&l->handle, "accepts from");
	l->holders++;
	err = accept_stream(site, l, out);
	release(l);
	return err;
}
