/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * server_tls.c - an https server: its handshakes, its idle connections, its end
 */
#include <cio/http_server.h>

#include <cio/http_session.h>

#include "check.h"
#include "unit/tls/ends.h"

static cio_event entered, go;

static int hello(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond(res, 200, "text/plain", "hello\n");
}

static int waits(cio_request *req, cio_response *res)
{
	cio_event_set(&entered);
	int err = cio_event_wait(&go);
	return err < 0 ? err : hello(req, res);
}

static const cio_route routes[] = {
	{CIO_GET, "/hello", hello},
	{CIO_GET, "/wait", waits},
	{0},
};

static cio_duration handshake_timeout; /* 0: long enough */

static cio_http_server *serve(cio_http_server_options o)
{
	cio_http_server *s = NULL;
	cio_tls_options tls = {.certificate_file = file("good.pem"),
		.key_file = file("good.key"),
		.handshake_timeout = handshake_timeout};
	o.tls = &tls;
	o.routes = routes;
	CHECK_INT(cio_http_server_open(&s, &o), 0);
	return s;
}

static cio_http_session *client(void)
{
	cio_tls_options o = {.ca_file = file("ca.crt")};
	return cio_http_session_open(&(cio_http_session_options){.tls = &o});
}

static int ask(cio_http_session *s, cio_http_server *server, const char *path,
	cio_http_response *r)
{
	char url[64];
	snprintf(url, sizeof url, "https://127.0.0.1:%u%s",
		cio_http_server_port(server), path);
	return cio_http_request_do(s, &(cio_http_request_options){.url = url}, r);
}

/* ---- requests ---- */

static int many_on_one(void *arg)
{
	(void)arg;
	cio_http_server *server = serve((cio_http_server_options){0});
	cio_http_session *s = client();
	cio_http_response r = {0};
	for (int i = 0; i < 5; i++) {
		CHECK_INT(ask(s, server, "/hello", &r), 200);
		CHECK_INT(cio_yield(), 0);
	}
	CHECK_INT(ask(s, server, "/none", &r), 404);
	cio_http_server_figures f = cio_http_server_get_figures(server);
	CHECK_INT(f.accepted, 1);
	CHECK_INT(f.requests, 6);
	/* idle: the keeper and we are all the tasks there are */
	while (cio_run_get_figures().tasks_alive > 2)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(ask(s, server, "/hello", &r), 200);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	cio_http_server_drained d;
	CHECK_INT(cio_http_server_close(server, CIO_S(5), &d), 0);
	CHECK_INT(d.cut, 0);
	return 0;
}

/* ---- who does not shake hands ---- */

static int strangers(void *arg)
{
	(void)arg;
	char buf[64];
	handshake_timeout = CIO_MS(500);
	cio_http_server *server = serve((cio_http_server_options){0});
	handshake_timeout = 0;
	cio_stream *plain, *silent;
	cio_http_session *s = client();
	cio_http_response r = {0};
	CHECK_INT(cio_tcp_connect(&plain, "127.0.0.1",
		cio_http_server_port(server), NULL), 0);
	CHECK_INT(cio_stream_write(plain, "GET / HTTP/1.1\r\n\r\n", 18, NULL), 0);
	while (cio_stream_read(plain, buf, sizeof buf) > 0)
		CHECK(memmem(buf, sizeof buf, "HTTP", 4) == NULL);
	cio_stream_close(plain);
	/* the first byte of a handshake, and no more of it */
	CHECK_INT(cio_tcp_connect(&silent, "127.0.0.1",
		cio_http_server_port(server), NULL), 0);
	CHECK_INT(cio_stream_write(silent, "\x16", 1, NULL), 0);
	CHECK_INT(ask(s, server, "/hello", &r), 200); /* others go on */
	CHECK(cio_stream_read(silent, buf, sizeof buf) <= 0); /* in time */
	cio_stream_close(silent);
	while (cio_http_server_get_figures(server).refused_tls < 2)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(cio_http_server_get_figures(server).requests, 1);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return cio_http_server_close(server, CIO_S(5), NULL);
}

static int wrong_options(void *arg)
{
	(void)arg;
	cio_http_server *s;
	cio_tls_options tls = {0};
	cio_http_server_options o = {.routes = routes, .tls = &tls};
	CHECK_INT(cio_http_server_open(&s, &o), -EINVAL);
	CHECK(strstr(cio_error_text(), "certificate_file") != NULL);
	tls.certificate_file = "/nonexistent/a.pem";
	CHECK_INT(cio_http_server_open(&s, &o), -CIO_ETLS);
	CHECK(strstr(cio_error_text(), "/nonexistent/a.pem") != NULL);
	return 0;
}

/* ---- the end ---- */

struct asking {
	cio_http_session *s;
	cio_http_server *server;
	cio_http_response *r;
};

static int asks(const struct asking *a)
{
	return ask(a->s, a->server, "/wait", a->r);
}

static int closes(cio_http_server *const *s)
{
	cio_http_server_drained d;
	int err = cio_http_server_close(*s, CIO_S(5), &d);
	CHECK_INT(d.finished, 1);
	CHECK_INT(d.idle, 1);
	CHECK_INT(d.cut, 0);
	return err;
}

static int drained(void *arg)
{
	(void)arg;
	entered = go = (cio_event){0};
	cio_http_server *server = serve((cio_http_server_options){0});
	cio_http_session *s = client();
	cio_http_response r = {0}, r2 = {0};
	cio_task *t = cio_spawn(asks, &(struct asking){s, server, &r});
	CHECK_INT(cio_event_wait(&entered), 0);
	CHECK_INT(ask(s, server, "/hello", &r2), 200); /* idle then */
	cio_task *end = cio_spawn(closes, &server);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_event_set(&go);
	CHECK_INT(cio_await(t), 200);
	CHECK_INT(cio_await(end), 0);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	cio_http_response_finish(&r2);
	return 0;
}

/* At the limit an idle one gives way. */
static int gives_way(void *arg)
{
	(void)arg;
	cio_http_server *server = serve((cio_http_server_options){
		.max_connections = 1});
	cio_http_session *one = client(), *two = client();
	cio_http_response r = {0};
	CHECK_INT(ask(one, server, "/hello", &r), 200);
	CHECK_INT(ask(two, server, "/hello", &r), 200);
	CHECK_INT(ask(one, server, "/hello", &r), 200);
	CHECK_INT(cio_http_server_get_figures(server).evicted, 2);
	cio_http_session_close(one);
	cio_http_session_close(two);
	cio_http_response_finish(&r);
	return cio_http_server_close(server, CIO_S(5), NULL);
}

/* ---- a peer that is not ours ---- */

static int runs_curl(void *port)
{
	char command[256];
	snprintf(command, sizeof command, "curl -s --http1.1 --cacert %s "
		"https://localhost:%u/hello https://localhost:%u/hello "
		"| sort | uniq -c | grep -q '2 hello'", file("ca.crt"),
		*(unsigned *)port, *(unsigned *)port);
	return shell(command);
}

static int curl_asks(void *arg)
{
	(void)arg;
	cio_http_server *server = serve((cio_http_server_options){0});
	unsigned port = cio_http_server_port(server);
	CHECK_INT(cio_to_thread(runs_curl, &port), 0);
	CHECK_INT(cio_http_server_get_figures(server).accepted, 1);
	CHECK_INT(cio_http_server_get_figures(server).requests, 2);
	return cio_http_server_close(server, CIO_S(5), NULL);
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

RUNS(many_on_one)
RUNS(wrong_options)
RUNS(drained)
RUNS(gives_way)

static void run_strangers(void **state)
{
	(void)state;
	assert_int_equal(check_run(strangers, NULL), 0);
	assert_non_null(strstr(check_reports(),
		"debug: http server: TLS failed: TLS with 127.0.0.1:"));
	assert_non_null(strstr(check_reports(), "no handshake within 500 ms"));
	assert_null(strstr(check_reports(), "warning: "));
}

static void run_curl(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "sim") == 0)
		check_skip("sim's network is in memory");
	if (shell("curl --version >/dev/null 2>&1") != 0)
		check_skip("no curl here");
	assert_int_equal(check_run(curl_asks, NULL), 0);
}

/* Quietly: in these the checks above cannot hold. */
static int everything(void *arg)
{
	(void)arg;
	cio_http_server *server;
	cio_tls_options tls = {.certificate_file = file("good.pem"),
		.key_file = file("good.key")};
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.tls = &tls, .routes = routes});
	if (err < 0)
		return err;
	cio_http_session *s = client();
	cio_http_response r = {0};
	for (int i = 0; i < 2 && s != NULL; i++)
		(void)ask(s, server, "/hello", &r);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	(void)cio_http_server_close(server, CIO_S(5), NULL);
	return 0;
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(everything, NULL, "https server");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(everything, NULL, "https server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_many_on_one),
		cmocka_unit_test(run_strangers),
		cmocka_unit_test(run_wrong_options),
		cmocka_unit_test(run_drained),
		cmocka_unit_test(run_gives_way),
		cmocka_unit_test(run_curl),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
