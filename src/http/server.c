/* SPDX-License-Identifier: MIT */
/*
 * server.c - open, accept, drain
 *
 * The server must not hang under the scopes of whoever opened it, and a group
 * needs a task that opens and closes it: the keeper. It is the only task that a
 * quiet server has, and sleeps from open to close.
 *
 * The end comes in three steps. The close of the listener ends the accept. The
 * drain cancels `waits`, which ends all idle connections at once, and any attempt
 * to go idle from then on. The abort cancels `tasks`. After them nothing is left
 * for the keeper to wait for.
 *
 * At max_connections nobody is accepted whom there is no place for: the listener
 * is only watched, and when somebody comes the oldest idle connection is closed;
 * the place that it leaves is then accepted for.
 */
#include "http/server.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"

enum {
	ACCEPT_BATCH = 64,    /* then the loop has its turn */
	ACCEPT_PAUSE_MS = 100 /* after an error, to try again */
};

/* ---- connections ---- */

static void accept_more(cio_http_server *s);

void cio__conn_free(struct conn *c)
{
	cio_http_server *s = c->server;
	assert(s->figures.connections > 0);
	list_remove(&c->link);
	s->figures.connections--;
	cio__free(c);
	if (s->accepting == ACCEPT_FULL || s->accepting == ACCEPT_EVICTS)
		accept_more(s);
	cio__dialers_go(s);
	cio_waiter *w;
	while (s->figures.connections == 0 &&
		(w = cio_first_waiter(&s->drainers)) != NULL)
		cio_unpark(w);
}

void cio__conn_idle(struct conn *c)
{
	cio_http_server *s = c->server;
	list_remove(&c->link);
	list_push(&s->idle, &c->link);
	if (s->accepting == ACCEPT_FULL)
		accept_more(s);
	cio__dialers_go(s);
}

static void drop(struct conn *c)
{
	cio_stream_drop(c->stream);
	cio__conn_free(c);
}

static void start(struct conn *c)
{
	list_remove(&c->link);
	list_push(&c->server->conns, &c->link);
	if (cio_group_try_spawn(&c->server->tasks, cio__conn_serve, &c) < 0)
		drop(c);
}

/* On the loop's stack: an idle connection has bytes, or is over. */
static void ready(cio_stream_idle *idle, int err)
{
	struct conn *c = container_of(idle, struct conn, idle);
	assert(c->task == NULL && "idle is idle");
	if (err == 0 && cio_stream_peek(c->stream).n > 0) {
		start(c);
		return;
	}
	if (c->server->draining)
		c->server->drain.idle++;
	drop(c);
}

static void greet(struct conn *c)
{
	cio_http_server *s = c->server;
	c->idle.ready = ready;
	int err = cio_stream_wait_idle(c->stream, &c->idle, &s->waits,
		cio_time_after(s->o.head_timeout));
	if (err == 1)
		ready(&c->idle, 0);
	else if (err < 0)
		ready(&c->idle, err);
}

static void closed(cio_op *op)
{
	cio__free(container_of(op, struct conn, close));
}

/* No memory for a stream: the spare connection's place serves to close the
 * descriptor, and nothing of the server is touched any more. */
static void turn_away(struct conn *c, cio_fd fd)
{
	c->close = (cio_op){.kind = CIO_OP_CLOSE, .fd = fd, .done = closed};
	if (cio_submit(&c->close) != CIO_PENDING)
		cio__free(c);
}

/* The parser says 431 long before; a body is used up as it comes. */
void cio__conn_limit(struct conn *c)
{
	cio_stream_set_limit(c->stream,
		c->server->o.max_head + 2 * CIO_POOLED_SIZE);
}

void cio__conn_begin(cio_http_server *s, struct conn *c)
{
	c->server = s;
	cio__conn_limit(c);
	list_push(&s->conns, &c->link);
	s->figures.accepted++;
	s->figures.connections++;
	greet(c);
}

static void conn_open(cio_http_server *s, cio_fd fd)
{
	struct conn *c = s->spare;
	assert(c != NULL && "made before the accept");
	s->spare = NULL;
	if (cio__stream_from_fd(NULL, &c->stream, fd) < 0)
		turn_away(c, fd);
	else
		cio__conn_begin(s, c);
}

/* ---- accepting ---- */

static void pause_over(cio_timer *t)
{
	accept_more(container_of(t, cio_http_server, pause));
}

static void pause_accepting(cio_http_server *s, cio_duration d)
{
	s->accepting = ACCEPT_PAUSED;
	s->pause.fire = pause_over;
	cio_timer_arm(&s->pause, cio_time_after(d));
}

/* Once: it would come again every 100 ms. */
static void tell_of_limit(cio_http_server *s, int err)
{
	bool descriptors = err == -EMFILE || err == -ENFILE;
	if (s->told_of_limit)
		return;
	s->told_of_limit = true;
	cio_report(CIO_LEVEL_WARNING, "http server on port %u cannot accept: "
		"%s; new connections wait%s", (unsigned)s->o.port,
		cio_strerror(err), descriptors ? ": raise the limit of "
		"descriptors (ulimit -n) or lower max_connections" : "");
}

/* False: accepting stands still. */
static bool take(cio_http_server *s, int err)
{
	switch (-err) {
	case ECANCELED:
	case EBADF:
		s->accepting = ACCEPT_ENDED;
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		tell_of_limit(s, err);
		pause_accepting(s, CIO_MS(ACCEPT_PAUSE_MS));
		return false;
	default: /* < 0: the peer left while it waited in the backlog */
		if (err >= 0)
			conn_open(s, s->accept.out);
		return true;
	}
}

static void accepted(cio_op *op)
{
	cio_http_server *s = container_of(op, cio_http_server, accept);
	if (take(s, op->res))
		accept_more(s);
}

/* ---- no place left ---- */

void cio__conn_evict(cio_http_server *s)
{
	cio_link *link = list_pop(&s->idle);
	if (link == NULL)
		return;
	list_push(&s->conns, link);
	s->figures.evicted++;
	/* `ready` ends it */
	cio_stream_drop(container_of(link, struct conn, link)->stream);
}

static void make_room(cio_http_server *s)
{
	s->accepting = ACCEPT_FULL;
	if (s->figures.connections < s->o.max_connections) {
		accept_more(s);
		return;
	}
	if (list_empty(&s->idle))
		return; /* all busy again */
	s->accepting = ACCEPT_EVICTS;
	cio__conn_evict(s);
}

static void somebody_comes(cio_op *op)
{
	cio_http_server *s = container_of(op, cio_http_server, accept);
	if (op->res >= 0)
		make_room(s);
	else if (op->res == -ECANCELED || op->res == -EBADF)
		s->accepting = ACCEPT_ENDED;
	else
		pause_accepting(s, CIO_MS(ACCEPT_PAUSE_MS));
}

/* If an idle connection could give way. */
static void watch(cio_http_server *s)
{
	s->accepting = ACCEPT_FULL;
	if (list_empty(&s->idle))
		return;
	s->accepting = ACCEPT_WATCHED;
	s->accept = (cio_op){.kind = CIO_OP_POLL, .done = somebody_comes,
		.fd = cio_listener_fd(s->listener), .off = POLLIN,
		.group = &s->waits};
	int err = cio_submit(&s->accept);
	if (err < 0)
		s->accept.res = err;
	if (err != CIO_PENDING)
		somebody_comes(&s->accept);
}

/* ---- one after the other ---- */

static int submit_accept(cio_http_server *s)
{
	if (s->spare == NULL)
		s->spare = cio__zalloc(sizeof *s->spare);
	if (s->spare == NULL)
		return -ENOMEM;
	s->accept = (cio_op){.kind = CIO_OP_ACCEPT, .done = accepted,
		.fd = cio_listener_fd(s->listener), .group = &s->waits};
	return cio_submit(&s->accept);
}

/* One at a time, so that max_connections is kept to the connection. */
static void accept_more(cio_http_server *s)
{
	s->accepting = ACCEPT_ARMED;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		if (s->listener == NULL) {
			s->accepting = ACCEPT_ENDED;
			return;
		}
		if (s->figures.connections >= s->o.max_connections) {
			watch(s);
			return;
		}
		int err = submit_accept(s);
		if (err == CIO_PENDING)
			return;
		if (!take(s, err < 0 ? err : s->accept.res))
			return;
	}
	pause_accepting(s, 0); /* a crowd: the others have their turn first */
}

/* ---- the keeper ---- */

static int keep(cio_http_server *const *self)
{
	cio_http_server *s = *self;
	cio_group_open(&s->tasks,
		&(const cio_group_options){.errors = CIO_COLLECT});
	cio_group_open(&s->waits, NULL);
	accept_more(s);
	cio_unpark(&s->starter);

	cio_waiter never;
	while (cio_park(&never, NULL, "the end of the http server") >= 0)
		continue;
	s->draining = true;
	cio_http_server_close_listeners(s);
	(void)cio_group_close(&s->waits, 0);
	s->accepting = ACCEPT_ENDED;
	return cio_group_close(&s->tasks, 0);
}

/* ---- open ---- */

static void set_defaults(cio_http_server_options *o)
{
	if (o->host == NULL)
		o->host = "127.0.0.1";
	if (o->max_connections == 0)
		o->max_connections = 10000;
	if (o->head_timeout == 0)
		o->head_timeout = CIO_S(10);
	if (o->body_timeout == 0)
		o->body_timeout = CIO_S(60);
	if (o->write_timeout == 0)
		o->write_timeout = CIO_S(60);
	if (o->keep_alive == 0)
		o->keep_alive = CIO_S(75);
	if (o->max_requests == 0)
		o->max_requests = 1000000;
	if (o->max_head == 0)
		o->max_head = HTTP1_HEAD_BYTES;
	if (o->max_body == 0)
		o->max_body = 1024 * 1024;
}

static int check_options(const cio_http_server_options *o)
{
	if (o->head_timeout < 0 || o->body_timeout < 0 ||
		o->write_timeout < 0 || o->keep_alive < 0)
		return cio_fail(-EINVAL, "a time limit is negative");
	if (o->in_process && o->unix_socket != NULL)
		return cio_fail(-EINVAL, "in_process listens nowhere, also not "
			"at a unix_socket");
	return 0;
}

static int listen_on(cio_http_server *s)
{
	int one = 1;
	if (s->o.in_process) {
		s->o.port = 0;
		return 0;
	}
	if (s->o.unix_socket != NULL) {
		s->o.port = 0;
		return cio__unix_listen(NULL, &s->listener, s->o.unix_socket,
			NULL);
	}
	int err = cio__tcp_listen(NULL, &s->listener, s->o.host, s->o.port,
		&(cio_listen_options){.reuse_port = s->o.reuse_port});
	if (err < 0)
		return err;
	s->o.port = cio_listener_port(s->listener);
	/* Connections inherit it: one call for all of them. A system that does
	 * not know it is no reason to do without the server. */
	(void)cio_perform_settled(&(cio_op){.kind = CIO_OP_SOCKOPT,
		.fd = cio_listener_fd(s->listener), .buf = &one,
		.len = sizeof one,
		.off = (int64_t)IPPROTO_TCP << 32 | TCP_NODELAY});
	return 0;
}

static int start_keeper(cio_http_server *s)
{
	s->keeper = cio_spawn(keep, &s);
	if (s->keeper == NULL) {
		cio_listener_close(s->listener);
		return -ENOMEM;
	}
	/* It has its turn for certain, so the wait is a short one. */
	cio_settle(&s->starter, NULL, "the start of the http server", NULL,
		NULL);
	return 0;
}

static void server_free(cio_http_server *s)
{
	assert(list_empty(&s->conns) && list_empty(&s->idle));
	while (s->free != NULL) {
		struct exchange *x = s->free;
		s->free = x->next;
		cio__exchange_free(x);
	}
	cio__router_close(s->router);
	cio_tls_config_close(s->tls);
	cio__free(s->spare);
	cio__free(s);
}

static void describe(cio_handle *h, char *text)
{
	unsigned port = container_of(h, cio_http_server, handle)->o.port;
	if (port != 0)
		(void)snprintf(text, CIO_HANDLE_TEXT, "on port %u", port);
}

static void close_left(cio_handle *h)
{
	(void)cio__http_server_close("",
		container_of(h, cio_http_server, handle), 0, NULL);
}

int cio__http_server_open(const char *site, cio_http_server **out,
	const cio_http_server_options *options)
{
	static const cio_handle_kind kind = {"http server", describe,
		close_left};
	int err = check_options(options);
	if (err < 0)
		return err;
	cio_http_server *s = cio__zalloc(sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	cio_handle_note(&s->handle, &kind, NULL); /* whose it is */
	s->o = *options;
	set_defaults(&s->o);
	s->date_of = -1;
	err = cio__router_open(&s->router, s->o.routes);
	if (err == 0)
		err = cio__server_tls_open(s);
	if (err == 0)
		err = listen_on(s);
	if (err == 0)
		err = start_keeper(s);
	if (err < 0) {
		server_free(s);
		return err;
	}
	cio_handle_note(&s->handle, &kind, site);
	*out = s;
	return 0;
}

uint16_t cio_http_server_port(const cio_http_server *s)
{
	return s->o.port;
}

cio_http_server_figures cio_http_server_get_figures(const cio_http_server *s)
{
	return s->figures;
}

/* ---- close ---- */

static bool called_by_handler(const cio_http_server *s)
{
	const cio_task *me = cio_current_task();
	const cio_link *head = &s->conns;
	for (const cio_link *l = list_first(head); l != NULL && l != head;
		l = l->next)
		if (container_of(l, const struct conn, link)->task == me)
			return true;
	return false;
}

/* Who may wait for its end? */
static int refuse(const cio_http_server *s)
{
	int err = cio_handle_check(&s->handle);
	if (err < 0)
		return err;
	if (cio_current_task() == NULL)
		return cio_checkpoint(); /* it says why not */
	if (called_by_handler(s))
		return cio_fail(-EDEADLK,
			"a handler cannot close its server: it would wait for "
			"itself; tell the task that opened it");
	return 0;
}

void cio_http_server_close_listeners(cio_http_server *s)
{
	cio__handle_insist(&s->handle, "cio_http_server_close_listeners");
	cio_listener *l = s->listener;
	s->listener = NULL;
	s->refuses = true;
	cio__dialers_go(s);
	cio_timer_disarm(&s->pause);
	cio_listener_close(l);
}

static void begin_drain(cio_http_server *s)
{
	cio_http_server_close_listeners(s);
	if (s->draining)
		return;
	s->draining = true;
	cio_group_cancel(&s->waits, "the http server is closing");
}

int cio_http_server_drain(cio_http_server *s, cio_duration limit,
	cio_http_server_drained *told)
{
	cio_scope scope;
	int err = refuse(s);
	if (err < 0)
		return err;
	begin_drain(s);
	cio_scope_begin(&scope, cio_time_after(limit));
	while (err == 0 && s->figures.connections > 0) {
		cio_waiter w = {0};
		err = cio_park(&w, &s->drainers, "the drain of an http server");
	}
	err = cio_scope_end(&scope, err);
	if (told != NULL)
		*told = s->drain;
	return err;
}

int cio__http_server_abort(const char *site, cio_http_server *s)
{
	int err = refuse(s);
	if (err < 0)
		return err;
	begin_drain(s);
	if (s->figures.connections > 0)
		cio__group_cancel(site, &s->tasks, "the http server was aborted");
	while (s->figures.connections > 0) {
		cio_waiter w = {0};
		cio_settle(&w, &s->drainers, "the end of an http server's tasks",
			NULL, NULL);
	}
	return 0;
}

int cio__http_server_close(const char *site, cio_http_server *s,
	cio_duration limit, cio_http_server_drained *told)
{
	int err = s != NULL ? refuse(s) : 0;
	if (s == NULL || err < 0)
		return err;
	(void)cio_http_server_drain(s, limit, NULL);
	cio_handle_forget(&s->handle);
	(void)cio__http_server_abort(site, s);
	cio_task_cancel(s->keeper, "the http server is closed");
	(void)cio_await(s->keeper);

	cio_http_server_drained drain = s->drain;
	server_free(s);
	if (told != NULL)
		*told = drain;
	return drain.cut > 0 ? -ETIMEDOUT : 0;
}
