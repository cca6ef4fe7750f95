/* SPDX-License-Identifier: MIT */
/*
 * sim.h - to test the sim driver alone: operations with their end noted
 *
 * Each scenario runs for many seeds, so that operations which could be done at
 * once are met both done and pending.
 */
#ifndef CIO_TESTS_DRIVER_SIM_H
#define CIO_TESTS_DRIVER_SIM_H

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cio/impl.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "base/mem.h"
#include "driver/sim.h"

enum { SEEDS = 24 };

static struct driver *d;
static char big[300000], got[sizeof big];

/* ---- operations with their end noted ---- */

struct probe {
	cio_op op;
	int calls; /* of done() */
	int order; /* when the last came, among all */
};

static int finished;

static inline void note(cio_op *op)
{
	struct probe *p = container_of(op, struct probe, op);
	p->calls++;
	p->order = ++finished;
}

/* Submit; a result at once counts as the call of done() that it stands for. */
static inline int start(struct probe *p, cio_op op)
{
	*p = (struct probe){.op = op};
	p->op.done = note;
	int err = d->ops->submit(d, &p->op);
	if (err == CIO_DONE)
		note(&p->op);
	return err;
}

static inline void finish(struct probe *p)
{
	for (int i = 0; p->calls == 0 && i < 100000; i++)
		(void)d->ops->turn(d, d->ops->now(d) + CIO_US(10));
	assert_int_equal(p->calls, 1);
}

/* Let happen what can happen without time. */
static inline void settle_down(void)
{
	while (d->ops->turn(d, 0) > 0)
		;
}

static inline int perform(cio_op op)
{
	struct probe p;
	int err = start(&p, op);
	if (err < 0)
		return err;
	finish(&p);
	return p.op.res;
}

static inline cio_fd make(int domain, int type)
{
	struct probe p;
	int err = start(&p, (cio_op){.kind = CIO_OP_SOCKET, .off = domain,
		.len = (size_t)type});
	if (err < 0)
		return (cio_fd){0, 0};
	finish(&p);
	return p.op.res < 0 ? (cio_fd){0, 0} : p.op.out;
}

static inline int shut(cio_fd fd)
{
	return perform((cio_op){.kind = CIO_OP_CLOSE, .fd = fd});
}

static inline struct sockaddr_in at_port(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline int bind_to(cio_fd fd, struct sockaddr_in a)
{
	return perform((cio_op){.kind = CIO_OP_BIND, .fd = fd, .buf = &a,
		.len = sizeof a});
}

static inline int connect_to(cio_fd fd, struct sockaddr_in a)
{
	return perform((cio_op){.kind = CIO_OP_CONNECT, .fd = fd, .buf = &a,
		.len = sizeof a});
}

static inline cio_fd listen_at(uint16_t port, size_t backlog)
{
	cio_fd fd = make(AF_INET, SOCK_STREAM);
	assert_int_equal(bind_to(fd, at_port(port)), 0);
	assert_int_equal(perform((cio_op){.kind = CIO_OP_LISTEN, .fd = fd,
		.len = backlog}), 0);
	return fd;
}

static inline cio_fd accept_from(cio_fd listener)
{
	struct probe p;
	assert_true(start(&p, (cio_op){.kind = CIO_OP_ACCEPT, .fd = listener})
		>= 0);
	finish(&p);
	assert_int_equal(p.op.res, 0);
	return p.op.out;
}

struct pair {
	cio_fd listener, a, b;
};

static inline struct pair make_pair(void)
{
	struct pair p;
	p.listener = listen_at(80, 4);
	p.a = make(AF_INET, SOCK_STREAM);
	assert_int_equal(connect_to(p.a, at_port(80)), 0);
	p.b = accept_from(p.listener);
	return p;
}

static inline cio_op sending(cio_fd fd, const void *p, size_t n)
{
	return (cio_op){.kind = CIO_OP_SEND, .fd = fd,
		.buf = (void *)(uintptr_t)p, .len = n};
}

static inline cio_op receiving(cio_fd fd, void *p, size_t n)
{
	return (cio_op){.kind = CIO_OP_RECV, .fd = fd, .buf = p, .len = n};
}

static inline int send_text(cio_fd fd, const char *text)
{
	return perform(sending(fd, text, strlen(text)));
}

/* ---- each scenario for each seed ---- */

static inline void open_seed(uint64_t seed)
{
	struct driver_options o = {.seed = seed};
	finished = 0;
	assert_int_equal(driver_sim.open(&d, &o), 0);
}

static inline void close_driver(uint64_t blocks)
{
	d->ops->close(d);
	assert_int_equal(cio_sim_blocks(), blocks);
}

static inline struct cio_sim_faults *faults(void)
{
	return &((struct sim *)(void *)d)->faults;
}

static inline void for_seeds(void (*scenario)(void))
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		uint64_t blocks = cio_sim_blocks();
		open_seed(seed);
		scenario();
		close_driver(blocks);
	}
}

#define SCENARIO(name) \
	static void name##_scenario(void); \
	static void name(void **state) \
	{ \
		(void)state; \
		for_seeds(name##_scenario); \
	} \
	static void name##_scenario(void)

#endif
