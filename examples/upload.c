/* SPDX-License-Identifier: MIT */
/*
 * upload.c - a form with a file, and a body that is made while it is sent
 *
 *	$ ./upload
 *	form: 200, it came with its file
 *	source: 200, 1000000 bytes came
 *
 * Neither is ever in memory as a whole.
 */
#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>
#include <stdio.h>
#include <string.h>

/* ---- a server that looks at what comes ---- */

static bool contains(cio_str body, const char *what)
{
	size_t n = strlen(what);
	for (size_t i = 0; i + n <= body.n; i++)
		if (memcmp(body.p + i, what, n) == 0)
			return true;
	return false;
}

static int take(cio_request *req, cio_response *res)
{
	cio_str body, type = cio_request_header(req, "Content-Type");
	int err = cio_request_body(req, &body);
	if (err < 0)
		return err;
	if (type.n > 9 && memcmp(type.p, "multipart", 9) == 0) {
		bool whole = contains(body, "\r\n\r\nholidays\r\n") &&
			contains(body, "upload.c - a form");
		return cio_respond(res, whole ? 200 : 400, "text/plain",
			whole ? "it came with its file" : "what came is torn");
	}
	return cio_respond_format(res, 200, "text/plain", "%zu bytes came",
		body.n);
}

/* ---- the client ---- */

static int post(cio_http_session *http, const char *what, cio_http_body *body)
{
	cio_http_response response = {.keep_body = true};
	int status = cio_http_request_do(http, &(cio_http_request_options){
		.method = CIO_POST, .url = "/", .source = body,
		.fail_on_status = true}, &response);
	if (status < 0)
		fprintf(stderr, "%s\n", cio_error_text());
	else
		printf("%s: %d, %.*s\n", what, status, (int)response.body.n,
			response.body.p);
	cio_http_response_finish(&response);
	return status < 0 ? status : 0;
}

static int send_form(cio_http_session *http, const char *file)
{
	cio_http_multipart form = {0};
	int err = cio_http_multipart_text(&form, "title", "holidays");
	if (err == 0)
		err = cio_http_multipart_file(&form, "file", file, "text/plain");
	if (err == 0)
		err = post(http, "form", cio_http_multipart_body(&form));
	cio_http_multipart_finish(&form);
	return err;
}

/* A million bytes: it could as well read them from a queue, and wait. */
struct millions {
	cio_http_body body;
	size_t left;
};

static ssize_t make(cio_http_body *b, void *buf, size_t n)
{
	struct millions *m = (struct millions *)b;
	if (n > m->left)
		n = m->left;
	memset(buf, 'm', n);
	m->left -= n;
	return (ssize_t)n;
}

static int app(void *file)
{
	static const cio_route routes[] = {{CIO_POST, "/", take}, {0}};
	cio_http_server *server;
	int err = cio_http_server_open(&server, &(cio_http_server_options){
		.in_process = true, .routes = routes});
	if (err < 0)
		return err;
	cio_http_session *http = cio_http_session_open(
		&(cio_http_session_options){.base_url = "http://server.test",
			.dial = cio_http_server_dial, .dial_arg = server});
	struct millions millions = {{.size = -1, .read = make}, 1000000};
	err = http == NULL ? -1 : send_form(http, file);
	if (err == 0)
		err = post(http, "source", &millions.body);
	cio_http_session_close(http);
	return cio_http_server_close(server, CIO_S(1), NULL) < 0 ? -1 : err;
}

int main(int argc, char **argv)
{
	return cio_run(app, argc > 1 ? argv[1] : __FILE__) < 0;
}
