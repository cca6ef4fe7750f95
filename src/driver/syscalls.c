/* SPDX-License-Identifier: MIT */
/*
 * syscalls.c - the system calls of the drivers, none of which waits
 *
 * Descriptors are non-blocking, so each operation is one call that either
 * succeeds, fails or would block. Regular files know no such thing: a READ or
 * WRITE on one blocks for the disk and is done at once.
 */
#include "driver/kernel.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const cio_duration JUST_NOW = CIO_MS(1);

/* ---- what every driver has ---- */

int cio__kernel_open(struct kernel *k, const struct driver_ops *ops)
{
	k->base.ops = ops;
	k->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return k->wake_fd < 0 ? -errno : 0;
}

void cio__kernel_close(struct kernel *k)
{
	cio__handles_finish(&k->handles);
	cio__buffers_finish(&k->buffers);
	close(k->wake_fd);
}

void cio__kernel_wake(struct driver *d)
{
	struct kernel *k = (struct kernel *)d;
	int saved = errno; /* we may be in a signal handler */
	uint64_t one = 1;

	if (atomic_exchange_explicit(&k->woken, 1, memory_order_acq_rel) == 0)
		while (write(k->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
			;
	errno = saved;
}

/* First the counter, then the flag: a wake in between writes nothing, but it
 * came before we return, so what it announces is seen by our caller. */
void cio__kernel_woken(struct kernel *k)
{
	uint64_t count;
	while (read(k->wake_fd, &count, sizeof count) < 0 && errno == EINTR)
		;
	atomic_exchange_explicit(&k->woken, 0, memory_order_acq_rel);
}

cio_time cio__kernel_now(struct driver *d)
{
	(void)d;
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (cio_time)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* TSan keeps a signal back until the thread makes a call that it knows, and it
 * does not know the ones we wait in; the clock it does. */
cio_time cio__kernel_limit(cio_time until)
{
#ifdef UNDER_TSAN
	if (until != 0) {
		cio_time soon = cio__kernel_now(NULL) + 10000000;
		return until < soon ? until : soon;
	}
#endif
	return until;
}

uint64_t cio__kernel_handles(struct driver *d)
{
	return ((struct kernel *)d)->handles.open;
}

int cio__kernel_adopt(struct driver *d, int fd, cio_fd *out)
{
	struct kernel *k = (struct kernel *)d;
	struct stat st;
	int mode = fcntl(fd, F_GETFL);
	if (mode < 0 || fstat(fd, &st) < 0)
		return -errno;

	unsigned flags = HANDLE_ADOPTED;
	if (S_ISSOCK(st.st_mode))
		flags |= HANDLE_SOCKET;
	if (S_ISFIFO(st.st_mode))
		flags |= HANDLE_FIFO;
	cio_fd made;
	int err = cio__handles_add(&k->handles, fd, flags, &made);
	if (err < 0)
		return err;
	if (!(mode & O_NONBLOCK) && fcntl(fd, F_SETFL, mode | O_NONBLOCK) < 0) {
		err = -errno;
		struct handle *h = cio__handles_get(&k->handles, made);
		cio__handles_retire(h);
		h->fd = -1;
		h->flags = 0;
		k->handles.open--;
		return err;
	}
	*out = made;
	return 0;
}

/* ---- one call each ---- */

static int done(cio_op *op, ssize_t res)
{
	op->res = (int32_t)(res < 0 ? -errno : res);
	return CIO_DONE;
}

/* What the operation may transfer in one call: the result is 32 bits. */
static size_t length(const cio_op *op)
{
	return op->len < 0x7ffff000 ? op->len : 0x7ffff000;
}

static int add_socket(struct kernel *k, int fd, unsigned flags, cio_fd *out)
{
	int err = cio__handles_add(&k->handles, fd, HANDLE_SOCKET | flags, out);
	if (err < 0)
		close(fd);
	return err;
}

int cio__kernel_accepted(struct kernel *k, cio_fd listener, int fd, cio_fd *out)
{
	unsigned flags = k->handles.items[listener.slot].flags;
	return add_socket(k, fd, flags & HANDLE_TCP, out);
}

static int try_socket(struct kernel *k, cio_op *op)
{
	int type = (int)op->len | SOCK_NONBLOCK | SOCK_CLOEXEC;
	bool tcp = (op->off == AF_INET || op->off == AF_INET6) &&
		(int)op->len == SOCK_STREAM;
	int fd = socket((int)op->off, type, 0);
	if (fd < 0)
		return done(op, -1);
	op->res = add_socket(k, fd, tcp ? HANDLE_TCP : 0, &op->out);
	return CIO_DONE;
}

static int try_accept(struct kernel *k, int listener, cio_op *op)
{
	int fd;
	do /* a peer that gave up while it was queued is no error of ours */
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (fd < 0 && (errno == ECONNABORTED || errno == EINTR));
	if (fd < 0)
		return errno == EAGAIN ? CIO_PENDING : done(op, -1);
	op->res = cio__kernel_accepted(k, op->fd, fd, &op->out);
	return CIO_DONE;
}

static int try_connect(int fd, cio_op *op)
{
	int err = connect(fd, op->buf, (socklen_t)op->len);
	/* -EAGAIN (a full local listener) has no event that ends it: a result. */
	if (err < 0 && (errno == EINPROGRESS || errno == EINTR))
		return CIO_PENDING;
	return done(op, err);
}

static int retry_connect(int fd, cio_op *op)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	if (poll(&p, 1, 0) == 0)
		return CIO_PENDING; /* the event was older than the connect */
	int err = 0;
	socklen_t n = sizeof err;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0)
		return done(op, -1);
	op->res = -err;
	return CIO_DONE;
}

/* A transfer's result: would it have to wait? */
static int transferred(cio_op *op, ssize_t n)
{
	if (n < 0 && errno == EAGAIN && !(op->off & MSG_DONTWAIT))
		return CIO_PENDING;
	return done(op, n);
}

/* TCP gives all it has: fewer bytes than asked for mean that no more are there.
 * What comes from now on is announced. (Unix sockets may stop between writes.) */
void cio__kernel_received(struct handle *h, const cio_op *op, ssize_t n,
	size_t room)
{
	h->told = 0; /* that was before */
	if (op->off != 0)
		return; /* a look without taking, or at something else */
	h->flags &= ~(unsigned)HANDLE_DRAINED;
	if ((h->flags & HANDLE_TCP) && n > 0 && (size_t)n < room)
		h->flags |= HANDLE_DRAINED;
}

void cio__kernel_turned(struct kernel *k)
{
	k->turn += k->turn < UINT32_MAX ? 1 : 2; /* 0 is no turn */
	k->turned = cio__kernel_now(NULL);
}

/* A look at a socket that is drained, and whose end this very turn would have
 * told, by who wants to know whether it is still so: a connection that is used
 * again at once. Not if a task has kept the loop since: there was time for an end. */
static bool just_drained(const struct kernel *k, const struct handle *h,
	const cio_op *op)
{
	return op->off == (MSG_PEEK | MSG_DONTWAIT) && h->told == k->turn &&
		h->told != 0 &&
		(h->flags & (HANDLE_DRAINED | HANDLE_SUSPECT)) == HANDLE_DRAINED &&
		cio__kernel_now(NULL) - k->turned < JUST_NOW;
}

static int try_recv(const struct kernel *k, struct handle *h, cio_op *op)
{
	if (just_drained(k, h, op)) {
		op->res = -EAGAIN;
		return CIO_DONE;
	}
	ssize_t n;
	do
		n = recv(h->fd, op->buf, length(op), (int)op->off);
	while (n < 0 && errno == EINTR);
	cio__kernel_received(h, op, n, length(op));
	return transferred(op, n);
}

/* The buffer is taken only for the call: who waits holds none. */
static int try_recv_pooled(struct kernel *k, struct handle *h, cio_op *op)
{
	void *buf = cio__buffers_take(&k->buffers);
	if (buf == NULL) {
		errno = ENOMEM;
		return done(op, -1);
	}
	size_t room = CIO_POOLED_SIZE;
	if (op->len > 0 && op->len < room)
		room = op->len;
	ssize_t n;
	do
		n = recv(h->fd, buf, room, (int)op->off);
	while (n < 0 && errno == EINTR);
	cio__kernel_received(h, op, n, room);
	int r = transferred(op, n);
	op->buf = NULL;
	if (n > 0)
		op->buf = buf;
	else
		cio__buffers_give(&k->buffers, buf);
	return r;
}

static int try_send(int fd, cio_op *op)
{
	ssize_t n;
	do
		n = send(fd, op->buf, length(op), (int)op->off | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return transferred(op, n);
}

static int try_sendmsg(int fd, cio_op *op)
{
	ssize_t n;
	do
		n = sendmsg(fd, op->buf, (int)op->off | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return transferred(op, n);
}

static int try_recvmsg(int fd, cio_op *op)
{
	ssize_t n;
	do
		n = recvmsg(fd, op->buf, (int)op->off | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	return transferred(op, n);
}

/* A result of READ or WRITE, whose `off` has no flags. */
static int moved(cio_op *op, ssize_t n)
{
	if (n < 0 && errno == EAGAIN)
		return CIO_PENDING;
	return done(op, n);
}

static int try_read(int fd, cio_op *op)
{
	ssize_t n;
	do {
		n = op->off < 0 ? -1 : pread(fd, op->buf, length(op), op->off);
		if (op->off < 0 || (n < 0 && errno == ESPIPE))
			n = read(fd, op->buf, length(op));
	} while (n < 0 && errno == EINTR);
	return moved(op, n);
}

static ssize_t write_some(int fd, const cio_op *op)
{
	ssize_t n;
	do {
		n = op->off < 0 ? -1 : pwrite(fd, op->buf, length(op), op->off);
		if (op->off < 0 || (n < 0 && errno == ESPIPE))
			n = write(fd, op->buf, length(op));
	} while (n < 0 && errno == EINTR);
	return n;
}

/* write() has no MSG_NOSIGNAL: keep the SIGPIPE of a closed pipe from the
 * program by blocking it, and eat it unless it was pending before. */
static ssize_t write_fifo(int fd, const cio_op *op)
{
	sigset_t pipe_only, before, pending;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	sigpending(&pending);

	ssize_t n = write_some(fd, op);
	int err = errno;
	if (n < 0 && err == EPIPE && !sigismember(&pending, SIGPIPE)) {
		struct timespec at_once = {0};
		while (sigtimedwait(&pipe_only, NULL, &at_once) < 0
		       && errno == EINTR)
			;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}

static int try_write(const struct handle *h, cio_op *op)
{
	if (h->flags & HANDLE_FIFO)
		return moved(op, write_fifo(h->fd, op));
	if (!(h->flags & HANDLE_SOCKET))
		return moved(op, write_some(h->fd, op));
	ssize_t n;
	do
		n = send(h->fd, op->buf, length(op), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return moved(op, n);
}

static int try_poll(int fd, cio_op *op)
{
	struct pollfd p = {.fd = fd, .events = (short)op->off};
	int n;
	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return CIO_PENDING;
	return done(op, n < 0 ? n : p.revents);
}

static int try_sockopt(int fd, cio_op *op)
{
	int level = (int)(op->off >> 32), name = (int)(op->off & 0xffffffff);
	return done(op, setsockopt(fd, level, name, op->buf, (socklen_t)op->len));
}

static int try_sockname(int fd, cio_op *op)
{
	socklen_t n = (socklen_t)op->len;
	int err = op->flags & CIO_OP_PEER ? getpeername(fd, op->buf, &n)
	                                  : getsockname(fd, op->buf, &n);
	return done(op, err < 0 ? err : (ssize_t)n);
}

enum lane cio__lane(const cio_op *op)
{
	switch (op->kind) {
	case CIO_OP_ACCEPT:
	case CIO_OP_RECV:
	case CIO_OP_RECVMSG:
	case CIO_OP_READ:
		return LANE_READ;
	case CIO_OP_CONNECT:
	case CIO_OP_SEND:
	case CIO_OP_SENDMSG:
	case CIO_OP_WRITE:
		return LANE_WRITE;
	case CIO_OP_POLL:
		return LANE_POLL;
	default:
		return LANE_NONE;
	}
}

int cio__kernel_try(struct kernel *k, struct handle *h, cio_op *op)
{
	assert(h != NULL || op->kind == CIO_OP_NOP || op->kind == CIO_OP_SOCKET);
	int fd = h != NULL ? h->fd : -1;

	switch (op->kind) {
	case CIO_OP_NOP:
		op->res = 0;
		return CIO_DONE;
	case CIO_OP_SOCKET:
		return try_socket(k, op);
	case CIO_OP_BIND:
		return done(op, bind(fd, op->buf, (socklen_t)op->len));
	case CIO_OP_LISTEN:
		return done(op, listen(fd, (int)op->len));
	case CIO_OP_SOCKOPT:
		return try_sockopt(fd, op);
	case CIO_OP_SOCKNAME:
		return try_sockname(fd, op);
	case CIO_OP_SHUTDOWN:
		return done(op, shutdown(fd, (int)op->len));
	case CIO_OP_CONNECT:
		return try_connect(fd, op);
	case CIO_OP_ACCEPT:
		return try_accept(k, fd, op);
	case CIO_OP_RECV:
		return op->flags & CIO_OP_POOLED ? try_recv_pooled(k, h, op)
		                                 : try_recv(k, h, op);
	case CIO_OP_SEND:
		return try_send(fd, op);
	case CIO_OP_SENDMSG:
		return try_sendmsg(fd, op);
	case CIO_OP_RECVMSG:
		return try_recvmsg(fd, op);
	case CIO_OP_READ:
		return try_read(fd, op);
	case CIO_OP_WRITE:
		return try_write(h, op);
	case CIO_OP_POLL:
		return try_poll(fd, op);
	default:
		return -EOPNOTSUPP;
	}
}

int cio__kernel_retry(struct kernel *k, struct handle *h, cio_op *op)
{
	if (op->kind == CIO_OP_CONNECT)
		return retry_connect(h->fd, op);
	return cio__kernel_try(k, h, op);
}
