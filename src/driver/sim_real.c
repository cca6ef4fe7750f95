/* SPDX-License-Identifier: MIT */
/*
 * sim_real.c - what the sim driver lets in from outside
 *
 * Adopted descriptors (a child's pipe, an eventfd) are the kernel's: a call is
 * tried, and if it would block, poll(2) says when to try again. They are looked
 * at before the clock jumps, but the clock does not wait for them: a limit of
 * time on the outside world has no meaning in virtual time.
 */
#include "driver/sim.h"

#include <errno.h>
#include <signal.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* A pipe has no positions and does not mind being given one. */
static ssize_t read_some(int fd, const cio_op *op, size_t n)
{
	ssize_t done = op->off < 0 ? -1 : pread(fd, op->buf, n, op->off);
	if (op->off < 0 || (done < 0 && errno == ESPIPE))
		done = read(fd, op->buf, n);
	return done;
}

static ssize_t write_some(int fd, const cio_op *op, size_t n)
{
	ssize_t done = op->off < 0 ? -1 : pwrite(fd, op->buf, n, op->off);
	if (op->off < 0 || (done < 0 && errno == ESPIPE))
		done = write(fd, op->buf, n);
	return done;
}

/* write(2) knows no MSG_NOSIGNAL: keep a SIGPIPE of our making from the
 * program, and leave alone one that was pending before. */
static ssize_t write_quietly(int fd, const cio_op *op, size_t n)
{
	sigset_t pipe_only, before, pending;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);

	ssize_t done = write_some(fd, op, n);
	int saved = errno;
	if (done < 0 && saved == EPIPE && !sigismember(&pending, SIGPIPE)) {
		const struct timespec now = {0, 0};
		(void)sigtimedwait(&pipe_only, NULL, &now);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return done;
}

static ssize_t poll_one(int fd, const cio_op *op)
{
	struct pollfd p = {.fd = fd, .events = (short)op->off};
	int n = poll(&p, 1, 0);
	if (n == 0)
		errno = EAGAIN;
	return n > 0 ? p.revents : -1;
}

static ssize_t name_of(int fd, cio_op *op)
{
	socklen_t n = (socklen_t)op->len;
	int err = (op->flags & CIO_OP_PEER) ? getpeername(fd, op->buf, &n)
		: getsockname(fd, op->buf, &n);
	return err < 0 ? -1 : (ssize_t)n;
}

static ssize_t receive(struct sim *s, int fd, cio_op *op)
{
	int flags = (int)op->off | MSG_DONTWAIT;
	if (op->kind == CIO_OP_RECVMSG)
		return recvmsg(fd, op->buf, flags);
	return recv(fd, op->buf, cio__sim_limit(s, op->len), flags);
}

static ssize_t transmit(struct sim *s, int fd, cio_op *op)
{
	int flags = (int)op->off | MSG_DONTWAIT | MSG_NOSIGNAL;
	if (op->kind == CIO_OP_SENDMSG)
		return sendmsg(fd, op->buf, flags);
	return send(fd, op->buf, cio__sim_limit(s, op->len), flags);
}

static ssize_t call(struct sim *s, int fd, cio_op *op)
{
	size_t n = cio__sim_limit(s, op->len);
	switch (op->kind) {
	case CIO_OP_READ:
		return read_some(fd, op, n);
	case CIO_OP_WRITE:
		return write_quietly(fd, op, n);
	case CIO_OP_POLL:
		return poll_one(fd, op);
	case CIO_OP_RECV:
	case CIO_OP_RECVMSG:
		return receive(s, fd, op);
	case CIO_OP_SEND:
	case CIO_OP_SENDMSG:
		return transmit(s, fd, op);
	case CIO_OP_SHUTDOWN:
		return shutdown(fd, (int)op->len);
	case CIO_OP_SOCKNAME:
		return name_of(fd, op);
	case CIO_OP_SOCKOPT:
		return setsockopt(fd, (int)(op->off >> 32),
			(int)(op->off & 0xffffffff), op->buf,
			(socklen_t)op->len);
	default: /* real sockets are not made here */
		errno = EOPNOTSUPP;
		return -1;
	}
}

int cio__sim_real(struct sim *s, struct sim_handle *h, cio_op *op)
{
	ssize_t n;
	do {
		n = call(s, h->fd, op);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n > INT32_MAX ? INT32_MAX : (int)n;
	return errno == EAGAIN ? SIM_WAIT : -errno;
}

/* ---- looking outside ---- */

/* What the operations of a handle wait for, -1 if none does: then a hang-up
 * must not end our sleep again and again. */
static int awaited(const struct sim_handle *h)
{
	int events = -1;
	for (cio_op *op = h->ops; op != NULL; op = cio__sim_next(op)) {
		if (!cio__sim_waits(op))
			continue;
		if (events < 0)
			events = 0;
		if (op->kind == CIO_OP_POLL)
			events |= (int)op->off & (POLLIN | POLLOUT);
		else if (op->kind == CIO_OP_WRITE || op->kind == CIO_OP_SEND ||
			op->kind == CIO_OP_SENDMSG)
			events |= POLLOUT;
		else
			events |= POLLIN;
	}
	return events;
}

/* Fill s->polled after its first entry; the order is that of the list. */
static nfds_t list_polled(struct sim *s)
{
	nfds_t n = 1;
	s->polled[0] = (struct pollfd){.fd = s->wake_fd, .events = POLLIN};
	for (cio_link *l = s->adopted.next; l != &s->adopted; l = l->next) {
		struct sim_handle *h =
			container_of(l, struct sim_handle, adopted);
		int events = awaited(h);
		s->polled[n++] = (struct pollfd){
			.fd = events >= 0 ? h->fd : -1,
			.events = (short)(events >= 0 ? events : 0),
		};
	}
	return n;
}

static void notify_ready(struct sim *s)
{
	nfds_t n = 1;
	for (cio_link *l = s->adopted.next; l != &s->adopted; l = l->next) {
		if (s->polled[n++].revents != 0)
			cio__sim_notify(s,
				container_of(l, struct sim_handle, adopted));
	}
}

static bool take_wake(struct sim *s)
{
	uint64_t count;
	return read(s->wake_fd, &count, sizeof count) == sizeof count;
}

int cio__sim_look_outside(struct sim *s, int timeout)
{
	if (timeout != 0 || !list_empty(&s->adopted)) {
		nfds_t n = list_polled(s);
		if (poll(s->polled, n, timeout) < 0) /* a signal: as a wake */
			return errno == EINTR ? 1 : -errno;
		notify_ready(s);
	}
	return take_wake(s);
}
