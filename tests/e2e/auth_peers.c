/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * auth_peers.c - Digest with a server of another's sums, Basic with nginx
 */
#include "unit/http/canned.h"

#include "e2e/program.h"

/* ---- Digest ---- */

static unsigned port;

static int get(cio_http_session *s, cio_http_method method, const char *where,
	const char *password, cio_http_response *r)
{
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, where);
	bool post = method == CIO_POST;
	r->keep_body = true;
	cio_buf_clear(&r->body);
	return cio_http_request_do(s, &(cio_http_request_options){.url = url,
		.method = method, .body = post ? "text" : NULL,
		.body_size = post ? 4 : 0,
		.auth = {CIO_HTTP_AUTH_DIGEST, "us\xc3\xa9r", password}}, r);
}

static const char right[] = "p:\xc3\xa5ss";

static int each_algorithm(void *arg)
{
	(void)arg;
	static const char *const wanted[][2] = {{"/MD5", "MD5"},
		{"/MD5-sess", "MD5-sess"}, {"/SHA-256", "SHA-256"},
		{"/SHA-256-sess/a?b=\"c\"&d=%22", "SHA-256-sess"},
		{"/both", "SHA-256"}};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		cio_http_session *s = cio_http_session_open(NULL);
		cio_http_response r = {0};
		char text[64];
		for (int n = 1; n <= 3; n++) {
			snprintf(text, sizeof text, "%s %s %08x %s",
				n == 2 ? "POST" : "GET", wanted[i][1],
				(unsigned)n, n == 2 ? "text" : "");
			CHECK_INT(get(s, n == 2 ? CIO_POST : CIO_GET,
				wanted[i][0], right, &r), 200);
			if (!CHECK(is_text(&r.body, text)))
				fprintf(stderr, "%s, not %s\n", r.body.p, text);
		}
		CHECK_INT(r.attempts, 1);
		/* stale now */
		CHECK_INT(get(s, CIO_GET, wanted[i][0], right, &r), 200);
		CHECK_INT(r.attempts, 2);
		CHECK(strstr(r.body.p, "00000001") != NULL);
		CHECK_INT(get(s, CIO_GET, wanted[i][0], "wrong", &r), 401);
		CHECK(is_text(&r.body, "who?"));
		CHECK_INT(r.attempts, 2);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	CHECK_INT(get(s, CIO_GET, "/old", right, &r), 200);
	CHECK(is_text(&r.body, "GET old - "));
	/* five algorithms: first, stale, wrong twice; and this one */
	CHECK_INT(get(s, CIO_GET, "/count", right, &r), 200);
	if (!CHECK(is_text(&r.body, "21")))
		fprintf(stderr, "%s challenges\n", r.body.p);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static void digest(void **state)
{
	(void)state;
	if (!program_there("python3"))
		check_skip("python3 is not installed");
	struct program p = program_start("exec python3 tests/e2e/digest_server.py");
	char text[16] = "";
	assert_true(read(p.out, text, sizeof text - 1) > 0);
	port = (unsigned)atoi(text);
	int err = check_run(each_algorithm, NULL);
	program_stop(&p);
	assert_int_equal(err, 0);
	assert_string_equal(check_reports(), "");
}

/* ---- Basic ---- */

static const char conf[] =
	"daemon off;\nmaster_process off;\npid %s/pid;\nerror_log stderr;\n"
	"events {}\nhttp { access_log off; client_body_temp_path %s/b;\n"
	"proxy_temp_path %s/p; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u;\n"
	"scgi_temp_path %s/s;\n"
	"server { listen unix:%s/socket; auth_basic r;\n"
	"auth_basic_user_file %s/users; location / { return 200 in; }\n"
	"location /f { alias %s/users; } } }\n";

static char folder[] = "/tmp/cio-nginx-XXXXXX";

static int basic_of_nginx(void *arg)
{
	char socket[64];
	(void)arg;
	snprintf(socket, sizeof socket, "%s/socket", folder);
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.unix_socket = socket,
			.retries = 50, .backoff = CIO_MS(20)});
	cio_http_response r = {0};
	cio_http_request_options rq = {.url = "http://h/f", .auth = {
		CIO_HTTP_AUTH_BASIC, "me", "pass word"}};
	CHECK_INT(cio_http_request_do(s, &rq, &r), 200);
	rq.auth.password = "wrong";
	CHECK_INT(cio_http_request_do(s, &rq, &r), 401);
	rq.auth = (cio_http_auth){0};
	CHECK_INT(cio_http_request_do(s, &rq, &r), 401);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static void write_file(const char *name, const char *format)
{
	char path[64];
	const char *d = folder;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	if (strcmp(name, "conf") == 0)
		fprintf(f, conf, d, d, d, d, d, d, d, d, d);
	else
		fputs(format, f);
	fclose(f);
}

static void basic(void **state)
{
	(void)state;
	char command[128];
	if (!program_there("nginx"))
		check_skip("nginx is not installed");
	assert_non_null(mkdtemp(folder));
	write_file("users", "me:{PLAIN}pass word\n");
	write_file("conf", NULL);
	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin "
		"exec nginx -p %s -c %s/conf", folder, folder);
	struct program p = program_start(command);
	int err = check_run(basic_of_nginx, NULL);
	program_stop(&p);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(err, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest),
		cmocka_unit_test(basic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
