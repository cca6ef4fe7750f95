/* SPDX-License-Identifier: MIT */
/*
 * dns.h - the parts of the resolver
 */
#ifndef CIO_DNS_DNS_H
#define CIO_DNS_DNS_H

#include <cio/dns.h>
#include <time.h>

/* Why this text is no host name, NULL if it may be one. */
const char *cio__name_fault(const char *name);

/* A file of hosts, as it was when it was read. All zero: never read. */
struct hosts {
	char *text; /* NULL: there is none, or it is too large to be kept */
	size_t n;
	struct timespec changed;
	off_t size;
	ino_t inode;
};

/* Read the file again if it has changed since `h` was read; a file that cannot
 * be read is an empty one. 1: h is new; 0: as before; -ENOMEM, h is as before.
 * Blocks: for threads. */
int cio__hosts_read(struct hosts *h, const char *path);
void cio__hosts_finish(struct hosts *h);

/* Up to `max` addresses of `name` in the text, each once, in its order. */
int cio__hosts_find(const struct hosts *h, const char *name, uint16_t port,
	cio_address *out, int max);

/* As cio_resolve, with another file; for tests. */
int cio__resolve_with(const char *hosts_path, const char *host, uint16_t port,
	cio_address *out, int max);

#endif
