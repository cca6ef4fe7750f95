/* SPDX-License-Identifier: MIT */
#ifndef CIO_RUN_H
#define CIO_RUN_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Run: the entry into the loop, once, from main().
 *
 *	static int app(void *arg) { ... return 0; }
 *	int main(void) { return cio_run(app, NULL) < 0; }
 *
 * `cio_run` makes a loop on the calling thread, runs `app` as its main task
 * and returns what it returned. What is still alive then is cancelled and
 * awaited (at most `.drain`), threads are joined, and what could not be ended
 * is named. One loop a thread; a run inside a run is -EBUSY.
 */

typedef enum cio_level {
	CIO_LEVEL_DEBUG,
	CIO_LEVEL_INFO,
	CIO_LEVEL_WARNING,
	CIO_LEVEL_ERROR
} cio_level;

/* Something that the runtime has to say. The strings are valid during the
 * call. It is made on the loop's thread and must not block or yield. */
typedef void cio_report_fn(void *arg, cio_level level, const char *text);

typedef struct cio_run_options {
	const char *driver;    /* "epoll", "uring" or "sim"; NULL: $CIO_DRIVER, else the best */
	cio_report_fn *report; /* NULL: warnings and errors, a line each, to stderr */
	void *report_arg;
	bool quiet;            /* no report at all */
	bool signals;          /* first SIGINT or SIGTERM cancels the main task,
	                          the second ends the process at once */
	cio_duration drain;    /* how long leftovers may take to end; 0: 5 s */
	size_t stack_size;     /* the main task's stack; 0: 1 MiB */
	bool no_handlers;      /* no SIGSEGV and SIGBUS handler, which names the task
	                          whose stack overflowed, then passes on to what was
	                          there before */
	uint64_t seed;         /* sim: the order of things; 0: $CIO_SEED, else 1 */
} cio_run_options;

/* Run `fn(arg)` as the main task of a new loop and return its result; before
 * that, -EBUSY inside another run, -ENOMEM, or why no driver could start
 * (-EINVAL: no such driver). `arg` is not copied. Blocks the thread. */
CIO_API int cio_run(int (*fn)(void *), void *arg);
CIO_API int cio_run_with(const cio_run_options *options, int (*fn)(void *),
	void *arg);

/* The name of the driver that this loop runs on: "epoll", "uring", "sim". */
CIO_API const char *cio_driver_name(void);

/* What the loop did so far, for metrics and tests. */
typedef struct cio_run_figures {
	uint64_t tasks_alive;   /* spawned and not ended */
	uint64_t tasks_spawned; /* ever */
	uint64_t switches;      /* into a task */
	uint64_t turns;         /* asks to the driver */
	uint64_t timers;        /* armed now */
	uint64_t stacks;        /* mapped now */
	uint64_t handles;       /* descriptors that the driver holds */
} cio_run_figures;

/* Never yields; all zero outside a loop. */
CIO_API cio_run_figures cio_run_get_figures(void);

CIO_END_DECLS
#endif
