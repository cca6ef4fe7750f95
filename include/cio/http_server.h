/* SPDX-License-Identifier: MIT */
#ifndef CIO_HTTP_SERVER_H
#define CIO_HTTP_SERVER_H

#include <cio/http.h>
#include <cio/stream.h>
#include <cio/task.h>
#include <cio/tls.h>

CIO_BEGIN_DECLS

/*
 * HTTP server: routes, handlers in straight-line code, graceful drain.
 *
 *	static int hello(cio_request *req, cio_response *res)
 *	{
 *		(void)req;
 *		return cio_respond(res, 200, "text/plain", "hello\n");
 *	}
 *	static const cio_route routes[] = {
 *		{CIO_GET, "/hello", hello},
 *		{0},
 *	};
 *
 *	cio_http_server *server;
 *	int err = cio_http_server_open(&server,
 *		&(cio_http_server_options){.port = 8080, .routes = routes});
 *	... wait for a signal ...
 *	cio_http_server_close(server, CIO_S(10), NULL);
 *
 * It serves in the background from the open on. A connection between requests
 * holds no task and no stack; a handler runs in a task of its own and may wait.
 */
typedef struct cio_http_server cio_http_server;
typedef struct cio_request cio_request;
typedef struct cio_response cio_response;

/* Answer a request. >= 0: answered through `res`. < 0 with nothing answered:
 * -ENOENT becomes 404, -EINVAL 400, -EACCES 403, -ETIMEDOUT 504, -EBUSY 503, all
 * else 500; what cio_request_body failed with becomes 400, 408 or 413. 5xx are
 * reported as warnings, with the error's text. */
typedef int cio_handler(cio_request *req, cio_response *res);

/* Path: "/items/{id}" or "/items/{id:int}" (decimal digits, fits int64). The
 * order does not matter: plain text is preferred to a number, a number to any
 * other segment. A value is never empty; its escapes are undone. */
typedef struct cio_route {
	cio_http_method method; /* CIO_GET answers HEAD too */
	const char *path;
	cio_handler *handler;   /* NULL ends the list */
} cio_route;

typedef struct cio_http_server_options {
	const char *host;        /* NULL: "127.0.0.1" */
	uint16_t port;           /* 0: any free one */
	bool reuse_port;
	const char *unix_socket; /* listen at this path instead (cio_unix_listen) */
	bool in_process;         /* or nowhere: for cio_http_server_dial alone */
	const cio_tls_options *tls; /* https: certificate_file and key_file, and
	                            what else is wanted (handshake_timeout,
	                            verify_client); copied. alpn NULL: "http/1.1".
	                            NULL: in the clear */
	const cio_route *routes; /* ends with a zeroed one; must outlive the server */
	void *state;             /* cio_request_state */
	uint32_t max_connections;     /* 0: 10,000; beyond it idle ones give way,
	                                 oldest first, else newcomers wait in
	                                 the backlog */
	cio_duration head_timeout;    /* from the first byte to the whole head; 0: 10 s */
	cio_duration body_timeout;    /* between two reads of a body; 0: 60 s */
	cio_duration write_timeout;   /* for one answer; 0: 60 s */
	cio_duration keep_alive;      /* an idle connection is kept; 0: 75 s */
	uint32_t max_requests;        /* on one connection; 0: 1,000,000 */
	size_t max_head;              /* bytes; 0: 16 KiB, then 431 */
	size_t max_body;              /* bytes; 0: 1 MiB, then 413 */
} cio_http_server_options;

/* `int cio_http_server_open(cio_http_server **out,
 * const cio_http_server_options *options)`: bind and start to serve in the
 * calling loop. 0; -EADDRINUSE and its like, -EINVAL for a route that cannot be
 * (two the same, bad pattern), -CIO_ETLS for a certificate that cannot be used:
 * cio_error_text says which and what to do; -ENOMEM. Yields (the host's name, the
 * certificate's files). */
#define cio_http_server_open(...) cio__http_server_open(CIO__SITE, __VA_ARGS__)
CIO_API int cio__http_server_open(const char *site, cio_http_server **out,
	const cio_http_server_options *options);

CIO_API uint16_t cio_http_server_port(const cio_http_server *s); /* 0: none */

/*
 * Connect without a socket: a stream to the server (a cio_http_server *) that
 * it serves like any other connection, in the same loop. For tests of handlers:
 *
 *	cio_http_session_open(&(cio_http_session_options){
 *		.dial = cio_http_server_dial, .dial_arg = server});
 *
 * Host and port do not matter. At max_connections an idle one gives way, or it
 * waits for a place. 0 and a stream, which is the caller's; -ECONNREFUSED (the
 * server is closing), -ENOMEM, or a refusal. Yields.
 */
CIO_API int cio_http_server_dial(void *server, const char *host, uint16_t port,
	cio_stream **out);

/* The end, in three steps, each of which takes those before it, and may be
 * called again. cio_http_server_close is all of them. */

/* Stop listening: who comes from now on is refused by the kernel. Connections
 * go on as if nothing had happened. Yields; never refused. */
CIO_API void cio_http_server_close_listeners(cio_http_server *s);

typedef struct cio_http_server_drained {
	uint64_t finished; /* requests that ended since the drain began */
	uint64_t cut;      /* requests that had to be cancelled */
	uint64_t idle;     /* connections that were closed between requests */
} cio_http_server_drained;

/* Close idle connections and let requests at hand finish (their answers say
 * Connection: close), waiting for at most `limit`. If `told` is not NULL it says
 * how it went so far. 0: no connection is left; -ETIMEDOUT: some are, and go on;
 * a refusal likewise. Nothing happens from where it cannot work: -EDEADLK from a
 * handler of its own, in a callback and outside a loop, -EINVAL in another loop.
 * Yields. */
CIO_API int cio_http_server_drain(cio_http_server *s, cio_duration limit,
	cio_http_server_drained *told);

/* `int cio_http_server_abort(cio_http_server *s)`: cancel the requests at hand and
 * wait until their handlers have ended; their clients see a reset. 0, or -EDEADLK,
 * -EINVAL as above. Yields; never refused. */
#define cio_http_server_abort(...) \
	cio__http_server_abort(CIO__SITE, __VA_ARGS__)
CIO_API int cio__http_server_abort(const char *site, cio_http_server *s);

/* `int cio_http_server_close(cio_http_server *s, cio_duration limit,
 * cio_http_server_drained *told)`: close the listeners, drain for at most `limit`,
 * abort the rest, and free. 0 if nothing was cut, else -ETIMEDOUT. Yields; not
 * interrupted: a cancel of the caller cuts the drain short. -EDEADLK, -EINVAL as
 * above. NULL is ignored. */
#define cio_http_server_close(...) \
	cio__http_server_close(CIO__SITE, __VA_ARGS__)
CIO_API int cio__http_server_close(const char *site, cio_http_server *s,
	cio_duration limit, cio_http_server_drained *told);

typedef struct cio_http_server_figures {
	uint64_t accepted, requests;   /* ever */
	uint64_t connections, active;  /* now: open; with a request at hand */
	uint64_t refused;              /* ever: answered 4xx by the server itself */
	uint64_t refused_tls;          /* ever: handshakes that failed */
	uint64_t evicted;              /* ever: idle connections that gave way */
} cio_http_server_figures;
CIO_API cio_http_server_figures cio_http_server_get_figures(
	const cio_http_server *s);

/* ---- the request: views are valid until the handler returns ---- */

CIO_API void *cio_request_state(const cio_request *req);
CIO_API cio_http_method cio_request_method(const cio_request *req);
CIO_API cio_str cio_request_path(const cio_request *req);  /* as sent */
CIO_API cio_str cio_request_query(const cio_request *req); /* after '?' */
/* The first header of this name, {NULL, 0} if there is none. */
CIO_API cio_str cio_request_header(const cio_request *req, const char *name);
/* A path parameter; {NULL, 0} and 0 for a name that the route does not have. */
CIO_API cio_str cio_path_str(const cio_request *req, const char *name);
CIO_API int64_t cio_path_int(const cio_request *req, const char *name);
/* Read the whole body: 0 and a view; -CIO_ETOOLARGE, -CIO_EPROTOCOL (bad chunks),
 * -CIO_EEOF, -ETIMEDOUT, -ECONNRESET, -ENOMEM, or a refusal, after which it may
 * be called again. Yields. A body that nobody reads is skipped. */
CIO_API int cio_request_body(cio_request *req, cio_str *out);
/* Was this connection used before? How many requests came on it, this one
 * included: 1, 2, ... */
CIO_API uint32_t cio_request_number(const cio_request *req);
/* Close the connection with a reset instead of answering; for tests of clients.
 * Return 0 from the handler after. */
CIO_API void cio_request_abort(cio_request *req);

/* ---- the response ---- */

/* Add a header field; before the answer is given (-EALREADY). -EINVAL for bytes
 * that do not belong there (RFC 9110 §5.5) and for fields that the server
 * writes: Content-Length, Transfer-Encoding, Date and their like; but
 * "Connection: close" ends the connection after the answer. -ENOMEM. Never
 * yields. */
CIO_API int cio_response_header(cio_response *res, const char *name,
	const char *value);

/* Give the answer: status (200-599), media type (NULL: none) and body, which is
 * copied. 0, -EALREADY, -EINVAL (a body for 204 or 304 too), -ENOMEM. It is sent
 * when the handler returns. Never yields. */
CIO_API int cio_respond(cio_response *res, int status, const char *type,
	const char *text);
CIO_API int cio_respond_bytes(cio_response *res, int status, const char *type,
	const void *p, size_t n);
/* The body by a format. */
CIO_API int cio_respond_format(cio_response *res, int status, const char *type,
	const char *format, ...) CIO_PRINTF(4, 5);

CIO_END_DECLS
#endif
