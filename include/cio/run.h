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
 * awaited (at most `.drain`), and threads are joined. What could not be ended,
 * tasks and blocking functions, is named; its memory is kept, not freed, and
 * the result is -ETIMEDOUT. One loop a thread; a run inside a run is -EBUSY.
 *
 * Several loops. With `.workers = N` there are N loops, the first on the calling
 * thread, the others on threads of their own, and each runs `app` as its main
 * task; <cio/channel.h> is the way between them, `.reuse_port` lets all accept
 * at one port. All have started before one of them runs, else none does. A
 * worker that returns >= 0 just ends. The first that fails, also by a refusal,
 * cancels the main tasks of the others; it is named unless it had been
 * cancelled itself. The run ends with the last worker. A worker that waits for
 * nothing is deadlocked only when all are that are left.
 *
 * Forks. A fork() inside a loop leaves the parent as it was; the child has no
 * loop any more. It may execute a program, end by _exit, or run a new loop; every
 * other call there says that it is outside a loop, and a task or callback that
 * waits or returns aborts with one line. Signals have the handlers from before
 * the run. Descriptors stay open as after any fork; cio's are close-on-exec. A
 * child made without fork's handlers (_Fork, clone) may only execute or end.
 */

typedef enum cio_level {
	CIO_LEVEL_DEBUG,
	CIO_LEVEL_INFO,
	CIO_LEVEL_WARNING,
	CIO_LEVEL_ERROR
} cio_level;

/* Something that the runtime has to say. The strings are valid during the
 * call. It is made on the loop's thread and must not block or yield. Several
 * workers may make it at the same time. What it reports itself goes to stderr. */
typedef void cio_report_fn(void *arg, cio_level level, const char *text);

typedef struct cio_run_options {
	const char *driver;    /* "epoll", "uring" or "sim"; NULL: $CIO_DRIVER, else the best */
	cio_report_fn *report; /* NULL: warnings and errors, a line each, to stderr */
	void *report_arg;
	bool quiet;            /* no report at all */
	bool signals;          /* first SIGINT or SIGTERM cancels the main task, of
	                          every worker; the second ends the process at once */
	cio_duration drain;    /* how long leftovers may take to end; 0: 5 s */
	size_t stack_size;     /* the main task's stack; 0: 1 MiB */
	bool no_handlers;      /* no SIGSEGV and SIGBUS handler, which names the task
	                          whose stack overflowed, then passes on to what was
	                          there before */
	uint32_t warm_stacks;  /* how many free stacks keep their memory for ever; 0:
	                          1,024. More give it back when they were not needed
	                          for ten seconds */
	bool stack_census;     /* see how much stack the tasks use; also by CIO_STACKS=1
	                          in the environment. Costs microseconds a task */
	uint64_t seed;         /* sim: the order of things; 0: $CIO_SEED, else 1 */
	uint32_t workers;      /* loops; 0: 1 */
} cio_run_options;

/* Run `fn(arg)` as the main task of a new loop and return its result; before
 * that, -EBUSY inside another run, -ENOMEM, or why no driver could start
 * (-EINVAL: no such driver). -ETIMEDOUT if the result was >= 0 and something
 * did not end within `.drain`. `arg` is not copied. Blocks the thread.
 *
 * If the driver fails turn after turn for a second, all tasks are cancelled and
 * the result is its error; what waits for the kernel even then is named and kept
 * when `.drain` is over.
 *
 * Of several workers: the result of the one that failed first, and the text says
 * which it was; if none did, that of worker 0. -EAGAIN if a thread could not be
 * started, -EINVAL on sim, whose clock and order are one loop's. */
CIO_API int cio_run(int (*fn)(void *), void *arg);
CIO_API int cio_run_with(const cio_run_options *options, int (*fn)(void *),
	void *arg);

/* Which worker of the run this is, 0 to cio_workers() - 1, and how many there
 * are. Both 0 outside a loop. Never yield. */
CIO_API uint32_t cio_worker(void);
CIO_API uint32_t cio_workers(void);

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

/* With `.stack_census`: the most that a task of that name has used, in whole
 * pages, of those that have ended. The same is reported, a warning each, when
 * the run ends. Names that the program changes or frees must outlive the run. */
typedef struct cio_stack_use {
	const char *name; /* of the function, or the task's own */
	uint64_t tasks;   /* how many have ended */
	size_t used;      /* bytes */
	size_t size;      /* of the stack */
} cio_stack_use;

/* Fill in up to `room` of them and return how many there are: 0 without a
 * census or outside a loop. Never yields. */
CIO_API size_t cio_run_get_stacks(cio_stack_use *out, size_t room);

CIO_END_DECLS
#endif
