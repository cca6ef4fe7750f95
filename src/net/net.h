/* SPDX-License-Identifier: MIT */
/*
 * net.h - what both ends of TCP share
 */
#ifndef CIO_NET_NET_H
#define CIO_NET_NET_H

#include <cio/net.h>

/* A stream socket of that family. 0, -errno or a refusal. Yields. */
int cio__net_socket(cio_fd *out, int family);

/* Set an option to 1; an old kernel that does not know it is no reason to do
 * without the connection. Never refused. */
void cio__net_prepare(cio_fd fd, int level, int name);

/* Never refused. */
void cio__net_close(cio_fd fd);

/* Set the error text to the address and what to do; returns `err`. */
int cio__net_fail(int err, const cio_address *a);

#endif
