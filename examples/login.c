/* SPDX-License-Identifier: MIT */
/*
 * login.c - a form sent, a cookie kept, and saved for the next run
 *
 *	$ ./login
 *	302 on the way, 200: welcome, ada
 *	1 cookie kept, 1 read again from cookies.txt
 */
#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- a site that wants to know who asks ---- */

static int log_in(cio_request *req, cio_response *res)
{
	cio_str form;
	int err = cio_request_body(req, &form);
	if (err < 0)
		return err;
	if (!cio_str_equal(form, cio_str_of("user=ada&password=p%26q")))
		return cio_respond(res, 403, "text/plain", "who are you?");
	err = cio_response_header(res, "Set-Cookie",
		"sid=31d4; Max-Age=3600; HttpOnly; SameSite=Lax");
	if (err == 0)
		err = cio_response_header(res, "Location", "/home");
	return err < 0 ? err : cio_respond(res, 302, "text/plain", "");
}

static int home(cio_request *req, cio_response *res)
{
	if (!cio_str_equal(cio_request_header(req, "Cookie"),
		cio_str_of("sid=31d4")))
		return cio_respond(res, 401, "text/plain", "log in first");
	return cio_respond(res, 200, "text/plain", "welcome, ada");
}

static const cio_route routes[] = {
	{CIO_POST, "/login", log_in},
	{CIO_GET, "/home", home},
	{0},
};

/* ---- the client ---- */

static int visit(cio_http_server *site, cio_cookie_jar *jar)
{
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.base_url = "http://site.test",
			.cookies = jar, .dial = cio_http_server_dial,
			.dial_arg = site});
	if (http == NULL)
		return -1;
	cio_http_response response = {.keep_body = true};
	cio_buf form = {0};
	int err = cio_http_form_add(&form, "user", "ada");
	if (err == 0)
		err = cio_http_form_add(&form, "password", "p&q");
	if (err == 0)
		err = cio_http_request_do(http, &(cio_http_request_options){
			.method = CIO_POST, .url = "/login",
			.headers = (cio_http_header[]){{"Content-Type",
				"application/x-www-form-urlencoded"}, {0}},
			.body = form.p, .body_size = form.n}, &response);
	if (err > 0)
		printf("302 on the way, %d: %.*s\n", err, (int)response.body.n,
			response.body.p);
	bool in = err == 200 && response.redirects == 1;
	cio_buf_finish(&form);
	cio_http_response_finish(&response);
	cio_http_session_close(http);
	return in ? 0 : -1;
}

/* The next run of the program begins with what this one kept. */
static int keep(cio_cookie_jar *jar, const char *path)
{
	cio_cookie_jar *next;
	int err = cio_cookie_jar_save(jar, path);
	if (err == 0)
		err = cio_cookie_jar_open(&next, NULL);
	if (err < 0)
		return err;
	int n = cio_cookie_jar_load(next, path);
	printf("%zu cookie kept, %d read again from cookies.txt\n",
		cio_cookie_jar_count(jar), n);
	cio_cookie_jar_close(next);
	return n == 1 ? 0 : -1;
}

static int app(void *arg)
{
	(void)arg;
	char dir[] = "/tmp/login-XXXXXX", path[64];
	cio_http_server *site;
	cio_cookie_jar *jar;
	int err = cio_http_server_open(&site, &(cio_http_server_options){
		.in_process = true, .routes = routes});
	if (err < 0)
		return err;
	err = cio_cookie_jar_open(&jar, NULL);
	if (err == 0) {
		err = visit(site, jar);
		if (err == 0 && mkdtemp(dir) != NULL) {
			snprintf(path, sizeof path, "%s/cookies.txt", dir);
			err = keep(jar, path);
			(void)unlink(path);
			(void)rmdir(dir);
		}
		cio_cookie_jar_close(jar);
	}
	return cio_http_server_close(site, CIO_S(1), NULL) < 0 ? -1 : err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
