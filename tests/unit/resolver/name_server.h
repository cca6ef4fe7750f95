/* SPDX-License-Identifier: MIT */
/*
 * name_server.h - a name server in a process of its own, on 127.0.0.1, UDP and TCP
 *
 * So its descriptors are not counted among the test's, nor limited with them.
 * What it answers is said by the first label of the name that it is asked for,
 * see `answer_to`. Include check.h first.
 */
#ifndef CIO_TESTS_NAME_SERVER_H
#define CIO_TESTS_NAME_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { T_A = 1, T_CNAME = 5, T_AAAA = 28, MOST_HELD = 64 };

struct held {
	uint8_t bytes[512];
	size_t n;
	struct sockaddr_in from;
};

/* Shared between the processes. */
struct ns_counts {
	atomic_int asked;  /* for A, ever */
	atomic_int by_tcp; /* whichever, ever */
};

static struct {
	int udp, tcp, control[2];
	pid_t process;
	char text[32]; /* "127.0.0.1:53" */
	struct ns_counts *counts;
	struct held held[MOST_HELD];
	int held_n;
} ns;

struct message {
	uint8_t bytes[4096];
	size_t n;
};

static void put(struct message *m, const void *p, size_t n)
{
	memcpy(m->bytes + m->n, p, n);
	m->n += n;
}

static void put16(struct message *m, unsigned v)
{
	put(m, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

/* A record for the name that was asked for, or for the one at `name`. */
static void put_record(struct message *m, unsigned name, unsigned type,
	unsigned ttl, const void *data, size_t n)
{
	put16(m, 0xc000 | name);
	put16(m, type);
	put16(m, 1);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put16(m, (unsigned)n);
	put(m, data, n);
	m->bytes[7]++;
}

static void put_addresses(struct message *m, unsigned name, unsigned type,
	unsigned ttl, int count)
{
	for (int i = 1; i <= count; i++) {
		uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)i};
		uint8_t four[4] = {198, 51, 100, (uint8_t)i};
		if (type == T_A)
			put_record(m, name, type, ttl, four, 4);
		else if (type == T_AAAA)
			put_record(m, name, type, ttl, six, 16);
	}
}

static bool label_is(const uint8_t *q, const char *label)
{
	size_t n = strlen(label);
	return q[12] == n && memcmp(q + 13, label, n) == 0;
}

/* How much of the question is the header and the question proper. */
static size_t question_bytes(const uint8_t *q, size_t n)
{
	size_t at = 12;
	while (at < n && q[at] != 0)
		at += q[at] + 1u;
	return at + 5 <= n ? at + 5 : 0;
}

/* False: say nothing. */
static bool answer_to(const uint8_t *q, size_t n, bool tcp, struct message *m)
{
	size_t head = question_bytes(q, n);
	if (head == 0)
		return false;
	unsigned type = q[head - 3];
	*m = (struct message){0};
	put(m, q, head);
	m->bytes[2] = 0x84 | (q[2] & 1);
	m->bytes[3] = 0x80;
	memset(m->bytes + 6, 0, 6);
	atomic_fetch_add(&ns.counts->asked, type == T_A);
	atomic_fetch_add(&ns.counts->by_tcp, tcp);

	if (label_is(q, "both") || label_is(q, "held"))
		put_addresses(m, 12, type, 300, 1);
	else if (label_is(q, "four") && type == T_A)
		put_addresses(m, 12, type, 300, 1);
	else if (label_is(q, "many") && type == T_A)
		put_addresses(m, 12, type, 300, 20);
	else if (label_is(q, "zero") && type == T_A)
		put_addresses(m, 12, type, 0, 1);
	else if (label_is(q, "none"))
		m->bytes[3] |= 3;
	else if (label_is(q, "fail"))
		m->bytes[3] |= 2;
	else if (label_is(q, "silent"))
		return false;
	else if (label_is(q, "junk"))
		memset(m->bytes + 4, 0xff, m->n - 4);
	else if (label_is(q, "loop"))
		put_record(m, 12, T_CNAME, 300, (uint8_t[]){0xc0, 12}, 2);
	else if (label_is(q, "stub"))
		m->n = 5;
	else if (label_is(q, "mute") && tcp)
		return false;
	else if ((label_is(q, "large") || label_is(q, "mute")) && !tcp)
		m->bytes[2] |= 2;
	else if (label_is(q, "large"))
		put_addresses(m, 12, type, 300, 50);
	else if (label_is(q, "alias")) { /* its name holds for no time at all */
		unsigned at = (unsigned)m->n + 12;
		put_record(m, 12, T_CNAME, 0, "\4four\4test", 11);
		if (type == T_A)
			put_addresses(m, at, type, 300, 1);
	}
	return true; /* else without an address */
}

static void answer_udp(const struct held *h)
{
	struct message m;
	if (answer_to(h->bytes, h->n, false, &m))
		(void)!sendto(ns.udp, m.bytes, m.n, 0,
			(const struct sockaddr *)&h->from, sizeof h->from);
}

static void serve_udp(void)
{
	struct held h;
	socklen_t len = sizeof h.from;
	ssize_t n = recvfrom(ns.udp, h.bytes, sizeof h.bytes, 0,
		(struct sockaddr *)&h.from, &len);
	if (n < 12)
		return;
	h.n = (size_t)n;
	if (label_is(h.bytes, "held") && ns.held_n < MOST_HELD)
		ns.held[ns.held_n++] = h;
	else
		answer_udp(&h);
}

/* One question of that connection. False: it is over. */
static bool serve_tcp(int fd)
{
	uint8_t size[2], q[512];
	struct message m;
	if (recv(fd, size, 2, MSG_WAITALL) != 2)
		return false;
	size_t n = (size_t)size[0] << 8 | size[1];
	if (n > sizeof q || recv(fd, q, n, MSG_WAITALL) != (ssize_t)n)
		return false;
	if (!answer_to(q, n, true, &m))
		return true;
	uint8_t out[2] = {(uint8_t)(m.n >> 8), (uint8_t)m.n};
	return send(fd, out, 2, MSG_NOSIGNAL | MSG_MORE) == 2 &&
		send(fd, m.bytes, m.n, MSG_NOSIGNAL) == (ssize_t)m.n;
}

static bool obey(void)
{
	char what;
	if (read(ns.control[0], &what, 1) != 1)
		return false;
	for (int i = 0; i < ns.held_n; i++)
		answer_udp(&ns.held[i]);
	ns.held_n = 0;
	return what != 'q';
}

static void serve(void)
{
	enum { UDP, TCP, CONTROL, FIRST, MOST = FIRST + 16 };
	struct pollfd p[MOST] = {[UDP] = {.fd = ns.udp, .events = POLLIN},
		[TCP] = {.fd = ns.tcp, .events = POLLIN},
		[CONTROL] = {.fd = ns.control[0], .events = POLLIN}};
	for (int i = FIRST; i < MOST; i++)
		p[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	for (;;) {
		if (poll(p, MOST, -1) < 0)
			return;
		for (int i = FIRST; i < MOST; i++) {
			if (p[i].revents != 0 && !serve_tcp(p[i].fd)) {
				close(p[i].fd);
				p[i].fd = -1;
			} else if (p[i].fd < 0 && p[TCP].revents != 0) {
				p[i].fd = accept(ns.tcp, NULL, NULL);
				p[TCP].revents = 0;
			}
		}
		if (p[UDP].revents != 0)
			serve_udp();
		if (p[CONTROL].revents != 0 && !obey())
			return;
	}
}

/* Questions for "held" that have come are answered now. */
static inline void ns_release(void)
{
	CHECK(write(ns.control[1], "r", 1) == 1);
}

/* Setup and teardown of a group of tests. */
static inline int ns_open(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	(void)state;
	ns.tcp = socket(AF_INET, SOCK_STREAM, 0);
	ns.udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(ns.tcp, (struct sockaddr *)&a, sizeof a) < 0 ||
		listen(ns.tcp, 16) < 0 ||
		getsockname(ns.tcp, (struct sockaddr *)&a, &len) < 0 ||
		bind(ns.udp, (struct sockaddr *)&a, sizeof a) < 0 ||
		pipe(ns.control) < 0)
		return -1;
	snprintf(ns.text, sizeof ns.text, "127.0.0.1:%d", ntohs(a.sin_port));
	ns.counts = mmap(NULL, sizeof *ns.counts, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ns.process = ns.counts != MAP_FAILED ? fork() : -1;
	if (ns.process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve();
		_exit(0);
	}
	close(ns.udp);
	close(ns.tcp);
	return ns.process > 0 ? 0 : -1;
}

static inline int ns_close(void **state)
{
	(void)state;
	if (write(ns.control[1], "q", 1) != 1)
		return -1;
	waitpid(ns.process, NULL, 0);
	munmap(ns.counts, sizeof *ns.counts);
	close(ns.control[0]);
	close(ns.control[1]);
	return 0;
}

#endif
