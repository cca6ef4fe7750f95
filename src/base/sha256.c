/* SPDX-License-Identifier: MIT */
/*
 * sha256.c - SHA-256 as FIPS 180-4 describes it
 *
 * Sixty-four steps over blocks of 64 bytes, big-endian.
 */
#include "base/sha256.h"

#include "base/hash_block.h"

#include <string.h>

/* Of the cube roots of the first 64 primes, 32 bits behind the point. */
static const uint32_t roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, unsigned by)
{
	return x >> by | x << (32 - by);
}

/* The sixteen words of the block, and forty-eight made of them. */
static void schedule(uint32_t w[64], const unsigned char *p)
{
	for (unsigned i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			(uint32_t)p[2] << 8 | (uint32_t)p[3];
	for (unsigned i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] +
			(turn(x, 7) ^ turn(x, 18) ^ x >> 3) +
			(turn(y, 17) ^ turn(y, 19) ^ y >> 10);
	}
}

static void take_block(struct sha256 *h)
{
	uint32_t w[64], s[8];
	schedule(w, h->block);
	memcpy(s, h->state, sizeof s);
	for (unsigned i = 0; i < 64; i++) {
		uint32_t a = s[0], e = s[4];
		uint32_t choice = (e & s[5]) ^ (~e & s[6]);
		uint32_t most = (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
		uint32_t one = s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
			choice + roots[i] + w[i];
		uint32_t two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + most;
		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += one;
		s[0] = one + two;
	}
	for (unsigned i = 0; i < 8; i++)
		h->state[i] += s[i];
}

void cio__sha256_init(struct sha256 *h)
{
	*h = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
				     0xa54ff53a, 0x510e527f, 0x9b05688c,
				     0x1f83d9ab, 0x5be0cd19}};
}

void cio__sha256_add(struct sha256 *h, const void *p, size_t n)
{
	const unsigned char *from = p;
	while (n > 0)
		if (hash_block_fill(h->block, &h->n, &from, &n))
			take_block(h);
}

void cio__sha256_end(struct sha256 *h, unsigned char digest[SHA256_BYTES])
{
	unsigned char length[8];
	for (unsigned i = 0; i < 8; i++)
		length[i] = (unsigned char)(h->n * 8 >> (56 - 8 * i));
	cio__sha256_add(h, hash_padding, hash_padding_bytes(h->n));
	cio__sha256_add(h, length, 8);
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		digest[i] = (unsigned char)(h->state[i / 4] >>
			(24 - 8 * (i % 4)));
}
