/* SPDX-License-Identifier: MIT */
#ifndef CIO_WAIT_H
#define CIO_WAIT_H

#include <cio/group.h>

CIO_BEGIN_DECLS

/*
 * Wait: several tasks at once, whose handles one has.
 *
 *	cio_task *a = cio_spawn(ask, &first), *b = cio_spawn(ask, &second);
 *
 *	int err = cio_gather(CIO_TASKS(a, b));          both, or the first error
 *	int n = cio_wait(CIO_TASKS(a, b), CIO_FIRST_COMPLETED, CIO_S(1));
 *	int err = cio_wait_for(a, CIO_S(1));
 *
 * `cio_gather` and `cio_wait_for` are joins, as `cio_await` is: they use the
 * handles up, and return when the tasks have ended, whatever is cancelled.
 * `cio_wait` and `cio_as_completed` only look: the tasks go on, and each still
 * has to be awaited or detached. A task stands in a list once; NULL in it (a
 * spawn that failed) is -ENOMEM, the calling task itself -EDEADLK.
 *
 * Where nobody needs the handles, a group or a map is simpler.
 */

/* `CIO_TASKS(a, b, c)`: the arguments `tasks` and `n` of the calls below. C only. */
#define CIO_TASKS(...) \
	((cio_task *[]){__VA_ARGS__}), \
		(sizeof((cio_task *[]){__VA_ARGS__}) / sizeof(cio_task *))

/* Await a task for at most `d`: what it returned, or -ETIMEDOUT if that cut it
 * short. The task has ended in every case; if it made a result in spite of the
 * cancel, that is returned. Late at once (`d` <= 0), it still returns the result
 * of a task that has ended. The handle is used up. Yields. */
CIO_API int cio_wait_for(cio_task *t, cio_duration d);

typedef enum cio_wait_until {
	CIO_ALL_COMPLETED,
	CIO_FIRST_COMPLETED,
	CIO_FIRST_EXCEPTION /* one failed, other than by a cancel; or all ended */
} cio_wait_until;

/* Wait for at most `d` (CIO_NEVER: no limit). How many have ended, -ETIMEDOUT if
 * none has, -ENOMEM, -EINVAL for no tasks, or a refusal: -ECANCELED.
 * `cio_task_done` tells which. Neither cancels nor uses up. A scheduling point. */
CIO_API CIO_MUST_CHECK int cio_wait(cio_task *const tasks[], size_t n,
	cio_wait_until until, cio_duration d);

/*
 * As completed: tasks in the order in which they end.
 *
 *	cio_as_completed each;
 *	int err = cio_as_completed_init(&each, tasks, n);
 *	ssize_t i;
 *	while ((i = cio_as_completed_next(&each)) >= 0)
 *		err = cio_await(tasks[i]);
 *	cio_as_completed_finish(&each);
 *
 * One task at a time asks for the next.
 */
typedef struct cio_as_completed {
	size_t n, done, left, enough; /* private, all of it */
	uint8_t alarm;
	bool asked;
	struct cio__watched *watched;
	cio_link ended, waiters;
} cio_as_completed;

/* Watch the tasks; those that have ended come first, in the order of the list.
 * 0, -ENOMEM or -EDEADLK. Never yields. */
CIO_API CIO_MUST_CHECK int cio_as_completed_init(cio_as_completed *c,
	cio_task *const tasks[], size_t n);

/* The index of the next task that has ended; -ENODATA after the last, -EBUSY
 * while another task asks, or a refusal. A scheduling point. */
CIO_API CIO_MUST_CHECK ssize_t cio_as_completed_next(cio_as_completed *c);

/* Look no longer; also after an init that failed. Never yields. */
CIO_API void cio_as_completed_finish(cio_as_completed *c);

typedef struct cio_gather_options {
	size_t n;          /* how many tasks */
	cio_errors errors; /* CIO_FAIL_FAST: the first error cancels the rest */
	int *results;      /* n results, or NULL */
} cio_gather_options;

/* `int cio_gather(cio_task *const tasks[], size_t n, options...)`: await them
 * all. 0, or the first error in time; that of a cancelled task is one too. A
 * cancelled caller cancels them, and gets the refusal if that cut one short.
 * -ENOMEM: they were cancelled and awaited. Nothing was done: -EDEADLK, and -EINVAL
 * (one stands there twice, or is not the caller's to await). */
#define cio_gather(...) CIO__GATHER(__VA_ARGS__) /* so that CIO_TASKS is two */
#define CIO__GATHER(tasks, ...) \
	cio__gather((tasks), CIO__GATHER_OPTIONS(__VA_ARGS__))

#ifndef __cplusplus
#define CIO__GATHER_OPTIONS(...) (&(const cio_gather_options){.n = __VA_ARGS__})
#else /* C++20: a temporary lives until the call has returned */
#define CIO__GATHER_OPTIONS(...) \
	cio__gather_options_at(cio_gather_options{.n = __VA_ARGS__})
static inline const cio_gather_options *cio__gather_options_at(
	const cio_gather_options &o)
{
	return &o;
}
#endif

CIO_API int cio__gather(cio_task *const tasks[], const cio_gather_options *o);

CIO_END_DECLS
#endif
