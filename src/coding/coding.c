/* SPDX-License-Identifier: MIT */
/*
 * coding.c - which codings there are, and two of them on top of each other
 */
#include "coding/coding.h"

#include <errno.h>

#include "base/mem.h"

enum { MOST = 2, BETWEEN = 16 * 1024 };

static const struct coding *const codings[] = {
#ifdef CIO_HAVE_ZLIB
	&coding_gzip,
	&coding_deflate,
#endif
#ifdef CIO_HAVE_BROTLI
	&coding_brotli,
#endif
#ifdef CIO_HAVE_ZSTD
	&coding_zstd,
#endif
	NULL,
};

const char *decoder_accepts(void)
{
	static const char all[] = ""
#ifdef CIO_HAVE_ZLIB
		", gzip, deflate"
#endif
#ifdef CIO_HAVE_BROTLI
		", br"
#endif
#ifdef CIO_HAVE_ZSTD
		", zstd"
#endif
		;
	return sizeof all > 1 ? all + 2 : NULL;
}

/* ---- open ---- */

static const struct coding *find(cio_str name)
{
	for (const struct coding *const *c = codings; *c != NULL; c++)
		for (const char *const *n = (*c)->names; *n != NULL; n++)
			if (cio_str_equal_nocase(name, cio_str_of(*n)))
				return *c;
	return NULL;
}

/* The next element of a comma list, trimmed; empty at the end. */
static cio_str next_of(cio_str *list)
{
	cio_str e = {0};
	while (list->n > 0 && strchr(", \t", *list->p) != NULL)
		list->p++, list->n--;
	e.p = list->p;
	while (list->n > 0 && *list->p != ',')
		list->p++, list->n--, e.n++;
	while (e.n > 0 && strchr(" \t", e.p[e.n - 1]) != NULL)
		e.n--;
	return e;
}

static int add(struct decoder **d, cio_str name, const char **why)
{
	const struct coding *c = find(name);
	*why = "a content coding that is not known here";
	if (c == NULL)
		return -CIO_EPROTOCOL;
	struct decoder *top = c->open(name);
	if (top == NULL)
		return -ENOMEM;
	top->coding = c;
	top->between = NULL;
	top->made = (cio_str){0};
	top->before = NULL;
	top->left = UINT64_MAX;
	/* what was applied last is undone first */
	if (*d != NULL) {
		(*d)->before = top;
		(*d)->between = cio__alloc(BETWEEN);
		return (*d)->between != NULL ? 0 : -ENOMEM;
	}
	*d = top;
	return 0;
}

int decoder_open(struct decoder **out, cio_str list, const char **why)
{
	struct decoder *d = NULL;
	int n = 0, err = 0;
	cio_str name;
	*out = NULL;
	while (err == 0 && (name = next_of(&list)).n > 0) {
		if (cio_str_equal_nocase(name, cio_str_of("identity")))
			continue;
		*why = "more than two content codings";
		err = ++n > MOST ? -CIO_EPROTOCOL : add(&d, name, why);
	}
	if (err < 0) {
		decoder_close(d);
		return err;
	}
	*out = d;
	return 0;
}

/* ---- read ---- */

ssize_t decoder_read(struct decoder *d, cio_str *in, void *out, size_t room,
	const char **why)
{
	struct decoder *before = d->before;
	if (before == NULL)
		return d->coding->read(d, in, out, room, why);
	for (;;) {
		ssize_t n = d->coding->read(d, &d->made, out, room, why);
		if (n != 0)
			return n;
		n = before->coding->read(before, in, d->between, BETWEEN, why);
		if (n <= 0)
			return n;
		if ((uint64_t)n > d->left)
			return -CIO_ETOOLARGE;
		d->left -= (uint64_t)n;
		d->made = (cio_str){d->between, (size_t)n};
	}
}

void decoder_set_limit(struct decoder *d, uint64_t most)
{
	if (d != NULL)
		d->left = most;
}

int decoder_end(struct decoder *d, const char **why)
{
	for (; d != NULL; d = d->before) {
		if (d->coding->complete(d))
			continue;
		*why = "the compressed body ends in its middle";
		return -CIO_EPROTOCOL;
	}
	return 0;
}

void decoder_close(struct decoder *d)
{
	while (d != NULL) {
		struct decoder *before = d->before;
		cio__free(d->between);
		d->coding->close(d);
		d = before;
	}
}
