/* SPDX-License-Identifier: MIT */
/*
 * stream_server.c - a task for each connection
 *
 * One task, the keeper, accepts, and has the group of the others. It must not
 * hang under the scopes of whoever opened the server. There is room before it
 * accepts, so nobody is let in who is not served.
 *
 * The end comes in three steps. The close of the listener ends the accept. The
 * drain waits until there are no connections. The abort cancels the group.
 * After them the keeper has nothing left to wait for.
 */
#include <cio/stream_server.h>

#include <errno.h>
#include <stdio.h>

#include <cio/time.h>

#include "base/list.h"
#include "base/mem.h"

enum { MOST_CONNECTIONS = 10000 };
#define ACCEPT_PAUSE CIO_MS(100) /* after an error, to try again */

struct cio_stream_server {
	cio_handle handle;
	cio_stream_handler *handler;
	void *arg;
	char name[CIO_ADDRESS_TEXT]; /* for reports */
	uint16_t port;
	uint32_t most;
	cio_listener *listener; /* NULL: closed */
	cio_task *keeper;
	cio_waiter starter;     /* the opener waits for the keeper */
	cio_link pausing;       /* the keeper, while it does not accept */
	cio_link drainers;      /* wait until there are no connections */
	cio_link conns;
	cio_group tasks;
	bool told_of_limit;
	cio_stream_server_figures figures;
};

/* Lives on the stack of its task. */
struct conn {
	cio_link link;
	cio_task *task;
};

static void wake_all(cio_link *queue)
{
	cio_waiter *w;
	while ((w = cio_first_waiter(queue)) != NULL)
		cio_unpark(w);
}

/* ---- one connection ---- */

struct guest {
	cio_stream_server *server;
	cio_stream *stream;
};

static void judge(cio_stream_server *s, int result)
{
	if (result >= 0)
		return;
	if (cio_refused() < 0) {
		s->figures.cut++;
		return;
	}
	const char *text = cio_error_text();
	bool lost = result == -ECONNRESET || result == -EPIPE;
	s->figures.failed++;
	cio_report(lost ? CIO_LEVEL_DEBUG : CIO_LEVEL_WARNING,
		"stream server on %s: handler failed: %s%s%s", s->name,
		cio_strerror(result), text[0] != '\0' ? ": " : "", text);
}

static void leave(cio_stream_server *s)
{
	s->figures.connections--;
	wake_all(&s->pausing);
	if (s->figures.connections == 0)
		wake_all(&s->drainers);
}

static int serve(const struct guest *g)
{
	cio_stream_server *s = g->server;
	struct conn c = {.task = cio_current_task()};
	list_push(&s->conns, &c.link);
	judge(s, s->handler(g->stream, s->arg));
	if (cio_refused() < 0 || cio_stream_torn(g->stream))
		cio_stream_abort(g->stream);
	else
		cio_stream_close(g->stream);
	list_remove(&c.link);
	leave(s);
	return 0;
}

/* ---- accepting ---- */

/* Until a connection has ended, the listener is closed, or `d` has passed. */
static int pause_accepting(cio_stream_server *s, cio_duration d)
{
	cio_scope limit;
	cio_waiter w = {0};
	cio_scope_begin(&limit, cio_time_after(d));
	int err = cio_park(&w, &s->pausing, "room in a stream server");
	bool over = cio_scope_expired(&limit);
	err = cio_scope_end(&limit, err);
	return over ? 0 : err;
}

/* Once: it would come again every 100 ms. */
static void tell_of_limit(cio_stream_server *s, int err)
{
	if (s->told_of_limit)
		return;
	s->told_of_limit = true;
	cio_report(CIO_LEVEL_WARNING, "stream server on %s cannot accept: %s; "
		"new connections wait", s->name, cio_strerror(err));
}

static int admit(cio_stream_server *s, cio_stream *stream)
{
	s->figures.accepted++;
	s->figures.connections++;
	int err = cio_group_try_spawn(&s->tasks, serve,
		&(struct guest){s, stream});
	if (err < 0) {
		cio_stream_abort(stream);
		leave(s);
	}
	return err;
}

static int accept_one(cio_stream_server *s)
{
	cio_stream *stream;
	if (s->figures.connections >= s->most)
		return pause_accepting(s, CIO_NEVER);
	int err = cio__listener_accept(NULL, s->listener, &stream);
	if (err == 0)
		err = admit(s, stream);
	if (err == 0 || cio_refused() < 0 || s->listener == NULL)
		return err;
	tell_of_limit(s, err); /* no descriptor or no memory is left */
	return pause_accepting(s, ACCEPT_PAUSE);
}

static int keep(cio_stream_server *const *self)
{
	cio_stream_server *s = *self;
	cio_waiter never = {0};
	cio_group_open(&s->tasks,
		&(const cio_group_options){.errors = CIO_COLLECT});
	cio_unpark(&s->starter);
	while (s->listener != NULL && cio_refused() == 0)
		(void)accept_one(s);
	while (cio_park(&never, NULL, "the end of the stream server") >= 0)
		continue;
	cio_stream_server_close_listeners(s);
	return cio_group_close(&s->tasks, 0);
}

/* ---- open ---- */

static int listen_on(cio_stream_server *s, const cio_stream_server_options *o)
{
	const char *host = o->host != NULL ? o->host : "127.0.0.1";
	cio_listen_options how = {.backlog = o->backlog,
		.reuse_port = o->reuse_port};
	int err = o->path != NULL ?
		cio__unix_listen(NULL, &s->listener, o->path, &how) :
		cio__tcp_listen(NULL, &s->listener, host, o->port, &how);
	if (err < 0)
		return err;
	s->port = cio_listener_port(s->listener);
	if (o->path != NULL)
		(void)snprintf(s->name, sizeof s->name, "unix:%s", o->path);
	else
		(void)snprintf(s->name, sizeof s->name, "%s:%u", host,
			(unsigned)s->port);
	return 0;
}

static int start_keeper(cio_stream_server *s)
{
	s->keeper = cio_spawn(keep, &s);
	if (s->keeper == NULL) {
		cio_listener_close(s->listener);
		return -ENOMEM;
	}
	/* It has its turn for certain, so the wait is a short one. */
	cio_settle(&s->starter, NULL, "the start of the stream server", NULL,
		NULL);
	return 0;
}

static void describe(cio_handle *h, char *text)
{
	(void)snprintf(text, CIO_HANDLE_TEXT, "on %s",
		container_of(h, cio_stream_server, handle)->name);
}

static void close_left(cio_handle *h)
{
	(void)cio__stream_server_close("",
		container_of(h, cio_stream_server, handle), 0);
}

int cio__stream_server_open(const char *site, cio_stream_server **out,
	cio_stream_handler *handler, void *arg,
	const cio_stream_server_options *options)
{
	static const cio_handle_kind kind = {"stream server", describe,
		close_left};
	cio_stream_server_options o = {0};
	if (options != NULL)
		o = *options;
	cio_stream_server *s = cio__zalloc(sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	cio_handle_note(&s->handle, &kind, NULL); /* whose it is */
	s->handler = handler;
	s->arg = arg;
	s->most = o.max_connections > 0 ? o.max_connections : MOST_CONNECTIONS;
	int err = listen_on(s, &o);
	if (err == 0)
		err = start_keeper(s);
	if (err < 0) {
		cio__free(s);
		return err;
	}
	cio_handle_note(&s->handle, &kind, site);
	*out = s;
	return 0;
}

uint16_t cio_stream_server_port(const cio_stream_server *s)
{
	return s->port;
}

bool cio_stream_server_serving(const cio_stream_server *s)
{
	return s->listener != NULL;
}

cio_stream_server_figures cio_stream_server_get_figures(
	const cio_stream_server *s)
{
	return s->figures;
}

/* ---- the end ---- */

static int refuse_handler(const cio_stream_server *s)
{
	const cio_task *me = cio_current_task();
	const cio_link *head = &s->conns;
	int err = cio_handle_check(&s->handle);
	if (err < 0)
		return err;
	if (me == NULL)
		return cio_checkpoint(); /* it says why not */
	for (const cio_link *l = list_first(head); l != NULL && l != head;
		l = l->next)
		if (container_of(l, const struct conn, link)->task == me)
			return cio_fail(-EDEADLK, "a handler cannot wait for the "
				"end of its server, and so of itself: tell the "
				"task that opened it");
	return 0;
}

void cio_stream_server_close_listeners(cio_stream_server *s)
{
	cio__handle_insist(&s->handle, "cio_stream_server_close_listeners");
	cio_listener *l = s->listener;
	s->listener = NULL;
	wake_all(&s->pausing);
	cio_listener_close(l);
}

int cio_stream_server_drain(cio_stream_server *s, cio_duration limit)
{
	cio_scope scope;
	int err = refuse_handler(s);
	if (err < 0)
		return err;
	cio_stream_server_close_listeners(s);
	cio_scope_begin(&scope, cio_time_after(limit));
	while (err == 0 && s->figures.connections > 0) {
		cio_waiter w = {0};
		err = cio_park(&w, &s->drainers, "the drain of a stream server");
	}
	return cio_scope_end(&scope, err);
}

int cio__stream_server_abort(const char *site, cio_stream_server *s)
{
	int err = refuse_handler(s);
	if (err < 0)
		return err;
	cio_stream_server_close_listeners(s);
	if (s->figures.connections > 0)
		cio__group_cancel(site, &s->tasks, "the stream server was aborted");
	while (s->figures.connections > 0) {
		cio_waiter w = {0};
		cio_settle(&w, &s->drainers, "the end of a stream server's tasks",
			NULL, NULL);
	}
	return 0;
}

int cio__stream_server_close(const char *site, cio_stream_server *s,
	cio_duration limit)
{
	if (s == NULL)
		return 0;
	int err = refuse_handler(s);
	if (err < 0)
		return err;
	(void)cio_stream_server_drain(s, limit);
	cio_handle_forget(&s->handle);
	(void)cio__stream_server_abort(site, s);
	cio_task_cancel(s->keeper, "the stream server is closed");
	(void)cio_await(s->keeper);
	bool cut = s->figures.cut > 0;
	cio__free(s);
	return cut ? -ETIMEDOUT : 0;
}
