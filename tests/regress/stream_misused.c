/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream_misused.c - a stream or listener used after its close, named
 *
 * An assert watched for it, which named a line of the library; without asserts the
 * stream was closed again, its descriptor another's by then. A close of an http
 * server in a callback aborted, and whom its abort cut was told a line of the
 * library.
 */
#include <cio/run.h>

#include <errno.h>

#include <cio/call.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/http_server.h>
#include <cio/net.h>
#include <cio/scope.h>
#include <cio/stream.h>
#include <cio/task.h>
#include <cio/time.h>

#include "dies.h"

/* ---- a stream that its reader still holds ---- */

static int reads(cio_stream *const *s)
{
	char byte;
	return (int)cio_stream_read(*s, &byte, 1);
}

/* The reader has been woken, and has not run yet. */
static cio_stream *closed_stream(void)
{
	static cio_stream *a, *b;
	(void)!cio_stream_pair(&a, &b, 0);
	(void)cio_spawn(reads, &a);
	(void)cio_yield();
	cio_stream_close(a);
	return a;
}

static void closes_twice(void)
{
	cio_stream_close(closed_stream());
}

static void aborts_closed(void)
{
	cio_stream_abort(closed_stream());
}

static void reads_closed(void)
{
	cio_str line;
	(void)cio_stream_readline(closed_stream(), &line);
}

static void writes_closed(void)
{
	(void)cio_stream_write(closed_stream(), "x", 1, NULL);
}

static void shuts_closed(void)
{
	(void)cio_stream_shutdown(closed_stream());
}

static void asks_closed(void)
{
	cio_address a;
	(void)cio_stream_peer(closed_stream(), &a);
}

static void consumes_too_much(void)
{
	cio_stream *a, *b;
	(void)!cio_stream_pair(&a, &b, 0);
	cio_stream_consume(a, 1);
}

static int accepts(cio_listener *const *l)
{
	cio_stream *s;
	return cio_listener_accept(*l, &s);
}

static int closes(cio_listener *const *l)
{
	cio_listener_close(*l);
	return 0;
}

static cio_listener *closed_listener(void)
{
	static cio_listener *l;
	(void)!cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	(void)cio_spawn(accepts, &l);
	(void)cio_yield();
	(void)cio_spawn(closes, &l);
	(void)cio_yield();
	return l;
}

static void closes_listener_twice(void)
{
	cio_listener_close(closed_listener());
}

static void accepts_from_closed(void)
{
	cio_stream *s;
	(void)!cio_listener_accept(closed_listener(), &s);
}

struct misuse {
	void (*does)(void);
	const char *words, *more;
};

static int errs(const struct misuse *const *m)
{
	(*m)->does();
	return 0;
}

static int app(void *m)
{
	const struct misuse *what = m;
	return cio_await(cio_spawn(errs, &what));
}

static void a_line_that_names_the_task(void **state)
{
	static const char closed[] = " by task 'errs', which is closed\n";
	static const struct misuse all[] = {
		{closes_twice, "closes the stream opened at ", closed},
		{aborts_closed, "closes the stream opened at ", closed},
		{reads_closed, "uses the stream opened at ", closed},
		{writes_closed, "uses the stream opened at ", closed},
		{shuts_closed, "uses the stream opened at ", closed},
		{asks_closed, "uses the stream opened at ", closed},
		{consumes_too_much, "consumes 1 bytes of the input buffer",
			"which has 0"},
		{closes_listener_twice, "closes the listener opened at ", closed},
		{accepts_from_closed, "accepts from the listener opened at ",
			closed},
	};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		dies_saying(app, (void *)(uintptr_t)&all[i],
			(const char *const[]){"cio: task errs (spawned at ",
				"stream_misused.c:", all[i].words, all[i].more,
				NULL});
}

/* ---- no group ---- */

static void never_ready(cio_stream_idle *idle, int err)
{
	(void)idle;
	(void)err;
}

static int waits_for_nobody(void *arg)
{
	static cio_stream_idle idle = {.ready = never_ready};
	cio_stream *a, *b;
	(void)arg;
	CHECK_INT(cio_stream_pair(&a, &b, 0), 0);
	CHECK_INT(cio_stream_wait_idle(a, &idle, NULL, 0), -EINVAL);
	CHECK(strstr(cio_error_text(), "needs a group") != NULL);
	cio_stream_close(a);
	cio_stream_close(b);
	return 0;
}

static void an_idle_wait_without_a_group(void **state)
{
	(void)state;
	assert_int_equal(check_run(waits_for_nobody, NULL), 0);
}

/* ---- an http server ---- */

static struct {
	cio_http_server *server;
	cio_event served;
	int told;
} site;

static int waits(cio_request *req, cio_response *res)
{
	cio_cause c;
	(void)req;
	(void)res;
	cio_event_set(&site.served);
	int err = cio_sleep(CIO_S(1000));
	CHECK(cio_cancel_cause(&c));
	printf("# cancelled at %s: %s\n", c.where, c.why);
	site.told += strstr(c.where, "stream_misused.c:") != NULL;
	return err;
}

static int serve(cio_stream **s)
{
	static const cio_route routes[] = {{CIO_GET, "/", waits}, {0}};
	static const char ask[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	site.served = (cio_event){0};
	int err = cio_http_server_open(&site.server,
		&(cio_http_server_options){.routes = routes,
			.in_process = true});
	if (err == 0)
		err = cio_http_server_dial(site.server, "", 0, s);
	if (err == 0)
		err = cio_stream_write(*s, ask, sizeof ask - 1, NULL);
	return err < 0 ? err : cio_event_wait(&site.served);
}

static int refused_in_call(void *arg)
{
	(void)arg;
	cio_http_server_drained d = {.cut = 7};
	CHECK_INT(cio_http_server_drain(site.server, CIO_S(1), &d), -EDEADLK);
	CHECK(strstr(cio_error_text(), "in a callback") != NULL);
	CHECK_INT(cio_http_server_abort(site.server), -EDEADLK);
	CHECK_INT(cio_http_server_close(site.server, 0, &d), -EDEADLK);
	CHECK_INT(d.cut, 7);
	site.told++;
	return 0;
}

static int ends_servers(void *arg)
{
	cio_call call = {0};
	cio_stream *s, *again;
	(void)arg;
	CHECK_INT(serve(&s), 0);
	cio_call_soon(&call, refused_in_call, NULL);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(site.told, 1);
	CHECK_INT(cio_http_server_dial(site.server, "", 0, &again), 0);
	cio_stream_close(again); /* nothing has happened */
	CHECK_INT(cio_http_server_abort(site.server), 0);
	CHECK_INT(site.told, 2);
	CHECK_INT(cio_http_server_close(site.server, 0, NULL), -ETIMEDOUT);
	cio_stream_close(s);

	CHECK_INT(serve(&s), 0);
	CHECK_INT(cio_http_server_close(site.server, 0, NULL), -ETIMEDOUT);
	CHECK_INT(site.told, 3);
	cio_stream_close(s);
	return 0;
}

static void the_end_of_an_http_server(void **state)
{
	(void)state;
	site.told = 0;
	assert_int_equal(check_run(ends_servers, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_names_the_task),
		cmocka_unit_test(an_idle_wait_without_a_group),
		cmocka_unit_test(the_end_of_an_http_server),
	};
	return cmocka_run_group_tests_name("stream_misused", tests, NULL, NULL);
}
