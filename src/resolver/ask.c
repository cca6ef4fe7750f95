/* SPDX-License-Identifier: MIT */
/*
 * ask.c - questions to name servers, by c-ares
 *
 * c-ares has sockets and times of its own, and says which of them matter: each
 * socket has a poll operation here, and one timer stands for its next time. All
 * its callbacks come from these two, on the loop's own stack, so nothing waits.
 *
 * c-ares tells of its sockets while it is at work, and must not be entered again
 * then. So what it tells is only noted, and `settle` acts on it when it is done:
 * polls are begun, and what is ready at once is for the timer.
 *
 * The driver owns every descriptor that it watches, and so does c-ares. So it is
 * a duplicate that is watched: it is closed when c-ares is done with its own.
 */
#include "resolver/resolver.h"

#include <ares.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "base/mem.h"

/* c-ares doubles the one with each of the other, in an int of milliseconds. */
enum { MOST_TRIES = 10, MOST_MS = 60000 };

struct asker {
	ares_channel channel;
	cio_timer timer;
	cio_link watches;
	bool inside; /* c-ares is at work: `settle` comes after it */
	int blind;   /* why a socket of its cannot be watched, or 0 */
};

/* A socket of c-ares's. Freed by the end of its close. */
struct watch {
	struct asker *asker; /* NULL: c-ares is done with it */
	cio_link link;
	ares_socket_t socket;
	cio_fd fd;
	cio_op poll, closing;
	int wanted, ready; /* POLLIN, POLLOUT */
	bool armed;
};

static struct watch *next_watch(struct asker *a, const struct watch *w)
{
	cio_link *l = w == NULL ? list_first(&a->watches) : w->link.next;
	return l == NULL || l == &a->watches ? NULL :
		container_of(l, struct watch, link);
}

/* ---- c-ares is done, and waits ---- */

static void on_poll(cio_op *op);

static void arm(struct watch *w)
{
	if (w->armed || w->ready != 0 || w->wanted == 0)
		return;
	w->poll = (cio_op){.kind = CIO_OP_POLL, .flags = CIO_OP_LOOP,
		.fd = w->fd, .off = w->wanted, .done = on_poll};
	int err = cio_submit(&w->poll);
	w->armed = err == CIO_PENDING;
	if (err == CIO_DONE)
		err = w->poll.res;
	if (err > 0)
		w->ready = err;
	else if (err < 0)
		w->asker->blind = err;
}

/* Rather than to wait in vain, all that is being asked for fails. */
static void give_up(struct asker *a)
{
	ares_cancel(a->channel);
	a->blind = 0;
}

static void settle(struct asker *a)
{
	struct timeval tv;
	struct watch *w = NULL;
	bool ready = false;
	while ((w = next_watch(a, w)) != NULL) {
		arm(w);
		ready = ready || w->ready != 0;
	}
	if (a->blind < 0)
		give_up(a);
	a->inside = false;
	if (ready)
		cio_timer_arm(&a->timer, cio_now());
	else if (ares_timeout(a->channel, NULL, &tv) != NULL)
		cio_timer_arm(&a->timer, cio_now() + CIO_S(tv.tv_sec) +
			CIO_US(tv.tv_usec));
	else
		cio_timer_disarm(&a->timer);
}

/* ---- it is at work ---- */

static struct watch *take_ready(struct asker *a, int *ready)
{
	struct watch *w = NULL;
	while ((w = next_watch(a, w)) != NULL && w->ready == 0)
		continue;
	if (w != NULL) {
		*ready = w->ready;
		w->ready = 0;
	}
	return w;
}

static void work(struct asker *a)
{
	struct watch *w;
	int ready;
	a->inside = true;
	while ((w = take_ready(a, &ready)) != NULL)
		ares_process_fd(a->channel,
			ready & ~POLLOUT ? w->socket : ARES_SOCKET_BAD,
			ready & POLLOUT ? w->socket : ARES_SOCKET_BAD);
	ares_process_fd(a->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	settle(a);
}

static void on_time(cio_timer *t)
{
	work(container_of(t, struct asker, timer));
}

static void on_poll(cio_op *op)
{
	struct watch *w = container_of(op, struct watch, poll);
	w->armed = false;
	if (w->asker == NULL)
		return; /* its close will free it */
	if (op->res > 0)
		w->ready = op->res;
	if (!w->asker->inside)
		work(w->asker);
}

/* ---- its sockets ---- */

static void on_closed(cio_op *op)
{
	cio__free(container_of(op, struct watch, closing));
}

static void end_watch(struct watch *w)
{
	w->asker = NULL;
	list_remove(&w->link);
	w->closing = (cio_op){.kind = CIO_OP_CLOSE, .fd = w->fd,
		.done = on_closed};
	if (cio_submit(&w->closing) != CIO_PENDING)
		cio__free(w);
}

static struct watch *find(struct asker *a, ares_socket_t s)
{
	struct watch *w = NULL;
	while ((w = next_watch(a, w)) != NULL && w->socket != s)
		continue;
	return w;
}

static int adopt_copy(struct watch *w, ares_socket_t s)
{
	int copy = fcntl(s, F_DUPFD_CLOEXEC, 0);
	int err = copy < 0 ? -errno : cio_fd_adopt(copy, &w->fd);
	if (err < 0 && copy >= 0)
		close(copy);
	return err;
}

static struct watch *begin_watch(struct asker *a, ares_socket_t s)
{
	struct watch *w = cio__zalloc(sizeof *w);
	int err = w != NULL ? adopt_copy(w, s) : -ENOMEM;
	if (err < 0) {
		a->blind = err;
		cio__free(w);
		return NULL;
	}
	w->asker = a;
	w->socket = s;
	list_push(&a->watches, &w->link);
	return w;
}

/* Called by c-ares. */
static void on_socket(void *arg, ares_socket_t s, int readable, int writable)
{
	struct asker *a = arg;
	struct watch *w = find(a, s);
	int wanted = (readable ? POLLIN : 0) | (writable ? POLLOUT : 0);
	if (w == NULL && wanted != 0)
		w = begin_watch(a, s);
	if (w == NULL)
		return;
	if (wanted == 0) {
		end_watch(w);
		return;
	}
	bool changed = w->wanted != wanted;
	w->wanted = wanted;
	if (w->armed && changed)
		cio_op_cancel(&w->poll); /* settle, or on_poll, begins anew */
}

/* ---- open, close ---- */

static void library_init(void)
{
	(void)ares_library_init(ARES_LIB_INIT_ALL);
}

int asker_open(struct asker **out, const cio_resolver_options *o)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (o->servers == NULL && nsswitch_needs_system("/etc/nsswitch.conf"))
		return -EOPNOTSUPP;
	pthread_once(&once, library_init);
	struct asker *a = cio__zalloc(sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	a->timer.fire = on_time;
	char lookups[] = "b";
	cio_duration ms = o->timeout / CIO_MS(1);
	struct ares_options options = {
		.timeout = ms < 1 ? 1 : ms > MOST_MS ? MOST_MS : (int)ms,
		.tries = o->tries < MOST_TRIES ? o->tries : MOST_TRIES,
		.lookups = lookups,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = a};
	int err = ares_init_options(&a->channel, &options,
		ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
			ARES_OPT_SOCK_STATE_CB);
	if (err != ARES_SUCCESS) {
		cio__free(a);
		return -ENOMEM;
	}
	if (o->servers != NULL && (o->servers[0] == '\0' ||
		ares_set_servers_ports_csv(a->channel, o->servers) !=
			ARES_SUCCESS)) {
		ares_destroy(a->channel);
		cio__free(a);
		return -EINVAL;
	}
	*out = a;
	return 0;
}

void asker_close(struct asker *a)
{
	if (a == NULL)
		return;
	a->inside = true;
	ares_destroy(a->channel); /* ends questions and sockets */
	assert(list_empty(&a->watches));
	cio_timer_disarm(&a->timer);
	cio__free(a);
}

/* ---- a question ---- */

struct question {
	const struct asker *asker;
	struct name *name;
	const cio_resolver_options *o;
};

/* How long all of it holds: an alias on the way may end before the address. */
static int least_ttl(const struct ares_addrinfo *all)
{
	int ttl = INT_MAX;
	for (const struct ares_addrinfo_node *a = all->nodes; a != NULL;
		a = a->ai_next)
		ttl = a->ai_ttl < ttl ? a->ai_ttl : ttl;
	for (const struct ares_addrinfo_cname *c = all->cnames; c != NULL;
		c = c->next)
		ttl = c->ttl < ttl ? c->ttl : ttl;
	return ttl > 0 ? ttl : 0;
}

static int copy_addresses(struct name *name, const struct ares_addrinfo *all)
{
	int n = 0;
	for (const struct ares_addrinfo_node *a = all->nodes;
		a != NULL && n < MOST_FOUND; a = a->ai_next) {
		if (a->ai_addrlen > sizeof name->found[n].storage)
			continue;
		name->found[n] = (cio_address){.len = (socklen_t)a->ai_addrlen};
		memcpy(&name->found[n].storage, a->ai_addr, a->ai_addrlen);
		n++;
	}
	return n;
}

static cio_duration shorter(cio_duration a, cio_duration b)
{
	return a < b ? a : b;
}

static void on_answer(void *arg, int status, int timeouts,
	struct ares_addrinfo *all)
{
	struct question q = *(struct question *)arg;
	int blind = q.asker->blind;
	cio_duration keep = 0;
	const char *why = ares_strerror(status);
	int n = status == ARES_ENOMEM ? -ENOMEM : -CIO_EDNS;
	if (status == ARES_ECANCELLED && blind < 0) {
		n = blind;
		why = cio_strerror(blind);
	}
	(void)timeouts;
	cio__free(arg);
	if (status == ARES_SUCCESS) {
		n = copy_addresses(q.name, all);
		keep = CIO_S(least_ttl(all));
	}
	ares_freeaddrinfo(all);
	if (n == 0) {
		n = -CIO_EDNS;
		why = "it has no address";
	}
	if (n < 0)
		keep = status == ARES_SUCCESS || status == ARES_ENOTFOUND ||
			status == ARES_ENODATA ? q.o->negative_ttl : 0;
	names_answer(q.name, n, why, cio_now() + shorter(keep, q.o->max_ttl));
}

void asker_ask(struct asker *a, struct name *name,
	const cio_resolver_options *o)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM};
	struct question *q = cio__alloc(sizeof *q);
	if (q == NULL) {
		names_answer(name, -ENOMEM, "", 0);
		return;
	}
	*q = (struct question){a, name, o};
	a->inside = true;
	ares_getaddrinfo(a->channel, name->text, NULL, &hints, on_answer, q);
	settle(a);
}
