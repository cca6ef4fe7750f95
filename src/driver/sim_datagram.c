/* SPDX-License-Identifier: MIT */
/*
 * sim_datagram.c - packets in memory
 *
 * A packet goes straight to whoever is bound at its address, or nowhere. A
 * receiver that does not read loses what exceeds its room, as with UDP; inside
 * the room nothing is lost or overtaken, so that a run stays the same for its
 * seed. A connected sender hears of nobody at the other end by its next call.
 */
#include "driver/sim.h"

#include <errno.h>
#include <sys/uio.h>

#include "base/mem.h"

enum { MAIL_ROOM = 212992, MAX_DATAGRAM = 65507 };

struct datagram {
	cio_link link; /* in sock->mail */
	struct name from;
	size_t n;
	char bytes[];
};

void cio__sim_datagram_drop(struct sock *k)
{
	cio_link *l;
	while ((l = list_pop(&k->mail)) != NULL)
		cio__free(container_of(l, struct datagram, link));
}

static struct datagram *letter_of(const struct msghdr *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->msg_iovlen; i++)
		n += m->msg_iov[i].iov_len;
	struct datagram *d = cio__zalloc(sizeof *d + n);
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < m->msg_iovlen; i++) {
		const struct iovec *v = &m->msg_iov[i];
		if (v->iov_len > 0)
			memcpy(d->bytes + d->n, v->iov_base, v->iov_len);
		d->n += v->iov_len;
	}
	return d;
}

/* Where to: the message's own address, or the one that we are connected to. */
static int read_destination(const struct sock *k, const struct msghdr *m,
	struct name *to)
{
	if (m->msg_namelen > 0)
		return cio__sim_name_read(to, k->domain, m->msg_name,
			m->msg_namelen);
	if (k->state != SOCK_CONNECTED)
		return k->domain == AF_UNIX ? -ENOTCONN : -EDESTADDRREQ;
	*to = k->other;
	return 0;
}

static struct sock *receiver_of(struct sim *s, const struct name *to)
{
	struct sock *k = cio__sim_find(s, to, SOCK_DGRAM, SOCK_NEW);
	return k != NULL ? k : cio__sim_find(s, to, SOCK_DGRAM, SOCK_CONNECTED);
}

static bool accepts(const struct sock *k, const struct name *from)
{
	return k->state != SOCK_CONNECTED || (k->other.n == from->n &&
		memcmp(&k->other.a, &from->a, from->n) == 0);
}

static int nobody_there(struct sock *k, int sent)
{
	if (k->domain == AF_UNIX)
		return -ECONNREFUSED;
	if (k->state == SOCK_CONNECTED)
		k->error = ECONNREFUSED;
	return sent;
}

/* Put it into the receiver's mail, or lose it: nobody hears of that. */
static void deliver(struct sim *s, struct sock *receiver, struct datagram *d)
{
	if (!accepts(receiver, &d->from) ||
		receiver->mail_bytes + d->n > MAIL_ROOM) {
		cio__free(d);
		return;
	}
	list_push(&receiver->mail, &d->link);
	receiver->mail_bytes += d->n;
	cio__sim_notify(s, receiver->handle);
}

static int send_to(struct sim *s, struct sock *k, const struct name *to,
	const struct msghdr *m)
{
	int err = cio__sim_bind_any(s, k);
	if (err < 0)
		return err;
	struct datagram *d = letter_of(m);
	if (d == NULL)
		return -ENOMEM;
	int sent = (int)d->n;
	struct sock *receiver = receiver_of(s, to);
	if (receiver == NULL || sent > MAX_DATAGRAM) {
		cio__free(d);
		return sent > MAX_DATAGRAM ? -EMSGSIZE : nobody_there(k, sent);
	}
	d->from = cio__sim_source(k, to);
	deliver(s, receiver, d);
	return sent;
}

int cio__sim_datagram_send(struct sim *s, struct sock *k,
	const struct msghdr *m)
{
	struct name to;
	if (k->error != 0) {
		int err = -k->error;
		k->error = 0;
		return err;
	}
	if (k->write_shut)
		return -EPIPE;
	int err = read_destination(k, m, &to);
	return err < 0 ? err : send_to(s, k, &to, m);
}

static size_t unpack(const struct datagram *d, const struct msghdr *m)
{
	size_t done = 0;
	for (size_t i = 0; i < m->msg_iovlen && done < d->n; i++) {
		const struct iovec *v = &m->msg_iov[i];
		size_t n = v->iov_len < d->n - done ? v->iov_len : d->n - done;
		if (n > 0)
			memcpy(v->iov_base, d->bytes + done, n);
		done += n;
	}
	return done;
}

static void write_sender(const struct name *from, struct msghdr *m)
{
	if (m->msg_name != NULL && from->n > 0)
		memcpy(m->msg_name, &from->a,
			from->n < m->msg_namelen ? from->n : m->msg_namelen);
	m->msg_namelen = m->msg_name != NULL ? from->n : 0;
}

int cio__sim_datagram_receive(struct sock *k, struct msghdr *m, int flags)
{
	cio_link *oldest = list_first(&k->mail);
	if (oldest == NULL) {
		int err = -k->error;
		k->error = 0;
		return err < 0 ? err : k->read_shut ? 0 : SIM_WAIT;
	}
	struct datagram *d = container_of(oldest, struct datagram, link);
	size_t n = unpack(d, m);
	m->msg_flags = n < d->n ? MSG_TRUNC : 0;
	m->msg_controllen = 0;
	write_sender(&d->from, m);
	if ((flags & MSG_PEEK) == 0) {
		list_remove(oldest);
		k->mail_bytes -= d->n;
		cio__free(d);
	}
	return (int)n;
}
