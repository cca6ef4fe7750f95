/* SPDX-License-Identifier: MIT */
/* brotli.c - br (RFC 7932) */
#include <brotli/decode.h>

#include <errno.h>

#include "base/mem.h"
#include "coding/coding.h"

struct brotli {
	struct decoder base;
	BrotliDecoderState *state;
	bool begun;
};

static void *b_alloc(void *arg, size_t n)
{
	(void)arg;
	return cio__alloc(n);
}

static void b_free(void *arg, void *p)
{
	(void)arg;
	cio__free(p);
}

static struct decoder *brotli_open(cio_str name)
{
	(void)name;
	struct brotli *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return NULL;
	d->state = BrotliDecoderCreateInstance(b_alloc, b_free, NULL);
	if (d->state == NULL) {
		cio__free(d);
		return NULL;
	}
	return &d->base;
}

static ssize_t failure(struct brotli *d)
{
	BrotliDecoderErrorCode e = BrotliDecoderGetErrorCode(d->state);
	bool memory = e <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
		e >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
	return memory ? -ENOMEM : -CIO_EPROTOCOL;
}

static ssize_t brotli_read(struct decoder *base, cio_str *in, void *out,
	size_t room, const char **why)
{
	struct brotli *d = (struct brotli *)base;
	const uint8_t *next_in = (const uint8_t *)in->p;
	uint8_t *next_out = out;
	size_t left = room;
	*why = "the compressed body is broken";
	if (in->n > 0 && BrotliDecoderIsFinished(d->state))
		return -CIO_EPROTOCOL; /* bytes behind the end */
	d->begun = d->begun || in->n > 0;
	BrotliDecoderResult r = BrotliDecoderDecompressStream(d->state, &in->n,
		&next_in, &left, &next_out, NULL);
	in->p = (const char *)next_in;
	return r == BROTLI_DECODER_RESULT_ERROR ? failure(d) :
						  (ssize_t)(room - left);
}

static bool brotli_complete(struct decoder *base)
{
	struct brotli *d = (struct brotli *)base;
	return !d->begun || BrotliDecoderIsFinished(d->state);
}

static void brotli_close(struct decoder *base)
{
	struct brotli *d = (struct brotli *)base;
	BrotliDecoderDestroyInstance(d->state);
	cio__free(d);
}

const struct coding coding_brotli = {{"br"}, brotli_open, brotli_read,
	brotli_complete, brotli_close};
