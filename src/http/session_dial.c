/* SPDX-License-Identifier: MIT */
/*
 * session_dial.c - connections: which they are, how they are made
 */
#include <errno.h>
#include <stdio.h>

#include <cio/net.h>
#include <cio/tls.h>

#include "base/mem.h"
#include "base/option_name.h"
#include "http/session.h"

enum {
	STREAM_HOLDS = 65536, /* unless it is told otherwise */
	BEHIND_HEAD = 16384,
};

/* Scheme, port, host, name for TLS. All else that tells connections apart is
 * the session's, and its pool is its own. */
cio_str session_key(const struct exchange *x, char key[KEY_BYTES])
{
	const struct url *u = &x->url;
	size_t n = strlen(u->host);
	const char *name = u->tls && !x->strange ? x->rq->server_name : NULL;
	size_t more = name != NULL ? strlen(name) + 1 : 0;
	key[0] = u->tls ? 's' : 'p';
	key[1] = (char)(u->port >> 8);
	key[2] = (char)(u->port & 0xff);
	memcpy(key + 3, u->host, n);
	if (more > 0) {
		key[3 + n] = '\n';
		memcpy(key + 4 + n, name, more - 1);
	}
	return (cio_str){key, 3 + n + more};
}

static int write_host_line(cio_buf *b, const struct url *u)
{
	int err = cio_buf_puts(b, "Host: ");
	err = err < 0 ? err : cio__url_write_host(b, u);
	return err < 0 ? err : cio_buf_puts(b, "\r\n");
}

void session_begin(struct exchange *x)
{
	x->begun = cio_now();
	if (x->deadline == 0)
		x->deadline = cio_time_add(x->begun, x->timeout);
}

/* ---- names ---- */

static const char *overridden(const struct exchange *x, const char *host,
	uint16_t port)
{
	char with_port[URL_HOST_BYTES + 8], any_port[URL_HOST_BYTES + 8];
	const cio_http_resolve *r = x->s->o.resolve;
	if (r == NULL)
		return NULL;
	(void)snprintf(with_port, sizeof with_port, "%s:%u", host, port);
	(void)snprintf(any_port, sizeof any_port, "%s:*", host);
	for (; r->name != NULL; r++) {
		cio_str name = cio_str_of(r->name);
		if (cio_str_equal_nocase(name, cio_str_of(with_port)) ||
			cio_str_equal_nocase(name, cio_str_of(any_port)))
			return r->address;
	}
	return NULL;
}

/* The session's resolver is opened by the first name that needs it. */
static int open_names(cio_http_session *s)
{
	if (s->names != NULL)
		return 0;
	int err = cio_lock_acquire(&s->opening);
	if (err < 0)
		return err;
	if (s->names == NULL)
		err = cio__resolver_open(NULL, &s->names, NULL);
	cio_lock_release(&s->opening);
	return err;
}

static int resolve(void *arg, const char *host, uint16_t port, cio_address *out,
	int max)
{
	struct exchange *x = arg;
	const char *address = overridden(x, host, port);
	if (address != NULL)
		return cio_address_parse(address, port, out) == 0 ? 1 :
			cio_fail(-CIO_EDNS, "%s: resolve has no address for it",
				host);
	int n = cio_address_parse(host, port, out) == 0 ? 1 : 0;
	if (n == 0) {
		n = open_names(x->s);
		n = n < 0 ? n : cio_resolver_resolve(x->s->names, host, port,
			out, max);
	}
	if (n > 0)
		session_trace(x, CIO_HTTP_EVENT_CONNECT);
	return n;
}

int session_allowed(const struct exchange *x, const cio_address *to)
{
	const cio_http_session_options *o = &x->s->o;
	bool redirect = o->no_private_redirects && x->from_public;
	bool chosen = o->dial != NULL || o->unix_socket != NULL; /* not by a URL */
	char hint[OPTION_HINT];
	char text[CIO_ADDRESS_TEXT];
	if ((!o->no_private && !redirect) || chosen || cio_address_is_public(to))
		return 0;
	return cio_fail(-EACCES, "%s is not a public address%s%s",
		cio_address_text(to, text),
		o->no_private ? "" : ", and a public one has redirected to it",
		cio__option_hint(hint, o->no_private ? "no_private" :
						       "no_private_redirects"));
}

static int allow(void *arg, const cio_address *to)
{
	return session_allowed(arg, to);
}

/* ---- making ---- */

static int dial_tcp(struct exchange *x, struct connection *c,
	cio_duration limit)
{
	cio_tcp_options o = {.resolve_time = &x->r->time_namelookup,
		.connect_timeout = limit,
		.local_address = x->s->o.local_address,
		.resolve = resolve,
		.allow = allow,
		.arg = x};
	session_trace(x, CIO_HTTP_EVENT_DNS);
	return cio__tcp_connect(NULL, &c->stream, x->url.host, x->url.port, &o);
}

static int dial_within(struct exchange *x, struct connection *c,
	cio_duration limit)
{
	const cio_http_session_options *o = &x->s->o;
	if (o->dial == NULL && o->unix_socket == NULL)
		return dial_tcp(x, c, limit);

	cio_scope s;
	cio_scope_begin(&s, cio_time_add(x->begun, limit));
	session_trace(x, CIO_HTTP_EVENT_CONNECT);
	int err = o->dial != NULL ? o->dial(o->dial_arg, x->url.host,
					    x->url.port, &c->stream) :
				    cio__unix_connect(NULL, &c->stream, o->unix_socket);
	return cio_scope_end(&s, err);
}

static int dial(struct exchange *x, struct connection *c)
{
	cio_duration left = x->deadline - x->begun;
	cio_duration own = x->s->o.connect_timeout;
	cio_duration limit = own <= left ? own : left > 0 ? left : 1;
	int err = dial_within(x, c, limit);
	if (err == -ETIMEDOUT && cio_now() - x->begun >= limit) {
		x->late = limit == own ? "connect_timeout" : "timeout";
		x->late_after = limit == own ? own : x->timeout;
	}
	return err;
}

/* The name that the certificate must be for. */
static const char *server_name(const struct exchange *x)
{
	const char *own = x->strange ? NULL : x->rq->server_name;
	return own != NULL ? own : x->url.host;
}

static int handshake(struct exchange *x, struct connection *c)
{
	cio_stream *secured;
	int err = cio__tls_connect(NULL, &secured, c->stream, x->s->tls,
		server_name(x),
		&(cio_tls_connect_options){.port = x->url.port});
	if (err < 0)
		return err;
	c->stream = secured;
	x->s->figures.tls_handshakes++;
	cio_tls_info info;
	if (cio_tls_get_info(secured, &info) == 0 && info.resumed)
		x->s->figures.tls_resumed++;
	return 0;
}

static int secure(struct exchange *x, struct connection *c)
{
	cio_duration d = x->s->o.tls_timeout;
	cio_scope s;
	x->phase = PHASE_TLS;
	session_trace(x, CIO_HTTP_EVENT_TLS);
	cio_scope_begin(&s, session_sooner(x->deadline, d));
	int err = cio_scope_end(&s, handshake(x, c));
	if (err == -ETIMEDOUT && cio_scope_expired(&s)) {
		x->late = cio_now() < x->deadline ? "tls_timeout" : NULL;
		x->late_after = d;
	}
	x->r->time_appconnect = cio_now() - x->begun;
	return err;
}

static int make(struct exchange *x, struct connection *c)
{
	int err = write_host_line(&c->host, &x->url);
	err = err < 0 ? err : dial(x, c);
	if (err < 0)
		return err;
	x->r->time_connect = cio_now() - x->begun;
	if (cio_stream_peer(c->stream, &c->remote) < 0)
		c->remote = (cio_address){0};
	if (x->url.tls)
		err = secure(x, c);
	/* a whole head must fit in, and something behind it */
	if (err == 0 && x->s->o.max_head > STREAM_HOLDS - BEHIND_HEAD)
		cio_stream_set_limit(c->stream,
			x->s->o.max_head + BEHIND_HEAD);
	return err;
}

int session_connect(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg;
	(void)key;
	struct exchange *x = *(struct exchange *const *)how;
	x->phase = PHASE_CONNECT;
	session_begin(x);
	cio_fail(0, "%s", ""); /* lest an old text explain a new failure */
	struct connection *c = cio__alloc(sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->stream = NULL;
	c->host = c->out = (cio_buf){0};
	int err = make(x, c);
	if (err < 0) {
		cio_stream_close(c->stream);
		cio_buf_finish(&c->host);
		cio__free(c);
		return err;
	}
	session_trace(x, CIO_HTTP_EVENT_CONNECTED);
	*item = c;
	return 0;
}

void session_disconnect(void *arg, void *item)
{
	(void)arg;
	struct connection *c = item;
	cio_stream_drop(c->stream);
	cio_buf_finish(&c->host);
	cio_buf_finish(&c->out);
	cio__free(c);
}

bool session_reusable(void *arg, void *item)
{
	(void)arg;
	return cio_stream_reusable(((struct connection *)item)->stream);
}
