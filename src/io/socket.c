/* SPDX-License-Identifier: MIT */
/*
 * socket.c - streams over connected sockets
 *
 * Who waits for bytes with an empty buffer receives into a pooled one, which
 * the driver brings together with the bytes: a quiet connection costs its
 * struct and no buffer.
 */
#include <cio/stream.h>

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/list.h"
#include "base/mem.h"

struct socket {
	cio_fd fd; /* here, beside what every read and write looks at */
	cio_stream base;
	cio_op dropping; /* the CLOSE that nobody waits for */
};

static struct socket *socket_of(cio_stream *s)
{
	return container_of(s, struct socket, base);
}

/* ---- bytes ---- */

/* To be performed: every byte that goes through a stream begins here, so only
 * what cio_perform looks at is set. */
static void begin(cio_op *op, cio_op_kind kind, cio_stream *s, void *buf, size_t n)
{
	const struct socket *k = socket_of(s);
	op->kind = (uint8_t)kind;
	op->flags = 0;
	op->fd = k->fd;
	op->buf = buf;
	op->len = n;
	op->off = 0;
	op->fetch = k;
}

static ssize_t socket_read(cio_stream *s, void *buf, size_t n)
{
	cio_op op;
	begin(&op, CIO_OP_RECV, s, buf, n);
	return cio_perform(&op);
}

static ssize_t socket_try_read(cio_stream *s, void *buf, size_t n)
{
	cio_op op = {.kind = CIO_OP_RECV, .fd = socket_of(s)->fd, .buf = buf,
		.len = n, .off = MSG_DONTWAIT};
	int err = cio_submit(&op);
	assert(err != CIO_PENDING && "MSG_DONTWAIT never waits");
	return err == CIO_DONE ? op.res : err;
}

static ssize_t socket_fill(cio_stream *s)
{
	cio_op op;
	begin(&op, CIO_OP_RECV, s, NULL, CIO_POOLED_SIZE);
	op.flags = CIO_OP_POOLED | CIO_OP_AHEAD;
	int n = cio_perform(&op);
	if (n > 0)
		cio_stream_take(s, op.buf, (size_t)n);
	return n;
}

static ssize_t socket_write_some(cio_stream *s, struct iovec *iov, int count)
{
	cio_op op;
	if (count == 1) {
		begin(&op, CIO_OP_SEND, s, iov->iov_base, iov->iov_len);
		return cio_perform(&op);
	}
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = (size_t)count};
	begin(&op, CIO_OP_SENDMSG, s, &m, 0);
	return cio_perform(&op);
}

static ssize_t socket_try_write(cio_stream *s, const void *p, size_t n)
{
	cio_op op = {.kind = CIO_OP_SEND, .fd = socket_of(s)->fd,
		.buf = (void *)p, .len = n, .off = MSG_DONTWAIT};
	int err = cio_submit(&op);
	assert(err != CIO_PENDING && "MSG_DONTWAIT never waits");
	return err == CIO_DONE ? op.res : err;
}

static int socket_shutdown(cio_stream *s)
{
	return cio_perform_settled(&(cio_op){.kind = CIO_OP_SHUTDOWN,
		.fd = socket_of(s)->fd, .len = SHUT_WR});
}

/* ---- the end ---- */

static void socket_close(cio_stream *s, bool abort)
{
	struct socket *k = socket_of(s);
	struct linger at_once = {.l_onoff = 1};
	if (abort)
		cio_perform_settled(&(cio_op){.kind = CIO_OP_SOCKOPT,
			.fd = k->fd, .buf = &at_once, .len = sizeof at_once,
			.off = (int64_t)SOL_SOCKET << 32 | SO_LINGER});
	cio_fd_close(k->fd);
}

static void dropped(cio_op *op)
{
	cio_stream_release(&container_of(op, struct socket, dropping)->base);
}

static void socket_drop(cio_stream *s)
{
	struct socket *k = socket_of(s);
	k->dropping = (cio_op){.kind = CIO_OP_CLOSE, .fd = k->fd,
		.done = dropped};
	if (cio_submit(&k->dropping) != CIO_PENDING)
		cio_stream_release(s);
}

static void socket_free(cio_stream *s)
{
	cio__free(socket_of(s));
}

/* ---- its state ---- */

static bool socket_reusable(cio_stream *s)
{
	char byte;
	cio_op op = {.kind = CIO_OP_RECV, .fd = socket_of(s)->fd, .buf = &byte,
		.len = 1, .off = MSG_PEEK | MSG_DONTWAIT};
	int err = cio_submit(&op);
	assert(err != CIO_PENDING && "MSG_DONTWAIT never waits");
	return err == CIO_DONE && op.res == -EAGAIN;
}

static int socket_name(cio_stream *s, cio_address *out, bool peer)
{
	cio_address a = {0};
	int n = cio_perform_settled(&(cio_op){.kind = CIO_OP_SOCKNAME,
		.flags = peer ? CIO_OP_PEER : 0, .fd = socket_of(s)->fd,
		.buf = &a.storage, .len = sizeof a.storage});
	if (n < 0)
		return n;
	a.len = (socklen_t)n;
	*out = a;
	return 0;
}

/* ---- waiting without a stack ---- */

/* What the receive brought: an error, or 0 and it stands in the stream. */
static int received(cio_stream *s, const cio_op *op)
{
	if (op->res > 0)
		cio_stream_take(s, op->buf, (size_t)op->res);
	else if (op->res == 0)
		s->ended = true;
	return op->res < 0 ? op->res : 0;
}

static void idle_done(cio_op *op)
{
	cio_stream_idle *idle = container_of(op, cio_stream_idle, op);
	cio_stream_idle_ready(idle, received(idle->stream, op));
}

static int socket_wait_idle(cio_stream *s, cio_stream_idle *idle)
{
	idle->op.kind = CIO_OP_RECV;
	idle->op.flags = CIO_OP_POOLED | CIO_OP_AHEAD;
	idle->op.fd = socket_of(s)->fd;
	idle->op.len = CIO_POOLED_SIZE;
	idle->op.done = idle_done;
	int err = cio_submit(&idle->op);
	if (err != CIO_DONE)
		return err == CIO_PENDING ? 0 : err;
	err = received(s, &idle->op);
	return err < 0 ? err : 1;
}

/* ---- making one ---- */

static const cio_stream_ops socket_ops = {
	.read = socket_read,
	.write_some = socket_write_some,
	.shutdown = socket_shutdown,
	.close = socket_close,
	.drop = socket_drop,
	.reusable = socket_reusable,
	.wait_idle = socket_wait_idle,
	.name = socket_name,
	.fill = socket_fill,
	.free = socket_free,
	.try_read = socket_try_read,
	.try_write = socket_try_write,
};

int cio__stream_from_fd(const char *site, cio_stream **out, cio_fd fd)
{
	struct socket *k = cio__alloc(sizeof *k);
	if (k == NULL)
		return -ENOMEM;
	cio_stream_init(&k->base, &socket_ops);
	k->fd = fd;
	cio__stream_note(&k->base, site);
	*out = &k->base;
	return 0;
}
