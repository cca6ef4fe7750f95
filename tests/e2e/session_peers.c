/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * session_peers.c - the client and servers that others have written
 */
#include "check.h"

#include <sys/stat.h>

#include "e2e/site.h"

/* ---- nginx ---- */

static struct program start_nginx(struct site *t)
{
	char dir[96], path[128], command[512];
	snprintf(dir, sizeof dir, "%s/nginx", certs);
	(void)mkdir(dir, 0700);
	snprintf(path, sizeof path, "%s/conf", dir);
	uint16_t port = free_port(), secure = free_port();
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "daemon off; master_process off; pid %s/pid;\n"
		"error_log %s/log; events {}\n"
		"http { access_log off; default_type text/plain;\n"
		"client_body_temp_path %s; proxy_temp_path %s;\n"
		"fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s;\n"
		"keepalive_requests 7; gzip on; gzip_types text/plain;\n"
		"gzip_min_length 1000; client_max_body_size 100k;\n"
		"server { listen 127.0.0.1:%u; listen 127.0.0.1:%u ssl;\n"
		"ssl_certificate %s; ssl_certificate_key %s;\n"
		"location = /hello { return 200 \"hello\\n\"; }\n"
		"location = /go { return 302 /hello; }\n"
		"location = /big { return 200 \"", dir, dir, dir, dir, dir,
		dir, dir, port, secure, file("good.pem"), file("good.key"));
	for (int i = 0; i < 400; i++)
		fputs("0123456789", f);
	fputs("\"; } } }\n", f);
	fclose(f);
	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin "
		"exec nginx -c %s -e %s/log", path, dir);
	snprintf(t->base, sizeof t->base, "http://127.0.0.1:%u", port);
	snprintf(t->secure, sizeof t->secure, "https://127.0.0.1:%u", secure);
	struct program p = program_start(command);
	assert_true(program_listens(&p, secure));
	return p;
}

static int nginx_client(struct site *t)
{
	cio_http_response r = {0};
	const char *urls[] = {t->base, t->secure};
	for (int i = 0; i < 2; i++) {
		CHECK_INT(get(t, urls[i], "/hello", &r), 200);
		CHECK(body_is(&r.body, "hello\n"));
		CHECK_INT(get(t, urls[i], "/big", &r), 200);
		CHECK(has(&r, "Content-Encoding", "gzip"));
		CHECK_INT(r.body.n, 4000);
		CHECK(r.body.n == 4000 &&
			memcmp(r.body.p + 3990, "0123456789", 10) == 0);
		CHECK(r.wire_size < 200);
		CHECK(r.reused);
		CHECK_INT(get(t, urls[i], "/go", &r), 200);
		CHECK_INT(r.redirects, 1);
		CHECK_INT(get(t, urls[i], "/nowhere", &r), 404);
		/* larger than it takes: its word, not a broken write */
		char *large = calloc(1, 1 << 20);
		char url[128];
		snprintf(url, sizeof url, "%s/hello", urls[i]);
		CHECK_INT(cio_http_request_do(t->http,
			&(cio_http_request_options){.method = CIO_PUT,
				.url = url, .body = large,
				.body_size = 1 << 20}, &r), 413);
		free(large);
		CHECK_INT(many(t, urls[i], 1), 0);
		CHECK_INT(many(t, urls[i], 25), 0);
	}
	cio_http_session_figures f = cio_http_session_get_figures(t->http);
	/* a connection serves seven at most */
	CHECK(f.connections.opened >= 2000 / 7);
	CHECK(f.connections.reused >= 2000 - f.connections.opened);
	printf("# nginx: %llu connections, %llu reused, %llu replays, "
		"%llu of %llu handshakes resumed\n",
		(unsigned long long)f.connections.opened,
		(unsigned long long)f.connections.reused,
		(unsigned long long)f.replays,
		(unsigned long long)f.tls_resumed,
		(unsigned long long)f.tls_handshakes);
	CHECK(f.tls_resumed > 0);
	cio_http_response_finish(&r);
	return 0;
}

static void nginx(void **state)
{
	(void)state;
	if (!program_there("nginx"))
		check_skip("nginx is not installed");
	struct site t = {0};
	struct program p = start_nginx(&t);
	run_with(&t, (cio_http_session_options){0}, nginx_client, &p);
}

/* ---- node ---- */

static const char node_server[] =
	"const http = require(\"http\"), https = require(\"https\");\n"
	"const fs = require(\"fs\"), seen = {};\n"
	"let twice = 0;\n"
	"/* a kept connection is closed 15 ms after its last answer */\n"
	"function serve(q, s) {\n"
	"	const c = q.socket;\n"
	"	c.asked = (c.asked || 0) + 1;\n"
	"	const asked = c.asked;\n"
	"	s.on(\"finish\", () => setTimeout(() => {\n"
	"		if (c.asked === asked) c.end();\n"
	"	}, 15));\n"
	"	if (q.url === \"/twice\") return s.end(String(twice));\n"
	"	if (q.url === \"/hello\") return s.end(\"hello\\n\");\n"
	"	if (q.url === \"/cut\") {\n"
	"		s.write(\"half\");\n"
	"		return setTimeout(() => s.socket.destroy(), 5);\n"
	"	}\n"
	"	if (q.url.startsWith(\"/once\")) {\n"
	"		if (seen[q.url]) twice++;\n"
	"		seen[q.url] = true;\n"
	"	}\n"
	"	let n = 0;\n"
	"	q.on(\"data\", (d) => { n += d.length; });\n"
	"	q.on(\"end\", () => {\n"
	"		s.writeHead(200, {Trailer: \"T\"});\n"
	"		s.write(String(n));\n"
	"		s.addTrailers({T: \"x\"});\n"
	"		s.end();\n"
	"	});\n"
	"}\n"
	"const opts = {key: fs.readFileSync(process.argv[2]),\n"
	"	cert: fs.readFileSync(process.argv[3])};\n"
	"const a = http.createServer(opts, serve);\n"
	"const b = https.createServer(opts, serve);\n"
	"a.listen(0, \"127.0.0.1\", () => b.listen(0, \"127.0.0.1\", () => {\n"
	"	console.log(`http ${a.address().port} `);\n"
	"	console.log(`https ${b.address().port} `);\n"
	"}));\n"
	"process.stdin.on(\"end\", () => process.exit());\n"
	"process.stdin.resume();\n";

static struct program start_node(struct site *t)
{
	char path[128], command[512];
	snprintf(path, sizeof path, "%s/server.js", certs);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(node_server, f);
	fclose(f);
	snprintf(command, sizeof command, "exec node %s %s %s", path,
		file("good.key"), file("good.pem"));
	struct program p = program_start(command);
	uint16_t port = program_number(&p, "http ");
	uint16_t secure = program_number(&p, "https ");
	assert_true(port > 0 && secure > 0);
	snprintf(t->base, sizeof t->base, "http://127.0.0.1:%u", port);
	snprintf(t->secure, sizeof t->secure, "https://127.0.0.1:%u", secure);
	return p;
}

/* 200,000 bytes, in pieces. */
struct source {
	cio_http_body body;
	size_t left;
};

static ssize_t give(cio_http_body *b, void *buf, size_t n)
{
	struct source *s = (struct source *)(void *)b;
	size_t k = s->left < n ? s->left : n;
	memset(buf, 'x', k);
	s->left -= k;
	return (ssize_t)k;
}

static void upload(struct site *t, const char *url, int64_t size, bool expect)
{
	struct source s = {{.size = size, .read = give}, 200000};
	cio_http_response r = {.keep_body = true};
	CHECK_INT(cio_http_request_do(t->http, &(cio_http_request_options){
		.method = CIO_PUT, .url = url, .source = &s.body,
		.expect_continue = expect}, &r), 200);
	CHECK(body_is(&r.body, "200000"));
	cio_http_response_finish(&r);
}

static int post(struct site *t, const char *base, int i)
{
	char url[128];
	cio_http_response r = {.keep_body = true};
	snprintf(url, sizeof url, "%s/once-%d-%d", base, i, base == t->base);
	int status = cio_http_request_do(t->http,
		&(cio_http_request_options){.method = CIO_POST, .url = url,
			.body = "token", .body_size = 5, .retries = 3,
			.headers = (const cio_http_header[]){{"X", "1"}, {0}}},
		&r);
	if (status == 200)
		CHECK(body_is(&r.body, "5"));
	else
		CHECK_INT(status, -ECONNRESET);
	cio_http_response_finish(&r);
	return status;
}

/* Requests come just as the server closes: what can be repeated never fails,
 * what cannot is done at most once. */
static int racing(struct site *t, const char *base)
{
	cio_http_response r = {0};
	int lost = 0;
	for (int i = 0; i < 150; i++) {
		CHECK_INT(get(t, base, "/hello", &r), 200);
		CHECK_INT(cio_sleep(CIO_MS(13) + CIO_US(30) * (i % 150)), 0);
		if (i % 3 == 0)
			lost += post(t, base, i) < 0;
	}
	CHECK_INT(get(t, base, "/twice", &r), 200);
	CHECK(body_is(&r.body, "0"));
	cio_http_response_finish(&r);
	return lost;
}

static int node_client(struct site *t)
{
	const char *urls[] = {t->base, t->secure};
	cio_http_response r = {0};
	for (int i = 0; i < 2; i++) {
		char url[128];
		CHECK_INT(many(t, urls[i], 20), 0);
		snprintf(url, sizeof url, "%s/put", urls[i]);
		for (int k = 0; k < 4; k++)
			upload(t, url, k % 2 ? -1 : 200000, k / 2);
		CHECK_INT(get(t, urls[i], "/cut", &r), -ECONNRESET);
		CHECK_INT(r.body.n, 0);
		int lost = racing(t, urls[i]);
		cio_http_session_figures f = cio_http_session_get_figures(
			t->http);
		printf("# node: %llu connections, %llu replays, %d POSTs lost, "
			"%llu of %llu handshakes resumed\n",
			(unsigned long long)f.connections.opened,
			(unsigned long long)f.replays, lost,
			(unsigned long long)f.tls_resumed,
			(unsigned long long)f.tls_handshakes);
	}
	cio_http_response_finish(&r);
	return 0;
}

static void node(void **state)
{
	(void)state;
	if (!program_there("node"))
		check_skip("node is not installed");
	struct site t = {0};
	struct program p = start_node(&t);
	run_with(&t, (cio_http_session_options){0}, node_client, &p);
}

/* ---- python: HTTP/1.0 ---- */

static int python_client(struct site *t)
{
	cio_http_response r = {0};
	for (int i = 0; i < 20; i++) {
		CHECK_INT(get(t, t->base, "/hello", &r), 200);
		CHECK(body_is(&r.body, "hello\n"));
		CHECK(!r.reused);
	}
	CHECK_INT(get(t, t->base, "/nowhere", &r), 404);
	CHECK_INT(get(t, t->base, "/folder", &r), 200); /* by 301 */
	CHECK_INT(r.redirects, 1);
	char url[128];
	snprintf(url, sizeof url, "%s/hello", t->base);
	CHECK_INT(cio_http_request_do(t->http, &(cio_http_request_options){
		.method = CIO_HEAD, .url = url}, &r), 200);
	CHECK_INT(cio_http_request_do(t->http, &(cio_http_request_options){
		.method = CIO_POST, .url = url, .body = "x", .body_size = 1},
		&r), 501);
	CHECK_INT(many(t, t->base, 10), 0);
	CHECK_INT(cio_http_session_get_figures(t->http).connections.idle, 0);
	cio_http_response_finish(&r);
	return 0;
}

static void python(void **state)
{
	(void)state;
	if (!program_there("python3"))
		check_skip("python3 is not installed");
	char command[600], path[128];
	snprintf(path, sizeof path, "%s/www", certs);
	(void)mkdir(path, 0700);
	snprintf(command, sizeof command,
		"mkdir -p %s/folder; echo hello >%s/hello; exec python3 -u -m "
		"http.server --bind 127.0.0.1 --directory %s 0 2>/dev/null",
		path, path, path);
	struct program p = program_start(command);
	uint16_t port = program_number(&p, "port ");
	assert_true(port > 0);
	struct site t = {0};
	snprintf(t.base, sizeof t.base, "http://127.0.0.1:%u", port);
	run_with(&t, (cio_http_session_options){.limit_per_host = 5},
		python_client, &p);
}

/* ---- haproxy: its own answers, over TLS and in the clear ---- */

static int haproxy_client(struct site *t)
{
	cio_http_response r = {0};
	const char *urls[] = {t->base, t->secure};
	for (int i = 0; i < 2; i++) {
		CHECK_INT(many(t, urls[i], 1), 0);
		CHECK_INT(many(t, urls[i], 20), 0);
		CHECK_INT(get(t, urls[i], "/busy", &r), 503);
		CHECK_INT(get(t, urls[i], "/go", &r), 200);
		CHECK_INT(get(t, urls[i], "/drop", &r), -ECONNRESET);
		CHECK_INT(get(t, urls[i], "/hello", &r), 200);
	}
	cio_http_response_finish(&r);
	return 0;
}

static void haproxy(void **state)
{
	(void)state;
	if (!program_there("haproxy"))
		check_skip("haproxy is not installed");
	char path[128], both[128], command[600];
	snprintf(path, sizeof path, "%s/haproxy.cfg", certs);
	snprintf(both, sizeof both, "%s/both.pem", certs);
	snprintf(command, sizeof command, "cat %s %s >%s", file("good.pem"),
		file("good.key"), both);
	assert_int_equal(shell(command), 0);
	uint16_t port = free_port(), secure = free_port();
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "defaults\n mode http\n timeout client 5s\n"
		" timeout server 5s\n timeout connect 5s\n"
		"frontend f\n bind 127.0.0.1:%u\n"
		" bind 127.0.0.1:%u ssl crt %s\n"
		" http-request return status 200 content-type text/plain "
		"string \"hello\\n\" if { path /hello }\n"
		" http-request return status 503 if { path /busy }\n"
		" http-request redirect location /hello if { path /go }\n"
		" http-request silent-drop if { path /never }\n"
		" http-request reject if { path /drop }\n", port, secure, both);
	fclose(f);
	snprintf(command, sizeof command,
		"PATH=$PATH:/usr/sbin:/sbin exec haproxy -db -f %s", path);
	struct program p = program_start(command);
	assert_true(program_listens(&p, secure));
	struct site t = {0};
	snprintf(t.base, sizeof t.base, "http://127.0.0.1:%u", port);
	snprintf(t.secure, sizeof t.secure, "https://127.0.0.1:%u", secure);
	run_with(&t, (cio_http_session_options){0}, haproxy_client, &p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nginx),
		cmocka_unit_test(node),
		cmocka_unit_test(python),
		cmocka_unit_test(haproxy),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
