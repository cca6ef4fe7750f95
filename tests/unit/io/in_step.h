/* SPDX-License-Identifier: MIT */
/*
 * in_step.h - a reader that keeps up with its peer, for tests
 *
 * After it a driver that can will receive ahead of the reader. Include check.h
 * first.
 */
#ifndef CIO_TESTS_IN_STEP_H
#define CIO_TESTS_IN_STEP_H

#include <errno.h>
#include <stdlib.h>

#include "unit/io/pair.h"

enum { IN_STEP = 12 };

static inline char pattern(size_t i)
{
	return (char)(i * 13 + (i >> 8) * 5 + (i >> 16));
}

static inline int send_bytes(cio_stream *s, size_t at, size_t n)
{
	char *block = malloc(n);
	for (size_t i = 0; i < n; i++)
		block[i] = pattern(at + i);
	int err = cio_stream_write(s, block, n, NULL);
	free(block);
	return err;
}

static inline void check_bytes(const char *got, size_t at, size_t n)
{
	size_t wrong = 0;
	for (size_t i = 0; i < n; i++)
		wrong += got[i] != pattern(at + i);
	CHECK_INT(wrong, 0);
}

struct message {
	cio_stream *s;
	size_t at;
};

static inline int send_message(const struct message *m)
{
	return send_bytes(m->s, m->at, 64);
}

/* n messages from a to b, each only when b waits for it. `at` is where in the
 * pattern both are. */
static inline int step(const struct pair *p, size_t *at, int n)
{
	int err = 0;
	for (int i = 0; i < n && err == 0; i++) {
		CIO_GROUP(g, &err) {
			err = cio_group_spawn(&g, send_message,
				&(struct message){p->a, *at});
			while (err == 0 && cio_stream_peek(p->b).n < 64) {
				ssize_t came = cio_stream_fill(p->b);
				err = came < 0 ? (int)came :
					came == 0 ? -CIO_EEOF : 0;
			}
		}
		if (err < 0)
			break;
		cio_str got = cio_stream_peek(p->b);
		CHECK_INT(got.n, 64);
		check_bytes(got.p, *at, got.n);
		cio_stream_consume(p->b, got.n);
		*at += 64;
	}
	return err;
}

/* So often that b keeps up. */
static inline int keep_up(const struct pair *p, size_t *at)
{
	return step(p, at, IN_STEP);
}

#endif
