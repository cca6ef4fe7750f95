/* SPDX-License-Identifier: MIT */
/*
 * md5.h - MD5 (RFC 1321)
 *
 *	struct md5 h;
 *	cio__md5_init(&h);
 *	cio__md5_add(&h, p, n);
 *	cio__md5_end(&h, digest);
 *
 * For protocols that ask for it, not for secrets: it is broken.
 */
#ifndef CIO_BASE_MD5_H
#define CIO_BASE_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_BYTES = 16 };

struct md5 {
	uint32_t state[4];
	uint64_t n; /* bytes so far */
	unsigned char block[64];
};

void cio__md5_init(struct md5 *h);
void cio__md5_add(struct md5 *h, const void *p, size_t n);
void cio__md5_end(struct md5 *h, unsigned char digest[MD5_BYTES]);

#endif
