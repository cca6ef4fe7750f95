/* SPDX-License-Identifier: MIT */
/*
 * epoll.c - the driver that runs everywhere
 *
 * Every operation is tried at its submit; only one that would block waits. A
 * descriptor is registered at its first wait, once, for both directions and
 * edge-triggered: between the failed try and the next turn an edge cannot get
 * lost, since the operation stands in its lane before anybody asks for events.
 * An edge that finds no operation is forgotten; the next one tries anyway.
 *
 * The kernel never holds a pointer into an operation here, so a cancel decides
 * at once. What was decided outside an event is queued in `ready` and told by
 * the next turn, in order: nobody is called back from within submit or cancel.
 *
 * Completions may submit, cancel and close: every step looks its handle up
 * again. An event carries slot and generation, so a stale one finds nothing.
 */
#include "driver/kernel.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"

/* Asked for at once. Few, so that what an event has brought into the caches, here
 * and in the kernel, is still there when the task runs. */
#define EVENTS 32
#define ACCEPTS 64 /* of one listener in one turn */
#define POLL_AFTER CIO_US(10) /* a busy loop asks the kernel no more often */

/* The eventfd's mark among the events: no handle has generation 0. */
#define WAKE_EVENT UINT64_C(0)

struct epoll {
	struct kernel k;
	int fd;
	bool precise;   /* the kernel has epoll_pwait2 */
	cio_link ready; /* decided, or to be tried: see enum state */
	uint32_t queued;
	int completed; /* in this turn */
	cio_time polled; /* when the kernel was last asked */
	cio_time read;   /* of the clock, by the turn that is just over; 0: not */
	struct epoll_event events[EVENTS];
};

enum state {
	WAITING, /* in its lane */
	TRYING,  /* in its lane and in `ready`: a multi accept with more to do */
	DECIDED  /* its result is set: in `ready`, or told */
};

/* Lives in op->driver. */
struct wait {
	cio_link link;
	uint8_t state;
} __attribute__((may_alias));

_Static_assert(sizeof(struct wait) <= sizeof((cio_op *)0)->driver, "fits");

static struct wait *wait_of(cio_op *op)
{
	return (struct wait *)op->driver;
}

static cio_op *op_of(cio_link *link)
{
	return container_of(link, cio_op, driver);
}

static void complete(struct epoll *d, cio_op *op)
{
	d->completed++;
	if (!(op->flags & CIO_OP_MORE))
		wait_of(op)->state = DECIDED;
	cio__op_complete(op);
}

static void enqueue(struct epoll *d, cio_op *op, enum state state)
{
	wait_of(op)->state = (uint8_t)state;
	list_push(&d->ready, &wait_of(op)->link);
	d->queued++;
}

/* ---- open, close ---- */

static int timed_wait(struct epoll *d, const struct timespec *limit)
{
	return (int)syscall(SYS_epoll_pwait2, d->fd, d->events, EVENTS, limit,
		NULL, (size_t)0);
}

static int open_epoll(struct epoll *d)
{
	d->fd = epoll_create1(EPOLL_CLOEXEC);
	if (d->fd < 0)
		return -errno;
	/* Edge-triggered, so that the counter need not be read. */
	struct epoll_event e = {.events = EPOLLIN | EPOLLET,
		.data.u64 = WAKE_EVENT};
	if (epoll_ctl(d->fd, EPOLL_CTL_ADD, d->k.wake_fd, &e) < 0) {
		int err = -errno;
		close(d->fd);
		return err;
	}
	struct timespec none = {0};
	d->precise = timed_wait(d, &none) >= 0;
	return 0;
}

static int epoll_open(struct driver **out, const struct driver_options *o)
{
	(void)o;
	struct epoll *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return -ENOMEM;
	int err = cio__kernel_open(&d->k, &driver_epoll);
	if (err < 0)
		goto free_driver;
	err = open_epoll(d);
	if (err < 0)
		goto close_kernel;
	list_init(&d->ready);
	*out = &d->k.base;
	return 0;

close_kernel:
	cio__kernel_close(&d->k);
free_driver:
	cio__free(d);
	return err;
}

static void epoll_close_driver(struct driver *base)
{
	struct epoll *d = (struct epoll *)base;
	assert(list_empty(&d->ready));
	cio__kernel_close(&d->k);
	close(d->fd);
	cio__free(d);
}

/* ---- submit, cancel ---- */

static int ensure_registered(struct epoll *d, struct handle *h, cio_fd fd)
{
	if (h->flags & HANDLE_REGISTERED)
		return 0;
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET,
		.data.u64 = (uint64_t)fd.generation << 32 | fd.slot,
	};
	if (epoll_ctl(d->fd, EPOLL_CTL_ADD, h->fd, &e) < 0)
		return -errno;
	h->flags |= HANDLE_REGISTERED;
	return 0;
}

/* The operation leaves its lane with -ECANCELED, to be told by the turn. */
static void decide_canceled(struct epoll *d, struct handle *h, cio_op *op)
{
	h->lanes[cio__lane(op)] = NULL;
	op->res = -ECANCELED;
	op->flags &= (uint8_t)~CIO_OP_MORE;
	if (wait_of(op)->state == TRYING)
		wait_of(op)->state = DECIDED;
	else
		enqueue(d, op, DECIDED);
}

static void epoll_cancel(struct driver *base, cio_op *op)
{
	struct epoll *d = (struct epoll *)base;
	if (wait_of(op)->state == DECIDED)
		return; /* a result that came wins */
	struct handle *h = cio__handles_get(&d->k.handles, op->fd);
	assert(h != NULL && h->lanes[cio__lane(op)] == op);
	if (h != NULL)
		decide_canceled(d, h, op);
}

/* Done at once, unless something waits to be told, maybe of this handle: the
 * close comes after it. */
static int submit_close(struct epoll *d, struct handle *h, cio_op *op)
{
	for (int lane = 0; lane < LANES; lane++)
		if (h->lanes[lane] != NULL)
			decide_canceled(d, h, h->lanes[lane]);
	/* The close itself takes the registration away, unless somebody else
	 * has the same open file: then it would outlive the handle. */
	if ((h->flags & HANDLE_REGISTERED) && (h->flags & HANDLE_ADOPTED))
		epoll_ctl(d->fd, EPOLL_CTL_DEL, h->fd, NULL);
	cio__handles_retire(h);
	op->res = cio__handles_drop(&d->k.handles, h);
	if (list_empty(&d->ready))
		return CIO_DONE;
	enqueue(d, op, DECIDED);
	return CIO_PENDING;
}

static int submit_waiting(struct epoll *d, struct handle *h, cio_op *op)
{
	bool multi = op->kind == CIO_OP_ACCEPT && (op->flags & CIO_OP_MULTI);
	enum lane lane = cio__lane(op);
	if (h->lanes[lane] != NULL)
		return -EBUSY;
	bool waits = multi || ((h->flags & HANDLE_REGISTERED) &&
		cio__kernel_must_wait(h, op));
	if (!waits) {
		int r = cio__kernel_try(&d->k, h, op);
		if (r != CIO_PENDING)
			return r;
	}
	int err = ensure_registered(d, h, op->fd);
	if (err < 0)
		return err;
	h->lanes[lane] = op;
	wait_of(op)->state = WAITING;
	if (multi) /* its connections are told by done(): try in the turn */
		enqueue(d, op, TRYING);
	return CIO_PENDING;
}

static int epoll_submit(struct driver *base, cio_op *op)
{
	struct epoll *d = (struct epoll *)base;
	*wait_of(op) = (struct wait){.state = DECIDED};
	op->flags &= (uint8_t)~CIO_OP_MORE;
	if (op->kind == CIO_OP_NOP || op->kind == CIO_OP_SOCKET)
		return cio__kernel_try(&d->k, NULL, op);

	struct handle *h = cio__handles_get(&d->k.handles, op->fd);
	if (h == NULL)
		return -EBADF;
	if (op->kind == CIO_OP_CLOSE)
		return submit_close(d, h, op);
	if (cio__lane(op) == LANE_NONE)
		return cio__kernel_try(&d->k, h, op);
	return submit_waiting(d, h, op);
}

/* ---- turn ---- */

/* The operation in that lane, if the handle is still there. */
static cio_op *waiting_in(struct epoll *d, cio_fd fd, enum lane lane)
{
	struct handle *h = cio__handles_get(&d->k.handles, fd);
	return h != NULL ? h->lanes[lane] : NULL;
}

/* Try once more; true if it is decided, and then it has left its lane. */
static bool retry(struct epoll *d, cio_op *op)
{
	struct handle *h = cio__handles_get(&d->k.handles, op->fd);
	if (cio__kernel_retry(&d->k, h, op) == CIO_PENDING)
		return false;
	h = cio__handles_get(&d->k.handles, op->fd); /* the table may have grown */
	h->lanes[cio__lane(op)] = NULL;
	return true;
}

/* Every done() may end the operation, so look again after each. */
static void accept_many(struct epoll *d, cio_op *op)
{
	cio_fd fd = op->fd;
	for (int i = 0; i < ACCEPTS; i++) {
		struct handle *h = cio__handles_get(&d->k.handles, fd);
		if (h == NULL || h->lanes[LANE_READ] != op)
			return;
		if (cio__kernel_retry(&d->k, h, op) == CIO_PENDING)
			return;
		if (op->res < 0) {
			h = cio__handles_get(&d->k.handles, fd);
			h->lanes[LANE_READ] = NULL;
			op->flags &= (uint8_t)~CIO_OP_MORE;
			complete(d, op);
			return;
		}
		op->flags |= CIO_OP_MORE;
		complete(d, op);
	}
	if (waiting_in(d, fd, LANE_READ) == op)
		enqueue(d, op, TRYING); /* no edge will tell of those left */
}

static void progress(struct epoll *d, cio_fd fd, enum lane lane)
{
	cio_op *op = waiting_in(d, fd, lane);
	if (op == NULL || wait_of(op)->state == TRYING)
		return;
	if (op->kind == CIO_OP_ACCEPT && (op->flags & CIO_OP_MULTI))
		accept_many(d, op);
	else if (retry(d, op))
		complete(d, op);
}

/* Something to read has come since the last receive. After the end there is no
 * edge any more that would tell of it again. */
static void note_input(struct epoll *d, cio_fd fd, uint32_t events)
{
	struct handle *h = cio__handles_get(&d->k.handles, fd);
	if (h == NULL)
		return;
	if (events & ~(uint32_t)EPOLLOUT)
		h->flags &= ~(unsigned)HANDLE_DRAINED;
	if (events & ~(uint32_t)(EPOLLIN | EPOLLOUT))
		h->flags |= HANDLE_SUSPECT;
}

/* A receive by this event was made right after the kernel told; one that a task
 * tries by itself may come much later, and undoes this. */
static void note_told(struct epoll *d, cio_fd fd)
{
	struct handle *h = cio__handles_get(&d->k.handles, fd);
	if (h != NULL)
		h->told = d->k.turn;
}

static void dispatch(struct epoll *d, const struct epoll_event *e)
{
	if (e->data.u64 == WAKE_EVENT) {
		atomic_exchange_explicit(&d->k.woken, 0, memory_order_acq_rel);
		return;
	}
	cio_fd fd = {.slot = (uint32_t)e->data.u64,
		.generation = (uint32_t)(e->data.u64 >> 32)};
	note_input(d, fd, e->events);
	if (e->events & ~(uint32_t)EPOLLOUT)
		progress(d, fd, LANE_READ);
	note_told(d, fd);
	if (e->events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		progress(d, fd, LANE_WRITE);
	progress(d, fd, LANE_POLL);
}

/* Of the i-th of n events; NULL: nobody reads there, or there is no such event. */
static const cio_op *reader(const struct epoll *d, int i, int n)
{
	uint32_t slot = i < n ? (uint32_t)d->events[i].data.u64 : UINT32_MAX;
	return slot < d->k.handles.room ?
		d->k.handles.items[slot].lanes[LANE_READ] : NULL;
}

/* Only what was there before: a done() may always add more. */
static void tell_ready(struct epoll *d)
{
	for (uint32_t n = d->queued; n > 0; n--) {
		cio_op *op = op_of(list_pop(&d->ready));
		d->queued--;
		if (wait_of(op)->state == DECIDED) {
			complete(d, op);
			continue;
		}
		wait_of(op)->state = WAITING;
		accept_many(d, op);
	}
}

/* Without epoll_pwait2: whole milliseconds, never too early. */
static int coarse_wait(struct epoll *d, cio_time left)
{
	int ms = -1;
	if (left != CIO_NEVER) {
		cio_time up = left / 1000000 + (left % 1000000 != 0);
		ms = up < INT_MAX ? (int)up : INT_MAX;
	}
	return epoll_wait(d->fd, d->events, EVENTS, ms);
}

static int wait_events(struct epoll *d, cio_time until)
{
	cio_time left = until;
	if (until != 0 && until != CIO_NEVER) {
		left = until - cio__kernel_now(&d->k.base);
		if (left < 0)
			left = 0;
	}
	struct timespec limit = {.tv_sec = left / 1000000000,
		.tv_nsec = left % 1000000000};
	int n = d->precise ? timed_wait(d, left == CIO_NEVER ? NULL : &limit)
	                   : coarse_wait(d, left);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n;
}

/* Tasks that only yield to each other take turns faster than the kernel can be
 * asked: then it is asked by the clock, which is cheaper to read. */
static bool asked_just_now(struct epoll *d)
{
	cio_time now = cio__kernel_now(&d->k.base);
	if (now - d->polled < POLL_AFTER) {
		d->read = now;
		return true;
	}
	d->polled = now;
	return false;
}

/* After a turn the loop asks for the time: once is enough. */
static cio_time epoll_now(struct driver *base)
{
	struct epoll *d = (struct epoll *)base;
	cio_time read = d->read;
	d->read = 0;
	return read != 0 ? read : cio__kernel_now(base);
}

static int epoll_turn(struct driver *base, cio_time until)
{
	struct epoll *d = (struct epoll *)base;
	d->completed = 0;
	if (until == 0 && list_empty(&d->ready) && asked_just_now(d))
		return 0;
	until = list_empty(&d->ready) ? cio__kernel_limit(until) : 0;
	int n = wait_events(d, until);
	if (n < 0) {
		tell_ready(d); /* cancels need no kernel */
		return n;
	}
	cio__kernel_turned(&d->k);
	for (int i = 0; i < n; i++)
		FETCH(&d->k.handles.items[(uint32_t)d->events[i].data.u64]);
	for (int i = 0; i < n; i++) {
		cio__kernel_expect(reader(d, i + 2, n));
		cio__kernel_expect_task(reader(d, i + 1, n));
		dispatch(d, &d->events[i]);
	}
	tell_ready(d);
	return d->completed;
}

static void epoll_give(struct driver *base, void *buf)
{
	cio__buffers_give(&((struct epoll *)base)->k.buffers, buf);
}

const struct driver_ops driver_epoll = {
	.name = "epoll",
	.open = epoll_open,
	.close = epoll_close_driver,
	.now = epoll_now,
	.submit = epoll_submit,
	.cancel = epoll_cancel,
	.turn = epoll_turn,
	.wake = cio__kernel_wake,
	.adopt = cio__kernel_adopt,
	.give = epoll_give,
	.handles = cio__kernel_handles,
};
