/* SPDX-License-Identifier: MIT */
/*
 * by_hand.h - a driver under test: no loop and no tasks, only turns
 */
#ifndef TESTS_DRIVER_BY_HAND_H
#define TESTS_DRIVER_BY_HAND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cio/sim.h>

#include "base/mem.h"
#include "core/driver.h"

static struct driver *d;
static uint64_t blocks_before;

/* An operation that counts its completions. */
struct job {
	cio_op op;
	int calls; /* with or without MORE */
	int last;  /* without */
	void (*then)(struct job *j);
	struct job *other;
	cio_fd got[256]; /* what a multi accept made */
	int order;
};

static int completions;

static void job_done(cio_op *op)
{
	struct job *j = (struct job *)op;
	if (op->kind == CIO_OP_ACCEPT && op->res == 0)
		j->got[j->calls % 256] = op->out;
	j->calls++;
	if (!(op->flags & CIO_OP_MORE)) {
		j->last++;
		j->order = ++completions;
	}
	if (j->then != NULL)
		j->then(j);
}

static int submit(struct job *j)
{
	j->op.done = job_done;
	return d->ops->submit(d, &j->op);
}

static void turn(cio_time until)
{
	assert_true(d->ops->turn(d, until) >= 0);
}

static int await(struct job *j)
{
	while (j->last == 0)
		turn(CIO_NEVER);
	assert_int_equal(j->last, 1);
	return j->op.res;
}

static int run(struct job *j)
{
	int r = submit(j);
	if (r == CIO_DONE)
		return j->op.res;
	return r < 0 ? r : await(j);
}

/* What must wait: anything but CIO_PENDING is a failure. */
static void start(struct job *j)
{
	assert_int_equal(submit(j), CIO_PENDING);
	assert_int_equal(j->calls, 0);
}

static void settle(void)
{
	for (int i = 0; i < 10; i++)
		turn(0);
}

static struct job recv_job(cio_fd fd, void *buf, size_t n)
{
	return (struct job){.op = {.kind = CIO_OP_RECV, .fd = fd, .buf = buf,
		.len = n}};
}

static struct job send_job(cio_fd fd, const void *buf, size_t n)
{
	return (struct job){.op = {.kind = CIO_OP_SEND, .fd = fd,
		.buf = (void *)(uintptr_t)buf, .len = n}};
}

static int close_fd(cio_fd fd)
{
	struct job j = {.op = {.kind = CIO_OP_CLOSE, .fd = fd}};
	return run(&j);
}

static int send_text(cio_fd fd, const char *text)
{
	struct job j = send_job(fd, text, strlen(text));
	return run(&j);
}

static cio_fd make_socket(int domain, int type)
{
	struct job j = {.op = {.kind = CIO_OP_SOCKET, .off = domain,
		.len = (size_t)type}};
	assert_int_equal(run(&j), 0);
	assert_true(cio_fd_open(j.op.out));
	return j.op.out;
}

static void bind_any(cio_fd fd, struct sockaddr_in *a)
{
	*a = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct job b = {.op = {.kind = CIO_OP_BIND, .fd = fd, .buf = a,
		.len = sizeof *a}};
	assert_int_equal(run(&b), 0);
	struct job n = {.op = {.kind = CIO_OP_SOCKNAME, .fd = fd, .buf = a,
		.len = sizeof *a}};
	assert_int_equal(run(&n), sizeof *a);
}

static cio_fd listen_any(struct sockaddr_in *a, int backlog)
{
	cio_fd fd = make_socket(AF_INET, SOCK_STREAM);
	int on = 1;
	struct job o = {.op = {.kind = CIO_OP_SOCKOPT, .fd = fd, .buf = &on,
		.len = sizeof on, .off = (int64_t)SOL_SOCKET << 32 | SO_REUSEADDR}};
	assert_int_equal(run(&o), 0);
	bind_any(fd, a);
	struct job l = {.op = {.kind = CIO_OP_LISTEN, .fd = fd,
		.len = (size_t)backlog}};
	assert_int_equal(run(&l), 0);
	return fd;
}

static int connect_to(cio_fd fd, struct sockaddr_in *a)
{
	struct job j = {.op = {.kind = CIO_OP_CONNECT, .fd = fd, .buf = a,
		.len = sizeof *a}};
	return run(&j);
}

static struct job accept_job(cio_fd fd, unsigned flags)
{
	return (struct job){.op = {.kind = CIO_OP_ACCEPT, .fd = fd,
		.flags = (uint8_t)flags}};
}

struct pair {
	cio_fd a, b;
};

static struct pair tcp_pair(void)
{
	struct sockaddr_in at;
	struct pair p;
	cio_fd l = listen_any(&at, 4);
	p.a = make_socket(AF_INET, SOCK_STREAM);
	assert_int_equal(connect_to(p.a, &at), 0);
	struct job j = accept_job(l, 0);
	assert_int_equal(run(&j), 0);
	p.b = j.op.out;
	assert_int_equal(close_fd(l), 0);
	return p;
}

static void close_pair(struct pair p)
{
	assert_int_equal(close_fd(p.a), 0);
	assert_int_equal(close_fd(p.b), 0);
}

static int open_driver(const struct driver_ops *ops)
{
	struct driver_options o = {0};
	blocks_before = cio_sim_blocks();
	completions = 0;
	return ops->open(&d, &o);
}

static int setup_epoll(void **state)
{
	(void)state;
	return open_driver(&driver_epoll);
}

static int setup_uring(void **state)
{
	(void)state;
	return open_driver(&driver_uring);
}

static int teardown(void **state)
{
	(void)state;
	uint64_t left = d->ops->handles(d);
	d->ops->close(d);
	return left == 0 && cio_sim_blocks() == blocks_before ? 0 : -1;
}

#endif
