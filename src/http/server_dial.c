/* SPDX-License-Identifier: MIT */
/*
 * server_dial.c - connections from within this process, over streams in memory
 */
#include "http/server.h"

#include <errno.h>

#include "base/list.h"
#include "base/mem.h"

/* The waiter's value: the server refuses, and may be gone when it runs. */
enum { TRY_AGAIN, REFUSED };

static bool is_full(const cio_http_server *s)
{
	return s->figures.connections >= s->o.max_connections;
}

void cio__dialers_go(cio_http_server *s)
{
	cio_waiter *w;
	while ((w = cio_first_waiter(&s->dialers)) != NULL &&
		(s->refuses || !is_full(s) || !list_empty(&s->idle))) {
		w->value = s->refuses ? REFUSED : TRY_AGAIN;
		cio_unpark(w);
		if (!s->refuses)
			break;
	}
}

static int wait_for_place(cio_http_server *s)
{
	int err = cio_checkpoint();
	while (err == 0 && !s->refuses && is_full(s)) {
		cio_waiter w = {0};
		cio__conn_evict(s);
		err = cio_park(&w, &s->dialers, "a place at an http server");
		if (err == 0 && w.value == REFUSED)
			return -ECONNREFUSED;
	}
	return err == 0 && s->refuses ? -ECONNREFUSED : err;
}

int cio_http_server_dial(void *server, const char *host, uint16_t port,
	cio_stream **out)
{
	cio_http_server *s = server;
	(void)host;
	(void)port;
	int err = wait_for_place(s);
	if (err == -ECONNREFUSED)
		return cio_fail(err, "the http server is closing");
	if (err < 0)
		return err;
	struct conn *c = cio__zalloc(sizeof *c);
	err = c == NULL ? -ENOMEM :
		cio__stream_pair(NULL, out, &c->stream, 0);
	if (err == 0) {
		cio__conn_begin(s, c);
		return 0;
	}
	cio__free(c);
	cio__dialers_go(s); /* the place is another's */
	return err;
}
