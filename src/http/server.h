/* SPDX-License-Identifier: MIT */
/*
 * server.h - what the server's files share
 *
 * Files: server (open, accept, drain), server_dial (connections from within this
 * process), server_tls (the handshake), server_conn (one connection from its
 * first byte to its close), server_request and server_response (what a handler
 * sees), router (which handler).
 */
#ifndef CIO_HTTP_SERVER_PRIVATE_H
#define CIO_HTTP_SERVER_PRIVATE_H

#include <cio/http_server.h>
#include <cio/net.h>
#include <cio/time.h>
#include <cio/tls.h>

#include "wire/http1.h"

/* ---- router ---- */

enum { ROUTE_PARAMS = 16, ROUTE_SEGMENTS = 32 };

struct router;
struct leaf;

struct route_match {
	const struct leaf *leaf;
	cio_handler *handler;
	cio_str values[ROUTE_PARAMS]; /* in the order of the pattern */
	unsigned allow;               /* a bit for each method of this path */
};

/* 0, -ENOMEM, or -EINVAL with a text that names the route or the two. `routes`
 * (NULL: none) must outlive the router. */
int cio__router_open(struct router **out, const cio_route *routes);
void cio__router_close(struct router *r);

/* 0; -ENOENT; -EOPNOTSUPP: not by this method, see `allow`; -EINVAL: a bad
 * escape; -ENOMEM. The values view `path`, or `decoded` where there was an
 * escape. */
int cio__router_find(const struct router *r, cio_http_method m, cio_str path,
	cio_buf *decoded, struct route_match *out);

/* A bit for each method that some route has, HEAD with GET, and OPTIONS. */
unsigned cio__router_allow(const struct router *r);

/* The value's text, or its number; {NULL, 0} and 0 without one. */
cio_str cio__route_str(const struct route_match *m, const char *name);
int64_t cio__route_int(const struct route_match *m, const char *name);

/* ---- the server ---- */

enum accepting {
	ACCEPT_ARMED,   /* an operation runs, or its result is looked at */
	ACCEPT_FULL,    /* max_connections: who ends or idles starts it again */
	ACCEPT_WATCHED, /* full, and the operation tells when somebody comes */
	ACCEPT_EVICTS,  /* an idle one is on its way out to make room */
	ACCEPT_PAUSED,  /* the timer starts it again */
	ACCEPT_ENDED
};

/*
 * Two groups, both opened by the keeper, a task that sleeps from open to close:
 * `waits` owns the operations that no request depends on (accept, idle
 * connections) and is cancelled when the drain begins; `tasks`, around it, has
 * a task for each connection with a request at hand.
 */
struct cio_http_server {
	cio_http_server_options o; /* with the defaults filled in */
	struct router *router;
	cio_tls_config *tls;       /* NULL: in the clear */
	cio_listener *listener;    /* NULL: closed */
	cio_task *keeper;
	cio_waiter starter;        /* the opener waits for the keeper */
	cio_group tasks, waits;
	cio_handle handle;
	cio_link conns;            /* open, but not in `idle` */
	cio_link idle;             /* between two requests, oldest first */
	cio_link drainers;         /* wait until there are no connections */
	cio_link dialers;          /* wait for a place (server_dial.c) */
	bool refuses;              /* there are no new connections any more */

	cio_op accept;
	cio_timer pause;
	enum accepting accepting;
	struct conn *spare;        /* for the next connection */
	bool told_of_limit;

	struct exchange *free;     /* at most KEEP_EXCHANGES */
	unsigned free_n;
	bool draining;
	cio_http_server_drained drain;
	cio_http_server_figures figures;
	int64_t date_of;           /* the second that `date` was made for */
	char date[48];             /* "Date: ...\r\n" */
};

/* A connection: all that an idle one costs, beside its descriptor. */
struct conn {
	cio_link link;
	cio_http_server *server;
	cio_stream *stream;
	cio_task *task; /* NULL while it is idle */
	uint32_t requests;
	bool secure; /* the handshake is over */
	union {
		cio_stream_idle idle;
		cio_op close; /* of a descriptor that did not become a stream */
	};
};

/* The connection is gone from the list; the stream was closed. */
void cio__conn_free(struct conn *c);

/* Serve c->stream; all else in `c` is zero. It may be gone when this returns. */
void cio__conn_begin(cio_http_server *s, struct conn *c);

/* Bound the stream's buffer. */
void cio__conn_limit(struct conn *c);

/* server_tls.c */

/* As the options say: 0, or what is wrong with them. */
int cio__server_tls_open(cio_http_server *s);
/* Before the first request, in the connection's task. < 0: there is none. */
int cio__conn_secure(struct conn *c);

/* The oldest idle connection, if any, is on its way out. */
void cio__conn_evict(cio_http_server *s);

/* A place may have become free, or there will be none. */
void cio__dialers_go(cio_http_server *s);

/* It waits for another request, and may have to give way: it may be gone when
 * this returns. */
void cio__conn_idle(struct conn *c);

/* ---- a request and its answer ---- */

struct cio_request {
	struct conn *conn;
	struct http1_parser parser;
	struct http1_header headers[HTTP1_HEADERS];
	cio_http_method method;
	cio_str path, query;
	struct route_match match;
	size_t used;       /* of the stream's buffer, to be consumed later */
	cio_buf head;      /* the copy, if there is a body */
	cio_buf decoded;   /* path parameters with escapes */
	cio_buf body;
	uint64_t body_bytes; /* so far, kept or not */
	int body_error;      /* no more of it can be read */
	bool ended;          /* the message has been read to its end */
	bool continued;      /* 100 Continue was sent */
	bool aborted;
};

struct cio_response {
	int status;      /* 0: not answered yet */
	cio_buf fields;  /* header lines of the handler's */
	cio_buf body;
	bool close;      /* the handler wants the connection closed */
};

/* Everything that one request needs; reused, with its buffers. */
struct exchange {
	struct exchange *next;
	struct cio_request req;
	struct cio_response res;
	cio_buf out;
};

/* Run in a task of server->tasks: serve requests while there are bytes. */
int cio__conn_serve(struct conn *const *self);
void cio__exchange_free(struct exchange *x);

/* The next part of the body, waiting for it within body_timeout: > 0 (`data` is
 * valid until the next call), 0: the message has ended, -CIO_EPROTOCOL,
 * -CIO_ETOOLARGE, -CIO_EEOF, -ETIMEDOUT (final, kept in body_error), -errno, or
 * a refusal. The head, unless it was copied, is gone. */
int cio__request_next(struct cio_request *req, cio_str *data);
void cio__request_clear(struct cio_request *req);

/* Replace what was answered by a text about `status`. */
int cio__response_status(struct cio_response *res, int status,
	const char *detail);
/* Print the answer's head, and the body if it is small, into `out`. */
int cio__response_print(const struct cio_response *res, cio_http_server *s,
	bool head_only, const char *connection, cio_buf *out);
void cio__response_clear(struct cio_response *res);

/* Free the memory if it is large, else keep it for the next request. */
void cio__buf_trim(cio_buf *b);

enum {
	SMALL_BODY = 16 * 1024,  /* goes out in one piece with the head */
	KEEP_BYTES = 32 * 1024,  /* larger buffers end with their request */
	KEEP_EXCHANGES = 64,
	DRAIN_BYTES = 64 * 1024, /* of an unread body, to keep the connection */
	LINGER_BYTES = 1024 * 1024
};

#endif
