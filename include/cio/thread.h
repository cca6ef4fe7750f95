/* SPDX-License-Identifier: MIT */
#ifndef CIO_THREAD_H
#define CIO_THREAD_H

#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Thread: run a blocking function off the loop.
 *
 *	struct query q = {db, "select 1"};
 *	int err = cio_to_thread(run_query, &q);
 *
 * Each loop has pools of threads (at most 32 in the default one, started as
 * needed, joined when `cio_run` ends) and a queue before them, in order of
 * arrival. `getaddrinfo` has a pool of its own, so that slow names cannot
 * starve files.
 *
 * A function that never returns does not hold the end of the run: what still
 * runs when `.drain` has passed is named (executor, function, where it was
 * called, for how long it runs), its thread is abandoned, and `cio_run` returns
 * -ETIMEDOUT. Whatever that thread may touch is kept: the loop, its stacks and
 * the executor are never freed then. (Not on sim: its clock stands still while a
 * thread runs.)
 */

/* `int cio_to_thread(int (*fn)(void *), void *arg)`: run `fn(arg)` in a thread
 * and return its result. `arg` is not copied: it stays the caller's and is safe
 * until the return. Yields. A cancel before the function started withdraws it
 * (a refusal, nothing happened); afterwards the call waits for its end, returns
 * its result, and the cancel is met by the next call. -ENOMEM, -EAGAIN (no
 * thread could be started). */
#define cio_to_thread(fn, ...) \
	cio__executor_run(NULL, (fn), (__VA_ARGS__), #fn, CIO__SITE)

/* In a thread: has the task that waits for this function been cancelled? A
 * long function asks now and then and stops early. False outside one. */
CIO_API bool cio_thread_cancelled(void);

/* A pool of its own for one kind of work. */
typedef struct cio_executor cio_executor;
typedef struct cio_executor_options {
	const char *name;     /* for reports; must outlive the executor */
	uint32_t threads;     /* at most; 0: 32 */
	uint32_t queue_limit; /* jobs waiting; 0: no limit; beyond it callers wait */
} cio_executor_options;

/* `int cio_executor_open(cio_executor **out, const cio_executor_options *o)`:
 * make an executor for the calling loop; -ENOMEM, -EDEADLK outside one. Never
 * yields. */
#define cio_executor_open(...) cio__executor_open(CIO__SITE, __VA_ARGS__)
CIO_API int cio__executor_open(const char *site, cio_executor **out,
	const cio_executor_options *o);

/* Join its threads after the jobs at hand; queued ones are not begun, and their
 * callers get -ESHUTDOWN with a text that names the executor. Yields;
 * not interruptible. NULL is ignored. Left open, it is closed, and named, when
 * `cio_run` ends; then, as every close there, it waits no longer than `.drain`
 * allows. */
CIO_API void cio_executor_close(cio_executor *e);

/* The same, waiting for at most `d`: 0, or -ETIMEDOUT if jobs were still at
 * hand. These are named, in reports and the first in `cio_error_text`, and their
 * threads abandoned (on sim only if `d` <= 0): whoever waits for such a job goes
 * on waiting, and what is left of the executor is freed with the last of them. */
CIO_API int cio_executor_close_within(cio_executor *e, cio_duration d);

/* `int cio_executor_run(cio_executor *, int (*fn)(void *), void *arg)`: as
 * `cio_to_thread`, in this executor. -ESHUTDOWN, and the function was not called,
 * while it is being closed and if it was closed before a thread was free; -EINVAL
 * if it is another loop's. */
#define cio_executor_run(e, fn, ...) \
	cio__executor_run((e), (fn), (__VA_ARGS__), #fn, CIO__SITE)

typedef struct cio_thread_options {
	cio_executor *executor; /* NULL: the default one */
	bool abandon;           /* do not wait for a function once cancelled */
} cio_thread_options;

/* `int cio_to_thread_with(const cio_thread_options *, int (*fn)(T *), T *arg)`:
 * the same by options. With `.abandon`, `fn` gets a copy of `*arg`, which is
 * copied back when it has ended. A cancel of the caller returns a refusal at
 * once, and `*arg` is as it was; `fn` goes on with its copy alone, keeps its
 * place until its end, and an error of its is then reported. So memory that
 * `*arg` points to must not be the caller's. -ENOMEM for the copy. */
#define cio_to_thread_with(options, fn, ...) \
	cio__to_thread_with((options), (int (*)(void *))(fn), (__VA_ARGS__), \
		sizeof *(__VA_ARGS__) + CIO__CHECK_ITEM(fn, (__VA_ARGS__)), \
		#fn, CIO__SITE)

typedef struct cio_executor_figures {
	uint32_t threads, idle; /* threads started; of these, without a job */
	uint32_t queued;        /* jobs that wait now */
	uint64_t done;          /* jobs ever finished */
	uint64_t started;       /* jobs ever begun; how long these waited in the
	                           queue, by the machine's clock: */
	cio_duration wait_total, wait_p50, wait_p99, wait_max; /* p: +3.2 % */
} cio_executor_figures;

/* From the loop's thread. Never yields. */
CIO_API cio_executor_figures cio_executor_get_figures(cio_executor *e);

CIO_API int cio__executor_run(cio_executor *e, int (*fn)(void *), void *arg,
	const char *name, const char *site);
CIO_API int cio__to_thread_with(const cio_thread_options *options,
	int (*fn)(void *), void *arg, size_t size, const char *name,
	const char *site);

CIO_END_DECLS
#endif
