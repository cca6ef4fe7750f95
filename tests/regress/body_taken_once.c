/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * body_taken_once.c - a body that cannot begin again
 *
 * The answer's head decided on another attempt while no byte of the body was
 * taken; then the task that sends it took some, and the body was rewound by a
 * function that it does not have. And an error of the body itself that looked
 * like a peer gone was kept for later: the request waited for an answer to half
 * a body.
 */
#include "unit/http/canned.h"

struct source {
	cio_http_body body;
	int reads, fails;
};

static ssize_t some(cio_http_body *b, void *buf, size_t n)
{
	struct source *t = (struct source *)(void *)b;
	t->reads++;
	if (t->fails < 0 && t->reads > 1)
		return t->fails;
	memset(buf, 'x', n < 4 ? n : 4);
	return n < 4 ? (ssize_t)n : 4;
}

static int put(cio_http_session *s, const char *url, struct source *t,
	bool expect, cio_http_response *r)
{
	return cio_http_request_do(s, &(cio_http_request_options){
		.method = CIO_PUT, .url = url, .source = &t->body,
		.expect_continue = expect}, r);
}

/* "Go on", and in the same breath "no". */
static int refused_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.retries = 1, .backoff = 1});
	struct source t = {.body = {.size = 4000000, .read = some}};
	cio_http_response r = {0};
	CHECK_INT(put(s, canned_url(c, "/early"), &t, true, &r), 503);
	CHECK_INT(r.attempts, 2);
	CHECK_INT(c->requests, 2);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

/* The answer is here before the request is. */
struct hasty {
	const char *const *said; /* on one connection after the other */
	cio_stream *far[2];
	int n;
};

static int hasty(void *arg, const char *host, uint16_t port, cio_stream **out)
{
	struct hasty *h = arg;
	const char *said = h->said[h->n];
	(void)host;
	(void)port;
	int err = cio_stream_pair(out, &h->far[h->n++], 0);
	return err < 0 ? err :
			 cio_stream_write(h->far[h->n - 1], said, strlen(said), NULL);
}

static void leave(struct hasty *h)
{
	for (int i = 0; i < h->n; i++)
		cio_stream_close(h->far[i]);
}

/* A redirect asks for the body as another attempt does. */
static int hasty_redirect(void *arg)
{
	(void)arg;
	static const char *const said[] = {
		"HTTP/1.1 307 There\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"};
	struct hasty h = {.said = said};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.dial = hasty, .dial_arg = &h});
	struct source t = {.body = {.size = 4000000, .read = some}};
	cio_http_response r = {0};
	CHECK_INT(put(s, "http://h/", &t, false, &r), 503);
	CHECK_INT(r.redirects, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	leave(&h);
	return 0;
}

static int hasty_answer(void *arg)
{
	(void)arg;
	static const char busy[] =
		"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
	struct hasty h = {.said = (const char *const[]){busy, busy}};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.retries = 1, .backoff = 1, .dial = hasty, .dial_arg = &h});
	struct source t = {.body = {.size = 4000000, .read = some}};
	cio_http_response r = {0};
	CHECK_INT(put(s, "http://h/", &t, false, &r), 503);
	CHECK_INT(r.attempts, 2);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	leave(&h);
	return 0;
}

static int refused(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{.path = "/early", .text = "HTTP/1.1 100 Continue\r\n\r\n"
			"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
		{0}}}, refused_client);
}

static int failing_client(struct canned *c)
{
	const int errors[] = {-EPIPE, -ECONNRESET, -EIO};
	for (size_t i = 0; i < 3; i++) {
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.timeout = CIO_S(10)});
		struct source t = {.body = {.size = 4000, .read = some},
			.fails = errors[i]};
		cio_http_response r = {0};
		CHECK_INT(put(s, canned_url(c, "/x"), &t, false, &r),
			errors[i] == -EIO ? -EIO : -ECONNRESET);
		CHECK(strstr(cio_error_text(), "could not be read") != NULL);
		CHECK_INT(t.reads, 2);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int failing(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, failing_client);
}

RUNS(refused)
RUNS(hasty_answer)
RUNS(hasty_redirect)
RUNS(failing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_refused),
		cmocka_unit_test(run_hasty_answer),
		cmocka_unit_test(run_hasty_redirect),
		cmocka_unit_test(run_failing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
