/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - what the two drivers that talk to a real kernel share
 *
 * Three pieces: the table of handles, the cache of pooled buffers, and the
 * system calls themselves, each tried once without waiting. How to wait for
 * the ones that would block is what epoll.c and uring.c differ in.
 */
#ifndef CIO_DRIVER_KERNEL_H
#define CIO_DRIVER_KERNEL_H

#include <stdatomic.h>

#include "core/driver.h"

/* The tools that watch us, in gcc's words and in clang's. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define UNDER_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN 1
#endif

/* At most one operation waits in each lane of a handle. */
enum lane { LANE_READ, LANE_WRITE, LANE_POLL, LANES, LANE_NONE = LANES };

enum {
	HANDLE_OPEN = 1,       /* clear from the submit of its CLOSE on */
	HANDLE_SOCKET = 2,
	HANDLE_FIFO = 4,       /* a write may raise SIGPIPE */
	HANDLE_ADOPTED = 8,    /* others may hold the same open file */
	HANDLE_REGISTERED = 16, /* epoll knows it */
	HANDLE_TCP = 32,       /* a receive that falls short has drained it */
	HANDLE_DRAINED = 64,   /* the last receive did: the next has to wait */
	HANDLE_SUSPECT = 128,  /* its end, or urgent data, has come: never so */
	HANDLE_FED = 256       /* uring: a feed goes on, or has brought something */
};

/* uring: of a receive that goes on by itself. */
struct feed {
	uint8_t state;    /* FEED_... */
	uint8_t in_a_row; /* receives so far that waited for their bytes */
	bool over;        /* no more can be received: `result`, to be told once */
	bool unsure;      /* what came with the last bytes is not told, maybe */
	uint16_t unread;  /* buffers: from `first` to `last` */
	uint16_t first, last;
	int32_t result;
};

enum {
	FEED_NONE,   /* or it is over */
	FEED_FLYING,
	FEED_UNASKED, /* shall end, which the kernel is yet to be told */
	FEED_ENDING  /* a cancel was asked for */
};

/*
 * Invariant: fd >= 0 as long as the number is taken, so while a close waits
 * for the kernel nobody else can get it. The generation moves when HANDLE_OPEN
 * is cleared and is kept for the next descriptor of that number.
 */
struct handle {
	cio_op *lanes[LANES];
	cio_op *closer;      /* uring: the CLOSE that waits for the lanes */
	int fd;              /* -1: none */
	uint32_t generation; /* never 0 once used */
	unsigned flags;
	uint32_t told;       /* the last turn that would have told of its end */
	struct feed feed;
};

_Static_assert(sizeof(struct handle) <= 64, "a line of the cache");

/* The slot is the descriptor's number. Pointers to entries die with the next
 * handle made: never keep one across a completion. */
struct handles {
	struct handle *items;
	size_t room;
	uint64_t open;
};

/* Take over `fd`. -ENOMEM; -EEXIST if the number is in the table already. */
int cio__handles_add(struct handles *t, int fd, unsigned flags, cio_fd *out);
/* The live entry, NULL if the handle is stale. */
struct handle *cio__handles_get(const struct handles *t, cio_fd fd);
/* Make the handle stale; the descriptor stays open. */
void cio__handles_retire(struct handle *h);
/* Close the descriptor: 0 or -errno, closed either way. */
int cio__handles_drop(struct handles *t, struct handle *h);
/* Close all that is left. */
void cio__handles_finish(struct handles *t);

/* Blocks of CIO_POOLED_SIZE; a bounded number is kept for the next. */
struct buffers {
	void *spare; /* a list linked through the first bytes */
	unsigned count;
};

void *cio__buffers_take(struct buffers *b); /* NULL: no memory */
void cio__buffers_give(struct buffers *b, void *buf);
void cio__buffers_finish(struct buffers *b);

/* The first member of either driver. */
struct kernel {
	struct driver base;
	struct handles handles;
	struct buffers buffers;
	int wake_fd;
	/* Set by the first wake; so many wakes cost one write. */
	atomic_int woken;
	uint32_t turn;   /* how often the kernel was asked for events */
	cio_time turned; /* when it last was */
};

int cio__kernel_open(struct kernel *k, const struct driver_ops *ops);
void cio__kernel_close(struct kernel *k);
void cio__kernel_wake(struct driver *d);
/* The wake was seen: from now on the next one writes again. */
void cio__kernel_woken(struct kernel *k);
cio_time cio__kernel_now(struct driver *d);
/* `until`, or earlier where one wait must not last that long. */
cio_time cio__kernel_limit(cio_time until);
int cio__kernel_adopt(struct driver *d, int fd, cio_fd *out);
uint64_t cio__kernel_handles(struct driver *d);

/* Have a line of memory on its way into the caches. The empty assembler is for
 * gcc, which drops the calls of a function that has no other effect. */
#define FETCH(address) \
	do { \
		__builtin_prefetch((const void *)(address)); \
		__asm__ volatile(""); \
	} while (0)

/*
 * The operation completes soon. Of many connections all that it needs has left
 * the caches: have that on its way. First the op with the frames around it,
 * which are those of the task that waits; when they are here, the task's record.
 * NULL: nothing.
 */
static inline void cio__kernel_expect(const cio_op *op)
{
	if (op == NULL)
		return;
	for (int line = -6; line < 4; line++)
		FETCH((uintptr_t)op + (uintptr_t)(line * 64));
}

static inline void cio__kernel_expect_task(const cio_op *op)
{
	if (op == NULL || op->waiter == NULL)
		return;
	for (int line = 0; line < 4; line++)
		FETCH((uintptr_t)op->waiter->task + (uintptr_t)(line * 64));
	FETCH((uintptr_t)op->fetch);
	FETCH((uintptr_t)op->fetch + 64);
}

/* Where an operation would wait; LANE_NONE if it never does. */
enum lane cio__lane(const cio_op *op);

/* Make the system call once. CIO_DONE: op->res (out, buf) is set; CIO_PENDING:
 * it would block; < 0: not taken. `h` may be dead after CIO_DONE. */
int cio__kernel_try(struct kernel *k, struct handle *h, cio_op *op);
/* The same after a wait, when the descriptor is said to be ready. */
int cio__kernel_retry(struct kernel *k, struct handle *h, cio_op *op);
/* Give a descriptor that an accept on `listener` made its handle: 0, or it is
 * closed. */
int cio__kernel_accepted(struct kernel *k, cio_fd listener, int fd, cio_fd *out);
/* After a receive of up to `room` bytes brought n: is the socket drained? */
void cio__kernel_received(struct handle *h, const cio_op *op, ssize_t n,
	size_t room);
/* The kernel was asked for events: a new turn. */
void cio__kernel_turned(struct kernel *k);
/* Is a try of this operation known to fail? */
static inline bool cio__kernel_must_wait(const struct handle *h,
	const cio_op *op)
{
	return op->kind == CIO_OP_RECV && op->off == 0 &&
		(h->flags & (HANDLE_DRAINED | HANDLE_SUSPECT)) == HANDLE_DRAINED;
}

#endif
