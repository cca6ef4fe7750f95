/* SPDX-License-Identifier: MIT */
#ifndef CIO_DNS_H
#define CIO_DNS_H

#include <cio/address.h>

CIO_BEGIN_DECLS

/*
 * DNS: from a host name to addresses, without blocking the loop.
 *
 *	cio_address found[8];
 *	int n = cio_resolve("example.org", 443, found, 8);
 *
 * Literals ("127.0.0.1", "::1", "[::1]") are answered at once, then names of
 * /etc/hosts ("localhost" always), then `getaddrinfo` is asked on threads of
 * its own, so that slow names cannot starve other work.
 */

/* Room for cio_address_text: "[" address "%" scope "]:" port and a NUL. */
#define CIO_ADDRESS_TEXT 80

/* Up to `max` addresses of `host`, each with `port`, in the order to try. The
 * count (> 0), -CIO_EDNS (cio_error_text says which name and why), -EINVAL, or
 * a refusal. Yields unless `host` is a literal. */
CIO_API int cio_resolve(const char *host, uint16_t port, cio_address *out,
	int max);

/* The same from what is at hand: a literal, "localhost", the hosts file. 0 if they
 * do not have it. Yields, to look whether the file has changed. */
CIO_API int cio_resolve_local(const char *host, uint16_t port, cio_address *out,
	int max);

/* Fill from a literal only: 0, or -EINVAL. Never yields. */
CIO_API int cio_address_parse(const char *literal, uint16_t port,
	cio_address *out);

/* Is it an address of the public Internet? Not: this host and network, private,
 * shared and link-local ones, documentation, benchmarks, multicast, reserved
 * (the IANA special-purpose registries, RFC 6890), nor an IPv6 form of one of
 * these (mapped, NAT64, 6to4). A Unix socket is not. Never yields. */
CIO_API bool cio_address_is_public(const cio_address *a);

/* "127.0.0.1:80", "[::1]:80", "unix:/path"; returns `text`. */
CIO_API const char *cio_address_text(const cio_address *a,
	char text[CIO_ADDRESS_TEXT]);

/* Set the port of an IPv4 or IPv6 address. */
CIO_API void cio_address_set_port(cio_address *a, uint16_t port);

/* The port of an IPv4 or IPv6 address, else 0. */
CIO_API uint16_t cio_address_port(const cio_address *a);

CIO_END_DECLS
#endif
