/* SPDX-License-Identifier: MIT */
/*
 * server_site.h - a server to talk to, and clients that send what they like
 *
 * A test's body runs as the main task; `struct site` is a server with the
 * routes below.
 */
#ifndef CIO_TESTS_SERVER_SITE_H
#define CIO_TESTS_SERVER_SITE_H

#include <cio/http_server.h>

#include <errno.h>
#include <stdlib.h>

#include <cio/event.h>
#include <cio/net.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "base/mem.h"
#include "check.h"

#define HOST "Host: a\r\n"

/* Not every test needs all of it. */
#pragma GCC diagnostic ignored "-Wunused-function"

/* ---- handlers ---- */

struct site {
	cio_http_server *server;
	uint16_t port;
	cio_event entered, go; /* of /wait */
	int calls;
};

static struct site *site_of(cio_request *req)
{
	struct site *site = cio_request_state(req);
	site->calls++;
	return site;
}

static int hello(cio_request *req, cio_response *res)
{
	site_of(req);
	return cio_respond(res, 200, "text/plain", "hello\n");
}

static int number(cio_request *req, cio_response *res)
{
	site_of(req);
	return cio_respond_format(res, 200, NULL, "%lld of %u",
		(long long)cio_path_int(req, "id"), cio_request_number(req));
}

static int name(cio_request *req, cio_response *res)
{
	cio_str s = cio_path_str(req, "name");
	site_of(req);
	return cio_respond_bytes(res, 200, NULL, s.p, s.n);
}

/* Asks for views before the body and uses them after it. */
static int echo(cio_request *req, cio_response *res)
{
	cio_str body, tag = cio_request_header(req, "X-Tag");
	cio_str path = cio_request_path(req), query = cio_request_query(req);
	site_of(req);
	int err = cio_request_body(req, &body);
	if (err < 0)
		return err;
	CHECK(cio_str_equal(path, cio_str_of("/echo")));
	if (query.n > 0)
		CHECK(cio_str_equal(query, cio_str_of("q=1")));
	if (tag.n > 0) {
		char text[16];
		snprintf(text, sizeof text, "%.*s", (int)tag.n, tag.p);
		err = cio_response_header(res, "X-Tag", text);
	}
	return err < 0 ? err :
		cio_respond_bytes(res, 200, NULL, body.p, body.n);
}

/* A refusal in the middle of a body takes nothing away. */
static int patient(cio_request *req, cio_response *res)
{
	struct site *site = site_of(req);
	cio_str body;
	int err = 0;
	CIO_TIMEOUT(CIO_MS(10), &err) {
		err = cio_request_body(req, &body);
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_event_set(&site->entered);
	err = cio_request_body(req, &body);
	return err < 0 ? err :
		cio_respond_bytes(res, 200, NULL, body.p, body.n);
}

static int ignore(cio_request *req, cio_response *res)
{
	site_of(req);
	return cio_respond(res, 200, NULL, "ignored");
}

static int wait_for_go(cio_request *req, cio_response *res)
{
	struct site *site = site_of(req);
	cio_event_set(&site->entered);
	int err = cio_event_wait(&site->go);
	return err < 0 ? err : cio_respond(res, 200, NULL, "gone");
}

static int failing(cio_request *req, cio_response *res)
{
	static const int errors[] = {0, -ENOENT, -EINVAL, -EACCES, -ETIMEDOUT,
		-EBUSY, -EIO};
	int64_t i = cio_path_int(req, "n");
	(void)res;
	site_of(req);
	return i == 0 ? 0 : cio_fail(errors[i], "number %d", (int)i);
}

static int large(cio_request *req, cio_response *res)
{
	size_t n = (size_t)cio_path_int(req, "n");
	site_of(req);
	char *p = cio__alloc(n);
	if (p == NULL)
		return -ENOMEM;
	memset(p, 'x', n);
	int err = cio_respond_bytes(res, 200, NULL, p, n);
	cio__free(p);
	return err;
}

static int abort_it(cio_request *req, cio_response *res)
{
	(void)res;
	site_of(req);
	cio_request_abort(req);
	return 0;
}

static int choosy(cio_request *req, cio_response *res)
{
	site_of(req);
	CHECK_INT(cio_response_header(res, "X-A", "1\r\nX-B: 2"), -EINVAL);
	CHECK_INT(cio_response_header(res, "X A", "1"), -EINVAL);
	CHECK_INT(cio_response_header(res, "Content-Length", "1"), -EINVAL);
	CHECK_INT(cio_response_header(res, "transfer-encoding", "x"), -EINVAL);
	CHECK_INT(cio_respond(res, 100, NULL, ""), -EINVAL);
	CHECK_INT(cio_respond(res, 600, NULL, ""), -EINVAL);
	CHECK_INT(cio_respond(res, 204, NULL, "x"), -EINVAL);
	CHECK_INT(cio_respond(res, 200, "a\nb", "x"), -EINVAL);
	CHECK_INT(cio_response_header(res, "X-Good", "yes"), 0);
	CHECK_INT(cio_respond(res, 204, NULL, ""), 0);
	CHECK_INT(cio_respond(res, 200, NULL, ""), -EALREADY);
	CHECK_INT(cio_response_header(res, "X-Late", "1"), -EALREADY);
	return 0;
}

static int close_server(cio_request *req, cio_response *res)
{
	struct site *site = site_of(req);
	CHECK_INT(cio_http_server_close(site->server, 0, NULL), -EDEADLK);
	int err = cio_response_header(res, "Connection", "close");
	return err < 0 ? err : cio_respond(res, 200, NULL, "");
}

static const cio_route routes[] = {
	{CIO_GET, "/hello", hello},
	{CIO_GET, "/n/{id:int}", number},
	{CIO_GET, "/name/{name}", name},
	{CIO_POST, "/echo", echo},
	{CIO_PUT, "/echo", echo},
	{CIO_POST, "/patient", patient},
	{CIO_POST, "/ignore", ignore},
	{CIO_GET, "/wait", wait_for_go},
	{CIO_GET, "/fail/{n:int}", failing},
	{CIO_GET, "/large/{n:int}", large},
	{CIO_GET, "/abort", abort_it},
	{CIO_GET, "/choosy", choosy},
	{CIO_GET, "/close", close_server},
	{0},
};

/* ---- the site ---- */

static int open_with(struct site *site, cio_http_server_options o)
{
	*site = (struct site){0};
	o.routes = routes;
	o.state = site;
	int err = cio_http_server_open(&site->server, &o);
	if (err == 0)
		site->port = cio_http_server_port(site->server);
	return err;
}

static int open_site(struct site *site)
{
	return open_with(site, (cio_http_server_options){0});
}

static void close_site(struct site *site)
{
	CHECK_INT(cio_http_server_close(site->server, CIO_S(20), NULL), 0);
}

/* ---- clients ---- */

static cio_stream *dial(const struct site *site)
{
	cio_stream *s = NULL;
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", site->port, NULL), 0);
	return s;
}

static int say(cio_stream *s, const char *text)
{
	return cio_stream_write(s, text, strlen(text), NULL);
}

struct answer {
	int status;
	char head[4096], body[4096];
	size_t n; /* of the body, also if it did not fit */
};

static const char *field(const struct answer *a, const char *name_)
{
	const char *at = strcasestr(a->head, name_);
	return at != NULL ? at + strlen(name_) : "";
}

/* One answer, without what follows it. 0 or < 0. */
static int hear_as(cio_stream *s, struct answer *a, bool to_head)
{
	*a = (struct answer){0};
	cio_str in;
	const char *end;
	while (in = cio_stream_peek(s),
		(end = memmem(in.p, in.n, "\r\n\r\n", 4)) == NULL) {
		ssize_t n = cio_stream_fill(s);
		if (n <= 0)
			return n < 0 ? (int)n : -CIO_EEOF;
	}
	size_t head = (size_t)(end - in.p) + 4;
	if (!CHECK(head < sizeof a->head))
		return -CIO_ETOOLARGE;
	memcpy(a->head, in.p, head);
	cio_stream_consume(s, head);
	CHECK(strncmp(a->head, "HTTP/1.1 ", 9) == 0);
	a->status = atoi(a->head + 9);
	size_t left = to_head ? 0 : (size_t)atoll(field(a, "Content-Length: "));
	while (left > 0) {
		char part[4096];
		ssize_t n = cio_stream_read(s, part,
			left < sizeof part ? left : sizeof part);
		if (n <= 0)
			return n < 0 ? (int)n : -CIO_EEOF;
		if (a->n + (size_t)n < sizeof a->body)
			memcpy(a->body + a->n, part, (size_t)n);
		a->n += (size_t)n;
		left -= (size_t)n;
	}
	return 0;
}

static int hear(cio_stream *s, struct answer *a)
{
	return hear_as(s, a, false);
}

/* Nothing more comes, and it was a clean end. */
static void expect_end(cio_stream *s)
{
	CHECK_INT(cio_stream_peek(s).n, 0);
	CHECK_INT(cio_stream_fill(s), 0);
}

/* Say it on a connection of its own, hear one answer. */
static void ask(const struct site *site, const char *text, struct answer *a)
{
	cio_stream *s = dial(site);
	CHECK_INT(say(s, text), 0);
	CHECK_INT(hear(s, a), 0);
	cio_stream_close(s);
}

/* The same, and the server must close after it. */
static void ask_last(const struct site *site, const char *text,
	struct answer *a)
{
	cio_stream *s = dial(site);
	CHECK_INT(say(s, text), 0);
	CHECK_INT(hear(s, a), 0);
	CHECK(strstr(a->head, "Connection: close\r\n") != NULL);
	expect_end(s);
	cio_stream_close(s);
}

static bool on_sim(void)
{
	return strcmp(cio_driver_name(), "sim") == 0;
}

/* A time limit that must expire: real waiting is kept short. */
static cio_duration span(void)
{
	return on_sim() ? CIO_S(10) : CIO_MS(30);
}

/* The body of a test, and the test, which runs it. */
#define TEST(name_) \
	static int name_##_body(void *arg); \
	static void name_(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name_##_body, NULL), 0); \
	} \
	static int name_##_body(void *arg __attribute__((unused)))

#endif
