/* SPDX-License-Identifier: MIT */
#ifndef CIO_STREAM_H
#define CIO_STREAM_H

#include <cio/address.h>
#include <cio/impl.h>

CIO_BEGIN_DECLS

/*
 * Stream: bytes to and from a peer (asyncio's StreamReader and StreamWriter in
 * one), whatever carries them.
 *
 *	char line[256];
 *	ssize_t n = cio_stream_read(s, line, sizeof line);
 *	if (n > 0)
 *		err = cio_stream_write(s, line, (size_t)n, NULL);
 *	cio_stream_close(s);
 *
 * A stream that is still open when `cio_run` ends is named with the place where
 * it was opened, and closed. So is everything else that has to be closed.
 *
 * A stream has an input buffer, which exists only while it holds something: a
 * stream that waits for its peer costs no buffer. One task may read while
 * another writes; two readers, or two writers, are -EBUSY. A stream belongs to the
 * loop in which it was made: elsewhere its calls are -EINVAL (-EDEADLK outside any
 * loop), or, where they have no error to give, one line and abort. So is the use
 * of a stream after its close, as long as that can be seen.
 */
typedef struct cio_stream cio_stream;

/* Read what there is, at least a byte, at most n. The count, 0 at the end of
 * the input, -errno (-ECONNRESET), or a refusal (nothing was lost). Yields. */
CIO_API ssize_t cio_stream_read(cio_stream *s, void *buf, size_t n);

/* Read exactly n bytes. 0, -CIO_EEOF if the peer ended before, else as
 * cio_stream_read. On an error `*done` (may be NULL) says how many bytes stand in
 * buf; up to the size of the input buffer they go back there instead, and
 * `*done` is 0. Yields. */
CIO_API int cio_stream_read_exactly(cio_stream *s, void *buf, size_t n,
	size_t *done);

/* Read a line: 1 and `*line`, without its "\n" or "\r\n"; what stands behind the
 * last "\n" is a line as it is; 0 at the end of the input. -CIO_ETOOLARGE (it and
 * its end do not fit the limit, below), -errno, or a refusal: nothing was
 * consumed. The view is valid until the next call that reads, or the close. Yields. */
CIO_API int cio_stream_readline(cio_stream *s, cio_str *line);

/* Read up to the separator (not empty), with it: 1 and `*out`, 0 if the input
 * ended and no byte is left, -CIO_EEOF if bytes without a separator are (they
 * stay: cio_stream_peek). Else as cio_stream_readline. Yields. */
CIO_API int cio_stream_readuntil(cio_stream *s, cio_str separator,
	cio_str *out);

/* Write all n bytes, waiting while the peer does not take them. 0, -errno
 * (-EPIPE, -ECONNRESET), or a refusal; `*done` (may be NULL) is always set to
 * the bytes that went out. A write that was cut after some of them leaves the
 * stream torn (`cio_stream_torn`): the peer has half of it, and every write from
 * then on is -EPIPE, so that nothing is sent behind a hole. Yields. */
CIO_API int cio_stream_write(cio_stream *s, const void *p, size_t n,
	size_t *done);

/* As cio_stream_write, for several pieces: iov[count] is used up. */
struct iovec;
CIO_API int cio_stream_writev(cio_stream *s, struct iovec *iov, int count,
	size_t *done);

/* No more bytes from us; the peer reads the end. 0 or -errno; never refused. */
CIO_API int cio_stream_shutdown(cio_stream *s);

/* Close and free; unsent bytes are sent by the kernel. Never refused. NULL is
 * ignored. A task that reads or writes it meanwhile gets -ECANCELED. */
CIO_API void cio_stream_close(cio_stream *s);

/* Close so that the peer sees a reset. */
CIO_API void cio_stream_abort(cio_stream *s);

/* ---- the input buffer, for protocols ---- */

/* The bytes that are here; valid until the next fill, read or consume. */
CIO_API cio_str cio_stream_peek(const cio_stream *s);

/* Get more bytes into the buffer, waiting for them: how many came, 0 at the end
 * of the input, -CIO_ETOOLARGE if the buffer has reached its limit, -errno,
 * -ENOMEM, or a refusal. The bytes stay in one piece. Yields. */
CIO_API ssize_t cio_stream_fill(cio_stream *s);

/* The same without waiting, of what is here already: -EAGAIN if nothing is;
 * -EBUSY if somebody reads; -EOPNOTSUPP if the carrier cannot tell. Never yields. */
CIO_API ssize_t cio_stream_try_fill(cio_stream *s);

/* The first n bytes (n <= peek().n, else one line and abort) have been used. */
CIO_API void cio_stream_consume(cio_stream *s, size_t n);

/* At most so many bytes in the buffer (an idle wait may bring up to
 * CIO_POOLED_SIZE), and in a line; default 64 KiB. */
CIO_API void cio_stream_set_limit(cio_stream *s, size_t bytes);

/* ---- its state ---- */

/* May this idle stream be used for another exchange? No, if the peer has closed
 * it or has sent anything that nobody asked for (the check before a pooled
 * connection is used again). An end that came in this very turn of the loop may be
 * seen only in the next; on uring, too, a reset right behind the last bytes. Never
 * yields. */
CIO_API bool cio_stream_reusable(cio_stream *s);

/* Was a write cut short? Then no other is taken. */
CIO_API bool cio_stream_torn(const cio_stream *s);

/* The other end, or our own: 0 or -errno. May yield; never refused. */
CIO_API int cio_stream_peer(cio_stream *s, cio_address *out);
CIO_API int cio_stream_local(cio_stream *s, cio_address *out);

/* ---- waiting without a stack ---- */

/*
 * Idle: a stream that waits for its peer with no task. `ready` is called once,
 * on the loop's stack: err 0 (bytes are in the buffer, or the input has ended:
 * read to see), -ETIMEDOUT (the deadline), -ECANCELED (the group has ended) or
 * -errno. It may spawn a task into the group, or close the stream with
 * `cio_stream_drop`; it must not wait. A stream closed meanwhile is -ECANCELED
 * as well, before the close returns; dropping it then does nothing.
 */
typedef struct cio_stream_idle {
	cio_op op; /* private */
	cio_stream *stream;
	void (*ready)(struct cio_stream_idle *idle, int err);
} cio_stream_idle;

/* Start: 0 (ready will be called), 1 (bytes, or the end of the input, are here
 * already; it will not be), -EBUSY (somebody reads), -EINVAL (no group), or
 * -errno / -ECANCELED (the group has ended). `deadline` 0: none. */
CIO_API int cio_stream_wait_idle(cio_stream *s, cio_stream_idle *idle,
	cio_group *group, cio_time deadline);

/* Close and free without waiting, from a callback. The stream is gone. */
CIO_API void cio_stream_drop(cio_stream *s);

/* Wait for an adopted descriptor (`cio_fd_adopt`) that the caller reads and
 * writes himself, for POLLIN, POLLOUT or both: what is ready (POLLERR, POLLHUP
 * too), -EBUSY (another task waits for it), -EBADF, -errno, or a refusal. One
 * that a library will close itself: adopt a dup() of it. Yields. */
CIO_API int cio_fd_wait(cio_fd fd, int events);

/* Close an adopted descriptor; whoever waits for it gets -ECANCELED. No-op for a
 * handle that is closed. Never refused, yields. */
CIO_API void cio_fd_close(cio_fd fd);

/* ---- making one ---- */

/* `int cio_stream_from_fd(cio_stream **out, cio_fd fd)`: a stream over a
 * connected, adopted handle, which belongs to it from now on. -ENOMEM: the
 * handle stays the caller's. Never yields. */
#define cio_stream_from_fd(...) cio__stream_from_fd(CIO__SITE, __VA_ARGS__)
CIO_API int cio__stream_from_fd(const char *site, cio_stream **out, cio_fd fd);

/* `int cio_stream_pair(cio_stream **a, cio_stream **b, size_t room)`: two streams
 * joined in memory, of one loop: what is written to one is read from the other.
 * No sockets; a writer may be `room` bytes ahead (0: 64 KiB), then waits. They
 * do all that streams over sockets do, and have no names: cio_stream_peer gives
 * a zeroed address. Both are the caller's. 0, -ENOMEM. Never yields. */
#define cio_stream_pair(...) cio__stream_pair(CIO__SITE, __VA_ARGS__)
CIO_API int cio__stream_pair(const char *site, cio_stream **a, cio_stream **b,
	size_t room);

/*
 * What carries a stream. TLS and in-memory streams bring their own; every
 * function follows the contract of the call above that has its name. The calls
 * above see to the buffer, to -EBUSY, and that the stream is freed only when
 * nobody is inside a call any more.
 */
typedef struct cio_stream_ops {
	/* Into memory outside the buffer; n > 0. */
	ssize_t (*read)(cio_stream *s, void *buf, size_t n);
	/* What goes out at once, at least a byte of them; never all empty. */
	ssize_t (*write_some)(cio_stream *s, struct iovec *iov, int count);
	int (*shutdown)(cio_stream *s);
	/* End it, waiting; whoever is inside read or write_some returns. */
	void (*close)(cio_stream *s, bool abort);
	/* Begin to end it; cio_stream_release when that is over. */
	void (*drop)(cio_stream *s);
	bool (*reusable)(cio_stream *s);
	/* idle->op has its group and deadline; cio_stream_idle_ready when over. */
	int (*wait_idle)(cio_stream *s, cio_stream_idle *idle);
	int (*name)(cio_stream *s, cio_address *out, bool peer);
	/* Fill the empty buffer with one that came with the bytes: cio_stream_take.
	 * NULL: `read` is used, into a buffer made before the wait. */
	ssize_t (*fill)(cio_stream *s);
	/* The carrier's struct; nobody knows it any more. */
	void (*free)(cio_stream *s);
	/* As read, without waiting: -EAGAIN. NULL: it cannot. */
	ssize_t (*try_read)(cio_stream *s, void *buf, size_t n);
	/* What goes out without waiting: how many bytes, -EAGAIN. NULL: it cannot. */
	ssize_t (*try_write)(cio_stream *s, const void *p, size_t n);
} cio_stream_ops;

/* Begins every carrier's own struct. */
struct cio_stream {
	const cio_stream_ops *ops;
	char *input;       /* private: the buffer, NULL while it is empty */
	size_t at, n, cap; /* private: bytes input[at .. at + n) of cap */
	size_t limit;      /* private */
	uint32_t holders;  /* private: the owner and who is inside a call */
	bool pooled;       /* private: the buffer is the driver's */
	bool ended, torn;  /* private */
	bool reading, writing; /* private */
	bool closed;       /* private: the owner has let go */
	cio_handle handle; /* private */
};

/* For carriers: begin; n bytes (> 0) came in a pooled buffer, which is the empty
 * stream's now; the end of an idle wait; the end of a drop. Never yield. */
CIO_API void cio_stream_init(cio_stream *s, const cio_stream_ops *ops);
CIO_API void cio_stream_take(cio_stream *s, void *pooled, size_t n);
CIO_API void cio_stream_idle_ready(cio_stream_idle *idle, int err);
CIO_API void cio_stream_release(cio_stream *s);

/* For carriers, from within their own calls: cio_stream_try_fill by the reader. */
CIO_API ssize_t cio__stream_try_fill(cio_stream *s);

/* For carriers of which another one is the inner: write what goes out without
 * waiting; the count, -EAGAIN, -EBUSY if somebody writes, -EOPNOTSUPP if that
 * carrier cannot, -EPIPE if the stream is torn, or -errno. Never yields. */
CIO_API ssize_t cio__stream_try_write(cio_stream *s, const void *p, size_t n);

/* For carriers that keep what a cut write of the inner stream has left, to send it
 * first of all later: as cio_stream_write, also if the stream is torn. Yields. */
CIO_API int cio__stream_write_on(cio_stream *s, const void *p, size_t n,
	size_t *done);

/* For carriers: it was opened at `site` (see cio_handle_note). A stream that
 * carries another opens that one with the site NULL, and notes itself. */
CIO_API void cio__stream_note(cio_stream *s, const char *site);

CIO_END_DECLS
#endif
