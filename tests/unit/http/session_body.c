/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_body.c - bodies in their forms: files, multipart, forms, compressed
 */
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include <cio/http_server.h>

#include "canned.h"

/* ---- forms ---- */

static void forms(void **state)
{
	(void)state;
	cio_buf b = {0};
	assert_int_equal(cio_http_form_add(&b, "a b", "x&y=z"), 0);
	assert_int_equal(cio_http_form_add(&b, "\xc3\xa4*-._~", "+%\n"), 0);
	assert_int_equal(cio_http_form_add(&b, "", ""), 0);
	assert_string_equal(b.p,
		"a+b=x%26y%3Dz&%C3%A4*-._%7E=%2B%25%0A&=");
	cio_buf_finish(&b);
}

/* ---- what a server sees of a body ---- */

static int echo(cio_request *req, cio_response *res)
{
	cio_str body;
	int err = cio_request_body(req, &body);
	cio_str type = cio_request_header(req, "Content-Type");
	if (err < 0)
		return err;
	char text[256];
	snprintf(text, sizeof text, "%.*s", (int)type.n, type.p);
	return cio_respond_bytes(res, 200, type.n > 0 ? text : NULL, body.p,
		body.n);
}

static const cio_route routes[] = {{CIO_POST, "/", echo}, {0}};

struct site {
	cio_http_session *http;
	char url[64];
	char path[64]; /* a file of 100,000 bytes */
};

static char byte_at(size_t i)
{
	return (char)('a' + i * 7 % 26);
}

static bool make_file(struct site *t)
{
	strcpy(t->path, "/tmp/cio-body-XXXXXX");
	int fd = mkstemp(t->path);
	if (fd < 0)
		return false;
	char text[1000];
	ssize_t n = 0;
	for (size_t i = 0; i < 100; i++) {
		for (size_t k = 0; k < sizeof text; k++)
			text[k] = byte_at(i * sizeof text + k);
		n += write(fd, text, sizeof text);
	}
	close(fd);
	return n == 100000;
}

static int on_site(int (*fn)(struct site *t))
{
	struct site t;
	cio_http_server *server;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	snprintf(t.url, sizeof t.url, "http://127.0.0.1:%u/",
		cio_http_server_port(server));
	t.http = cio_http_session_open(NULL);
	err = t.http == NULL || !make_file(&t) ? -ENOMEM : fn(&t);
	if (t.http != NULL)
		unlink(t.path);
	cio_http_session_close(t.http);
	cio_http_server_close(server, CIO_S(1), NULL);
	return err;
}

static int post(struct site *t, cio_http_body *source, cio_http_response *r)
{
	r->keep_body = true;
	return cio_http_request_do(t->http,
		&(cio_http_request_options){.method = CIO_POST,
			.url = t->url,
			.source = source},
		r);
}

static bool is_file(const char *p)
{
	for (size_t i = 0; i < 100000; i++)
		if (p[i] != byte_at(i))
			return false;
	return true;
}

static int send_file(struct site *t)
{
	cio_http_file_body f;
	cio_http_response r = {0};
	CHECK_INT(cio_http_file_body_open(&f, "/tmp", NULL), -EISDIR);
	CHECK_INT(cio_http_file_body_open(&f, "/dev/null", NULL), -EINVAL);
	CHECK_INT(cio_http_file_body_open(&f, "/nowhere/x", NULL), -ENOENT);
	CHECK(strstr(cio_error_text(), "/nowhere/x") != NULL);
	int err = cio_http_file_body_open(&f, t->path, "text/plain");
	if (err < 0)
		return err;
	for (int i = 0; i < 2; i++) {
		CHECK_INT(post(t, &f.body, &r), 200);
		CHECK_INT(r.body.n, 100000);
		CHECK(r.body.n == 100000 && is_file(r.body.p));
		CHECK_INT(f.body.rewind(&f.body), 0);
		cio_http_response_finish(&r);
	}
	cio_http_file_body_close(&f);
	return 0;
}

static int send_files(void *arg)
{
	(void)arg;
	return on_site(send_file);
}

static int send_multipart(struct site *t)
{
	cio_http_multipart m = {0};
	cio_http_response r = {0};
	CHECK_INT(cio_http_multipart_text(&m, "a\"b", "one\r\ntwo"), 0);
	CHECK_INT(cio_http_multipart_text(&m, "bad\n", ""), -EINVAL);
	CHECK_INT(cio_http_multipart_bytes(&m, "c", "d.txt", "text/x", "", 0),
		0);
	CHECK_INT(cio_http_multipart_file(&m, "f", "/nowhere", NULL), -ENOENT);
	CHECK_INT(cio_http_multipart_file(&m, "f", t->path, NULL), 0);
	cio_http_body *body = cio_http_multipart_body(&m);
	CHECK_INT(cio_http_multipart_text(&m, "late", ""), -EALREADY);

	cio_buf want = {0};
	const char *b = m.boundary;
	int err = cio_buf_printf(&want,
		"--%s\r\nContent-Disposition: form-data; name=\"a%%22b\"\r\n\r\n"
		"one\r\ntwo\r\n"
		"--%s\r\nContent-Disposition: form-data; name=\"c\"; "
		"filename=\"d.txt\"\r\nContent-Type: text/x\r\n\r\n\r\n"
		"--%s\r\nContent-Disposition: form-data; name=\"f\"; "
		"filename=\"%s\"\r\nContent-Type: application/octet-stream"
		"\r\n\r\n",
		b, b, b, strrchr(t->path, '/') + 1);
	for (int i = 0; i < 2 && err == 0; i++) {
		CHECK_INT(post(t, body, &r), 200);
		CHECK_INT((int64_t)r.body.n, body->size);
		CHECK_INT((int64_t)want.n + 100000 + 2 + 38, body->size);
		CHECK(memcmp(r.body.p, want.p, want.n) == 0);
		CHECK(is_file(r.body.p + want.n));
		CHECK(strncmp(cio_http_response_header(&r, "Content-Type").p,
			      m.type, strlen(m.type)) == 0);
		cio_http_response_finish(&r);
		CHECK_INT(body->rewind(body), 0);
	}
	/* a file that changes is an error, not a wrong body */
	CHECK_INT(truncate(t->path, 5), 0);
	CHECK_INT(post(t, body, &r), -EIO);
	CHECK(strstr(cio_error_text(), "could not be read") != NULL);
	cio_http_response_finish(&r);
	cio_buf_finish(&want);
	cio_http_multipart_finish(&m);
	return err;
}

static int send_multiparts(void *arg)
{
	(void)arg;
	return on_site(send_multipart);
}

static int send_json(struct site *t)
{
	cio_http_response r = {.keep_body = true};
	CHECK_INT(cio_http_request_do(t->http, &(cio_http_request_options){
		.method = CIO_POST, .url = t->url, .json = "{\"a\":1}"}, &r),
		200);
	CHECK(is_text(&r.body, "{\"a\":1}"));
	CHECK(cio_str_equal(cio_http_response_header(&r, "Content-Type"),
		cio_str_of("application/json")));
	CHECK_INT(cio_http_request_do(t->http, &(cio_http_request_options){
		.method = CIO_POST, .url = t->url, .json = "1", .body = "2",
		.body_size = 1}, &r), -EINVAL);
	cio_http_response_finish(&r);
	return 0;
}

static int json(void *arg)
{
	(void)arg;
	return on_site(send_json);
}

/* ---- compressed answers ---- */

enum { ZEROS = 3000000 };

struct packed {
	char head[128];
	char all[8192];
	size_t n;
};

static void pack(struct packed *p, const char *coding, size_t zeros,
	size_t missing)
{
	char *plain = calloc(1, zeros);
	z_stream z = {0};
	deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	char body[8192];
	z.next_in = (Bytef *)plain;
	z.avail_in = (uInt)zeros;
	z.next_out = (Bytef *)body;
	z.avail_out = sizeof body;
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t n = sizeof body - z.avail_out - missing;
	deflateEnd(&z);
	free(plain);
	int head = snprintf(p->all, sizeof p->all,
		"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n"
		"Content-Length: %zu\r\n\r\n", coding, n);
	memcpy(p->all + head, body, n);
	p->n = (size_t)head + n;
}

struct compressed {
	struct canned c; /* first: the client is given its address */
	struct packed packed;
};

static int get(cio_http_session *s, struct canned *c, cio_http_response *r)
{
	cio_http_response_finish(r);
	r->keep_body = true;
	return ask(s, canned_url(c, "/x"), r);
}

static int compressed_client(struct canned *c)
{
	struct packed *p = &((struct compressed *)(void *)c)->packed;
	struct answer a[2] = {{.path = "/x", .text = p->all}};
	cio_http_response r = {0};
	c->answers = a;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.max_body = ZEROS,
			.max_wire = 4000});
	pack(p, "gzip", ZEROS, 0);
	a[0].cut = p->n + 1;
	CHECK_INT(get(s, c, &r), 200);
	CHECK_INT(r.body_size, ZEROS);
	CHECK_INT(r.body.n, ZEROS);
	CHECK(r.wire_size < 4000);
	CHECK(strstr(c->last, "Accept-Encoding: gzip, deflate, br, zstd\r\n") !=
		NULL);
	CHECK_INT(c->connections, 1);

	pack(p, "gzip", ZEROS + 1, 0); /* one too many */
	a[0].cut = p->n + 1;
	CHECK_INT(get(s, c, &r), -CIO_ETOOLARGE);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TOO_LARGE);
	CHECK(strstr(cio_error_text(), "max_body") != NULL);
	pack(p, "gzip", 1000, 3);
	a[0].cut = p->n + 1;
	CHECK_INT(get(s, c, &r), -CIO_EPROTOCOL);
	CHECK(strstr(cio_error_text(), "ends in its middle") != NULL);
	pack(p, "rot13", 1000, 0);
	a[0].cut = p->n + 1;
	CHECK_INT(get(s, c, &r), -CIO_EPROTOCOL);
	CHECK_INT(r.error, CIO_HTTP_ERROR_PROTOCOL);

	/* as it comes, if that is wanted */
	cio_http_session *raw = cio_http_session_open(
		&(cio_http_session_options){.no_decode = true});
	CHECK_INT(get(raw, c, &r), 200);
	CHECK_INT(r.body_size, r.wire_size);
	CHECK(strstr(c->last, "Accept-Encoding") == NULL);
	cio_http_session_close(raw);

	/* and piece by piece */
	pack(p, "gzip", 100000, 0);
	a[0].cut = p->n + 1;
	a[0].how = BYTE_BY_BYTE;
	cio_http_reader *in;
	char some[1000];
	ssize_t n;
	size_t all = 0;
	CHECK_INT(cio_http_reader_open(&in, s, &(cio_http_request_options){
		.url = canned_url(c, "/x")}, &r), 200);
	while ((n = cio_http_reader_read(in, some, sizeof some)) > 0)
		all += (size_t)n;
	CHECK_INT(n, 0);
	CHECK_INT(all, 100000);
	cio_http_reader_close(in);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int compressed(void *arg)
{
	(void)arg;
	struct compressed *k = calloc(1, sizeof *k);
	int err = canned_run(&k->c, compressed_client);
	free(k);
	return err;
}

RUNS(send_files)

/* The server has its say about the body that was cut. */
static void run_send_multiparts(void **state)
{
	(void)state;
	assert_int_equal(check_run(send_multiparts, NULL), 0);
	assert_null(strstr(check_reports(), "warning"));
}

RUNS(json)
RUNS(compressed)

static int quietly(struct site *t)
{
	cio_http_multipart m = {0};
	cio_http_response r = {0};
	int err = cio_http_multipart_text(&m, "a", "b");
	err = err < 0 ? err : cio_http_multipart_file(&m, "f", t->path, NULL);
	if (err == 0)
		err = post(t, cio_http_multipart_body(&m), &r);
	cio_http_response_finish(&r);
	cio_http_multipart_finish(&m);
	return err < 0 ? err : 0;
}

static int all_of_it(void *arg)
{
	(void)arg;
	(void)on_site(quietly);
	return 0;
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(all_of_it, NULL, "multipart");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(all_of_it, NULL, "multipart");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(run_send_files),
		cmocka_unit_test(run_send_multiparts),
		cmocka_unit_test(run_json),
		cmocka_unit_test(run_compressed),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
