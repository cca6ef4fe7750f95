/* SPDX-License-Identifier: MIT */
#ifndef CIO_MAP_H
#define CIO_MAP_H

#include <cio/group.h>

CIO_BEGIN_DECLS

/*
 * Map: one function over many items, a bounded number at once.
 *
 *	static int fetch(struct page *p) { ... }
 *	int err = cio_map(fetch, pages, 1000, .limit = 50);
 *
 * The function gets the item itself, so results go into it. Tasks are made
 * only as places become free. The first error cancels the rest, and all that
 * were started are awaited; with `.errors = CIO_COLLECT` every item is done and
 * `.results` (n ints) takes what each returned.
 */
typedef struct cio_map_options {
	size_t n;          /* how many items */
	uint32_t limit;    /* how many at once; 0: all */
	cio_errors errors; /* CIO_FAIL_FAST or CIO_COLLECT */
	int *results;      /* n results, or NULL; -ECANCELED for items not started */
	const char *name;  /* the tasks' name; NULL: the function's */
} cio_map_options;

/* `int cio_map(int (*fn)(T *), T *items, size_t n, options...)`: 0, the first
 * error (also under CIO_COLLECT, after all have ended), -ENOMEM, or a refusal
 * if the caller's scope ended first. Yields. */
#define cio_map(fn, items, ...) \
	cio__map((int (*)(void *))(fn), (items), \
		sizeof *(items) + CIO__CHECK_ITEM(fn, (items)), #fn, CIO__SITE, \
		CIO__MAP_OPTIONS(__VA_ARGS__))

#ifndef __cplusplus
#define CIO__MAP_OPTIONS(...) (&(const cio_map_options){.n = __VA_ARGS__})
#else /* C++20: a temporary lives until the call has returned */
#define CIO__MAP_OPTIONS(...) \
	cio__map_options_at(cio_map_options{.n = __VA_ARGS__})
static inline const cio_map_options *cio__map_options_at(
	const cio_map_options &o)
{
	return &o;
}
#endif

CIO_API int cio__map(int (*fn)(void *), void *items, size_t size,
	const char *name, const char *site, const cio_map_options *options);

CIO_END_DECLS
#endif
