/* SPDX-License-Identifier: MIT */
/*
 * host.h - what a session knows of each host and port: its rate, how much it can
 * take at once, whether it is worth asking at all
 *
 * Only sessions with such an option have a table; the others pay nothing.
 */
#ifndef CIO_HTTP_HOST_H
#define CIO_HTTP_HOST_H

#include <cio/http_session.h>
#include <cio/limiter.h>
#include <cio/rate_limiter.h>

struct host;

/* A request's share of a host. */
struct host_share {
	struct host *host; /* NULL: none is held */
	uint32_t state;    /* of the breaker, when it was let in */
};

struct hosts {
	const cio_http_session_options *o;
	struct host **buckets;
	size_t n;
	cio_link used;         /* all of them, last used at the end */
	cio_rate_limiter rate; /* of the whole session */
	uint64_t seed;
	uint64_t breaker_open; /* requests refused */
};

/* 0, -ENOMEM, or -EINVAL with cio_error_text for a rate that cannot be; *out is
 * NULL if the options need no table. The options must outlive it. */
int hosts_open(struct hosts **out, const cio_http_session_options *o);
void hosts_close(struct hosts *t);

/* Wait for a turn at the host: 0 and a share of it, which host_leave gives back;
 * -EAGAIN if its breaker is open (cio_error_text), -ENOMEM, or a refusal. Yields. */
int host_enter(struct hosts *t, cio_str key, struct host_share *out);

/* How it went: the status, or 0 and the error; when the request was begun (0: it
 * was not) and its answer's first byte came (0: it did not). Never yields. */
struct host_outcome {
	int status, err;
	cio_time begun;
	cio_duration latency;
};
void host_leave(struct hosts *t, const struct host_share *share,
	const struct host_outcome *how);

#endif
