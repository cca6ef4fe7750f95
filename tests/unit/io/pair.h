/* SPDX-License-Identifier: MIT */
/*
 * pair.h - two streams that talk to each other, for tests
 *
 * Over real sockets on 127.0.0.1, or in memory under sim; with PAIR_IN_MEMORY
 * over no sockets at all. Include check.h first.
 */
#ifndef CIO_TESTS_PAIR_H
#define CIO_TESTS_PAIR_H

#include <cio.h>

struct pair {
	cio_stream *a, *b; /* who connected, who was accepted */
};

/* 0, or an error and nothing is open. A connect needs no accept to succeed, so
 * one task can do both. */
static inline int pair_open(struct pair *p)
{
	cio_listener *l;
	*p = (struct pair){0};
#ifdef PAIR_IN_MEMORY
	return cio_stream_pair(&p->a, &p->b, 0);
#endif
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	err = cio_tcp_connect(&p->a, "127.0.0.1", cio_listener_port(l), NULL);
	if (err == 0)
		err = cio_listener_accept(l, &p->b);
	if (err < 0) {
		cio_stream_close(p->a);
		*p = (struct pair){0};
	}
	cio_listener_close(l);
	return err;
}

static inline void pair_close(struct pair *p)
{
	cio_stream_close(p->a);
	cio_stream_close(p->b);
	*p = (struct pair){0};
}

/* A check_run whose function must also have closed every handle that it made;
 * the driver would close it silently in the end. */
struct closing {
	int (*fn)(void *);
	void *arg;
};

static inline int all_closed(void *arg)
{
	const struct closing *c = arg;
	uint64_t before = cio_run_get_figures().handles;
	int result = c->fn(c->arg);
	/* What was dropped may take a few turns. */
	for (int i = 0; i < 1000; i++)
		if (cio_run_get_figures().handles == before || cio_sleep(1) < 0)
			break;
	CHECK_INT(cio_run_get_figures().handles, before);
	return result;
}

static inline int run_closing(int (*fn)(void *), void *arg)
{
	return check_run(all_closed, &(struct closing){fn, arg});
}

static inline void disturb(int (*fn)(void *), void *arg, const char *name)
{
	struct closing c = {fn, arg};
	check_cancel_everywhere(all_closed, &c, name);
	check_fail_allocations(all_closed, &c, name);
}

#endif
