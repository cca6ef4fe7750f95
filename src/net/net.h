/* SPDX-License-Identifier: MIT */
/*
 * net.h - what both ends share, over TCP and Unix sockets
 */
#ifndef CIO_NET_NET_H
#define CIO_NET_NET_H

#include <sys/stat.h>
#include <cio/net.h>

enum { SOCKET_PATH_SIZE = 108 };

/* The file that a bind makes at a Unix path. */
struct socket_file {
	char path[SOCKET_PATH_SIZE]; /* "": there is none */
	bool was_there; /* before the bind */
	bool made;      /* by us: to be removed */
	struct stat id; /* of what was there, or was made */
};

struct cio_listener {
	cio_fd fd;
	uint16_t port; /* 0: a Unix socket */
	bool closed;
	unsigned holders;
	struct socket_file file;
	char name[CIO_ADDRESS_TEXT]; /* "127.0.0.1:80", for reports */
	cio_handle handle;
};

/* Listen at `*a`, which becomes the address that we have. 0, -errno or a
 * refusal; then a file that was made is gone again. Yields. */
int cio__net_listen(const char *site, cio_listener **out, cio_address *a,
	const cio_listen_options *o, struct socket_file *file);

/* The bind is done; the listener ends. Never refused. */
void cio__net_file_made(struct socket_file *f);
void cio__net_file_remove(struct socket_file *f);

/* A stream socket of that family. 0, -errno or a refusal. Yields. */
int cio__net_socket(cio_fd *out, int family);

/* Set an option to 1; an old kernel that does not know it is no reason to do
 * without the connection. Never refused. */
void cio__net_prepare(cio_fd fd, int level, int name);

/* A stream over the socket, noted as opened at `site`; -ENOMEM: the socket is
 * still the caller's. */
int cio__net_stream(const char *site, cio_stream **out, cio_fd fd);

/* Connect to `to`, from `from` (NULL: anywhere). */
int cio__net_connect(const char *site, cio_stream **out, const cio_address *to,
	const cio_address *from);

/* Connect to whichever of the n addresses answers first (race.c). */
int cio__net_race(const char *site, cio_stream **out, cio_address *to, int n,
	const cio_tcp_options *o, const cio_address *from);

/* Set the error text to the address and what to do; returns `err`. */
int cio__net_fail(int err, const cio_address *a);

#endif
