/* SPDX-License-Identifier: MIT */
/*
 * fetch_seen.c - what need not be fetched
 *
 * --dedupe keeps a hash of 64 bits for each request. In 256 parts, so that one
 * that grows, by half and when 7/8 full, does not double what is held: at most 14
 * bytes a request. Two requests with one hash: 3 in a million lists of ten
 * million URLs.
 *
 * --resume keeps a bit for each line. Lines are told by their number; that it is
 * the same list is told by a sum of hashes over number and URL.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/random.h"
#include "fetch.h"
#include "wire/chars.h"
#include "wire/json_text.h"

/* ---- hashes ---- */

static uint64_t stir(uint64_t h, uint64_t x)
{
	struct random r = {h ^ x};
	return cio__random_next(&r);
}

static uint64_t hash(uint64_t h, const char *p, size_t n)
{
	h = stir(h, n);
	for (; n >= 8; p += 8, n -= 8) {
		uint64_t x;
		memcpy(&x, p, 8);
		h = stir(h, x);
	}
	uint64_t rest = 0;
	memcpy(&rest, p, n);
	return stir(h, rest);
}

/* ---- --dedupe ---- */

static void put(uint64_t *hashes, size_t size, uint64_t h)
{
	size_t i = (size_t)((h >> 8) % size);
	while (hashes[i] != 0)
		i = i + 1 == size ? 0 : i + 1;
	hashes[i] = h;
}

static int grow(struct seen_shard *s)
{
	size_t size = s->size + s->size / 2 + 16;
	uint64_t *hashes = cio__zalloc(size * sizeof *hashes);
	if (hashes == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->size; i++)
		if (s->hashes[i] != 0)
			put(hashes, size, s->hashes[i]);
	cio__free(s->hashes);
	s->hashes = hashes;
	s->size = size;
	return 0;
}

static uint64_t hash_of(const struct fetch_seen *s,
	const struct fetch_item *item)
{
	uint64_t h = hash(s->seed, item->url, strlen(item->url));
	h = stir(h, item->has_method ? (uint64_t)item->method + 1 : 0);
	if (item->body != NULL)
		h = hash(h, item->body, item->body_size);
	return h != 0 ? h : 1;
}

int fetch_seen_add(struct fetch_seen *s, const struct fetch_item *item)
{
	if (s->seed == 0)
		s->seed = cio__random_seed() | 1;
	uint64_t h = hash_of(s, item);
	struct seen_shard *shard = &s->shards[h & 0xff];
	if (shard->count >= shard->size / 8 * 7 && grow(shard) < 0)
		return -ENOMEM;
	size_t i = (size_t)((h >> 8) % shard->size);
	for (; shard->hashes[i] != 0; i = i + 1 == shard->size ? 0 : i + 1)
		if (shard->hashes[i] == h)
			return 1;
	shard->hashes[i] = h;
	shard->count++;
	return 0;
}

void fetch_seen_finish(struct fetch_seen *s)
{
	for (int i = 0; i < 256; i++)
		cio__free(s->shards[i].hashes);
}

/* ---- --resume ---- */

enum { SEQ_BITS_MOST = 36 };

/* Of the characters: in a row, bytes that are none became U+FFFD. */
uint64_t fetch_done_hash(uint64_t seq, cio_str url)
{
	uint64_t h = seq;
	for (size_t n; url.n > 0; url = cio__after(url, n > 0 ? n : 1)) {
		n = cio__utf8_length(url);
		h = n > 0 ? hash(h, url.p, n) : hash(h, CIO__NO_CHARACTER, 3);
	}
	return h;
}

int fetch_done_add(struct fetch_done *d, uint64_t seq, cio_str url, bool ok)
{
	uint64_t byte = seq / 8;
	if (seq == 0 || seq >> SEQ_BITS_MOST != 0)
		return -EINVAL;
	if (byte >= d->bytes) {
		uint64_t more = byte + byte / 4 + 64;
		unsigned char *bits = cio__realloc(d->bits, (size_t)more);
		if (bits == NULL)
			return -ENOMEM;
		memset(bits + d->bytes, 0, (size_t)(more - d->bytes));
		d->bits = bits;
		d->bytes = more;
	}
	if (fetch_done_has(d, seq))
		return -EEXIST;
	d->bits[byte] |= (unsigned char)(1 << seq % 8);
	d->count++;
	d->ok += ok;
	d->sum += fetch_done_hash(seq, url);
	return 0;
}

bool fetch_done_has(const struct fetch_done *d, uint64_t seq)
{
	return seq / 8 < d->bytes && (d->bits[seq / 8] >> seq % 8 & 1) != 0;
}

void fetch_done_finish(struct fetch_done *d)
{
	cio__free(d->bits);
}
