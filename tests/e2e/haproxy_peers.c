/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * haproxy_peers.c - the client and haproxy: its own answers and what it makes of
 * those of a server behind it, which is ours
 */
#include "check.h"

#include <cio/http_server.h>

#include "e2e/site.h"
#include "unit/http/canned.h"

/* ---- the server behind ---- */

static int size_of(cio_request *req, cio_response *res)
{
	cio_str body;
	int err = cio_request_body(req, &body);
	return err < 0 ? err :
			 cio_respond_format(res, 200, "text/plain", "%zu",
				 body.n);
}

static int lines(cio_request *req, cio_response *res)
{
	static char text[5500];
	(void)req;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "0123456789\n"[i % 11];
	return cio_respond_bytes(res, 200, "text/plain", text, sizeof text);
}

static const cio_route routes[] = {{CIO_PUT, "/size", size_of},
	{CIO_POST, "/size", size_of}, {CIO_GET, "/lines", lines}, {0}};

/* And one that keeps to no rules. */
static const struct answer raw[] = {
	{"/raw-chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n",
		BYTE_BY_BYTE, 0, 0},
	{"/raw-cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n6\r\n wo", THEN_CLOSE, 0, 0},
	{"/raw-short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
		THEN_CLOSE, 0, 0},
	{"/raw-garbage", "what?\r\n\r\n", THEN_CLOSE, 0, 0},
	{0},
};

/* ---- haproxy before it ---- */

struct both {
	struct canned raw; /* first: its client is given its address */
	uint16_t behind;
	const char *kept; /* how long it keeps an idle connection */
	int (*client)(struct site *t);
};

static struct program start_haproxy(struct site *t, const struct both *b)
{
	char path[128], command[512];
	uint16_t port = free_port(), secure = free_port();
	snprintf(command, sizeof command, "cat %s %s >%s", file("good.pem"),
		file("good.key"), file("haproxy.pem"));
	assert_int_equal(shell(command), 0);
	snprintf(path, sizeof path, "%s/haproxy.conf", certs);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "defaults\n"
		"	mode http\n"
		"	option http-buffer-request\n"
		"	timeout connect 5s\n"
		"	timeout client 5s\n"
		"	timeout server 5s\n"
		"	timeout http-request 1s\n"
		"	timeout http-keep-alive %s\n"
		"frontend all\n"
		"	bind 127.0.0.1:%u\n"
		"	bind 127.0.0.1:%u ssl crt %s\n"
		"	http-request return status 200 content-type text/plain "
		"string \"hello\\n\" if { path /hello }\n"
		"	http-request redirect code 307 location /size if { path /go }\n"
		"	use_backend nobody if { path /down }\n"
		"	use_backend gone if { path /gone }\n"
		"	use_backend raw if { path_beg /raw }\n"
		"	compression algo gzip\n"
		"	compression type text/plain\n"
		"	default_backend ours\n"
		"backend nobody\n"
		"backend gone\n"
		"	retries 0\n"
		"	server a 127.0.0.1:1\n"
		"backend raw\n"
		"	server a 127.0.0.1:%u\n"
		"backend ours\n"
		"	server a 127.0.0.1:%u\n", b->kept, port, secure,
		file("haproxy.pem"), b->raw.port, b->behind);
	fclose(f);
	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin "
		"exec haproxy -db -f %s 2>/dev/null", path);
	snprintf(t->base, sizeof t->base, "http://127.0.0.1:%u", port);
	snprintf(t->secure, sizeof t->secure, "https://127.0.0.1:%u", secure);
	struct program p = program_start(command);
	assert_true(program_listens(&p, secure));
	return p;
}

static int raw_run(struct canned *c)
{
	struct both *b = (struct both *)(void *)c;
	struct site t = {0};
	struct program p = start_haproxy(&t, b);
	struct with w = {&t, {0}, b->client};
	int err = with_session(&w);
	program_stop(&p);
	return err;
}

static int both_run(void *arg)
{
	struct both *b = arg;
	cio_http_server *server;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	b->behind = cio_http_server_port(server);
	err = canned_run(&b->raw, raw_run);
	cio_http_server_close(server, CIO_S(1), NULL);
	return err;
}

static void run_both(int (*client)(struct site *t), const char *kept)
{
	if (!program_there("haproxy"))
		check_skip("haproxy is not installed");
	struct both b = {.raw = {.answers = raw}, .kept = kept,
		.client = client};
	assert_int_equal(check_run(both_run, &b), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- what comes through ---- */

struct source {
	cio_http_body body;
	size_t left;
	bool stalls; /* after the first piece */
};

static ssize_t give(cio_http_body *b, void *buf, size_t n)
{
	struct source *s = (struct source *)(void *)b;
	if (s->stalls && s->left < 200000) {
		int err = cio_sleep(CIO_S(3600));
		return err < 0 ? err : -EIO;
	}
	size_t k = s->left < n ? s->left : n;
	k = k < 1000 ? k : 1000;
	memset(buf, 'x', k);
	s->left -= k;
	return (ssize_t)k;
}

static int upload(struct site *t, const char *base, const char *path,
	int64_t size, bool stalls, cio_http_response *r)
{
	char url[128];
	struct source s = {{.size = size, .read = give}, 200000, stalls};
	snprintf(url, sizeof url, "%s%s", base, path);
	cio_http_response_finish(r);
	r->keep_body = true;
	return cio_http_request_do(t->http, &(cio_http_request_options){
		.method = CIO_POST, .url = url, .source = &s.body}, r);
}

static int bodies_client(struct site *t)
{
	const char *bases[] = {t->base, t->secure};
	cio_http_response r = {0};
	for (int i = 0; i < 4; i++) {
		const char *base = bases[i % 2];
		CHECK_INT(many(t, base, 20), 0);
		CHECK_INT(get(t, base, "/raw-chunks", &r), 200);
		CHECK(body_is(&r.body, "hello world"));
		/* what haproxy has packed, in chunks of its own */
		CHECK_INT(get(t, base, "/lines", &r), 200);
		CHECK_INT(r.body.n, 5500);
		CHECK(has(&r, "Transfer-Encoding", "chunked"));
		CHECK(has(&r, "Content-Encoding", "gzip"));
		CHECK(r.wire_size < 1000);
		/* an upload, with its length and in chunks */
		CHECK_INT(upload(t, base, "/size", 200000, false, &r), 200);
		CHECK(body_is(&r.body, "200000"));
		CHECK_INT(upload(t, base, "/size", -1, false, &r), 200);
		CHECK(body_is(&r.body, "200000"));
		/* what was cut behind it is cut here */
		CHECK_INT(get(t, base, "/raw-cut", &r), -ECONNRESET);
		CHECK_INT(r.body.n, 0);
		CHECK_INT(get(t, base, "/raw-short", &r), -ECONNRESET);
		CHECK_INT(get(t, base, "/raw-garbage", &r), 502);
	}
	cio_http_session_figures f = cio_http_session_get_figures(t->http);
	CHECK(f.connections.reused > 100);
	CHECK(f.tls_resumed > 0);
	cio_http_response_finish(&r);
	return 0;
}

static void bodies(void **state)
{
	(void)state;
	run_both(bodies_client, "5s");
}

/* ---- what it says itself ---- */

static int answers_client(struct site *t)
{
	const char *bases[] = {t->base, t->secure};
	cio_http_response r = {0};
	for (int i = 0; i < 2; i++) {
		const char *base = bases[i];
		CHECK_INT(get(t, base, "/down", &r), 503);
		CHECK_INT(r.error, CIO_HTTP_ERROR_STATUS);
		CHECK(r.body.n > 0);
		CHECK_INT(get(t, base, "/gone", &r), 503);
		/* the body never comes: its word, long before ours */
		CHECK_INT(upload(t, base, "/size", 200000, true, &r), 408);
		CHECK(r.body.n > 0);
		CHECK_INT(upload(t, base, "/size", -1, true, &r), 408);
		CHECK_INT(get(t, base, "/hello", &r), 200);
		CHECK(body_is(&r.body, "hello\n"));
	}
	cio_http_response_finish(&r);
	return 0;
}

static void its_own_answers(void **state)
{
	(void)state;
	run_both(answers_client, "5s");
}

/* Kept connections are closed after 30 ms. What can be repeated never fails, and
 * what cannot neither, but where the end and the request cross. */
static int idle_client(struct site *t)
{
	const char *bases[] = {t->base, t->secure};
	cio_http_response r = {0};
	int lost = 0;
	for (int i = 0; i < 80; i++) {
		const char *base = bases[i % 2];
		CHECK_INT(get(t, base, "/hello", &r), 200);
		CHECK_INT(cio_sleep(CIO_MS(28) + CIO_US(100) * (i % 40)), 0);
		if (i % 4 < 2) {
			CHECK_INT(get(t, base, "/hello", &r), 200);
			continue;
		}
		int status = upload(t, base, "/size", 200000, false, &r);
		lost += status < 0;
		CHECK(status == 200 || status == -ECONNRESET);
	}
	CHECK_INT(cio_sleep(CIO_MS(500)), 0);
	uint64_t replays = cio_http_session_get_figures(t->http).replays;
	for (int i = 0; i < 2; i++) /* long gone: seen before anything is sent */
		CHECK_INT(upload(t, bases[i], "/size", 200000, false, &r), 200);
	cio_http_session_figures f = cio_http_session_get_figures(t->http);
	CHECK_INT(f.replays, replays);
	printf("# haproxy: %llu connections, %llu replays, %d POSTs lost\n",
		(unsigned long long)f.connections.opened,
		(unsigned long long)f.replays, lost);
	cio_http_response_finish(&r);
	return 0;
}

static void idle_too_long(void **state)
{
	(void)state;
	run_both(idle_client, "30ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(its_own_answers),
		cmocka_unit_test(idle_too_long),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
