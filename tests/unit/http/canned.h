/* SPDX-License-Identifier: MIT */
/*
 * canned.h - a server that answers what it is told, however wrong, for tests
 *
 *	struct canned c = {.answers = (const struct answer[]){
 *		{"/a", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}, {0}}};
 *	err = canned_run(&c, client, arg);
 *
 * It listens on 127.0.0.1 in the same loop while `client` runs. The first
 * answer that fits the path and is not used up is sent; "/echo..." without one
 * is answered with the path itself. "/early..." is answered when its head is
 * here, and its body is never read.
 */
#ifndef CIO_TESTS_CANNED_H
#define CIO_TESTS_CANNED_H

#include <errno.h>
#include <stdlib.h>

#include <cio.h>
#include <cio/http_session.h>
#include <cio/net.h>
#include <cio/tls.h>

#include "check.h"

enum how {
	THEN_CLOSE = 1, /* after the answer */
	THEN_RESET = 2,
	THEN_HANG = 4, /* say nothing more, keep the connection */
	BYTE_BY_BYTE = 8,
	STALE = 16,    /* close when the next request on it has come */
	FOR_EVER = 32, /* again and again until the client gives up */
	DELAYED = 64,  /* ten turns later */
	THEN_CUT = 128, /* close without TLS's goodbye */
};

struct answer {
	const char *path;
	const char *text;
	unsigned how;
	int times;  /* 0: any number */
	size_t cut; /* send so many bytes of it less one; 0: all */
};

struct canned {
	const struct answer *answers; /* ends with a zeroed one */
	unsigned always;              /* `how` of all of them, too */
	cio_tls_config *tls;          /* NULL: in the clear */
	const char *greeting;         /* sent before any request; or NULL */
	/* Answers what no answer is for, instead of the echo; or NULL. 0: go on,
	 * < 0: close. */
	int (*other)(struct canned *c, cio_stream *s, const char *path);
	int used[16];
	uint16_t port;
	int connections, open, most_open, requests, answered;
	char last[2048]; /* the last request, head and body */
	char url[64][96];
	int url_n;
	cio_group group;
	cio_listener *listener;
};

/* A URL of it; one of the last 64. */
static inline const char *canned_url(struct canned *c, const char *path)
{
	char *url = c->url[c->url_n++ % 64];
	snprintf(url, 96, "http%s://127.0.0.1:%u%s", c->tls != NULL ? "s" : "",
		c->port, path);
	return url;
}

static inline const struct answer *canned_choose(struct canned *c,
	const char *path)
{
	const struct answer *a = c->answers;
	for (int i = 0; a != NULL && a->path != NULL; a++, i++) {
		if (strcmp(a->path, path) != 0)
			continue;
		if (a->times > 0 && c->used[i] >= a->times)
			continue;
		c->used[i]++;
		return a;
	}
	return NULL;
}

/* The next request: its path. 0, or < 0 at the end of the connection. */
static inline int canned_read(struct canned *c, cio_stream *s, char path[64])
{
	cio_str in;
	const char *end;
	size_t need;
	for (;;) {
		in = cio_stream_peek(s);
		end = in.n > 0 ? memmem(in.p, in.n, "\r\n\r\n", 4) : NULL;
		if (end != NULL)
			break;
		ssize_t n = cio_stream_fill(s);
		if (n <= 0)
			return n < 0 ? (int)n : -CIO_EEOF;
	}
	need = (size_t)(end - in.p) + 4;
	snprintf(c->last, sizeof c->last, "%.*s", (int)need, in.p);
	const char *length = memmem(in.p, need, "Content-Length: ", 16);
	bool early = strstr(c->last, "/early") != NULL;
	if (length != NULL && !early)
		need += strtoul(length + 16, NULL, 10);
	while (cio_stream_peek(s).n < need) {
		ssize_t n = cio_stream_fill(s);
		if (n <= 0)
			return n < 0 ? (int)n : -CIO_EEOF;
	}
	in = cio_stream_peek(s);
	snprintf(c->last, sizeof c->last, "%.*s", (int)need, in.p);
	if (sscanf(c->last, "%*s %63s", path) != 1)
		return -CIO_EPROTOCOL;
	cio_stream_consume(s, need);
	c->requests++;
	return 0;
}

static inline int canned_send(cio_stream *s, const char *p, size_t n,
	unsigned how)
{
	size_t piece = (how & BYTE_BY_BYTE) ? 1 : n;
	int err = 0;
	for (int i = 0; (how & DELAYED) && i < 10 && err == 0; i++)
		err = cio_yield();
	do {
		for (size_t at = 0; at < n && err == 0; at += piece) {
			err = cio_stream_write(s, p + at, piece, NULL);
			if (err == 0 && piece == 1)
				err = cio_yield();
		}
	} while ((how & FOR_EVER) && err == 0);
	return err;
}

static inline int canned_echo(cio_stream *s, const char *path)
{
	char text[256];
	int n = snprintf(text, sizeof text,
		"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
		strlen(path), path);
	unsigned sum = 0;
	for (const char *p = path; *p != '\0'; p++)
		sum = sum * 31 + (unsigned char)*p;
	unsigned how = sum % 3 == 0 ? DELAYED : sum % 7 == 0 ? BYTE_BY_BYTE : 0;
	return canned_send(s, text, (size_t)n, how);
}

/* 1: the connection has been dealt with. */
static inline int canned_answer(struct canned *c, cio_stream *s,
	const char *path)
{
	const struct answer *a = canned_choose(c, path);
	if (a == NULL) {
		int done = c->other != NULL ? c->other(c, s, path) :
					      canned_echo(s, path);
		c->answered++;
		return done;
	}
	unsigned how = a->how | c->always;
	size_t n = a->cut > 0 ? a->cut - 1 : strlen(a->text);
	int err = canned_send(s, a->text, n, how);
	c->answered++;
	char ignored[64];
	if (err == 0 && (how & THEN_HANG))
		err = cio_sleep(CIO_S(3600));
	if (err == 0 && (how & STALE))
		err = canned_read(c, s, ignored);
	if (err == 0 && (how & THEN_RESET)) {
		cio_stream_abort(s);
		return 1;
	}
	if (err == 0 && (how & THEN_CUT)) {
		CIO_TIMEOUT(0, &err) /* over, so that TLS says no goodbye */
			cio_stream_drop(s);
		return 1;
	}
	if (how & (THEN_CLOSE | STALE)) {
		cio_stream_close(s);
		return 1;
	}
	return err;
}

struct canned_connection {
	struct canned *c;
	cio_stream *s;
};

static inline int canned_serve(const struct canned_connection *k)
{
	struct canned *c = k->c;
	cio_stream *s = k->s;
	char path[64];
	int err = c->tls != NULL ? cio_tls_accept(&s, k->s, c->tls) : 0;
	if (err == 0 && c->greeting != NULL)
		err = cio_stream_write(s, c->greeting, strlen(c->greeting), NULL);
	while (err == 0) {
		err = canned_read(c, s, path);
		if (err == 0)
			err = canned_answer(c, s, path);
	}
	c->open--;
	if (err != 1)
		cio_stream_close(s);
	return 0;
}

static inline int canned_accept(struct canned *const *arg)
{
	struct canned *c = *arg;
	cio_stream *s;
	int err;
	while ((err = cio_listener_accept(c->listener, &s)) == 0) {
		c->connections++;
		if (++c->open > c->most_open)
			c->most_open = c->open;
		err = cio_group_try_spawn(&c->group, canned_serve,
			&(struct canned_connection){c, s});
		if (err < 0) {
			c->open--;
			cio_stream_close(s);
			break;
		}
	}
	return err;
}

/* Serve while `client` runs; what it returned, or why the server could not. */
static inline int canned_run(struct canned *c, int (*client)(struct canned *))
{
	int err = cio_tcp_listen(&c->listener, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	c->port = cio_listener_port(c->listener);
	cio_group_open(&c->group, NULL);
	err = cio_group_try_spawn(&c->group, canned_accept,
		&(struct canned *){c});
	if (err == 0)
		err = client(c);
	cio_group_cancel(&c->group, "the client is done");
	err = cio_group_close(&c->group, err);
	cio_listener_close(c->listener);
	return err;
}

/* ---- the client's side ---- */

static inline int ask(cio_http_session *s, const char *url,
	cio_http_response *r)
{
	return cio_http_request_do(s, &(cio_http_request_options){.url = url},
		r);
}

/* The same in a task of its own. */
struct asked {
	cio_http_session *s;
	const char *url;
	int status; /* what came of it */
};

static inline int ask_beside(struct asked *const *self)
{
	struct asked *a = *self;
	cio_http_response r = {0};
	a->status = ask(a->s, a->url, &r);
	cio_http_response_finish(&r);
	return 0;
}

static inline cio_task *begin_ask(struct asked *a)
{
	return cio_spawn(ask_beside, &(struct asked *){a});
}

static inline bool is_text(const cio_buf *b, const char *text)
{
	return b->n == strlen(text) &&
		(b->n == 0 || memcmp(b->p, text, b->n) == 0);
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

#endif
