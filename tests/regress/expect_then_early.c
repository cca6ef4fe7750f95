/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * expect_then_early.c - answers that come while a body goes out
 *
 * A body that nobody had asked for within `expect_timeout` was on its way; the
 * 200 that came then was taken for one instead of "100 Continue", and the body
 * was cut. The server waited for its rest, and the client for the answer's.
 *
 * And the error of a body that was too slow named the limit of the reading.
 */
#include "unit/http/canned.h"

struct source {
	cio_http_body body;
	cio_event second;
	int made;
};

static ssize_t make(cio_http_body *b, void *buf, size_t n)
{
	struct source *t = (struct source *)(void *)b;
	(void)n;
	if (t->made == 2)
		return 0;
	int err = t->made == 1 ? cio_event_wait(&t->second) : 0;
	if (err < 0)
		return err;
	memset(buf, 'a' + t->made++, 4);
	return 4;
}

/* Says no "100 Continue", answers the first half before the second is here. */
static int echo(struct canned *c, cio_stream *s, const char *path)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n";
	char half[4];
	(void)c;
	(void)path;
	int err = cio_stream_read_exactly(s, half, 4, NULL);
	err = err < 0 ? err : cio_stream_write(s, head, sizeof head - 1, NULL);
	err = err < 0 ? err : cio_stream_write(s, half, 4, NULL);
	err = err < 0 ? err : cio_stream_read_exactly(s, half, 4, NULL);
	return err < 0 ? err : cio_stream_write(s, half, 4, NULL);
}

static int client(struct canned *c)
{
	struct source t = {.body = {.size = 8, .read = make}};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.timeout = CIO_S(5), .expect_timeout = CIO_MS(2)});
	cio_http_response r = {0};
	cio_http_reader *in;
	char text[16];
	if (!CHECK_INT(cio_http_reader_open(&in, s, &(cio_http_request_options){
		.method = CIO_POST, .url = canned_url(c, "/early"),
		.source = &t.body, .expect_continue = true}, &r), 200))
		return 0;
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), 4);
	cio_event_set(&t.second);
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), 4);
	CHECK(memcmp(text, "bbbb", 4) == 0);
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), 0);
	cio_http_reader_close(in);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int goes_on(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = echo}, client);
}

/* ---- whose limit? ---- */

enum { LARGE = 16 << 20 };

static int slow_client(struct canned *c)
{
	char *large = calloc(1, LARGE), text[16];
	for (int reads = 0; reads < 2; reads++) {
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.write_timeout = CIO_MS(70),
				.read_timeout = CIO_S(10)});
		cio_http_response r = {0};
		cio_http_reader *in;
		if (!CHECK_INT(cio_http_reader_open(&in, s,
			&(cio_http_request_options){.method = CIO_PUT,
				.url = canned_url(c, "/early"), .body = large,
				.body_size = LARGE}, &r), 200))
			break;
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 2);
		if (!reads)
			CHECK_INT(cio_sleep(CIO_MS(100)), 0);
		CHECK_INT(cio_http_reader_read(in, text, sizeof text),
			-ETIMEDOUT);
		CHECK(strstr(cio_error_text(), "write_timeout of 70 ms") != NULL);
		cio_http_reader_close(in);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	free(large);
	return 0;
}

static int named(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/early", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe",
			THEN_HANG, 0, 0}, {0}}}, slow_client);
}

RUNS(goes_on)
RUNS(named)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_goes_on),
		cmocka_unit_test(run_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
