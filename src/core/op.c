/* SPDX-License-Identifier: MIT */
/*
 * op.c - operations: between the tasks and the driver
 *
 * Invariant: an operation that the driver has taken is counted in loop->pending,
 * and in its group, until its done() has returned from the last call. So nothing
 * it points to goes away under the kernel, and a group that owns operations is
 * not closed before they have ended.
 */
#include "core/core.h"

#include <errno.h>

static const char *const kind_names[] = {
	[CIO_OP_NOP] = "nothing", [CIO_OP_SOCKET] = "socket",
	[CIO_OP_BIND] = "bind", [CIO_OP_LISTEN] = "listen",
	[CIO_OP_SOCKOPT] = "socket option", [CIO_OP_SOCKNAME] = "socket name",
	[CIO_OP_CONNECT] = "connect", [CIO_OP_ACCEPT] = "accept",
	[CIO_OP_RECV] = "receive", [CIO_OP_SEND] = "send",
	[CIO_OP_SENDMSG] = "send", [CIO_OP_RECVMSG] = "receive",
	[CIO_OP_READ] = "read", [CIO_OP_WRITE] = "write",
	[CIO_OP_SHUTDOWN] = "shutdown", [CIO_OP_POLL] = "poll",
	[CIO_OP_EXTERNAL] = "something", [CIO_OP_CLOSE] = "close",
};

/* ---- a task waits for it ---- */

static void wake_performer(cio_op *op)
{
	cio_unpark(op->waiter);
}

static void cancel_performed(void *arg)
{
	cio_op *op = arg;
	cio_loop *l = cio__loop;
	l->driver->ops->cancel(l->driver, op);
}

static int perform(cio_op *op, void (*interrupt)(void *))
{
	cio_loop *l = cio__loop;
	cio_waiter w;
	op->waiter = &w;
	op->done = wake_performer;
	op->group = NULL;
	int err = l->driver->ops->submit(l->driver, op);
	if (err == CIO_DONE)
		return op->res;
	if (err < 0)
		return op->res = err;
	l->pending++;
	cio_settle(&w, NULL, kind_names[op->kind], interrupt, op);
	if (op->res == -ECANCELED && interrupt != NULL && cio_refused() < 0)
		op->res = cio_refused();
	return op->res;
}

int cio_perform(cio_op *op)
{
	int err = cio_checkpoint();
	if (err < 0)
		return op->res = err;
	return perform(op, cancel_performed);
}

int cio_perform_settled(cio_op *op)
{
	if (UNLIKELY(cio__loop == NULL))
		return op->res = misuse_refuse();
	return perform(op, NULL);
}

/* ---- no task waits for it ---- */

enum { OP_LATE = 128 }; /* in flags: its deadline has asked for the end */

static void op_late(cio_timer *t)
{
	cio_op *op = container_of(t, cio_op, timer);
	op->flags |= OP_LATE;
	cio_op_cancel(op);
}

int cio_submit(cio_op *op)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL))
		return misuse_refuse();
	op->waiter = NULL;
	op->context = NULL;
	op->link = (cio_link){0};
	op->timer = (cio_timer){.fire = op_late};
	op->flags &= (uint8_t)~(OP_LATE | CIO_OP_MORE);
	if (op->flags & CIO_OP_LOOP)
		op->group = &l->root;
	if (op->group != NULL &&
		(op->group->closed || op->group->scope.cause != NULL))
		return -ECANCELED;
	int err = op->kind == CIO_OP_EXTERNAL ? CIO_PENDING :
		l->driver->ops->submit(l->driver, op);
	if (err != CIO_PENDING)
		return err;
	l->pending += op->kind != CIO_OP_EXTERNAL;
	op->context = context_capture(l);
	if (op->group != NULL) {
		op->group->pending++;
		list_push(&op->group->ops, &op->link);
	} else {
		l->root.pending++; /* not cancelled, but the run waits for it */
	}
	if (op->deadline != 0)
		cio_timer_arm(&op->timer, op->deadline);
	return CIO_PENDING;
}

void cio_op_cancel(cio_op *op)
{
	cio_loop *l = loop_for("cio_op_cancel");
	if (op->kind == CIO_OP_EXTERNAL)
		cio_op_finish(op, -ECANCELED);
	else
		l->driver->ops->cancel(l->driver, op);
}

/* ---- no driver ends it ---- */

static void finish(cio_timer *t)
{
	cio__loop->pending++; /* as if a driver had had it */
	cio__op_complete(container_of(t, cio_op, timer));
}

void cio_op_finish(cio_op *op, int res)
{
	if (op->timer.fire == finish)
		return; /* it is decided */
	op->res = res;
	op->timer.fire = finish;
	cio_timer_arm(&op->timer, cio_now());
}

/* ---- it is over ---- */

/* In the context of its submitter, and in no task, even if it was a task's cancel
 * that ended it; one that a task performs needs neither. */
static void call_done(cio_loop *l, cio_op *op, bool more)
{
	if (op->waiter != NULL || l == NULL) {
		op->done(op);
		return;
	}
	cio_task *canceller = l->current;
	l->current = NULL;
	cio_context *c = op->context;
	if (more && c != NULL)
		c = context_hold(c);
	cio_context *before = context_enter(l, c);
	op->done(op);
	context_leave(l, before);
	l->current = canceller;
}

void cio__op_complete(cio_op *op)
{
	cio_loop *l = cio__loop;
	cio_group *g = op->group;
	if (l != NULL && l->stale) { /* the turn has waited, maybe for long */
		l->now = l->driver->ops->now(l->driver);
		l->stale = false;
	}
	if (op->flags & CIO_OP_MORE) {
		call_done(l, op, true);
		check_process(l, "the end of a callback");
		return;
	}
	if (op->waiter == NULL) {
		if (g == NULL && l != NULL)
			g = &l->root;
		list_remove(&op->link);
		cio_timer_disarm(&op->timer);
		if (op->res == -ECANCELED && (op->flags & OP_LATE))
			op->res = -ETIMEDOUT;
	}
	call_done(l, op, false); /* may free it, or submit it again */
	check_process(l, "the end of a callback");
	if (l == NULL)
		return; /* a driver under test, without a loop */
	l->pending--;
	if (g != NULL) {
		g->pending--;
		group_settled(g);
	}
}

void cio_op_give(void *buf)
{
	cio_loop *l = loop_for("cio_op_give");
	l->driver->ops->give(l->driver, buf);
}

int cio_fd_adopt(int fd, cio_fd *out)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL))
		return misuse_refuse();
	return l->driver->ops->adopt(l->driver, fd, out);
}
