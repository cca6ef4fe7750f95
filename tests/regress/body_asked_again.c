/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * body_asked_again.c - a middleware calls next twice, with a body made while sent
 *
 * The second request began where the first had left the source: one of unknown
 * size went out empty, and was answered 200. It was never rewound.
 */
#include "unit/http/canned.h"

struct source {
	cio_http_body body;
	int made, rewinds;
};

static ssize_t make(cio_http_body *b, void *buf, size_t n)
{
	struct source *t = (struct source *)(void *)b;
	(void)n;
	if (t->made == 2)
		return 0;
	memset(buf, 'a' + t->made++, 4);
	return 4;
}

static int rewind_it(cio_http_body *b)
{
	struct source *t = (struct source *)(void *)b;
	t->made = 0;
	t->rewinds++;
	return 0;
}

/* Answers with the chunks that came. */
static int tell(struct canned *c, cio_stream *s, const char *path)
{
	char text[128], line[32];
	size_t n = 0;
	(void)c;
	(void)path;
	for (;;) {
		int err = cio_stream_read_exactly(s, line, 3, NULL);
		if (err == 0 && line[0] != '0')
			err = cio_stream_read_exactly(s, line + 3, 6, NULL);
		else if (err == 0)
			err = cio_stream_read_exactly(s, line + 3, 2, NULL);
		if (err < 0)
			return err;
		if (line[0] == '0')
			break;
		memcpy(text + n, line + 3, 4);
		n += 4;
	}
	char answer[256];
	int k = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\n"
		"Content-Length: %zu\r\n\r\n%.*s", n, (int)n, text);
	return cio_stream_write(s, answer, (size_t)k, NULL);
}

static int twice(cio_http_call *call, void *arg)
{
	(void)arg;
	int status = cio_http_call_next(call);
	if (status < 0)
		return status;
	CHECK(is_text(&call->response->body, "aaaabbbb"));
	cio_http_response_finish(call->response);
	call->response->keep_body = true;
	return cio_http_call_next(call);
}

static int client(struct canned *c)
{
	for (int rewinds = 0; rewinds < 2; rewinds++) {
		struct source t = {.body = {.size = -1, .read = make,
			.rewind = rewinds ? rewind_it : NULL}};
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.timeout = CIO_S(5),
				.middleware = (const cio_http_middleware[]){
					{twice, NULL}, {0}}});
		cio_http_response r = {.keep_body = true};
		int status = cio_http_request_do(s, &(cio_http_request_options){
			.method = CIO_POST, .url = canned_url(c, "/early"),
			.source = &t.body}, &r);
		CHECK_INT(status, rewinds ? 200 : -EINVAL);
		CHECK_INT(t.rewinds, rewinds);
		CHECK(is_text(&r.body, rewinds ? "aaaabbbb" : ""));
		if (!rewinds)
			CHECK(strstr(cio_error_text(), "sent twice") != NULL);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int again(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = tell}, client);
}

RUNS(again)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
