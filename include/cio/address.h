/* SPDX-License-Identifier: MIT */
#ifndef CIO_ADDRESS_H
#define CIO_ADDRESS_H

#include <cio/base.h>
#include <sys/socket.h>

CIO_BEGIN_DECLS

/*
 * Address: where a peer is. Made from text and names by <cio/dns.h>.
 */
typedef struct cio_address {
	socklen_t len; /* bytes of `storage` that count */
	struct sockaddr_storage storage;
} cio_address;

CIO_END_DECLS
#endif
