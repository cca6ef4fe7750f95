/* SPDX-License-Identifier: MIT */
/*
 * sim_socket.c - sockets in memory
 *
 * Invariant: two connected sockets point at each other until one is closed;
 * each owns the bytes on their way to it. What a kernel tells through errors it
 * is told here in the same order: first the bytes that came, then the error,
 * once, then the end.
 *
 * A socket that nobody has accepted sits in its listener's queue and has no
 * handle; one that found the queue full sits in `turned_away` and is tried
 * again when there is room.
 */
#include "driver/sim.h"

#include <errno.h>
#include <sys/uio.h>

#include "base/mem.h"

/* ---- bytes ---- */

static int bytes_reserve(struct bytes *b, size_t more)
{
	if (b->start > 0 && b->start + b->n + more > b->capacity) {
		memmove(b->p, b->p + b->start, b->n);
		b->start = 0;
	}
	if (b->n + more <= b->capacity)
		return 0;
	size_t capacity = b->capacity < 1024 ? 1024 : b->capacity * 2;
	while (capacity < b->n + more)
		capacity *= 2;
	char *p = cio__realloc(b->p, capacity);
	if (p == NULL)
		return -ENOMEM;
	b->p = p;
	b->capacity = capacity;
	return 0;
}

/* An idle connection keeps no block. */
static void bytes_drop(struct bytes *b, size_t n)
{
	b->start += n;
	b->n -= n;
	if (b->n == 0) {
		cio__free(b->p);
		*b = (struct bytes){.p = NULL};
	}
}

/* ---- begin and end of life ---- */

static struct sock *sock_new(int domain, int type)
{
	struct sock *k = cio__zalloc(sizeof *k);
	if (k == NULL)
		return NULL;
	k->domain = domain;
	k->type = type;
	list_init(&k->queue);
	list_init(&k->turned_away);
	return k;
}

int cio__sim_socket(struct sim *s, cio_op *op)
{
	int domain = (int)op->off;
	int type = (int)op->len & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
		return -EAFNOSUPPORT;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	int err = cio__sim_descriptor(s);
	if (err < 0)
		return err;
	struct sock *k = sock_new(domain, type);
	if (k == NULL)
		return -ENOMEM;
	err = cio__sim_handle_new(s, -1, k, &op->out);
	if (err < 0)
		cio__free(k);
	return err;
}

/* Those who wait for room find that nobody listens; those who were never
 * accepted are reset. */
static void stop_listening(struct sim *s, struct sock *k)
{
	cio_link *l;
	while ((l = list_pop(&k->turned_away)) != NULL)
		cio__sim_notify(s, container_of(l, struct sock, link)->handle);
	while ((l = list_pop(&k->queue)) != NULL) {
		struct sock *queued = container_of(l, struct sock, link);
		queued->abortive = true;
		cio__sim_socket_close(s, queued);
	}
}

static void leave_peer(struct sim *s, struct sock *k)
{
	struct sock *peer = k->peer;
	if (k->in.n > 0 || k->abortive)
		peer->error = ECONNRESET;
	peer->eof = true;
	peer->broken = true;
	peer->peer = NULL;
	cio__sim_notify(s, peer->handle);
}

void cio__sim_socket_close(struct sim *s, struct sock *k)
{
	list_remove(&k->bound);
	list_remove(&k->link);
	k->state = SOCK_NEW; /* found by nobody any more */
	stop_listening(s, k);
	if (k->peer != NULL)
		leave_peer(s, k);
	cio__sim_datagram_drop(k);
	cio__free(k->in.p);
	cio__free(k);
}

/* ---- names given and asked for ---- */

static int bind_sock(struct sim *s, struct sock *k, const cio_op *op)
{
	struct name name;
	int err = cio__sim_name_read(&name, k->domain, op->buf, op->len);
	return err < 0 ? err : cio__sim_bind(s, k, &name);
}

/* At least one may always queue, and one more than was asked for, as Linux
 * counts it. */
static int listen_sock(struct sim *s, struct sock *k, const cio_op *op)
{
	if (k->type != SOCK_STREAM)
		return -EOPNOTSUPP;
	bool nameless = k->own.n == 0 && k->domain == AF_UNIX;
	if (k->state == SOCK_CONNECTED || nameless)
		return -EINVAL;
	int err = cio__sim_bind_any(s, k);
	if (err < 0)
		return err;
	k->state = SOCK_LISTENING;
	int backlog = (int)op->len;
	k->backlog = backlog < 0 || backlog > SOMAXCONN ? SOMAXCONN
		: (uint32_t)backlog;
	return 0;
}

static int sock_name(const struct sock *k, const cio_op *op)
{
	bool other = (op->flags & CIO_OP_PEER) != 0;
	if (other && k->state != SOCK_CONNECTED)
		return -ENOTCONN;
	struct name n = other ? k->other : k->own;
	if (n.n == 0)
		n = cio__sim_name_blank(k->domain);
	memcpy(op->buf, &n.a, n.n < op->len ? n.n : op->len);
	return (int)n.n;
}

static int set_option(struct sock *k, const cio_op *op)
{
	int level = (int)(op->off >> 32), name = (int)(op->off & 0xffffffff);
	int value[2] = {0, 0};
	if (op->buf == NULL || op->len < sizeof(int))
		return -EINVAL;
	memcpy(value, op->buf, op->len < sizeof value ? op->len : sizeof value);
	if (level != SOL_SOCKET)
		return 0;
	if (name == SO_LINGER) /* struct linger: on or off, seconds */
		k->abortive = value[0] != 0 && value[1] == 0;
	else if (name == SO_REUSEPORT)
		k->shared = value[0] != 0;
	else if (name == SO_ERROR || name == SO_TYPE)
		return -ENOPROTOOPT;
	return 0;
}

/* ---- connections ---- */

static int connect_datagram(struct sim *s, struct sock *k,
	const struct name *to)
{
	int err = cio__sim_bind_any(s, k);
	if (err < 0)
		return err;
	k->own = cio__sim_source(k, to);
	k->other = *to;
	k->state = SOCK_CONNECTED;
	return 0;
}

static int join_queue(struct sim *s, struct sock *k, struct sock *listener,
	const struct name *to)
{
	int err = cio__sim_name_self(s, k);
	if (err < 0)
		return err;
	struct sock *far = sock_new(k->domain, k->type);
	if (far == NULL)
		return -ENOMEM;
	k->own = cio__sim_source(k, to);
	k->other = far->own = *to;
	far->other = k->own;
	k->peer = far;
	far->peer = k;
	k->state = far->state = SOCK_CONNECTED;
	list_push(&listener->queue, &far->link);
	listener->queued++;
	cio__sim_notify(s, listener->handle);
	return 0;
}

static int connect_sock(struct sim *s, struct sock *k, const cio_op *op)
{
	struct name to;
	int err = cio__sim_name_read(&to, k->domain, op->buf, op->len);
	if (err < 0)
		return err;
	cio__sim_name_towards(&to);
	list_remove(&k->link); /* we may have waited for room before */
	if (k->type == SOCK_DGRAM)
		return connect_datagram(s, k, &to);
	if (k->state != SOCK_NEW)
		return -EISCONN;

	struct sock *listener =
		cio__sim_find(s, &to, SOCK_STREAM, SOCK_LISTENING);
	if (listener == NULL) /* no file of that name, or no listener there */
		return k->domain == AF_UNIX ? -ENOENT : -ECONNREFUSED;
	if (listener->queued > listener->backlog) {
		list_push(&listener->turned_away, &k->link);
		return SIM_WAIT;
	}
	return join_queue(s, k, listener, &to);
}

static int accept_sock(struct sim *s, struct sock *k, cio_op *op)
{
	if (k->state != SOCK_LISTENING || k->read_shut)
		return -EINVAL;
	cio_link *oldest = list_first(&k->queue);
	if (oldest == NULL)
		return SIM_WAIT;
	int err = cio__sim_descriptor(s);
	if (err < 0)
		return err;
	struct sock *far = container_of(oldest, struct sock, link);
	err = cio__sim_handle_new(s, -1, far, &op->out);
	if (err < 0)
		return err;
	list_remove(oldest);
	k->queued--;
	cio_link *next = list_pop(&k->turned_away);
	if (next != NULL) {
		struct sock *waits = container_of(next, struct sock, link);
		cio__sim_notify(s, waits->handle);
	}
	return 0;
}

static int shutdown_sock(struct sim *s, struct sock *k, const cio_op *op)
{
	if (op->len > SHUT_RDWR)
		return -EINVAL;
	if (k->state == SOCK_NEW)
		return -ENOTCONN;
	if (op->len != SHUT_WR) {
		k->read_shut = true;
		cio__sim_notify(s, k->handle);
	}
	if (op->len != SHUT_RD && k->state == SOCK_CONNECTED) {
		k->write_shut = true;
		cio__sim_notify(s, k->handle);
		if (k->peer != NULL) {
			k->peer->eof = true;
			cio__sim_notify(s, k->peer->handle);
		}
	}
	return 0;
}

/* ---- bytes to and fro ---- */

static size_t total_of(const struct msghdr *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->msg_iovlen; i++)
		n += m->msg_iov[i].iov_len;
	return n;
}

static int take_error(struct sock *k)
{
	int err = k->error;
	k->error = 0;
	return -err;
}

/* Both ends hear of it, after the bytes that were under way. */
static void lose_connection(struct sim *s, struct sock *k)
{
	k->error = k->peer->error = ECONNRESET;
	k->eof = k->peer->eof = true;
	k->broken = k->peer->broken = true;
	cio__sim_notify(s, k->handle);
	cio__sim_notify(s, k->peer->handle);
}

static int send_stream(struct sim *s, struct sock *k, const struct msghdr *m)
{
	bool lost;
	if (k->error != 0)
		return take_error(k);
	if (k->state != SOCK_CONNECTED)
		return k->domain == AF_UNIX ? -ENOTCONN : -EPIPE;
	if (k->broken || k->write_shut)
		return -EPIPE;
	if (cio__sim_strikes(s, s->faults.no_buffers))
		return -ENOBUFS;
	size_t want = cio__sim_limit(s, total_of(m));
	struct bytes *to = &k->peer->in;
	size_t room = SIM_PIPE_SIZE - to->n;
	if (want > 0 && room == 0)
		return SIM_WAIT;
	size_t take = want < room ? want : room;
	if (bytes_reserve(to, take) < 0)
		return -ENOMEM;
	take = cio__sim_send(s, take, &lost);
	size_t left = take;
	for (size_t i = 0; i < m->msg_iovlen && left > 0; i++) {
		const struct iovec *v = &m->msg_iov[i];
		size_t n = v->iov_len < left ? v->iov_len : left;
		if (n == 0)
			continue;
		memcpy(to->p + to->start + to->n, v->iov_base, n);
		to->n += n;
		left -= n;
	}
	cio__sim_notify(s, k->peer->handle);
	if (lost)
		lose_connection(s, k);
	return take > 0 || !lost ? (int)take : take_error(k);
}

static int receive_stream(struct sim *s, struct sock *k, const struct msghdr *m,
	int flags)
{
	size_t want = cio__sim_limit(s, total_of(m));
	if (k->in.n == 0 && k->error != 0)
		return take_error(k);
	if (k->state != SOCK_CONNECTED)
		return -ENOTCONN;
	if (want == 0 || (k->in.n == 0 && (k->eof || k->read_shut)))
		return 0;
	if (k->in.n == 0)
		return SIM_WAIT;
	size_t take = want < k->in.n ? want : k->in.n;
	size_t done = 0;
	for (size_t i = 0; i < m->msg_iovlen && done < take; i++) {
		const struct iovec *v = &m->msg_iov[i];
		size_t n = v->iov_len < take - done ? v->iov_len : take - done;
		if (n == 0)
			continue;
		memcpy(v->iov_base, k->in.p + k->in.start + done, n);
		done += n;
	}
	if ((flags & MSG_PEEK) == 0) {
		bytes_drop(&k->in, take);
		if (k->peer != NULL)
			cio__sim_notify(s, k->peer->handle);
	}
	return (int)take;
}

static int send_message(struct sim *s, struct sock *k, const struct msghdr *m)
{
	if (m->msg_controllen > 0)
		return -EOPNOTSUPP;
	if (k->type == SOCK_DGRAM)
		return cio__sim_datagram_send(s, k, m);
	return send_stream(s, k, m);
}

static int receive_message(struct sim *s, struct sock *k, struct msghdr *m,
	int flags)
{
	if (k->type == SOCK_DGRAM)
		return cio__sim_datagram_receive(k, m, flags);
	int n = receive_stream(s, k, m, flags);
	if (n >= 0) {
		m->msg_flags = 0;
		m->msg_namelen = 0;
		m->msg_controllen = 0;
	}
	return n;
}

static int transfer(struct sim *s, struct sock *k, cio_op *op)
{
	int flags = op->kind == CIO_OP_READ || op->kind == CIO_OP_WRITE
		? 0 : (int)op->off;
	struct iovec v = {.iov_base = op->buf, .iov_len = op->len};
	struct msghdr one = {.msg_iov = &v, .msg_iovlen = 1};
	switch (op->kind) {
	case CIO_OP_SENDMSG:
		return send_message(s, k, op->buf);
	case CIO_OP_RECVMSG:
		return receive_message(s, k, op->buf, flags);
	case CIO_OP_SEND:
	case CIO_OP_WRITE:
		return send_message(s, k, &one);
	default:
		return receive_message(s, k, &one, flags);
	}
}

/* ---- poll ---- */

static bool is_readable(const struct sock *k)
{
	if (k->state == SOCK_LISTENING)
		return !list_empty(&k->queue) || k->read_shut;
	return k->in.n > 0 || !list_empty(&k->mail) || k->eof ||
		k->read_shut || k->error != 0;
}

static bool is_writable(const struct sock *k)
{
	if (k->state == SOCK_LISTENING || list_in(&k->link))
		return false; /* the link: its connection waits for room */
	return k->peer == NULL || k->write_shut ||
		k->peer->in.n < SIM_PIPE_SIZE;
}

static int poll_sock(const struct sock *k, const cio_op *op)
{
	int ready = 0;
	if (is_readable(k))
		ready |= POLLIN;
	if (is_writable(k))
		ready |= POLLOUT;
	bool ended = k->eof && (k->broken || k->write_shut);
	bool never = k->type == SOCK_STREAM && k->state == SOCK_NEW &&
		!list_in(&k->link);
	if (ended || never)
		ready |= POLLHUP;
	if (k->error != 0)
		ready |= POLLERR;
	ready &= (int)op->off | POLLHUP | POLLERR;
	return ready != 0 ? ready : SIM_WAIT;
}

int cio__sim_virtual(struct sim *s, struct sim_handle *h, cio_op *op)
{
	struct sock *k = h->sock;
	switch (op->kind) {
	case CIO_OP_BIND:
		return bind_sock(s, k, op);
	case CIO_OP_LISTEN:
		return listen_sock(s, k, op);
	case CIO_OP_SOCKOPT:
		return set_option(k, op);
	case CIO_OP_SOCKNAME:
		return sock_name(k, op);
	case CIO_OP_CONNECT:
		return connect_sock(s, k, op);
	case CIO_OP_ACCEPT:
		return accept_sock(s, k, op);
	case CIO_OP_SHUTDOWN:
		return shutdown_sock(s, k, op);
	case CIO_OP_POLL:
		return poll_sock(k, op);
	default:
		return transfer(s, k, op);
	}
}
