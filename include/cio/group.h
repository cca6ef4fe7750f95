/* SPDX-License-Identifier: MIT */
#ifndef CIO_GROUP_H
#define CIO_GROUP_H

#include <cio/scope.h>
#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Group: tasks that end together (asyncio's TaskGroup).
 *
 *	int err = 0;
 *	CIO_GROUP(g, &err, .limit = 50) {
 *		for (int i = 0; i < n && err == 0; i++)
 *			err = cio_group_spawn(&g, work, &jobs[i]);
 *	}
 *	if (err < 0) ...                the first error of body or child
 *
 * The first child that fails cancels the rest and the body; a body that fails
 * cancels the children. Closing waits for every child whatever happens, and
 * returns, in this order: the first error (CIO_COLLECT: a child's before the
 * body's) · a refusal if a scope further out has ended and cut a child short ·
 * what the body returned. A child that was cancelled, alone or with others, does
 * not fail the group by its refusal; one that made -ECANCELED or -ETIMEDOUT
 * itself does.
 */
typedef enum cio_errors {
	CIO_FAIL_FAST, /* the first error cancels the others */
	CIO_COLLECT    /* a failing child does not touch the others */
} cio_errors;

typedef struct cio_group_options {
	int *err;          /* block form only: the body's result, then the group's */
	uint32_t limit;    /* how many children at once; 0: any number */
	cio_errors errors; /* what a failing child does */
} cio_group_options;

typedef struct cio_group {
	cio_scope scope; /* private, all of it */
	cio_link ops;
	cio_link places, closers;
	uint64_t alive, pending;
	uint32_t limit;
	int *result;
	int error;
	bool collect, closed, cut;
} cio_group;

/* Open a group in the calling task; `g` lives until the close. Options may be
 * NULL. Never yields. */
CIO_API void cio_group_open(cio_group *g, const cio_group_options *options);

/* Wait for every child, then close. `err` is the body's result. Not
 * interruptible: a cancel reaches the children, which are in the scope anyway.
 * -EDEADLK, and nothing happens, from a task of the group itself. */
CIO_API int cio_group_close(cio_group *g, int err);

/* `int cio_group_spawn(cio_group *, int (*fn)(const T *), const T *arg)`: start
 * a child, waiting for a place if the group is full. 0, -ENOMEM, or a refusal
 * while waiting; -ESHUTDOWN once closed. The group keeps the record. */
#define cio_group_spawn(group, fn, ...) \
	cio__group_spawn((group), 1, NULL, (int (*)(void *))(fn), (__VA_ARGS__), \
		sizeof *(__VA_ARGS__) + CIO__CHECK_FN(fn, (__VA_ARGS__)), \
		#fn, CIO__SITE)

/* The same without waiting: -EAGAIN if the group is full. Never yields; may be
 * called from callbacks. */
#define cio_group_try_spawn(group, fn, ...) \
	cio__group_spawn((group), 0, NULL, (int (*)(void *))(fn), (__VA_ARGS__), \
		sizeof *(__VA_ARGS__) + CIO__CHECK_FN(fn, (__VA_ARGS__)), \
		#fn, CIO__SITE)

/* The same with options, waiting for a place as cio_group_spawn does. An eager
 * child may have failed, and so cancelled the group, when this returns 0. */
#define cio_group_spawn_with(group, options, fn, ...) \
	cio__group_spawn((group), 1, (options), (int (*)(void *))(fn), \
		(__VA_ARGS__), \
		sizeof *(__VA_ARGS__) + CIO__CHECK_FN(fn, (__VA_ARGS__)), \
		#fn, CIO__SITE)

/* `void cio_group_cancel(cio_group *g, const char *reason)`: "I have what I
 * need": end the children's work; the close returns 0 for refusals that come of
 * it. `reason` must outlive the group. Idempotent. Never yields. */
#define cio_group_cancel(...) cio__group_cancel(CIO__SITE, __VA_ARGS__)

/* Children that have not ended, and the first error so far (0: none). */
CIO_API uint64_t cio_group_alive(const cio_group *g);
CIO_API int cio_group_error(const cio_group *g);

/* Block form: `CIO_GROUP(g, &err, .limit = 50) {...}` declares `cio_group g` and
 * closes it on every way out; `err` is the body's result before and the group's
 * after. `break`, `continue`, `return` and `goto` behave as in CIO_TIMEOUT. */
#define CIO_GROUP(g, ...) CIO__GROUP(__COUNTER__, g, __VA_ARGS__)
#define CIO__GROUP(id, g, ...) CIO__GROUP_(id, g, __VA_ARGS__)
#define CIO__GROUP_(id, g, ...) \
	for (cio_group g = cio__group_empty(), \
		*CIO__CAT(cio__g, id) __attribute__((unused, cleanup(cio__group_leave))) = \
			cio__group_enter(&g, CIO__GROUP_OPTIONS(__VA_ARGS__)); \
		; __extension__({ goto CIO__CAT(cio__gl, id); })) \
		if (0) { \
			CIO__CAT(cio__gl, id) : break; \
		} else

#ifndef __cplusplus
#define CIO__GROUP_OPTIONS(...) (&(const cio_group_options){.err = __VA_ARGS__})
#else /* C++20: a temporary lives until the call has returned */
#define CIO__GROUP_OPTIONS(...) \
	cio__group_options_at(cio_group_options{.err = __VA_ARGS__})
static inline const cio_group_options *cio__group_options_at(
	const cio_group_options &o)
{
	return &o;
}
#endif

static inline cio_group cio__group_empty(void)
{
	cio_group g;
	memset(&g, 0, sizeof g);
	return g;
}

CIO_API cio_group *cio__group_enter(cio_group *g,
	const cio_group_options *options);
CIO_API void cio__group_leave(cio_group **g);
CIO_API void cio__group_cancel(const char *site, cio_group *g,
	const char *reason);
CIO_API int cio__group_spawn(cio_group *g, int wait,
	const cio_task_options *options, int (*fn)(void *), const void *arg,
	size_t size, const char *name, const char *site);

CIO_END_DECLS
#endif
