/* SPDX-License-Identifier: MIT */
/*
 * ask.c - questions to name servers, by c-ares
 *
 * c-ares has sockets and times of its own, and says which of them matter: each
 * socket has a poll operation here, and one timer stands for its next time. All
 * its callbacks come from these two, on the loop's own stack, so nothing waits.
 *
 * The driver owns every descriptor that it watches, and so does c-ares. So it is
 * a duplicate that is watched: it is closed when c-ares is done with its own.
 */
#include "resolver/resolver.h"

#include <ares.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

struct asker {
	ares_channel channel;
	cio_timer timer;
	cio_link watches;
};

/* A socket of c-ares's. Freed by the end of its close. */
struct watch {
	struct asker *asker; /* NULL: c-ares is done with it */
	cio_link link;
	ares_socket_t socket;
	cio_fd fd;
	cio_op poll, closing;
	int wanted; /* POLLIN, POLLOUT */
	bool armed;
};

/* ---- its next time ---- */

static void set_time(struct asker *a)
{
	struct timeval tv;
	if (ares_timeout(a->channel, NULL, &tv) == NULL)
		cio_timer_disarm(&a->timer);
	else
		cio_timer_arm(&a->timer, cio_now() + CIO_S(tv.tv_sec) +
			CIO_US(tv.tv_usec));
}

static void on_time(cio_timer *t)
{
	struct asker *a = container_of(t, struct asker, timer);
	ares_process_fd(a->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_time(a);
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

static void arm(struct watch *w);

/* `ready` is what poll found, or < 0: a cancel, a full queue. */
static void on_ready(struct watch *w, int ready)
{
	struct asker *a = w->asker;
	w->armed = false;
	if (a == NULL)
		return; /* its close will free it */
	ares_socket_t bad = ARES_SOCKET_BAD, s = w->socket;
	if (ready > 0) {
		bool in = ready & (POLLIN | POLLERR | POLLHUP);
		ares_process_fd(a->channel, in ? s : bad,
			ready & POLLOUT ? s : bad);
	}
}

static void on_poll(cio_op *op)
{
	struct watch *w = container_of(op, struct watch, poll);
	struct asker *a = w->asker;
	on_ready(w, op->res);
	if (a == NULL)
		return;
	set_time(a);
	/* on_ready may have ended it: then it is in the list no more */
	for (cio_link *l = list_first(&a->watches);
		l != NULL && l != &a->watches; l = l->next)
		if (container_of(l, struct watch, link) == w) {
			arm(w);
			return;
		}
}

static void arm(struct watch *w)
{
	if (w->armed || w->wanted == 0)
		return;
	w->poll = (cio_op){.kind = CIO_OP_POLL, .fd = w->fd,
		.off = w->wanted, .done = on_poll};
	int err = cio_submit(&w->poll);
	w->armed = err == CIO_PENDING;
	if (err == CIO_DONE)
		on_ready(w, w->poll.res); /* not pending: c-ares polls again */
}

static struct watch *find(struct asker *a, ares_socket_t s)
{
	for (cio_link *l = list_first(&a->watches);
		l != NULL && l != &a->watches; l = l->next) {
		struct watch *w = container_of(l, struct watch, link);
		if (w->socket == s)
			return w;
	}
	return NULL;
}

/* NULL: the question will end by its own timeout. */
static struct watch *begin_watch(struct asker *a, ares_socket_t s)
{
	struct watch *w = cio__zalloc(sizeof *w);
	int copy = w != NULL ? dup(s) : -1;
	if (copy < 0 || cio_fd_adopt(copy, &w->fd) < 0) {
		if (copy >= 0)
			close(copy);
		cio__free(w);
		return NULL;
	}
	w->asker = a;
	w->socket = s;
	list_push(&a->watches, &w->link);
	return w;
}

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
		cio_op_cancel(&w->poll); /* on_poll arms it anew */
	else
		arm(w);
}

/* ---- open, close ---- */

static void library_init(void)
{
	(void)ares_library_init(ARES_LIB_INIT_ALL);
}

/* Does nsswitch.conf name a source that is more than files and name servers? */
static bool needs_system(void)
{
	FILE *f = fopen("/etc/nsswitch.conf", "re");
	char line[512];
	bool needs = false;
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, "hosts:", 6) != 0)
			continue;
		char *save, *word = strtok_r(line + 6, " \t\n", &save);
		for (; word != NULL && word[0] != '#';
			word = strtok_r(NULL, " \t\n", &save))
			if (word[0] != '[' && strcmp(word, "files") != 0 &&
				strcmp(word, "dns") != 0 &&
				strcmp(word, "resolve") != 0 &&
				strcmp(word, "myhostname") != 0)
				needs = true;
	}
	if (f != NULL)
		fclose(f);
	return needs;
}

int asker_open(struct asker **out, const cio_resolver_options *o)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (o->servers == NULL && needs_system())
		return -EOPNOTSUPP;
	pthread_once(&once, library_init);
	struct asker *a = cio__zalloc(sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	a->timer.fire = on_time;
	char lookups[] = "b";
	struct ares_options options = {.timeout = (int)(o->timeout / CIO_MS(1)),
		.tries = o->tries,
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
	if (o->servers != NULL &&
		ares_set_servers_ports_csv(a->channel, o->servers) !=
			ARES_SUCCESS) {
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
	ares_destroy(a->channel); /* ends questions and sockets */
	cio_timer_disarm(&a->timer);
	cio__free(a);
}

/* ---- a question ---- */

struct question {
	struct name *name;
	const cio_resolver_options *o;
};

static int copy_addresses(struct name *name, const struct ares_addrinfo *all,
	int *ttl)
{
	int n = 0;
	for (const struct ares_addrinfo_node *a = all->nodes;
		a != NULL && n < MOST_FOUND; a = a->ai_next) {
		if (a->ai_addrlen > sizeof name->found[n].storage)
			continue;
		name->found[n] = (cio_address){.len = (socklen_t)a->ai_addrlen};
		memcpy(&name->found[n].storage, a->ai_addr, a->ai_addrlen);
		if (n == 0 || a->ai_ttl < *ttl)
			*ttl = a->ai_ttl;
		n++;
	}
	return n;
}

static void on_answer(void *arg, int status, int timeouts,
	struct ares_addrinfo *all)
{
	struct question *q = arg;
	struct name *name = q->name;
	int ttl = 0, n = 0;
	(void)timeouts;
	if (status == ARES_SUCCESS)
		n = copy_addresses(name, all, &ttl);
	ares_freeaddrinfo(all);
	bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA ||
		(status == ARES_SUCCESS && n == 0);
	cio_duration keep = none ? q->o->negative_ttl : CIO_S(ttl > 0 ? ttl : 0);
	if (keep > q->o->max_ttl)
		keep = q->o->max_ttl;
	if (n == 0) {
		n = status == ARES_ENOMEM ? -ENOMEM : -CIO_EDNS;
		(void)snprintf(name->why, sizeof name->why, "%s",
			status == ARES_SUCCESS ? "it has no address" :
						 ares_strerror(status));
	}
	cio__free(q);
	names_answer(name, n, cio_now() + keep);
}

void asker_ask(struct asker *a, struct name *name,
	const cio_resolver_options *o)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM};
	struct question *q = cio__alloc(sizeof *q);
	if (q == NULL) {
		names_answer(name, -ENOMEM, 0);
		return;
	}
	*q = (struct question){name, o};
	ares_getaddrinfo(a->channel, name->text, NULL, &hints, on_answer, q);
	set_time(a);
}
