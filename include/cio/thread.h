/* SPDX-License-Identifier: MIT */
#ifndef CIO_THREAD_H
#define CIO_THREAD_H

#include <cio/base.h>

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
 */

/* Run `fn(arg)` in a thread and return its result. `arg` is not copied: it
 * stays the caller's and is safe until the return. Yields. A cancel before the
 * function started withdraws it (a refusal, nothing happened); afterwards the
 * call waits for its end, returns its result, and the cancel is met by the
 * next call. -ENOMEM, -EAGAIN (no thread could be started). */
CIO_API int cio_to_thread(int (*fn)(void *), void *arg);

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

/* Make an executor for the calling loop; -ENOMEM. Never yields. */
CIO_API int cio_executor_open(cio_executor **out, const cio_executor_options *o);

/* Join its threads after the jobs at hand; queued ones are refused. Yields;
 * not interruptible. NULL is ignored. Left open, it is closed, and named, when
 * `cio_run` ends. */
CIO_API void cio_executor_close(cio_executor *e);

/* As `cio_to_thread`, in this executor. */
CIO_API int cio_executor_run(cio_executor *e, int (*fn)(void *), void *arg);

typedef struct cio_executor_figures {
	uint32_t threads, idle; /* threads started; of these, without a job */
	uint32_t queued;        /* jobs that wait now */
	uint64_t done;          /* jobs ever finished */
} cio_executor_figures;
CIO_API cio_executor_figures cio_executor_get_figures(cio_executor *e);

CIO_END_DECLS
#endif
