/* SPDX-License-Identifier: MIT */
/*
 * coding.h - content codings undone, in bounded steps (RFC 9110 8.4.1)
 *
 *	struct decoder *d;
 *	err = decoder_open(&d, content_encoding, &why);
 *	while (... bytes came: in ...) {
 *		while ((n = decoder_read(d, &in, out, sizeof out, &why)) > 0)
 *			... use out[0..n)
 *		if (n < 0)
 *			...
 *	}
 *	err = decoder_end(d, &why);
 *	decoder_close(d);
 *
 * However much a few bytes stand for, a step makes no more than its room; how
 * much in all is too much is the caller's to say. No I/O, no clock.
 */
#ifndef CIO_CODING_CODING_H
#define CIO_CODING_CODING_H

#include <cio/base.h>

struct decoder;

/* What this build can undo, for Accept-Encoding; NULL: nothing. Static. */
const char *decoder_accepts(void);

/* For the value of Content-Encoding. 0, and *out is NULL if there is nothing to
 * undo; -CIO_EPROTOCOL with a reason in *why (static): a coding that is not
 * known, or more than two; -ENOMEM; then *out is NULL, too. */
int decoder_open(struct decoder **out, cio_str codings, const char **why);

/* Take bytes from `in` (its view moves on) and make at most `room` (> 0) of
 * them: how many; 0 once `in` is used up and more is needed; -CIO_EPROTOCOL
 * with *why; -ENOMEM. */
ssize_t decoder_read(struct decoder *d, cio_str *in, void *out, size_t room,
	const char **why);

/* What stands between two codings may be so many bytes at most; more is
 * -CIO_ETOOLARGE. NULL is ignored. */
void decoder_set_limit(struct decoder *d, uint64_t most);

/* The input is over: 0, or -CIO_EPROTOCOL if something is missing. */
int decoder_end(struct decoder *d, const char **why);

/* NULL is ignored. */
void decoder_close(struct decoder *d);

/* ---- for the codings ---- */

/* One coding; its struct begins with a struct decoder. */
struct coding {
	const char *names[3]; /* "gzip", "x-gzip", NULL */
	struct decoder *(*open)(cio_str name);
	ssize_t (*read)(struct decoder *d, cio_str *in, void *out, size_t room,
		const char **why);
	/* Is this a place where it may end? */
	bool (*complete)(struct decoder *d);
	void (*close)(struct decoder *d);
};

struct decoder {
	const struct coding *coding;
	struct decoder *before; /* undone first; NULL: there is none */
	char *between;          /* what it made */
	cio_str made;           /* of that, not taken yet */
	uint64_t left;          /* so much more it may make */
};

extern const struct coding coding_gzip, coding_deflate, coding_brotli,
	coding_zstd;

#endif
