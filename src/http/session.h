/* SPDX-License-Identifier: MIT */
/*
 * session.h - the client: one request on its way, and what it goes over
 *
 * session.c decides (attempts, replays, pauses), session_exchange.c talks
 * (one request and its answer over one connection), session_error.c explains.
 */
#ifndef CIO_HTTP_SESSION_PRIVATE_H
#define CIO_HTTP_SESSION_PRIVATE_H

#include <cio/http_session.h>
#include <cio/stream.h>

#include "base/random.h"
#include "wire/http1.h"
#include "wire/url.h"

struct cio_http_session {
	cio_http_session_options o; /* with the defaults filled in */
	char *user_agent;           /* ours */
	cio_pool *pool;             /* of struct connection */
	struct random random;
	uint64_t requests, attempts, retries, replays;
};

/* What the pool keeps. It serves one host, so its Host line is made once. */
struct connection {
	cio_stream *stream;
	cio_buf host; /* "Host: ...\r\n" */
	cio_buf out;  /* the head of a request; its memory is used again */
	struct http1_parser parser;
	struct http1_header headers[HTTP1_HEADERS];
};

/* How far an attempt came; errors are told by it. */
enum phase {
	PHASE_REQUEST, /* looking at what the caller wants */
	PHASE_PLACE,   /* waiting for one */
	PHASE_CONNECT,
	PHASE_SEND,
	PHASE_WAIT, /* no byte of the answer yet */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_PAUSE, /* between two attempts */
};

/* A request on its way, on the stack of its task. From `phase` on: of the
 * present attempt. */
struct exchange {
	cio_http_session *s;
	const cio_http_request_options *rq;
	cio_http_response *r;
	struct url url;
	cio_duration timeout;
	size_t body_at; /* so many bytes stood in r->body before */

	enum phase phase;
	const char *wrong; /* in words, static; NULL: the code says it */
	cio_time begun;    /* it got its place */
	cio_time deadline; /* 0: not begun */
	size_t sent;       /* bytes of the request that went out */
	bool keep;         /* the connection may serve another request */
	cio_duration retry_after;
};

/* session_exchange.c */

/* The pool's calls; `arg` is the session, `how` the exchange. */
int session_connect(void *arg, cio_str key, const void *how, void **item);
void session_disconnect(void *arg, void *item);
bool session_check(void *arg, void *item);

/* The attempt has got its place; a replay goes on with its deadline. */
void session_begin(struct exchange *x);

/* Send and receive, in the scope of the attempt. 0 once the whole answer is
 * here; sets x->keep. Yields. */
int session_exchange(struct exchange *x, struct connection *c);

/* Forget what was received: the head, and the body but for its size. */
void session_forget(struct exchange *x);

/* session_error.c */

/* Set r->error and the error text; returns `err`. */
int session_explain(struct exchange *x, int err);

static inline cio_time session_later(cio_time t, cio_duration d)
{
	return d > CIO_NEVER - t ? CIO_NEVER : t + d;
}

#endif
