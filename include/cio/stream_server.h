/* SPDX-License-Identifier: MIT */
#ifndef CIO_STREAM_SERVER_H
#define CIO_STREAM_SERVER_H

#include <cio/net.h>

CIO_BEGIN_DECLS

/*
 * Stream server: a task for each connection, over TCP or a Unix socket
 * (asyncio's start_server).
 *
 *	static int echo(cio_stream *s, void *arg)
 *	{
 *		char buf[4096];
 *		ssize_t n;
 *		int err = 0;
 *		while (err == 0 && (n = cio_stream_read(s, buf, sizeof buf)) > 0)
 *			err = cio_stream_write(s, buf, (size_t)n, NULL);
 *		return err;
 *	}
 *
 *	cio_stream_server *server;
 *	int err = cio_stream_server_open(&server, echo, NULL,
 *		&(cio_stream_server_options){.port = 7000});
 *	... wait for a signal ...
 *	cio_stream_server_close(server, CIO_S(10));
 *
 * It serves in the background from the open on, in the calling loop.
 */
typedef struct cio_stream_server cio_stream_server;

/* Talk to one peer, in a task of its own. The stream is closed when it returns;
 * with a reset if a write was cut short, so that the peer does not take half an
 * answer for a whole one. An error is reported, but for a refusal, and quietly
 * if it says that the peer has gone. */
typedef int cio_stream_handler(cio_stream *s, void *arg);

typedef struct cio_stream_server_options {
	const char *host; /* NULL: "127.0.0.1" */
	uint16_t port;    /* 0: any free one */
	const char *path; /* not NULL: a Unix socket, as cio_unix_listen; no port */
	int backlog;      /* 0: 4096 */
	bool reuse_port;
	uint32_t max_connections; /* 0: 10,000; more wait in the backlog */
} cio_stream_server_options;

/* `int cio_stream_server_open(cio_stream_server **out,
 * cio_stream_handler *handler, void *arg,
 * const cio_stream_server_options *options)`: listen and start to serve. NULL
 * options are all defaults. 0, what cio_tcp_listen or cio_unix_listen fails
 * with, or -ENOMEM. Yields. */
#define cio_stream_server_open(...) \
	cio__stream_server_open(CIO__SITE, __VA_ARGS__)

/* 0 for a Unix socket. */
CIO_API uint16_t cio_stream_server_port(const cio_stream_server *s);

/* Does it listen? Not after cio_stream_server_close_listeners. */
CIO_API bool cio_stream_server_serving(const cio_stream_server *s);

/* The end, in three steps, each of which takes those before it, and may be
 * called again. cio_stream_server_close is all of them. */

/* Stop listening: who comes from now on is refused by the kernel. Connections
 * go on. Yields; never refused. */
CIO_API void cio_stream_server_close_listeners(cio_stream_server *s);

/* Wait until all handlers have ended, for at most `limit`: 0, -ETIMEDOUT (some
 * have not, and go on), or a refusal. Nothing happens from where it cannot work:
 * -EDEADLK from a handler of its own, in a callback and outside a loop, -EINVAL in
 * another loop. Yields. */
CIO_API int cio_stream_server_drain(cio_stream_server *s, cio_duration limit);

/* `int cio_stream_server_abort(cio_stream_server *s)`: cancel the handlers and
 * wait until they have ended; their peers see a reset. 0, or -EDEADLK as above.
 * Yields; never refused. */
#define cio_stream_server_abort(...) \
	cio__stream_server_abort(CIO__SITE, __VA_ARGS__)

/* `int cio_stream_server_close(cio_stream_server *s, cio_duration limit)`: close
 * the listeners, drain for at most `limit`, abort the rest, and free. 0 if nothing
 * was cut, else -ETIMEDOUT. Yields; not interrupted: a cancel of the caller cuts
 * the drain short. -EDEADLK as above. NULL is ignored. */
#define cio_stream_server_close(...) \
	cio__stream_server_close(CIO__SITE, __VA_ARGS__)

typedef struct cio_stream_server_figures {
	uint64_t accepted;    /* ever */
	uint64_t connections; /* now */
	uint64_t failed;      /* ever: handlers that returned an error */
	uint64_t cut;         /* ever: handlers that an abort cancelled */
} cio_stream_server_figures;

/* Never yields. */
CIO_API cio_stream_server_figures cio_stream_server_get_figures(
	const cio_stream_server *s);

CIO_API int cio__stream_server_abort(const char *site, cio_stream_server *s);
CIO_API int cio__stream_server_close(const char *site, cio_stream_server *s,
	cio_duration limit);
CIO_API int cio__stream_server_open(const char *site, cio_stream_server **out,
	cio_stream_handler *handler, void *arg,
	const cio_stream_server_options *options);

CIO_END_DECLS
#endif
