/* SPDX-License-Identifier: MIT */
/*
 * exec.h - executors and their jobs, between thread.c and executor.c
 */
#ifndef CIO_EXEC_EXEC_H
#define CIO_EXEC_EXEC_H

#include <cio/context.h>
#include <cio/impl.h>
#include <cio/thread.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/histogram.h"

enum { JOB_TEXT_BYTES = 256 };

struct job {
	cio_link link; /* in the queue, or zero: taken, withdrawn or refused */
	int (*fn)(void *);
	void *arg;
	const char *name, *site;
	cio_time since; /* the machine's clock: queued, then begun */
	cio_context *context; /* of the caller */
	int result;
	atomic_bool cancelled;

	/* the loop's thread alone */
	bool abandoned;
	bool *told_abandoned; /* the caller's; NULL: it may not be abandoned */

	cio_executor *executor;
	cio_message message;
	cio_waiter waiter;
	char text[JOB_TEXT_BYTES]; /* of cio_fail in the thread */
};

struct thread {
	pthread_t id;
	cio_executor *executor;
	struct job *job; /* at hand; under the lock */
	bool abandoned;  /* detached; the closer's alone */
};

struct cio_executor {
	_Atomic uint64_t shares; /* of the memory: opener, threads, callers */

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t work; /* a job came, or `stop` */
	cio_link queue;
	uint32_t queued, idle;
	uint64_t done;
	bool stop;
	struct histogram waits;

	/* the loop's thread alone */
	cio_loop_value value; /* its finisher closes what was left open */
	cio_handle handle;    /* and this names it */
	cio_loop *loop;
	const char *name;
	cio_link room; /* callers that wait for a place */
	cio_link closers;
	uint64_t inside, most, callers;
	bool closing;
	uint32_t limit, threads;
	struct thread thread[];
};

/* executor.c */

/* The loop's default one, made by its first user; -ENOMEM. */
int cio__executor_default(cio_executor **out);
/* Give up a share of the memory. From any thread. */
void cio__executor_put(cio_executor *e);
/* Have one more thread take jobs; -errno. */
int cio__executor_start_thread(cio_executor *e);

/* thread.c */

/* What a thread does; `arg` is its struct thread. */
void *cio__thread_work(void *arg);
/* The job, in no queue any more, will not be run: its executor is closed. */
void cio__job_shut(struct job *j);
/* CLOCK_MONOTONIC. */
cio_time cio__clock(void);

#endif
