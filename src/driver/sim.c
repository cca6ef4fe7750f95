/* SPDX-License-Identifier: MIT */
/*
 * sim.c - a driver with a virtual clock and a network in memory
 *
 * A pending operation is in one of three places: *timed* until it may be tried
 * at all (latency), *runnable* when the next turn shall try it, *waiting* when
 * only a change at its handle can help; the change makes it runnable again. A
 * *settled* one has its result and is in the queue only to be told of it.
 *
 *      submit --> timed --> runnable <--> waiting
 *                              |
 *                              v  in an order drawn from the seed
 *                        cio__op_complete
 *
 * The clock stands still while anything is runnable, then jumps to the next
 * time that matters. Every choice comes from the seed, and nothing depends on
 * addresses or on the machine's clock: same seed, same run. What comes from
 * outside (adopted descriptors, other threads) is the only exception.
 *
 * Nothing but submit and the making of handles allocates, so that whatever was
 * taken can also be ended.
 */
#include "driver/sim.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

enum place { NOWHERE, TIMED, RUNNABLE, WAITING };

/* What we keep in op->driver. */
struct tag {
	cio_op *next, *prev;      /* among the handle's */
	cio_op *later, *earlier;  /* among the timed */
	union {
		cio_time due;     /* timed */
		size_t index;     /* runnable: in sim->run */
	};
	uint8_t place;
	bool settled;
} __attribute__((may_alias));

_Static_assert(sizeof(struct tag) <= sizeof(((cio_op *)0)->driver),
	"the tag must fit into what an operation lends its driver");

static struct tag *tag(cio_op *op)
{
	return (struct tag *)op->driver;
}

static struct sim *sim_of(struct driver *d)
{
	return container_of(d, struct sim, driver);
}

/* ---- places ---- */

static void to_run(struct sim *s, cio_op *op)
{
	assert(s->run_count < s->run_capacity);
	tag(op)->place = RUNNABLE;
	tag(op)->index = s->run_count;
	s->run[s->run_count++] = op;
}

static void fill_hole(struct sim *s, size_t hole, size_t from)
{
	if (hole == from)
		return;
	s->run[hole] = s->run[from];
	tag(s->run[hole])->index = hole;
}

/* Both parts of the queue stay without a hole: the last of this turn's moves
 * to the hole, the last of all to its place. */
static void leave_run(struct sim *s, cio_op *op)
{
	size_t hole = tag(op)->index;
	assert(s->run[hole] == op);
	if (hole < s->batch) {
		s->batch--;
		fill_hole(s, hole, s->batch);
		hole = s->batch;
	}
	s->run_count--;
	fill_hole(s, hole, s->run_count);
}

static void to_timed(struct sim *s, cio_op *op)
{
	struct tag *t = tag(op);
	t->place = TIMED;
	t->due = cio__sim_due(s);
	cio_op *before = s->last_timed;
	while (before != NULL && tag(before)->due > t->due)
		before = tag(before)->earlier;

	t->earlier = before;
	t->later = before != NULL ? tag(before)->later : s->first_timed;
	if (t->later != NULL)
		tag(t->later)->earlier = op;
	else
		s->last_timed = op;
	if (before != NULL)
		tag(before)->later = op;
	else
		s->first_timed = op;
}

static void leave_timed(struct sim *s, cio_op *op)
{
	struct tag *t = tag(op);
	if (t->earlier != NULL)
		tag(t->earlier)->later = t->later;
	else
		s->first_timed = t->later;
	if (t->later != NULL)
		tag(t->later)->earlier = t->earlier;
	else
		s->last_timed = t->earlier;
}

static void leave_place(struct sim *s, cio_op *op)
{
	if (tag(op)->place == RUNNABLE)
		leave_run(s, op);
	else if (tag(op)->place == TIMED)
		leave_timed(s, op);
	tag(op)->place = NOWHERE;
}

void cio__sim_notify(struct sim *s, struct sim_handle *h)
{
	if (h == NULL)
		return;
	for (cio_op *op = h->ops; op != NULL; op = tag(op)->next) {
		if (tag(op)->place == WAITING)
			to_run(s, op);
	}
}

cio_op *cio__sim_next(cio_op *op)
{
	return tag(op)->next;
}

bool cio__sim_waits(cio_op *op)
{
	return tag(op)->place == WAITING;
}

/* ---- the life of an operation ---- */

static bool has_handle(const cio_op *op)
{
	return op->kind != CIO_OP_NOP && op->kind != CIO_OP_SOCKET;
}

/* Of a pending one, stale or not: the slot is not reused before its end. */
static struct sim_handle *handle_of(struct sim *s, const cio_op *op)
{
	if (!has_handle(op) || op->kind == CIO_OP_CLOSE)
		return NULL;
	return s->slots[op->fd.slot].handle;
}

static void take(struct sim *s, struct sim_handle *h, cio_op *op)
{
	s->pending++;
	if (h == NULL)
		return;
	tag(op)->next = h->ops;
	if (h->ops != NULL)
		tag(h->ops)->prev = op;
	h->ops = op;
}

static void settle(struct sim *s, cio_op *op, int res)
{
	leave_place(s, op);
	op->res = res;
	tag(op)->settled = true;
	to_run(s, op);
}

static void forget(struct sim_handle *h, cio_op *op)
{
	struct tag *t = tag(op);
	if (t->prev != NULL)
		tag(t->prev)->next = t->next;
	else
		h->ops = t->next;
	if (t->next != NULL)
		tag(t->next)->prev = t->prev;
}

/* It is over, with the result that it has. The op may be gone afterwards. */
static void finish(struct sim *s, cio_op *op)
{
	struct sim_handle *h = handle_of(s, op);
	assert(tag(op)->place == NOWHERE);
	s->pending--;
	op->flags &= (uint8_t)~CIO_OP_MORE;
	if (h != NULL) {
		forget(h, op);
		if (h->closing != NULL && h->ops == NULL) {
			settle(s, h->closing, 0);
			cio__sim_handle_free(s, h);
		}
	}
	cio__op_complete(op);
}

static int attempt_kind(struct sim *s, struct sim_handle *h, cio_op *op)
{
	if (op->kind == CIO_OP_NOP)
		return 0;
	if (op->kind == CIO_OP_SOCKET)
		return cio__sim_socket(s, op);
	if (h->fd >= 0)
		return cio__sim_real(s, h, op);
	return cio__sim_virtual(s, h, op);
}

/* The buffer is there for the attempt and stays only if bytes came. */
static int attempt_pooled(struct sim *s, struct sim_handle *h, cio_op *op)
{
	size_t len = op->len;
	op->buf = cio__alloc(CIO_POOLED_SIZE);
	if (op->buf == NULL)
		return -ENOMEM;
	if (len == 0 || len > CIO_POOLED_SIZE)
		op->len = CIO_POOLED_SIZE;
	int res = attempt_kind(s, h, op);
	op->len = len;
	if (res <= 0) {
		cio__free(op->buf);
		op->buf = NULL;
	}
	return res;
}

static bool is_pooled(const cio_op *op)
{
	return op->kind == CIO_OP_RECV && (op->flags & CIO_OP_POOLED) != 0;
}

static bool attempt(struct sim *s, struct sim_handle *h, cio_op *op)
{
	int res = is_pooled(op) ? attempt_pooled(s, h, op) : attempt_kind(s, h, op);
	if (res == SIM_WAIT)
		return false;
	op->res = res;
	return true;
}

/* Two of one lane would fight for the same bytes. */
static int lane(const cio_op *op)
{
	switch (op->kind) {
	case CIO_OP_ACCEPT:
	case CIO_OP_RECV:
	case CIO_OP_RECVMSG:
	case CIO_OP_READ:
		return 1;
	case CIO_OP_CONNECT:
	case CIO_OP_SEND:
	case CIO_OP_SENDMSG:
	case CIO_OP_WRITE:
		return 2;
	case CIO_OP_POLL:
		return 3;
	default:
		return 0;
	}
}

/* It could be tried, and finds nothing: readiness that was none, or all of the
 * pool's buffers in use. It may be tried again. */
static bool is_put_off(struct sim *s, const cio_op *op)
{
	if (lane(op) == 0)
		return false;
	return cio__sim_strikes(s, s->faults.spurious) ||
		(is_pooled(op) && cio__sim_strikes(s, s->faults.no_buffers));
}

/* No room to wait in, as when the kernel takes no submission. */
static bool has_no_room(struct sim *s, const cio_op *op)
{
	return lane(op) != 0 && cio__sim_strikes(s, s->faults.full_queue);
}

static bool is_refused(struct sim *s, const cio_op *op)
{
	return op->kind == CIO_OP_CONNECT &&
		cio__sim_strikes(s, s->faults.refused_connects);
}

/* ---- submit and cancel ---- */

static bool is_busy(const struct sim_handle *h, const cio_op *op)
{
	if (lane(op) == 0)
		return false;
	for (cio_op *other = h->ops; other != NULL; other = tag(other)->next) {
		if (lane(other) == lane(op))
			return true;
	}
	return false;
}

/* A handle's end needs no memory: its place in the queue was kept from the
 * beginning. */
static int submit_close(struct sim *s, struct sim_handle *h, cio_op *op)
{
	cio__sim_handle_retire(s, h);
	if (h->ops != NULL) {
		h->closing = op;
		take(s, NULL, op);
		tag(op)->place = WAITING;
		for (cio_op *o = h->ops; o != NULL; o = tag(o)->next)
			settle(s, o, -ECANCELED);
		return CIO_PENDING;
	}
	cio__sim_handle_free(s, h);
	op->res = 0;
	bool late = cio__sim_is_slow(s);
	if (!late && cio__random_below(&s->random, 4) != 0)
		return CIO_DONE;
	take(s, NULL, op);
	tag(op)->settled = true;
	if (late)
		to_timed(s, op);
	else
		to_run(s, op);
	return CIO_PENDING;
}

static bool never_waits(const cio_op *op)
{
	bool has_flags = op->kind == CIO_OP_RECV || op->kind == CIO_OP_SEND ||
		op->kind == CIO_OP_RECVMSG || op->kind == CIO_OP_SENDMSG;
	return has_flags && (op->off & MSG_DONTWAIT) != 0;
}

/* Take it, to be tried when its time has come, or in the next turn. */
static int postpone(struct sim *s, struct sim_handle *h, cio_op *op)
{
	take(s, h, op);
	if (cio__sim_is_slow(s))
		to_timed(s, op);
	else
		to_run(s, op);
	return CIO_PENDING;
}

static int submit_open(struct sim *s, struct sim_handle *h, cio_op *op)
{
	if (is_refused(s, op)) {
		op->res = -ECONNREFUSED;
		return CIO_DONE;
	}
	if (never_waits(op)) {
		if (is_put_off(s, op) || !attempt(s, h, op))
			op->res = -EAGAIN;
		return CIO_DONE;
	}
	if (cio__sim_reserve(s) < 0)
		return -ENOMEM;
	if (cio__sim_is_slow(s) || (op->flags & CIO_OP_MULTI) != 0 ||
		cio__random_below(&s->random, 4) == 0 || is_put_off(s, op))
		return has_no_room(s, op) ? -ENOMEM : postpone(s, h, op);
	if (attempt(s, h, op))
		return CIO_DONE;
	if (has_no_room(s, op))
		return -ENOMEM;
	take(s, h, op);
	tag(op)->place = WAITING;
	return CIO_PENDING;
}

static int sim_submit(struct driver *d, cio_op *op)
{
	struct sim *s = sim_of(d);
	struct sim_handle *h = NULL;
	if (op->kind > CIO_OP_CLOSE)
		return -EOPNOTSUPP;
	if (has_handle(op)) {
		h = cio__sim_handle_find(s, op->fd);
		if (h == NULL)
			return -EBADF;
	}
	*tag(op) = (struct tag){.place = NOWHERE};
	op->flags &= (uint8_t)~CIO_OP_MORE;
	if (op->kind == CIO_OP_CLOSE)
		return submit_close(s, h, op);
	if (h != NULL && is_busy(h, op))
		return -EBUSY;
	return submit_open(s, h, op);
}

/* All three are allowed and users must stand each: it ends at once, it ends
 * later, or the result was faster. */
static void sim_cancel(struct driver *d, cio_op *op)
{
	struct sim *s = sim_of(d);
	if (op->kind == CIO_OP_CLOSE || tag(op)->place == NOWHERE ||
		tag(op)->settled)
		return;
	uint64_t choice = cio__random_below(&s->random, 3);
	if (choice == 0) {
		settle(s, op, -ECANCELED);
		return;
	}
	bool may_win = tag(op)->place == RUNNABLE &&
		(op->flags & CIO_OP_MULTI) == 0;
	if (choice != 1 || !may_win || !attempt(s, handle_of(s, op), op))
		op->res = -ECANCELED;
	leave_place(s, op);
	finish(s, op);
}

/* ---- turn ---- */

static void fire_due(struct sim *s)
{
	while (s->first_timed != NULL && tag(s->first_timed)->due <= s->now) {
		cio_op *op = s->first_timed;
		leave_timed(s, op);
		to_run(s, op);
	}
}

/* Try one: did it complete, for now or for good? */
static bool run_one(struct sim *s, cio_op *op)
{
	struct tag *t = tag(op);
	leave_place(s, op);
	if (!t->settled && is_put_off(s, op)) {
		to_run(s, op);
		return false;
	}
	if (!t->settled && !attempt(s, handle_of(s, op), op)) {
		if (!has_no_room(s, op)) {
			t->place = WAITING;
			return false;
		}
		op->res = -ENOMEM;
	}
	if (!t->settled && (op->flags & CIO_OP_MULTI) != 0 && op->res >= 0) {
		to_run(s, op);
		op->flags |= CIO_OP_MORE;
		cio__op_complete(op);
		return true;
	}
	finish(s, op);
	return true;
}

/* Those that were runnable when the turn came, not those that they make so:
 * the caller's other work must get its chance. */
static int run_batch(struct sim *s)
{
	int completed = 0;
	s->batch = s->run_count;
	while (s->batch > 0) {
		size_t i = (size_t)cio__random_below(&s->random, s->batch);
		completed += run_one(s, s->run[i]);
	}
	return completed;
}

/* Nothing can run: let time pass, or wait for real if only somebody else can
 * help or if a thread's answer must come before time may pass. */
static int pass_time(struct sim *s, cio_time until)
{
	cio_time next = until;
	if (s->first_timed != NULL && tag(s->first_timed)->due < next)
		next = tag(s->first_timed)->due;
	if (s->driver.wait_for_wake || next == CIO_NEVER)
		return cio__sim_look_outside(s, -1);
	s->now = next;
	return 0;
}

static int sim_turn(struct driver *d, cio_time until)
{
	struct sim *s = sim_of(d);
	if (cio__sim_fails_turn(s))
		return -EIO;
	int woken = cio__sim_look_outside(s, 0);
	for (;;) {
		if (woken < 0)
			return woken;
		fire_due(s);
		int n = run_batch(s);
		if (n > 0 || woken > 0 || until <= s->now)
			return n;
		if (s->run_count == 0)
			woken = pass_time(s, until);
	}
}

/* ---- the rest of the contract ---- */

static cio_time sim_now(struct driver *d)
{
	return sim_of(d)->now;
}

static void sim_wake(struct driver *d)
{
	int saved = errno; /* we may be in a signal handler */
	uint64_t one = 1;
	ssize_t n = write(sim_of(d)->wake_fd, &one, sizeof one);
	(void)n; /* full: it is awake already */
	errno = saved;
}

static int reserve_polled(struct sim *s)
{
	size_t need = s->adopted_count + 2;
	if (need <= s->polled_capacity)
		return 0;
	size_t capacity = need * 2;
	struct pollfd *polled =
		cio__realloc(s->polled, capacity * sizeof *polled);
	if (polled == NULL)
		return -ENOMEM;
	s->polled = polled;
	s->polled_capacity = capacity;
	return 0;
}

static bool is_adopted(const struct sim *s, int fd)
{
	for (cio_link *l = s->adopted.next; l != &s->adopted; l = l->next) {
		if (container_of(l, struct sim_handle, adopted)->fd == fd)
			return true;
	}
	return false;
}

static int sim_adopt(struct driver *d, int fd, cio_fd *out)
{
	struct sim *s = sim_of(d);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return -errno;
	if (is_adopted(s, fd))
		return -EEXIST;
	if (reserve_polled(s) < 0)
		return -ENOMEM;
	cio_fd made;
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	if (cio__sim_handle_new(s, fd, NULL, &made) < 0) {
		(void)fcntl(fd, F_SETFL, flags);
		return -ENOMEM;
	}
	list_push(&s->adopted, &s->slots[made.slot].handle->adopted);
	s->adopted_count++;
	*out = made;
	return 0;
}

static void sim_give(struct driver *d, void *buf)
{
	(void)d;
	cio__free(buf);
}

static uint64_t sim_handles(struct driver *d)
{
	return sim_of(d)->held;
}

static void sim_close(struct driver *d)
{
	struct sim *s = sim_of(d);
	assert(s->pending == 0);
	for (uint32_t i = 0; i < s->slot_count; i++) {
		if (s->slots[i].handle != NULL)
			cio__sim_handle_free(s, s->slots[i].handle);
	}
	close(s->wake_fd);
	cio__free(s->slots);
	cio__free(s->run);
	cio__free(s->polled);
	cio__free(s);
}

static int sim_open(struct driver **out, const struct driver_options *o)
{
	struct sim *s = cio__zalloc(sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->driver.ops = &driver_sim;
	s->now = CIO_S(1);
	s->random = (struct random){o->seed};
	s->next_port = 40000;
	list_init(&s->adopted);
	list_init(&s->bound);
	if (reserve_polled(s) < 0) {
		cio__free(s);
		return -ENOMEM;
	}
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0) {
		int err = -errno;
		cio__free(s->polled);
		cio__free(s);
		return err;
	}
	*out = &s->driver;
	return 0;
}

const struct driver_ops driver_sim = {
	.name = "sim",
	.open = sim_open,
	.close = sim_close,
	.now = sim_now,
	.submit = sim_submit,
	.cancel = sim_cancel,
	.turn = sim_turn,
	.wake = sim_wake,
	.adopt = sim_adopt,
	.give = sim_give,
	.handles = sim_handles,
};
