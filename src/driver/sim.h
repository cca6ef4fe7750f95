/* SPDX-License-Identifier: MIT */
/*
 * sim.h - the parts of the sim driver: what they know of each other
 *
 * sim.c has the clock and the queue of operations, sim_handle.c the table of
 * handles, sim_fault.c what goes wrong on purpose; sim_socket.c the sockets in
 * memory, sim_datagram.c those of them that keep the bounds of messages,
 * sim_name.c their addresses; sim_real.c the adopted descriptors.
 */
#ifndef CIO_DRIVER_SIM_H
#define CIO_DRIVER_SIM_H

#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cio/sim.h>

#include "base/list.h"
#include "base/random.h"
#include "core/driver.h"

enum {
	SIM_WAIT = INT_MIN,    /* an attempt's answer: not yet, ask again */
	SIM_PIPE_SIZE = 65536, /* bytes under way in one direction */
};

/* What an open cio_fd stands for: a descriptor or a socket in memory. */
struct sim_handle {
	uint32_t slot;
	int fd; /* -1: see `sock` */
	struct sock *sock;
	cio_op *ops;      /* pending, but for its CLOSE */
	cio_op *closing;  /* the CLOSE that waits for `ops` to be empty */
	cio_link adopted; /* in sim->adopted if it has an fd */
};

struct slot {
	struct sim_handle *handle; /* NULL: free */
	uint32_t generation;   /* of the next or current handle; never 0 */
	uint32_t next_free;
};

struct sim {
	struct driver driver;
	cio_time now;
	struct random random;
	cio_sim_faults faults;
	cio_sim_figures figures; /* since the faults were set */
	int wake_fd;

	struct slot *slots;
	uint32_t slot_count;
	uint32_t free_slot; /* slot_count: none */
	size_t live;        /* handles that are not closing */
	uint64_t held;      /* handles, closing ones too */

	cio_op **run;       /* to be tried; the first `batch` in this turn */
	size_t run_count, batch;
	size_t run_capacity; /* >= pending + live: an end needs no memory */
	size_t pending;
	cio_op *first_timed, *last_timed; /* by due time */

	cio_link adopted;
	size_t adopted_count;
	struct pollfd *polled; /* room for the wake_fd and every adopted one */
	size_t polled_capacity;

	cio_link bound; /* sockets with a name of their own */
	uint16_t next_port;
};

/* ---- sim_handle.c ---- */

/* A handle for a descriptor or socket, which it then owns. 0 or -ENOMEM. */
int cio__sim_handle_new(struct sim *s, int fd, struct sock *sock, cio_fd *out);

/* The live handle, NULL if `fd` is stale. */
struct sim_handle *cio__sim_handle_find(struct sim *s, cio_fd fd);

/* Nobody finds it from now on; what is pending on it goes on. */
void cio__sim_handle_retire(struct sim *s, struct sim_handle *h);

/* Close what it stands for. Nothing may be pending on it. */
void cio__sim_handle_free(struct sim *s, struct sim_handle *h);

/* Room to tell of one more operation, or of one more handle's CLOSE. */
int cio__sim_reserve(struct sim *s);


/* ---- sim.c ---- */

/* Something changed: the operations that wait there are tried again. NULL is
 * allowed: a socket that nobody has accepted. */
void cio__sim_notify(struct sim *s, struct sim_handle *h);

/* The next of a handle's pending operations, NULL after the last. */
cio_op *cio__sim_next(cio_op *op);

/* Does it wait for a change, or is it about to be tried anyway? */
bool cio__sim_waits(cio_op *op);

/* ---- sim_fault.c ---- */

/* Does a fault that happens once in `n` times happen now? 0: never. */
bool cio__sim_strikes(struct sim *s, uint32_t n);

/* Shall this turn fail? Then a millisecond has passed. */
bool cio__sim_fails_turn(struct sim *s);

/* Has every operation to be late? */
bool cio__sim_is_slow(const struct sim *s);

/* When an operation that is begun now may be tried. */
cio_time cio__sim_due(struct sim *s);

/* May one more descriptor be made? Counts it: 0, -EMFILE or -ENFILE. */
int cio__sim_descriptor(struct sim *s);

/* How many of n bytes one transfer may move. */
size_t cio__sim_limit(struct sim *s, size_t n);

/* Counts n bytes that are sent over a connection. How many of them go out
 * before it is lost; `lost` says whether it is. */
size_t cio__sim_send(struct sim *s, size_t n, bool *lost);

/* ---- sim_real.c ---- */

/* The result, or SIM_WAIT. */
int cio__sim_real(struct sim *s, struct sim_handle *h, cio_op *op);

/* Look at what comes from outside, for `timeout` ms (-1: until it comes) and
 * notify the adopted handles that are ready. Was there a wake? Or -errno. */
int cio__sim_look_outside(struct sim *s, int timeout);

/* ---- sockets ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

struct name {
	union address a;
	socklen_t n; /* 0: none */
};

/* A ring would save moves; a plain growing block is easier to watch over. */
struct bytes {
	char *p;
	size_t start, n, capacity;
};

enum sock_state { SOCK_NEW, SOCK_LISTENING, SOCK_CONNECTED };

struct sock {
	struct sim_handle *handle; /* NULL until accepted */
	int domain, type;
	enum sock_state state;
	struct name own, other;
	cio_link bound; /* in sim->bound */

	struct sock *peer; /* NULL when it is gone */
	struct bytes in;
	int error;       /* told once: ECONNRESET, ECONNREFUSED */
	bool eof;        /* the peer sends no more */
	bool broken;     /* the peer receives no more */
	bool read_shut, write_shut;
	bool abortive;   /* SO_LINGER of 0: close resets */
	bool shared;     /* SO_REUSEPORT */

	cio_link queue;  /* listening: connections that nobody accepted */
	uint32_t queued, backlog;
	cio_link turned_away; /* listening: those that wait for room */
	cio_link link;        /* in one of these two */

	cio_link mail; /* datagrams */
	size_t mail_bytes;
};

int cio__sim_socket(struct sim *s, cio_op *op);
void cio__sim_socket_close(struct sim *s, struct sock *k);
int cio__sim_virtual(struct sim *s, struct sim_handle *h, cio_op *op);

int cio__sim_datagram_send(struct sim *s, struct sock *k,
	const struct msghdr *m); /* never waits */
int cio__sim_datagram_receive(struct sock *k, struct msghdr *m, int flags);
void cio__sim_datagram_drop(struct sock *k);

/* ---- sim_name.c ---- */

/* Check an address and bring it into the one form that can be compared. */
int cio__sim_name_read(struct name *out, int domain, const void *p, size_t n);
/* The name of what has none. */
struct name cio__sim_name_blank(int domain);
/* Where a packet to this address goes: "any" is ourselves. */
void cio__sim_name_towards(struct name *to);

/* Who is bound where a packet to `to` would go: with that type and state. */
struct sock *cio__sim_find(struct sim *s, const struct name *to, int type,
	enum sock_state state);
/* Give it this name, with a free port if it has port 0; 0, -EADDRINUSE, or
 * -EINVAL: it has one. */
int cio__sim_bind(struct sim *s, struct sock *k, const struct name *wanted);
/* Any address and a free port, if it has no name; the second makes sure too
 * that it can be found by it. 0 or -EADDRINUSE. */
int cio__sim_name_self(struct sim *s, struct sock *k);
int cio__sim_bind_any(struct sim *s, struct sock *k);
/* What whoever is at `to` sees as the sender's name. */
struct name cio__sim_source(const struct sock *k, const struct name *to);

#endif
