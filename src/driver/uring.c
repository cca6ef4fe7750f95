/* SPDX-License-Identifier: MIT */
/*
 * uring.c - the driver on io_uring
 *
 * Every operation is tried at its submit; one that would block becomes an entry
 * of the submission queue, which goes to the kernel once a turn. Sockets' recv,
 * send and accept are the kernel's own; for all else it only polls, and then the
 * call is tried again.
 *
 * Invariant: an operation in a lane has exactly one request with the kernel (or
 * in the queue to it), known by a slot of `requests`. A request is named to the
 * kernel by slot and generation and never by a pointer, so that what comes late
 * finds nothing. The operation completes when that request is over, not before:
 * a cancel only asks. Once asked, it is never armed again.
 *
 * A CLOSE asks all lanes of its handle to end and stands in `closer` until the
 * last has left; only then is the descriptor closed and its number free.
 *
 * Pooled receives share a ring of buffers that the kernel picks from when bytes
 * are there. A handle may have a feed (uring.h): then the receive in its lane has
 * no request of its own but waits for what the feed brings.
 */
#include "driver/uring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/mem.h"

#define SUBMISSIONS 256
#define COMPLETIONS 4096
#define BATCH 64       /* completions taken in one turn */

struct request {
	cio_op *op; /* NULL: free */
	uint32_t generation;
	uint32_t next; /* of the free ones */
};

#define NO_REQUEST UINT32_MAX /* none: it waits for the feed */

enum state {
	OVER,  /* or never armed */
	FLYING,
	ENDING /* a cancel was asked for */
};

/* Lives in op->driver. */
struct wait {
	cio_link link; /* in `cancels` */
	uint32_t slot; /* of its request */
	uint8_t state;
	bool polling; /* the request waits for readiness only */
	int32_t error; /* of a multi accept that ends: told last */
} __attribute__((may_alias));

_Static_assert(sizeof(struct wait) <= sizeof((cio_op *)0)->driver, "fits");

static struct wait *wait_of(cio_op *op)
{
	return (struct wait *)op->driver;
}

static bool is_multi(const cio_op *op)
{
	return op->kind == CIO_OP_ACCEPT && (op->flags & CIO_OP_MULTI);
}

/* ---- writes by the kernel, which ASan cannot see ---- */

#ifdef UNDER_ASAN
void *__asan_region_is_poisoned(void *p, size_t n);

/* Touch the first poisoned byte, if any: that makes a report. */
static void check_memory(void *p, size_t n)
{
	volatile char *bad = n > 0 ? __asan_region_is_poisoned(p, n) : NULL;
	if (bad != NULL)
		(void)*bad;
}
#else
static void check_memory(void *p, size_t n)
{
	(void)p;
	(void)n;
}
#endif

/* ---- requests ---- */

static int more_requests(struct uring *d)
{
	uint32_t room = d->room > 0 ? d->room * 2 : 64;
	struct request *r = cio__realloc(d->requests, room * sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	for (uint32_t i = d->room; i < room; i++)
		r[i] = (struct request){.next = i + 1 < room ? i + 1 : d->free};
	d->free = d->room;
	d->requests = r;
	d->room = room;
	return 0;
}

static uint64_t name_of(const struct uring *d, uint32_t slot)
{
	return (uint64_t)d->requests[slot].generation << 32 | slot;
}

static void release(struct uring *d, uint32_t slot)
{
	struct request *r = &d->requests[slot];
	r->op = NULL;
	r->generation++;
	r->next = d->free;
	d->free = slot;
}

struct io_uring_sqe *cio__uring_entry(struct uring *d)
{
	struct io_uring_sqe *e = io_uring_get_sqe(&d->ring);
	if (e == NULL && io_uring_submit(&d->ring) >= 0)
		e = io_uring_get_sqe(&d->ring);
	return e;
}

static void uring_give(struct driver *base, void *buf)
{
	struct uring *d = (struct uring *)base;
	if (!cio__uring_owns(d, buf)) {
		cio__buffers_give(&d->k.buffers, buf);
		return;
	}
	size_t at = (size_t)((char *)buf - d->blocks);
	cio__uring_give_block(d, (unsigned)(at / CIO_POOLED_SIZE));
}

/* ---- open, close ---- */

/* Liburing maps rings by calls that TSan does not see, and takes a ring for the
 * one that another thread has closed at that address: say that it was before. */
#ifdef UNDER_TSAN
void __tsan_acquire(void *p);
void __tsan_release(void *p);
static char rings;

static void ring_opened(void)
{
	__tsan_acquire(&rings);
}

static void ring_closes(void)
{
	__tsan_release(&rings);
}
#else
static void ring_opened(void)
{
}

static void ring_closes(void)
{
}
#endif

static int open_ring(struct uring *d)
{
	static const unsigned flags[] = {
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
			| IORING_SETUP_TASKRUN_FLAG,
		IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
	};
	int err = -EINVAL;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		struct io_uring_params p = {
			.flags = flags[i] | IORING_SETUP_CQSIZE
				| IORING_SETUP_CLAMP,
			.cq_entries = COMPLETIONS,
		};
		err = io_uring_queue_init_params(SUBMISSIONS, &d->ring, &p);
		if (err != -EINVAL)
			break;
	}
	if (err < 0)
		return err == -EINVAL ? -ENOSYS : err;
	ring_opened();
	io_uring_register_ring_fd(&d->ring); /* saves a lookup; may fail */
	d->feeds = (d->ring.flags & IORING_SETUP_DEFER_TASKRUN) != 0;
	err = cio__uring_open_buffers(d);
	if (err < 0) {
		io_uring_queue_exit(&d->ring);
		cio__uring_close_buffers(d);
	}
	return err;
}

static int uring_open(struct driver **out, const struct driver_options *o)
{
	(void)o;
	struct uring *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return -ENOMEM;
	d->free = NO_REQUEST;
	list_init(&d->cancels);
	int err = cio__kernel_open(&d->k, &driver_uring);
	if (err < 0)
		goto free_driver;
	err = open_ring(d);
	if (err < 0)
		goto close_kernel;
	*out = &d->k.base;
	return 0;

close_kernel:
	cio__kernel_close(&d->k);
free_driver:
	cio__free(d);
	return err;
}

static void uring_close(struct driver *base)
{
	struct uring *d = (struct uring *)base;
	for (uint32_t i = 0; i < d->room; i++)
		assert(d->requests[i].op == NULL);
	ring_closes();
	io_uring_queue_exit(&d->ring);
	cio__uring_close_buffers(d);
	cio__kernel_close(&d->k);
	cio__free(d->requests);
	cio__free(d);
}

/* ---- arming ---- */

static unsigned poll_mask(const cio_op *op)
{
	if (op->kind == CIO_OP_POLL)
		return (unsigned)(op->off & 0xffff);
	return cio__lane(op) == LANE_READ ? POLLIN | POLLRDHUP : POLLOUT;
}

static void prepare_recv(struct io_uring_sqe *e, int fd, cio_op *op)
{
	size_t n = receive_room(op);
	if (op->flags & CIO_OP_POOLED) {
		io_uring_prep_recv(e, fd, NULL, n, (int)op->off);
		e->flags |= IOSQE_BUFFER_SELECT;
		e->buf_group = BUFFER_GROUP;
	} else {
		check_memory(op->buf, n);
		io_uring_prep_recv(e, fd, op->buf, n, (int)op->off);
	}
	e->ioprio |= IORING_RECVSEND_POLL_FIRST; /* it was just tried */
}

static void prepare_send(struct io_uring_sqe *e, int fd, cio_op *op)
{
	size_t n = op->len < 0x7ffff000 ? op->len : 0x7ffff000;
	check_memory(op->buf, n);
	io_uring_prep_send(e, fd, op->buf, n, (int)op->off | MSG_NOSIGNAL);
	e->ioprio |= IORING_RECVSEND_POLL_FIRST;
}

static void prepare(struct io_uring_sqe *e, int fd, cio_op *op)
{
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	if (wait_of(op)->polling)
		io_uring_prep_poll_add(e, fd, poll_mask(op));
	else if (op->kind == CIO_OP_RECV)
		prepare_recv(e, fd, op);
	else if (op->kind == CIO_OP_SEND)
		prepare_send(e, fd, op);
	else if (is_multi(op))
		io_uring_prep_multishot_accept(e, fd, NULL, NULL, flags);
	else
		io_uring_prep_accept(e, fd, NULL, NULL, flags);
}

/* Have the kernel wait for it. -ENOMEM: it does not. */
static int arm(struct uring *d, cio_op *op)
{
	struct wait *w = wait_of(op);
	if (d->free == NO_REQUEST && more_requests(d) < 0)
		return -ENOMEM;
	struct io_uring_sqe *e = cio__uring_entry(d);
	if (e == NULL)
		return -ENOMEM;
	w->slot = d->free;
	d->free = d->requests[w->slot].next;
	d->requests[w->slot].op = op;
	prepare(e, d->k.handles.items[op->fd.slot].fd, op);
	io_uring_sqe_set_data64(e, name_of(d, w->slot));
	w->state = FLYING;
	return 0;
}

static void ask_to_end(struct uring *d, cio_op *op)
{
	struct wait *w = wait_of(op);
	if (w->state != FLYING)
		return;
	w->state = ENDING;
	list_push(&d->cancels, &w->link);
}

/* ---- submit, cancel ---- */

static int submit_close(struct uring *d, struct handle *h, cio_op *op)
{
	bool busy = false;
	for (int lane = 0; lane < LANES; lane++) {
		if (h->lanes[lane] != NULL) {
			ask_to_end(d, h->lanes[lane]);
			busy = true;
		}
	}
	if (h->flags & HANDLE_FED)
		busy |= cio__feed_close(d, h, op->fd.slot);
	cio__handles_retire(h);
	if (busy) {
		h->closer = op;
		return CIO_PENDING;
	}
	op->res = cio__handles_drop(&d->k.handles, h);
	return CIO_DONE;
}

/* What the kernel does by itself; a socket's READ and WRITE it would refuse to
 * wait for, since the descriptor is non-blocking. */
static bool is_native(const cio_op *op)
{
	return op->kind == CIO_OP_RECV || op->kind == CIO_OP_SEND
		|| op->kind == CIO_OP_ACCEPT;
}

static int wait_for_feed(struct handle *h, cio_op *op)
{
	wait_of(op)->slot = NO_REQUEST;
	wait_of(op)->state = FLYING;
	h->lanes[LANE_READ] = op;
	return CIO_PENDING;
}

/* A receive at once finds what the feed does not tell of. */
static int try_beside_feed(struct uring *d, struct handle *h, cio_op *op)
{
	if (cio__feed_serve_now(d, h, op)) {
		if (op->res != -EAGAIN)
			return CIO_DONE;
		cio__feed_stop(d, h, op->fd.slot); /* it cannot be seen now */
		return wait_for_feed(h, op);
	}
	int r = cio__kernel_try(&d->k, h, op);
	if (r != CIO_PENDING)
		return r;
	h->feed.unsure = false;
	return h->flags & HANDLE_FED ? wait_for_feed(h, op) : -EAGAIN;
}

/* What a feed has brought comes first, then what it brings. -EAGAIN: the receive
 * is as any other. */
static int submit_fed(struct uring *d, struct handle *h, cio_op *op)
{
	if (op->kind != CIO_OP_RECV)
		return -EBUSY; /* see CIO_OP_AHEAD */
	if (op->off & MSG_DONTWAIT)
		return cio__feed_serve_now(d, h, op) ? CIO_DONE : -EAGAIN;
	if (cio__feed_serve(d, h, op))
		return CIO_DONE;
	if (!(h->flags & HANDLE_FED))
		return -EAGAIN;
	return h->feed.unsure ? try_beside_feed(d, h, op) : wait_for_feed(h, op);
}

static int submit_waiting(struct uring *d, struct handle *h, cio_op *op)
{
	enum lane lane = cio__lane(op);
	if (h->lanes[lane] != NULL)
		return -EBUSY;
	if ((h->flags & HANDLE_FED) && lane != LANE_WRITE) {
		int r = submit_fed(d, h, op);
		if (r != -EAGAIN)
			return r;
	}
	if (!is_multi(op) && !cio__kernel_must_wait(h, op)) {
		int r = cio__kernel_try(&d->k, h, op);
		if (lane == LANE_WRITE && r == CIO_DONE && op->res > 0)
			h->feed.unsure = false; /* no reset had come */
		if (r != CIO_PENDING)
			return r;
	}
	if ((op->flags & CIO_OP_AHEAD) && cio__feed_begin(d, h, op->fd.slot))
		return wait_for_feed(h, op);
	wait_of(op)->polling = !is_native(op);
	int err = arm(d, op);
	if (err < 0)
		return err;
	h->lanes[lane] = op;
	return CIO_PENDING;
}

static int uring_submit(struct driver *base, cio_op *op)
{
	struct uring *d = (struct uring *)base;
	*wait_of(op) = (struct wait){.state = OVER};
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

static void uring_cancel(struct driver *base, cio_op *op)
{
	ask_to_end((struct uring *)base, op);
}

/* ---- completions ---- */

static void tell(struct uring *d, cio_op *op)
{
	d->completed++;
	cio__op_complete(op);
}

/* If the last operation, and the feed, has left a handle that is being closed. */
static void close_if_left(struct uring *d, uint32_t slot)
{
	struct handle *h = &d->k.handles.items[slot];
	cio_op *op = h->closer;
	if (op == NULL || h->feed.state != FEED_NONE)
		return;
	for (int lane = 0; lane < LANES; lane++)
		if (h->lanes[lane] != NULL)
			return;
	h->closer = NULL;
	op->res = cio__handles_drop(&d->k.handles, h);
	tell(d, op);
}

/* The last word on an operation: its request is over. */
static void finish(struct uring *d, cio_op *op, int32_t res)
{
	uint32_t slot = op->fd.slot;
	list_remove(&wait_of(op)->link);
	wait_of(op)->state = OVER;
	d->k.handles.items[slot].lanes[cio__lane(op)] = NULL;
	op->res = res;
	op->flags &= (uint8_t)~CIO_OP_MORE;
	tell(d, op);
	close_if_left(d, slot);
}

/* Its request ended without a result: once more, unless it shall end. */
static void arm_again(struct uring *d, cio_op *op)
{
	int err = wait_of(op)->state == ENDING ? -ECANCELED : arm(d, op);
	if (err < 0)
		finish(d, op, err);
}

/* Readiness has come. To one that shall end nothing has happened yet. */
static void polled(struct uring *d, cio_op *op, int32_t res)
{
	if (res >= 0 && wait_of(op)->state == ENDING)
		res = -ECANCELED;
	if (res < 0) {
		finish(d, op, res);
		return;
	}
	struct handle *h = &d->k.handles.items[op->fd.slot];
	int r = cio__kernel_retry(&d->k, h, op);
	if (r == CIO_PENDING)
		arm_again(d, op);
	else
		finish(d, op, op->res);
}

/* The kernel says of a receive whether more is there; so it says of an end, but
 * not of a reset. */
static void received(struct uring *d, cio_op *op, int32_t res, unsigned flags)
{
	struct handle *h = &d->k.handles.items[op->fd.slot];
	if (flags & IORING_CQE_F_BUFFER) {
		unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;
		op->buf = NULL;
		if (res > 0)
			op->buf = block_start(d, id);
		else
			cio__uring_give_block(d, id);
	}
	if (res == -ENOBUFS && (op->flags & CIO_OP_POOLED)) {
		wait_of(op)->polling = true;
		arm_again(d, op);
		return;
	}
	if (!(op->flags & CIO_OP_POOLED) && res > 0)
		check_memory(op->buf, (size_t)res);
	cio__kernel_received(h, op, res, receive_room(op));
	if (op->off == 0 && (h->flags & HANDLE_DRAINED) &&
		!(flags & IORING_CQE_F_SOCK_NONEMPTY))
		h->told = d->k.turn;
	cio__feed_note(h);
	finish(d, op, res);
}

/* To whoever waits for it; without one, it stays with the handle. */
static void fed(struct uring *d, uint32_t slot, int32_t res, unsigned flags)
{
	cio__feed_came(d, slot, res, flags);
	struct handle *h = &d->k.handles.items[slot];
	cio_op *op = h->lanes[LANE_READ];
	if (op == NULL)
		close_if_left(d, slot);
	else if (cio__feed_serve(d, h, op))
		finish(d, op, op->res);
	else if (!(h->flags & HANDLE_FED))
		arm_again(d, op);
}

/* A descriptor that finds no room in the table ends the multi accept. */
static void accepted_one_of_many(struct uring *d, cio_op *op, int fd, bool more)
{
	struct wait *w = wait_of(op);
	int err = cio__kernel_accepted(&d->k, op->fd, fd, &op->out);
	if (err < 0) {
		w->error = err;
		ask_to_end(d, op);
	}
	int armed = 0;
	if (!more)
		armed = w->state == ENDING ? -ECANCELED : arm(d, op);
	if (err == 0) {
		op->res = 0;
		op->flags |= CIO_OP_MORE;
		tell(d, op); /* may close the handle: then op is ENDING */
	}
	if (armed < 0)
		finish(d, op, w->error < 0 ? w->error : armed);
}

static void accepted(struct uring *d, cio_op *op, int32_t res, bool more)
{
	bool shall_end = wait_of(op)->state == ENDING;
	if (res >= 0 && is_multi(op))
		accepted_one_of_many(d, op, res, more);
	else if (res >= 0)
		finish(d, op,
			cio__kernel_accepted(&d->k, op->fd, res, &op->out));
	else if (res == -ECONNABORTED && !shall_end)
		arm_again(d, op);
	else
		finish(d, op, wait_of(op)->error < 0 ? wait_of(op)->error : res);
}

static void arm_wake(struct uring *d)
{
	struct io_uring_sqe *e = cio__uring_entry(d);
	if (e == NULL)
		return; /* the next turn tries again */
	io_uring_prep_poll_multishot(e, d->k.wake_fd, POLLIN);
	io_uring_sqe_set_data64(e, WAKE_REQUEST);
	d->wake_armed = true;
}

static void complete(struct uring *d, uint64_t name, int32_t res, unsigned flags)
{
	bool more = (flags & IORING_CQE_F_MORE) != 0;
	if (name == WAKE_REQUEST) {
		cio__kernel_woken(&d->k);
		d->wake_armed = more;
		return;
	}
	uint32_t slot = (uint32_t)name;
	if (name < CANCEL_REQUEST && (name & FEED_REQUEST)) {
		fed(d, slot & ~(uint32_t)FEED_REQUEST, res, flags);
		return;
	}
	if (name == CANCEL_REQUEST || slot >= d->room || name_of(d, slot) != name)
		return;
	cio_op *op = d->requests[slot].op;
	if (op == NULL)
		return;
	if (!more)
		release(d, slot);
	if (wait_of(op)->polling)
		polled(d, op, res);
	else if (op->kind == CIO_OP_RECV)
		received(d, op, res, flags);
	else if (op->kind == CIO_OP_ACCEPT)
		accepted(d, op, res, more);
	else
		finish(d, op, res);
}

/* ---- turn ---- */

/* A request that is over already is not found; its completion is on the way. Who
 * waits for a feed has none, and is told at once. */
static void flush_cancels(struct uring *d)
{
	cio__feed_flush(d);
	while (!list_empty(&d->cancels)) {
		struct wait *w = container_of(d->cancels.next, struct wait, link);
		if (w->slot == NO_REQUEST) {
			finish(d, container_of(w, cio_op, driver), -ECANCELED);
			continue;
		}
		struct io_uring_sqe *e = cio__uring_entry(d);
		if (e == NULL)
			return;
		(void)list_pop(&d->cancels);
		io_uring_prep_cancel64(e, name_of(d, w->slot), 0);
		io_uring_sqe_set_data64(e, CANCEL_REQUEST);
	}
}

/* Into the kernel only if there is something to bring or to fetch. */
static int enter_without_waiting(struct uring *d)
{
	unsigned waiting = IO_URING_READ_ONCE(*d->ring.sq.kflags)
		& (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN);
	if (io_uring_sq_ready(&d->ring) > 0)
		return io_uring_submit_and_get_events(&d->ring);
	return waiting ? io_uring_get_events(&d->ring) : 0;
}

static int enter(struct uring *d, cio_time until)
{
	struct io_uring_cqe *first;
	if (until == 0 || io_uring_cq_ready(&d->ring) > 0)
		return enter_without_waiting(d);
	if (until == CIO_NEVER)
		return io_uring_submit_and_wait(&d->ring, 1);
	cio_time left = until - cio__kernel_now(&d->k.base);
	if (left <= 0)
		return enter_without_waiting(d);
	struct __kernel_timespec limit = {.tv_sec = left / 1000000000,
		.tv_nsec = left % 1000000000};
	return io_uring_submit_and_wait_timeout(&d->ring, &first, 1, &limit, NULL);
}

/* The handle whose feed it is, NULL: it is none's. */
static const struct handle *fed_by(const struct uring *d, unsigned i)
{
	uint64_t name = completion(d, i)->user_data;
	uint64_t slot = name & ~FEED_REQUEST;
	return slot != name && slot < d->k.handles.room ?
		&d->k.handles.items[slot] : NULL;
}

/* What it completes, as far as can be told before it is looked at. */
static const cio_op *expected(const struct uring *d, unsigned i)
{
	const struct handle *h = fed_by(d, i);
	if (h != NULL)
		return h->lanes[LANE_READ];
	uint32_t slot = (uint32_t)completion(d, i)->user_data;
	return slot < d->room ? d->requests[slot].op : NULL;
}

/* Only what has come: to look for more would fetch it from the kernel, which
 * receives into a buffer for each, and then their tasks should run first.
 *
 * Each is copied and its place given back before anybody is told: who is told
 * may submit, and that may enter the kernel. */
static void reap(struct uring *d)
{
	unsigned n = io_uring_cq_ready(&d->ring);
	if (n > BATCH)
		n = BATCH;
	for (unsigned i = 0; i < n; i++)
		FETCH(fed_by(d, i));
	for (unsigned i = 0; i < n; i++)
		cio__kernel_expect(expected(d, i));
	for (unsigned i = 0; i < n; i++)
		cio__kernel_expect_task(expected(d, i));
	for (; n > 0; n--) {
		const struct io_uring_cqe *c = completion(d, 0);
		uint64_t name = c->user_data;
		int32_t res = c->res;
		unsigned flags = c->flags;
		io_uring_cq_advance(&d->ring, 1);
		complete(d, name, res, flags);
	}
}

/* What found no place in the queue: nothing would end a wait for it. */
static bool has_more_to_ask(const struct uring *d)
{
	return d->unasked > 0 || !list_empty(&d->cancels) || !d->wake_armed;
}

static int uring_turn(struct driver *base, cio_time until)
{
	struct uring *d = (struct uring *)base;
	d->completed = 0;
	if (!d->wake_armed)
		arm_wake(d);
	flush_cancels(d);
	/* What is left of the last turn is not to be taken for news. */
	bool fresh = io_uring_cq_ready(&d->ring) == 0;
	if (d->completed > 0 || has_more_to_ask(d))
		until = 0;
	int err = enter(d, cio__kernel_limit(until));
	/* Busy: the kernel wants its completions taken first. */
	if (err < 0 && err != -ETIME && err != -EINTR && err != -EAGAIN
	    && err != -EBUSY)
		return err;
	if (fresh)
		cio__kernel_turned(&d->k);
	reap(d);
	return d->completed;
}

const struct driver_ops driver_uring = {
	.name = "uring",
	.open = uring_open,
	.close = uring_close,
	.now = cio__kernel_now,
	.submit = uring_submit,
	.cancel = uring_cancel,
	.turn = uring_turn,
	.wake = cio__kernel_wake,
	.adopt = cio__kernel_adopt,
	.give = uring_give,
	.handles = cio__kernel_handles,
};
