/* SPDX-License-Identifier: MIT */
/*
 * auth_digest.c - the sum that a Digest challenge asks for (RFC 7616 3.4)
 *
 *	H(A1) = H(user:realm:password), or with -sess H(that:nonce:cnonce)
 *	H(A2) = H(method:target), or with auth-int H(method:target:H(body))
 *	response = H(H(A1):nonce:count:cnonce:qop:H(A2)),
 *	without qop (RFC 2069) H(H(A1):nonce:H(A2))
 */
#include "http/auth.h"

#include <errno.h>
#include <stdio.h>

#include "base/md5.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "wire/chars.h"

/* ---- hashes ---- */

enum { HEX = 2 * SHA256_BYTES + 1 };

struct hash {
	bool sha256;
	struct md5 md5;
	struct sha256 sha;
};

static void add(struct hash *h, cio_str s)
{
	if (s.n == 0)
		return;
	if (h->sha256)
		cio__sha256_add(&h->sha, s.p, s.n);
	else
		cio__md5_add(&h->md5, s.p, s.n);
}

/* The hash of the pieces with colons between, in hexadecimal. */
static void hash(bool sha256, const cio_str *piece, size_t count,
	char hex[HEX])
{
	struct hash h = {.sha256 = sha256};
	unsigned char out[SHA256_BYTES];
	size_t n = sha256 ? SHA256_BYTES : MD5_BYTES;
	cio__md5_init(&h.md5);
	cio__sha256_init(&h.sha);
	for (size_t i = 0; i < count; i++) {
		add(&h, i > 0 ? cio_str_of(":") : (cio_str){0});
		add(&h, piece[i]);
	}
	if (sha256)
		cio__sha256_end(&h.sha, out);
	else
		cio__md5_end(&h.md5, out);
	for (size_t i = 0; i < n; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", out[i]);
}

/* ---- challenges ---- */

static cio_str get(const struct challenge *c, const char *name)
{
	cio_str value = {0};
	(void)cio__challenge_get(c, name, &value);
	return value;
}

/* Is the word in this list with commas? */
static bool lists(cio_str list, const char *word)
{
	while (list.n > 0) {
		const char *comma = memchr(list.p, ',', list.n);
		size_t n = comma != NULL ? (size_t)(comma - list.p) : list.n;
		if (cio__is(cio__trim((cio_str){list.p, n}), word))
			return true;
		list = cio__after(list, comma != NULL ? n + 1 : n);
	}
	return false;
}

/* 0: we cannot answer it; else the more the better. */
static int worth(const struct challenge *c, bool has_bytes)
{
	cio_str value;
	if (!cio__is(c->scheme, "Digest") ||
		!cio__challenge_get(c, "nonce", &value))
		return 0;
	if (cio__challenge_get(c, "qop", &value) && !lists(value, "auth") &&
		!(has_bytes && lists(value, "auth-int")))
		return 0;
	value = get(c, "algorithm");
	if (value.n == 0 || cio__is(value, "MD5") || cio__is(value, "MD5-sess"))
		return 1;
	return cio__is(value, "SHA-256") || cio__is(value, "SHA-256-sess") ? 2 :
									     0;
}

bool digest_choose(const cio_http_response *r, bool has_bytes,
	struct challenge *c)
{
	int best = 0;
	for (size_t i = 0; i < r->header_count; i++) {
		struct challenge found;
		cio_str rest = r->headers[i].value;
		if (!cio__is(r->headers[i].name, "WWW-Authenticate"))
			continue;
		while (cio__challenge_next(&rest, &found)) {
			if (worth(&found, has_bytes) <= best)
				continue;
			best = worth(&found, has_bytes);
			*c = found;
		}
	}
	return best > 0;
}

bool digest_is_stale(const struct challenge *c)
{
	return cio__is(get(c, "stale"), "true");
}

/* ---- what is kept ---- */

struct digest *digest_new(const struct challenge *c, const struct url *origin)
{
	struct digest *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return NULL;
	cio_str algorithm = get(c, "algorithm"), value;
	d->refs = 1;
	d->origin = *origin;
	d->named = algorithm.n > 0;
	d->sha256 = cio__is(algorithm, "SHA-256") ||
		cio__is(algorithm, "SHA-256-sess");
	d->session = cio__is(algorithm, "MD5-sess") ||
		cio__is(algorithm, "SHA-256-sess");
	d->qop = cio__challenge_get(c, "qop", &value);
	d->integrity = d->qop && !lists(value, "auth");
	d->hashes_user = cio__is(get(c, "userhash"), "true");
	d->has_opaque = cio__challenge_get(c, "opaque", &value);
	int err = cio__challenge_unescape(&d->realm, get(c, "realm"));
	err = err < 0 ? err :
			cio__challenge_unescape(&d->nonce, get(c, "nonce"));
	err = err < 0 ? err :
			cio__challenge_unescape(&d->opaque, get(c, "opaque"));
	if (err == 0)
		return d;
	digest_unref(d);
	return NULL;
}

int digest_renew(struct digest *d, const cio_http_response *r)
{
	struct challenge c = {.params = cio_http_response_header(r,
		"Authentication-Info")};
	cio_str value = get(&c, "nextnonce");
	cio_buf next = {0};
	if (value.n == 0)
		return 0;
	int err = cio__challenge_unescape(&next, value);
	if (err < 0) {
		cio_buf_finish(&next);
		return err;
	}
	cio_buf_finish(&d->nonce);
	d->nonce = next;
	d->count = 0;
	return 0;
}

struct digest *digest_ref(struct digest *d)
{
	d->refs++;
	return d;
}

void digest_unref(struct digest *d)
{
	if (d == NULL || --d->refs > 0)
		return;
	cio_buf_finish(&d->realm);
	cio_buf_finish(&d->nonce);
	cio_buf_finish(&d->opaque);
	cio__free(d);
}

/* ---- the answer ---- */

static const char *algorithm_of(const struct digest *d)
{
	if (d->sha256)
		return d->session ? "SHA-256-sess" : "SHA-256";
	return d->session ? "MD5-sess" : "MD5";
}

static const char *qop_of(const struct digest *d)
{
	return d->integrity ? "auth-int" : "auth";
}

/* H(A2) */
static void hash_request(const struct digest *d, const struct digest_request *q,
	char hex[HEX])
{
	char body[HEX] = "";
	if (d->integrity)
		hash(d->sha256, &q->body, 1, body);
	hash(d->sha256, (cio_str[]){q->method, q->target, cio_str_of(body)},
		d->integrity ? 3 : 2, hex);
}

static void respond(const struct digest *d, const struct digest_request *q,
	const char *count, char hex[HEX])
{
	char a1[HEX], a2[HEX];
	cio_str nonce = cio_buf_view(&d->nonce), cnonce = cio_str_of(q->cnonce);
	hash(d->sha256,
		(cio_str[]){q->user, cio_buf_view(&d->realm), q->password}, 3,
		a1);
	if (d->session)
		hash(d->sha256, (cio_str[]){cio_str_of(a1), nonce, cnonce}, 3,
			a1);
	hash_request(d, q, a2);
	if (d->qop)
		hash(d->sha256,
			(cio_str[]){cio_str_of(a1), nonce, cio_str_of(count),
				cnonce, cio_str_of(qop_of(d)), cio_str_of(a2)},
			6, hex);
	else
		hash(d->sha256,
			(cio_str[]){cio_str_of(a1), nonce, cio_str_of(a2)}, 3,
			hex);
}

static int write_quoted(cio_buf *b, const char *name, cio_str value)
{
	int err = cio_buf_printf(b, "%s=", name);
	return err < 0 ? err : cio__challenge_quote(b, value);
}

static int write_user(const struct digest *d, cio_buf *b, cio_str user)
{
	char hex[HEX];
	if (!d->hashes_user)
		return write_quoted(b, "Digest username", user);
	hash(d->sha256, (cio_str[]){user, cio_buf_view(&d->realm)}, 2, hex);
	return cio_buf_printf(b, "Digest username=\"%s\", userhash=true", hex);
}

int digest_write(struct digest *d, cio_buf *b, const struct digest_request *q)
{
	char count[9], response[HEX];
	(void)snprintf(count, sizeof count, "%08x", ++d->count);
	respond(d, q, count, response);
	int err = write_user(d, b, q->user);
	err = err < 0 ? err :
			write_quoted(b, ", realm", cio_buf_view(&d->realm));
	err = err < 0 ? err :
			write_quoted(b, ", nonce", cio_buf_view(&d->nonce));
	err = err < 0 ? err : write_quoted(b, ", uri", q->target);
	if (d->named)
		err = err < 0 ? err : cio_buf_printf(b, ", algorithm=%s",
					      algorithm_of(d));
	if (d->qop)
		err = err < 0 ? err :
				cio_buf_printf(b, ", qop=%s, nc=%s", qop_of(d),
					count);
	if (d->qop || d->session)
		err = err < 0 ? err :
				cio_buf_printf(b, ", cnonce=\"%s\"", q->cnonce);
	err = err < 0 ? err : cio_buf_printf(b, ", response=\"%s\"", response);
	if (d->has_opaque)
		err = err < 0 ? err : write_quoted(b, ", opaque",
					      cio_buf_view(&d->opaque));
	return err;
}
