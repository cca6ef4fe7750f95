/* SPDX-License-Identifier: MIT */
/*
 * sha256.h - SHA-256 (FIPS 180-4)
 *
 *	struct sha256 h;
 *	cio__sha256_init(&h);
 *	cio__sha256_add(&h, p, n);
 *	cio__sha256_end(&h, digest);
 */
#ifndef CIO_BASE_SHA256_H
#define CIO_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

struct sha256 {
	uint32_t state[8];
	uint64_t n; /* bytes so far */
	unsigned char block[64];
};

void cio__sha256_init(struct sha256 *h);
void cio__sha256_add(struct sha256 *h, const void *p, size_t n);
void cio__sha256_end(struct sha256 *h, unsigned char digest[SHA256_BYTES]);

#endif
