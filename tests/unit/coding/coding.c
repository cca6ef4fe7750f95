/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * coding.c - content codings undone: whole, in pieces, broken, and too well
 * compressed
 */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "check.h"

#include "base/mem.h"
#include "coding/coding.h"

static const char plain[] = "hello hello hello hello, world";
static const unsigned char brotli[] = {
	0x1f, 0x1d, 0x00, 0xe8, 0x8d, 0xd4, 0x4e, 0xf9, 0xc3, 0x50, 0x54, 0x65,
	0x68, 0x0d, 0xc2, 0xc2, 0xf6, 0xa6, 0x26, 0x91, 0xa7, 0x0e, 0x58, 0xba,
	0x1a, 0x24};

struct text {
	char p[4096];
	size_t n;
};

/* ---- made here ---- */

static struct text pack(const char *from, size_t n, int window)
{
	struct text t = {0};
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8,
				 Z_DEFAULT_STRATEGY),
		Z_OK);
	z.next_in = (Bytef *)(uintptr_t)from;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)t.p;
	z.avail_out = sizeof t.p;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	t.n = sizeof t.p - z.avail_out;
	deflateEnd(&z);
	return t;
}

static struct text gzip(const char *p, size_t n)
{
	return pack(p, n, 15 + 16);
}

static struct text zstd(const char *p, size_t n)
{
	struct text t;
	t.n = ZSTD_compress(t.p, sizeof t.p, p, n, 3);
	assert_false(ZSTD_isError(t.n));
	return t;
}

static struct text br(void)
{
	struct text t = {.n = sizeof brotli};
	memcpy(t.p, brotli, sizeof brotli);
	return t;
}

static struct text both(struct text a, struct text b)
{
	memcpy(a.p + a.n, b.p, b.n);
	a.n += b.n;
	return a;
}

/* ---- undone ---- */

/* Decode in pieces of `piece`, at most `room` a step: the result. */
static ssize_t undo(const char *codings, struct text t, size_t piece,
	size_t room, struct text *out)
{
	struct decoder *d;
	const char *why = NULL;
	ssize_t n = decoder_open(&d, cio_str_of(codings), &why);
	out->n = 0;
	for (size_t at = 0; n == 0 && at < t.n; at += piece) {
		cio_str in = {t.p + at, piece < t.n - at ? piece : t.n - at};
		while ((n = decoder_read(d, &in, out->p + out->n, room, &why)) >
			0) {
			assert_true((size_t)n <= room);
			out->n += (size_t)n;
			assert_true(out->n + room <= sizeof out->p);
		}
		if (n == 0)
			assert_int_equal(in.n, 0);
	}
	if (n == 0)
		n = decoder_end(d, &why);
	if (n < 0 && n != -ENOMEM)
		assert_non_null(why);
	decoder_close(d);
	return n;
}

struct case_ {
	const char *codings;
	struct text t;
};

static int make_cases(struct case_ c[16])
{
	size_t n = sizeof plain - 1;
	struct text half1 = gzip(plain, 10), half2 = gzip(plain + 10, n - 10);
	int i = 0;
	c[i++] = (struct case_){"gzip", gzip(plain, n)};
	c[i++] = (struct case_){"X-GZip", gzip(plain, n)};
	c[i++] = (struct case_){"gzip", both(half1, half2)};
	c[i++] = (struct case_){"deflate", pack(plain, n, 15)};
	c[i++] = (struct case_){"deflate", pack(plain, n, -15)};
	c[i++] = (struct case_){"br", br()};
	c[i++] = (struct case_){"zstd", zstd(plain, n)};
	c[i++] = (struct case_){"zstd",
		both(zstd(plain, 10), zstd(plain + 10, n - 10))};
	struct text inner = gzip(plain, n);
	c[i++] = (struct case_){"gzip , zstd", zstd(inner.p, inner.n)};
	inner = br();
	c[i++] = (struct case_){"br,identity,gzip", gzip(inner.p, inner.n)};
	return i;
}

static void every_split(void **state)
{
	(void)state;
	struct case_ c[16];
	struct text out;
	int n = make_cases(c);
	for (int i = 0; i < n; i++)
		for (size_t piece = 1; piece <= c[i].t.n; piece++)
			for (size_t room = 1; room <= 64; room *= 4) {
				assert_int_equal(undo(c[i].codings, c[i].t,
							 piece, room, &out),
					0);
				assert_int_equal(out.n, sizeof plain - 1);
				assert_memory_equal(out.p, plain, out.n);
			}
}

static void cut_short(void **state)
{
	(void)state;
	struct case_ c[16];
	struct text out;
	int n = make_cases(c);
	for (int i = 0; i < n; i++)
		for (size_t cut = 1; cut < c[i].t.n; cut++) {
			struct text t = c[i].t;
			t.n = cut;
			ssize_t r = undo(c[i].codings, t, cut, 64, &out);
			/* between two members is an end, too */
			if (r == 0)
				assert_int_equal(out.n, 10);
			else
				assert_int_equal(r, -CIO_EPROTOCOL);
		}
}

static void nothing_at_all(void **state)
{
	(void)state;
	static const char *const codings[] = {"gzip", "deflate", "br", "zstd"};
	struct text none = {.n = 0}, out;
	for (int i = 0; i < 4; i++)
		assert_int_equal(undo(codings[i], none, 1, 64, &out), 0);
}

static void broken(void **state)
{
	(void)state;
	struct case_ c[16];
	struct text out;
	int n = make_cases(c);
	for (int i = 0; i < n; i++) {
		struct text t = c[i].t;
		t.p[t.n++] = 'x'; /* behind the end */
		assert_int_equal(undo(c[i].codings, t, t.n, 64, &out),
			-CIO_EPROTOCOL);
		for (size_t at = 0; at < c[i].t.n; at++) {
			t = c[i].t;
			t.p[at] = (char)(t.p[at] ^ 0x55);
			(void)undo(c[i].codings, t, t.n, 64, &out);
		}
	}
}

static void which_ones(void **state)
{
	(void)state;
	struct decoder *d;
	const char *why = NULL;
	assert_int_equal(decoder_open(&d, cio_str_of(""), &why), 0);
	assert_null(d);
	assert_int_equal(decoder_open(&d, cio_str_of("identity, "), &why), 0);
	assert_null(d);
	static const char *const bad[] = {"compress", "gzip,gzip,gzip",
		"gzip;q=1", "gzipx", "gzip gzip"};
	for (int i = 0; i < 5; i++) {
		why = NULL;
		assert_int_equal(decoder_open(&d, cio_str_of(bad[i]), &why),
			-CIO_EPROTOCOL);
		assert_non_null(why);
	}
	assert_string_equal(decoder_accepts(), "gzip, deflate, br, zstd");
}

/* A kilobyte that stands for a megabyte comes in steps, too. */
static void bombs(void **state)
{
	(void)state;
	size_t size = (size_t)1 << 20;
	char *zeros = calloc(1, size);
	struct text packed[] = {gzip(zeros, size), zstd(zeros, size)};
	static const char *const codings[] = {"gzip", "zstd"};
	for (int i = 0; i < 2; i++) {
		struct decoder *d;
		const char *why;
		char out[512];
		ssize_t n;
		size_t all = 0;
		assert_int_equal(decoder_open(&d, cio_str_of(codings[i]), &why),
			0);
		cio_str in = {packed[i].p, packed[i].n};
		while ((n = decoder_read(d, &in, out, sizeof out, &why)) > 0)
			all += (size_t)n;
		assert_int_equal(n, 0);
		assert_int_equal(all, size);
		decoder_close(d);
	}
	free(zeros);
}

static void no_memory(void **state)
{
	(void)state;
	struct case_ c[16];
	struct text out;
	int n = make_cases(c);
	uint64_t before = cio__heap_blocks();
	for (int i = 0; i < n; i++)
		for (uint64_t at = 1; at < 8; at++) {
			cio__heap_fail_at(at);
			ssize_t r = undo(c[i].codings, c[i].t, c[i].t.n, 64,
				&out);
			cio__heap_fail_at(0);
			assert_true(r == 0 || r == -ENOMEM);
			assert_int_equal(cio__heap_blocks(), before);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_split),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(broken),
		cmocka_unit_test(which_ones),
		cmocka_unit_test(bombs),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
