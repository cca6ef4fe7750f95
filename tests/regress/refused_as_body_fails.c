/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * refused_as_body_fails.c - a body's error stays until it can be told
 *
 * The body of a request could not be made any more, and at the same moment the
 * read of the answer was refused. The read that came next knew nothing of it, and
 * waited for a server that waited for the body.
 */
#include "unit/http/canned.h"

struct source {
	cio_http_body body;
	cio_event fail;
	int made;
};

static ssize_t make(cio_http_body *b, void *buf, size_t n)
{
	struct source *t = (struct source *)(void *)b;
	(void)n;
	if (t->made++ > 0) {
		int err = cio_event_wait(&t->fail);
		return err < 0 ? err : -EIO;
	}
	memset(buf, 'a', 4);
	return 4;
}

struct both {
	struct source *t;
	cio_scope *scope;
};

static int fail_and_cancel(const struct both *b)
{
	cio_event_set(&b->t->fail);
	int err = cio_yield();
	cio_scope_cancel(b->scope, "not now");
	return err;
}

static int client(struct canned *c)
{
	struct source t = {.body = {.size = 8, .read = make}};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.timeout = CIO_S(2)});
	cio_http_response r = {0};
	cio_http_reader *in;
	char text[16];
	if (!CHECK_INT(cio_http_reader_open(&in, s, &(cio_http_request_options){
		.method = CIO_POST, .url = canned_url(c, "/early"),
		.source = &t.body}, &r), 200))
		return 0;
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), 2);
	cio_scope scope;
	cio_scope_begin(&scope, CIO_NEVER);
	cio_task *k = cio_spawn(fail_and_cancel, &(struct both){&t, &scope});
	CHECK(cio_http_reader_read(in, text, sizeof text) < 0);
	CHECK_INT(cio_scope_end(&scope, 0), 0);
	CHECK_INT(cio_await(k), 0);
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), -EIO);
	CHECK(strstr(cio_error_text(), "could not be read") != NULL);
	cio_http_reader_close(in);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int both_at_once(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/early", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe",
			THEN_HANG, 0, 0}, {0}}}, client);
}

RUNS(both_at_once)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_both_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
