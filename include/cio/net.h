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
	cio_duration attempt_delay;   /* the next address is tried as well; 0:
	                                 250 ms */
	cio_duration *resolve_time;   /* out: how long the name took, or NULL */
	const char *local_address;    /* a literal to connect from, only to addresses
	                                 of its kind; NULL: any */
	/* Instead of cio_resolve: how many (at most `max`), or < 0. */
	int (*resolve)(void *arg, const char *host, uint16_t port,
		cio_address *out, int max);
	/* May we go there? Asked for each address before it is tried: 0, or why
	 * not, which the next one's answer replaces. */
	int (*allow)(void *arg, const cio_address *to);
	void *arg; /* of both */
} cio_tcp_options;

/* `int cio_tcp_connect(cio_stream **out, const char *host, uint16_t port,
 * const cio_tcp_options *options)`: resolve the name and connect to its addresses
 * (RFC 8305): IPv6 and IPv4 in turns, the next one when one fails or has not
 * answered within `attempt_delay`; the first connection is taken. 0, -CIO_EDNS,
 * -ETIMEDOUT (`connect_timeout`), -ECONNREFUSED and its like (of the last to fail;
 * cio_error_text names the address), what `allow` returned, -EINVAL
 * (local_address is no address), -EADDRNOTAVAIL (it is not ours, or not of their
 * kind), a refusal. The stream is the caller's. Yields. */
#define cio_tcp_connect(...) cio__tcp_connect(CIO__SITE, __VA_ARGS__)

/* `int cio_connect(cio_stream **out, const cio_address *to)`: the same to one
 * known address. */
#define cio_connect(...) cio__connect(CIO__SITE, __VA_ARGS__)

/* `int cio_unix_connect(cio_stream **out, const char *path)`: connect to a Unix
 * socket, waiting while its backlog is full. 0, -ENOENT, -ECONNREFUSED (nobody
 * listens), -EACCES, -ENAMETOOLONG ..., or a refusal; cio_error_text says what
 * to do. The stream is the caller's. Yields. */
#define cio_unix_connect(...) cio__unix_connect(CIO__SITE, __VA_ARGS__)

typedef struct cio_listener cio_listener;

typedef struct cio_listen_options {
	int backlog;     /* 0: 4096 */
	bool reuse_port; /* several loops or processes share the port */
} cio_listen_options;

/* `int cio_tcp_listen(cio_listener **out, const char *host, uint16_t port,
 * const cio_listen_options *options)`: listen on a host's first address; NULL
 * host: every IPv4 address. Port 0 takes a free one. 0, -EADDRINUSE, -EACCES,
 * -CIO_EDNS ...; cio_error_text says which address and what to do. Yields (the
 * name). */
#define cio_tcp_listen(...) cio__tcp_listen(CIO__SITE, __VA_ARGS__)

/* `int cio_unix_listen(cio_listener **out, const char *path,
 * const cio_listen_options *options)`: listen at a path or abstract name. A file
 * that a dead server left is replaced; to find that out one is connected to, so
 * a live server sees a caller hang up. The close removes the file. 0,
 * -EADDRINUSE (a server listens, or it is another kind of file), -ENOENT,
 * -EACCES, -ENAMETOOLONG, -EINVAL (reuse_port) ...; cio_error_text says what to
 * do. Yields. */
#define cio_unix_listen(...) cio__unix_listen(CIO__SITE, __VA_ARGS__)

/* `int cio_listener_accept(cio_listener *l, cio_stream **out)`: wait for a
 * connection; the stream is the caller's. 0, a refusal, -EMFILE / -ENFILE (no
 * descriptor left: the connection waits in the backlog; pause, then go on),
 * -EBUSY (another task accepts here), -ECANCELED also when the listener is
 * closed. Aborted connections are passed over. In another loop -EINVAL. Yields. */
#define cio_listener_accept(...) cio__listener_accept(CIO__SITE, __VA_ARGS__)

/* 0 for a Unix socket. */
CIO_API uint16_t cio_listener_port(const cio_listener *l);

/* The listener's handle, for servers that accept by operations of their own. */
CIO_API cio_fd cio_listener_fd(const cio_listener *l);

/* Stop listening and free. Never refused. NULL is ignored. */
CIO_API void cio_listener_close(cio_listener *l);

/* Private: the functions behind the names above. A site of NULL: what is opened
 * is part of something larger, and not named by itself. */
CIO_API int cio__tcp_connect(const char *site, cio_stream **out,
	const char *host, uint16_t port, const cio_tcp_options *options);
CIO_API int cio__connect(const char *site, cio_stream **out,
	const cio_address *to);
CIO_API int cio__unix_connect(const char *site, cio_stream **out,
	const char *path);
CIO_API int cio__tcp_listen(const char *site, cio_listener **out,
	const char *host, uint16_t port, const cio_listen_options *options);
CIO_API int cio__unix_listen(const char *site, cio_listener **out,
	const char *path, const cio_listen_options *options);
CIO_API int cio__listener_accept(const char *site, cio_listener *l,
	cio_stream **out);

CIO_END_DECLS
#endif
