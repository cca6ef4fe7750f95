/* SPDX-License-Identifier: MIT */
/* zstd.c - zstd (RFC 8878; windows of at most 8 MB, RFC 9659) */
#include <zstd.h>
#include <zstd_errors.h>

#include <errno.h>

#include "base/mem.h"
#include "coding/coding.h"

enum { WINDOW_LOG = 23 };

struct zstd {
	struct decoder base;
	ZSTD_DCtx *context;
	size_t wants; /* 0: between two frames */
};

static struct decoder *zstd_open(cio_str name)
{
	(void)name;
	struct zstd *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return NULL;
	d->context = ZSTD_createDCtx();
	if (d->context == NULL ||
		ZSTD_isError(ZSTD_DCtx_setParameter(d->context,
			ZSTD_d_windowLogMax, WINDOW_LOG))) {
		ZSTD_freeDCtx(d->context);
		cio__free(d);
		return NULL;
	}
	return &d->base;
}

static ssize_t zstd_read(struct decoder *base, cio_str *in, void *out,
	size_t room, const char **why)
{
	struct zstd *d = (struct zstd *)base;
	ZSTD_inBuffer from = {in->p, in->n, 0};
	ZSTD_outBuffer to = {out, room, 0};
	*why = "the compressed body is broken";
	if (in->n == 0 && d->wants == 0)
		return 0; /* nothing of another frame */
	do {
		size_t r = ZSTD_decompressStream(d->context, &to, &from);
		if (ZSTD_isError(r))
			return ZSTD_getErrorCode(r) ==
					ZSTD_error_memory_allocation ?
				-ENOMEM :
				-CIO_EPROTOCOL;
		d->wants = r;
	} while (to.pos == 0 && from.pos < from.size);
	in->p += from.pos;
	in->n -= from.pos;
	return (ssize_t)to.pos;
}

static bool zstd_complete(struct decoder *base)
{
	return ((struct zstd *)base)->wants == 0;
}

static void zstd_close(struct decoder *base)
{
	struct zstd *d = (struct zstd *)base;
	ZSTD_freeDCtx(d->context);
	cio__free(d);
}

const struct coding coding_zstd = {{"zstd"}, zstd_open, zstd_read,
	zstd_complete, zstd_close};
