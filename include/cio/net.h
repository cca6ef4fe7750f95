/* SPDX-License-Identifier: MIT */
#ifndef CIO_NET_H
#define CIO_NET_H

#include <cio/dns.h>
#include <cio/stream.h>

CIO_BEGIN_DECLS

/*
 * Net: TCP and Unix sockets, both ends.
 *
 *	cio_stream *s;
 *	int err = cio_tcp_connect(&s, "127.0.0.1", 8080, NULL);
 *
 *	cio_listener *l;
 *	err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
 *	while ((err = cio_listener_accept(l, &s)) == 0)
 *		...
 *	cio_listener_close(l);
 *
 * TCP_NODELAY is set on both ends. A Unix socket has a path, or with a leading
 * "@" an abstract name (Linux), which leaves no file; "./@x" is a path again.
 */
typedef struct cio_tcp_options {
	cio_duration connect_timeout; /* for all addresses together; 0: 30 s */
	cio_duration *resolve_time;   /* out: how long the name took, or NULL */
} cio_tcp_options;

/* Resolve the name and connect to its addresses, one after another until one
 * answers; of the time that is left each gets its share. 0, -CIO_EDNS,
 * -ETIMEDOUT (`connect_timeout`), -ECONNREFUSED and its like (the last
 * address's; cio_error_text names the address), a refusal. The stream is the
 * caller's. Yields. */
CIO_API int cio_tcp_connect(cio_stream **out, const char *host, uint16_t port,
	const cio_tcp_options *options);

/* The same to one known address. */
CIO_API int cio_connect(cio_stream **out, const cio_address *to);

/* Connect to a Unix socket, waiting while its backlog is full. 0, -ENOENT,
 * -ECONNREFUSED (nobody listens), -EACCES, -ENAMETOOLONG ..., or a refusal;
 * cio_error_text says what to do. The stream is the caller's. Yields. */
CIO_API int cio_unix_connect(cio_stream **out, const char *path);

typedef struct cio_listener cio_listener;

typedef struct cio_listen_options {
	int backlog;     /* 0: 4096 */
	bool reuse_port; /* several loops or processes share the port */
} cio_listen_options;

/* Listen on a host's first address; NULL host: every IPv4 address. Port 0 takes
 * a free one. 0, -EADDRINUSE, -EACCES, -CIO_EDNS ...; cio_error_text says which
 * address and what to do. Yields (the name). */
CIO_API int cio_tcp_listen(cio_listener **out, const char *host, uint16_t port,
	const cio_listen_options *options);

/* Listen at a path or abstract name. A file that a dead server left is replaced;
 * to find that out one is connected to, so a live server sees a caller hang up.
 * The close removes the file. 0, -EADDRINUSE (a server listens, or it is another
 * kind of file), -ENOENT, -EACCES, -ENAMETOOLONG, -EINVAL (reuse_port) ...;
 * cio_error_text says what to do. Yields. */
CIO_API int cio_unix_listen(cio_listener **out, const char *path,
	const cio_listen_options *options);

/* Wait for a connection; the stream is the caller's. 0, a refusal, -EMFILE /
 * -ENFILE (no descriptor left: the connection waits in the backlog; pause, then
 * go on), -EBUSY (another task accepts here), -ECANCELED also when the listener
 * is closed. Aborted connections are passed over. Yields. */
CIO_API int cio_listener_accept(cio_listener *l, cio_stream **out);

/* 0 for a Unix socket. */
CIO_API uint16_t cio_listener_port(const cio_listener *l);

/* The listener's handle, for servers that accept by operations of their own. */
CIO_API cio_fd cio_listener_fd(const cio_listener *l);

/* Stop listening and free. Never refused. NULL is ignored. */
CIO_API void cio_listener_close(cio_listener *l);

CIO_END_DECLS
#endif
