/* SPDX-License-Identifier: MIT */
/*
 * zlib.c - gzip (RFC 1952) and deflate (RFC 1950, or bare RFC 1951, which some
 * servers mean by it)
 */
#include <zlib.h>

#include <errno.h>

#include "base/mem.h"
#include "coding/coding.h"

struct zlib {
	struct decoder base;
	z_stream z;
	bool deflate;
	bool begun; /* a member or the stream */
	bool ended; /* a member, or the stream, came to its end */
	bool full;  /* there was no room for more: it may have some */
};

enum { WINDOW = 15, GZIP = 16 };

static voidpf z_alloc(voidpf arg, uInt n, uInt size)
{
	(void)arg;
	return cio__alloc((size_t)n * size);
}

static void z_free(voidpf arg, voidpf p)
{
	(void)arg;
	cio__free(p);
}

static struct decoder *zlib_open(cio_str name)
{
	struct zlib *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return NULL;
	d->z.zalloc = z_alloc;
	d->z.zfree = z_free;
	d->deflate = cio_str_equal_nocase(name, cio_str_of("deflate"));
	if (inflateInit2(&d->z, WINDOW + (d->deflate ? 0 : GZIP)) != Z_OK) {
		cio__free(d);
		return NULL;
	}
	return &d->base;
}

/* zlib's first byte says "deflate" in its lower half; a bare block does not. */
static int begin(struct zlib *d, cio_str in)
{
	d->begun = true;
	if (d->deflate && (in.p[0] & 0x0f) != Z_DEFLATED)
		return inflateReset2(&d->z, -WINDOW);
	return Z_OK;
}

/* Another member follows the one that has ended. */
static int begin_again(struct zlib *d)
{
	d->ended = false;
	return inflateReset(&d->z);
}

static ssize_t zlib_read(struct decoder *base, cio_str *in, void *out,
	size_t room, const char **why)
{
	struct zlib *d = (struct zlib *)base;
	size_t made = 0;
	int status = Z_OK;
	*why = "the compressed body is broken";
	while ((in->n > 0 || d->full) && made == 0 && status == Z_OK) {
		if (d->ended && d->deflate)
			return -CIO_EPROTOCOL; /* bytes behind the end */
		status = !d->begun ? begin(d, *in) :
			d->ended   ? begin_again(d) :
				     Z_OK;
		if (status != Z_OK)
			break;
		d->z.next_in = (Bytef *)(uintptr_t)in->p;
		d->z.avail_in = (uInt)(in->n < UINT32_MAX ? in->n : UINT32_MAX);
		d->z.next_out = out;
		d->z.avail_out = (uInt)(room < UINT32_MAX ? room : UINT32_MAX);
		size_t given = d->z.avail_in, place = d->z.avail_out;
		status = inflate(&d->z, Z_NO_FLUSH);
		made = place - d->z.avail_out;
		d->full = d->z.avail_out == 0 && status == Z_OK;
		in->p += given - d->z.avail_in;
		in->n -= given - d->z.avail_in;
		if (status == Z_STREAM_END) {
			d->ended = true;
			status = Z_OK;
		} else if (status == Z_BUF_ERROR) {
			status = Z_OK; /* no room or no input: not an error */
			break;
		}
	}
	if (status == Z_MEM_ERROR)
		return -ENOMEM;
	return status == Z_OK ? (ssize_t)made : -CIO_EPROTOCOL;
}

static bool zlib_complete(struct decoder *base)
{
	struct zlib *d = (struct zlib *)base;
	return d->ended || !d->begun; /* an empty body is nothing, compressed */
}

static void zlib_close(struct decoder *base)
{
	struct zlib *d = (struct zlib *)base;
	inflateEnd(&d->z);
	cio__free(d);
}

const struct coding coding_gzip = {{"gzip", "x-gzip"}, zlib_open, zlib_read,
	zlib_complete, zlib_close};
const struct coding coding_deflate = {{"deflate"}, zlib_open, zlib_read,
	zlib_complete, zlib_close};
