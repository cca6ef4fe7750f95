/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * in_process.c - a server and its clients without a port: in memory, and over a
 * Unix socket; where a session may go
 */
#include <cio/group.h>
#include <cio/http_session.h>

#include "unit/http/server_site.h"

#include <sys/stat.h>
#include <unistd.h>

static int open_here(struct site *site, cio_http_server_options o)
{
	o.in_process = true;
	return open_with(site, o);
}

static cio_http_session *session_to(struct site *site)
{
	return cio_http_session_open(&(cio_http_session_options){
		.base_url = "http://here", .dial = cio_http_server_dial,
		.dial_arg = site->server});
}

static cio_stream *dial_here(const struct site *site)
{
	cio_stream *s = NULL;
	CHECK_INT(cio_http_server_dial(site->server, "here", 80, &s), 0);
	return s;
}

static int get(cio_http_session *http, const char *url, cio_str want)
{
	cio_buf body = {0};
	int status = cio_http_get(http, url, &body);
	if (status == 200)
		CHECK(cio_str_equal((cio_str){body.p, body.n}, want));
	cio_buf_finish(&body);
	return status;
}

/* ---- in memory ---- */

TEST(requests_and_answers)
{
	struct site site;
	struct answer a;
	if (!CHECK_INT(open_here(&site, (cio_http_server_options){0}), 0))
		return -1;
	CHECK_INT(site.port, 0);
	cio_http_session *http = session_to(&site);
	CHECK_INT(get(http, "/hello", cio_str_of("hello\n")), 200);
	CHECK_INT(get(http, "/n/7", cio_str_of("7 of 2")), 200); /* kept */
	CHECK_INT(get(http, "/nothing", cio_str_of("")), 404);
	char *large_text = cio__alloc(300000);
	memset(large_text, 'x', 300000);
	CHECK_INT(get(http, "/large/300000", (cio_str){large_text, 300000}), 200);
	cio__free(large_text);
	CHECK_INT(cio_http_server_get_figures(site.server).accepted, 1);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 1);
	CHECK_INT(get(http, "/abort", cio_str_of("")), -ECONNRESET);

	cio_stream *s = dial_here(&site); /* byte by byte, two in one */
	static const char two[] = "GET /hello HTTP/1.1\r\n" HOST "\r\n"
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc";
	for (size_t i = 0; i < sizeof two - 1; i++) {
		CHECK_INT(cio_stream_write(s, two + i, 1, NULL), 0);
		CHECK_INT(cio_yield(), 0);
	}
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "hello\n") == 0);
	CHECK_INT(hear(s, &a), 0);
	CHECK(strcmp(a.body, "abc") == 0);
	cio_stream_close(s);
	cio_http_session_close(http);
	close_site(&site);
	return 0;
}

struct asker {
	cio_http_session *http;
	int *status;
};

static int ask_wait(const struct asker *k)
{
	*k->status = get(k->http, "/wait", cio_str_of("gone"));
	return 0;
}

TEST(drain_and_abort)
{
	struct site site;
	struct answer a;
	int status = 0;
	cio_stream *s;
	if (!CHECK_INT(open_here(&site, (cio_http_server_options){0}), 0))
		return -1;
	cio_http_session *http = session_to(&site);
	cio_stream *idle = dial_here(&site);
	CHECK_INT(say(idle, "GET /hello HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(idle, &a), 0);
	cio_task *t = cio_spawn(ask_wait, &(struct asker){http, &status});
	CHECK_INT(cio_event_wait(&site.entered), 0);

	cio_http_server_drained d = {0};
	CHECK_INT(cio_http_server_drain(site.server, CIO_MS(5), &d), -ETIMEDOUT);
	CHECK_INT(d.idle, 1);
	expect_end(idle);
	cio_stream_close(idle);
	CHECK_INT(cio_http_server_dial(site.server, "", 0, &s), -ECONNREFUSED);
	CHECK(strstr(cio_error_text(), "is closing") != NULL);
	cio_event_set(&site.go);
	CHECK_INT(cio_http_server_drain(site.server, CIO_S(20), &d), 0);
	CHECK_INT(d.finished, 1);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(status, 200);
	CHECK_INT(cio_http_server_close(site.server, 0, &d), 0);
	cio_http_session_close(http);
	return 0;
}

TEST(abort_resets)
{
	struct site site;
	int status = 0;
	if (!CHECK_INT(open_here(&site, (cio_http_server_options){0}), 0))
		return -1;
	cio_http_session *http = session_to(&site);
	cio_task *t = cio_spawn(ask_wait, &(struct asker){http, &status});
	CHECK_INT(cio_event_wait(&site.entered), 0);
	CHECK_INT(cio_http_server_close(site.server, 0, NULL), -ETIMEDOUT);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(status, -ECONNRESET);
	cio_http_session_close(http);
	return 0;
}

struct dialer {
	struct site *site;
	int *err;
	cio_stream **out;
};

static int dial_later(const struct dialer *d)
{
	*d->err = cio_http_server_dial(d->site->server, "", 0, d->out);
	return 0;
}

TEST(places_are_limited)
{
	struct site site;
	struct answer a;
	cio_stream *s[3] = {0}, *late = NULL;
	int err = 1;
	if (!CHECK_INT(open_here(&site, (cio_http_server_options){
		.max_connections = 2}), 0))
		return -1;
	/* busy ones stay */
	for (int i = 0; i < 2; i++) {
		s[i] = dial_here(&site);
		CHECK_INT(say(s[i], "GET /wait HTTP/1.1\r\n" HOST "\r\n"), 0);
		CHECK_INT(cio_event_wait(&site.entered), 0);
		cio_event_clear(&site.entered);
	}
	cio_task *t = cio_spawn(dial_later, &(struct dialer){&site, &err, &late});
	int limit = 0;
	CIO_TIMEOUT(CIO_MS(5), &limit) {
		limit = cio_http_server_dial(site.server, "", 0, &s[2]);
	}
	CHECK_INT(limit, -ETIMEDOUT);
	CHECK_INT(err, 1);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 2);
	cio_event_set(&site.go);
	CHECK_INT(hear(s[0], &a), 0); /* it is idle then, and gives way */
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(err, 0);
	CHECK_INT(cio_http_server_get_figures(site.server).evicted, 1);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 2);
	CHECK_INT(say(late, "GET /hello HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(hear(late, &a), 0);
	CHECK_INT(a.status, 200);
	cio_stream_close(s[0]);
	cio_stream_close(s[1]);
	cio_stream_close(late);
	close_site(&site);

	/* who waits for a place is told when there will be none */
	if (!CHECK_INT(open_here(&site, (cio_http_server_options){
		.max_connections = 1}), 0))
		return -1;
	s[0] = dial_here(&site);
	CHECK_INT(say(s[0], "GET /wait HTTP/1.1\r\n" HOST "\r\n"), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);
	t = cio_spawn(dial_later, &(struct dialer){&site, &err, &late});
	CHECK_INT(cio_yield(), 0);
	cio_http_server_close_listeners(site.server);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(err, -ECONNREFUSED);
	CHECK_INT(cio_http_server_get_figures(site.server).active, 1);
	CHECK_INT(cio_http_server_close(site.server, 0, NULL), -ETIMEDOUT);
	cio_stream_close(s[0]);
	return 0;
}

/* ---- over a Unix socket ---- */

TEST(unix_socket)
{
	struct site site;
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "/tmp/cio-http-%d", (int)getpid());
	if (!CHECK_INT(open_with(&site, (cio_http_server_options){
		.unix_socket = path}), 0))
		return -1;
	CHECK_INT(site.port, 0);
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.unix_socket = path,
			.no_private = true});
	for (int i = 1; i < 4; i++) {
		char want[32];
		snprintf(want, sizeof want, "7 of %d", i);
		CHECK_INT(get(http, "http://any.where/n/7", cio_str_of(want)), 200);
	}
	cio_http_session_close(http);
	close_site(&site);
	CHECK(stat(path, &st) < 0);

	http = cio_http_session_open(&(cio_http_session_options){
		.unix_socket = path});
	CHECK(get(http, "http://any.where/", cio_str_of("")) < 0);
	cio_http_session_close(http);
	CHECK_INT(open_with(&site, (cio_http_server_options){
		.unix_socket = path, .in_process = true}), -EINVAL);
	return 0;
}

/* ---- where a session may go ---- */

static int redirect_to(cio_request *req, cio_response *res)
{
	int err = cio_response_header(res, "Location", cio_request_state(req));
	return err < 0 ? err : cio_respond(res, 302, NULL, "");
}

static void refused(cio_http_session *http, const char *url,
	cio_http_error why)
{
	cio_http_response r = {0};
	cio_http_request_options o = {.url = url};
	int status = cio_http_request_do(http, &o, &r);
	if (!CHECK(status < 0) || !CHECK_INT(r.error, why))
		print_error("%s: %d %s\n", url, status, cio_error_text());
	if (why == CIO_HTTP_ERROR_BLOCKED)
		CHECK(strstr(cio_error_text(), "not a public address") != NULL);
	cio_http_response_finish(&r);
}

TEST(private_addresses)
{
	struct site site;
	char url[64], name[32];
	if (!CHECK_INT(open_site(&site), 0))
		return -1;
	snprintf(name, sizeof name, "evil.test:%u", site.port);
	const cio_http_resolve map[] = {{name, "127.0.0.1"},
		{"six.test:*", "::ffff:10.0.0.1"}, {0}};
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.no_private = true, .resolve = map,
			.connect_timeout = CIO_S(5)});
	static const char *const hosts[] = {"127.0.0.1", "[::1]", "localhost",
		"evil.test", "six.test", "[::ffff:127.0.0.1]", "10.1.2.3",
		"169.254.169.254", "[64:ff9b::7f00:1]"};
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		snprintf(url, sizeof url, "http://%s:%u/hello", hosts[i],
			site.port);
		refused(http, url, CIO_HTTP_ERROR_BLOCKED);
	}
	CHECK_INT(site.calls, 0);
	cio_http_session_close(http);

	/* the same names without the rule */
	http = cio_http_session_open(&(cio_http_session_options){.resolve = map});
	snprintf(url, sizeof url, "http://evil.test:%u/hello", site.port);
	CHECK_INT(get(http, url, cio_str_of("hello\n")), 200);
	cio_http_session_close(http);
	close_site(&site);
	return 0;
}

/* `dial` is the caller's own, as is where it goes; the name in the redirect is
 * not. */
struct gate {
	cio_http_server *server;
	int dialled;
};

static int dial_first(void *arg, const char *host, uint16_t port,
	cio_stream **out)
{
	struct gate *g = arg;
	g->dialled++;
	return cio_http_server_dial(g->server, host, port, out);
}

TEST(dialled_is_not_judged)
{
	static const cio_route here[] = {{CIO_GET, "/go", redirect_to},
		{CIO_GET, "/hello", redirect_to}, {0}};
	static char to[] = "http://127.0.0.1:1/go";
	struct gate g = {0};
	if (!CHECK_INT(cio_http_server_open(&g.server,
		&(cio_http_server_options){.in_process = true, .routes = here,
			.state = to}), 0))
		return -1;
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.no_private = true,
			.max_redirects = 3, .dial = dial_first, .dial_arg = &g});
	refused(http, "http://10.0.0.1/go", CIO_HTTP_ERROR_REDIRECT);
	CHECK_INT(g.dialled, 2); /* one for each host and port */
	cio_http_session_close(http);
	CHECK_INT(cio_http_server_close(g.server, CIO_S(1), NULL), 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_answers),
		cmocka_unit_test(drain_and_abort),
		cmocka_unit_test(abort_resets),
		cmocka_unit_test(places_are_limited),
		cmocka_unit_test(unix_socket),
		cmocka_unit_test(private_addresses),
		cmocka_unit_test(dialled_is_not_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
