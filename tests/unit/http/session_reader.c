/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_reader.c - bodies that are read, or made, piece by piece
 */
#include <cio/http_server.h>

#include "canned.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define TEN(x) x x x x x x x x x x
#define CHUNK "10\r\n0123456789abcdef\r\n"

static const struct answer answers[] = {
	{"/length", OK "Content-Length: 10\r\n\r\n0123456789", 0, 0, 0},
	{"/chunks",
		OK "Transfer-Encoding: chunked\r\n\r\n" TEN(CHUNK) "0\r\n\r\n",
		BYTE_BY_BYTE, 0, 0},
	{"/short", OK "Content-Length: 10\r\n\r\n01234", THEN_CLOSE, 0, 0},
	{"/slow", OK "Content-Length: 10\r\n\r\n01234", THEN_HANG, 0, 0},
	{"/again", "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", 0, 1,
		0},
	{"/again", OK "Content-Length: 2\r\n\r\nok", 0, 0, 0},
	{"/busy", "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", 0, 0, 0},
	{"/go", "HTTP/1.1 302 R\r\nLocation: /length\r\n"
		"Content-Length: 4\r\n\r\naway", 0, 0, 0},
	{0},
};

/* Read all of it in pieces of `piece`: the count, or < 0; what came in `text`. */
static ssize_t read_all(cio_http_session *s, const char *url, size_t piece,
	char text[256], cio_http_response *r, int *status)
{
	cio_http_reader *in;
	*status = cio_http_reader_open(&in, s,
		&(cio_http_request_options){.url = url}, r);
	if (*status < 0)
		return *status;
	ssize_t n;
	size_t all = 0;
	while ((n = cio_http_reader_read(in, text + all, piece)) > 0)
		all += (size_t)n;
	CHECK_INT(cio_http_reader_read(in, text, 1), n); /* the same again */
	cio_http_reader_close(in);
	text[all] = '\0';
	return n < 0 ? n : (ssize_t)all;
}

static int reading_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.retries = 1, .backoff = 1});
	cio_http_response r = {0};
	char text[256];
	int status;
	static const size_t pieces[] = {1, 3, 64};
	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(read_all(s, canned_url(c, "/length"), pieces[i], text,
			&r, &status), 10);
		CHECK_INT(strcmp(text, "0123456789"), 0);
		CHECK_INT(read_all(s, canned_url(c, "/chunks"), pieces[i], text,
			&r, &status), 160);
		CHECK_INT(r.body_size, 160);
		CHECK_INT(r.wire_size, 160);
	}
	CHECK_INT(read_all(s, canned_url(c, "/go"), 64, text, &r, &status), 10);
	CHECK_INT(r.redirects, 1);
	CHECK_INT(read_all(s, canned_url(c, "/again"), 64, text, &r, &status), 2);
	CHECK_INT(status, 200);
	CHECK_INT(r.attempts, 2);
	CHECK_INT(read_all(s, canned_url(c, "/busy"), 64, text, &r, &status), 4);
	CHECK_INT(status, 503);
	CHECK_INT(strcmp(text, "busy"), 0);
	CHECK_INT(c->connections, 1);
	CHECK_INT(read_all(s, canned_url(c, "/short"), 64, text, &r, &status),
		-ECONNRESET);
	CHECK_INT(r.error, CIO_HTTP_ERROR_RESET);
	CHECK(strstr(cio_error_text(), "/short") != NULL);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int pieces_read(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, reading_client);
}

static int leaving_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.read_timeout = CIO_MS(20)});
	cio_http_response r = {0};
	cio_http_reader *in;
	char text[64];
	cio_http_request_options rq = {.url = canned_url(c, "/slow")};

	/* a deadline of the caller's loses nothing */
	CHECK_INT(cio_http_reader_open(&in, s, &rq, &r), 200);
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), 5);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(5), &err) {
		err = (int)cio_http_reader_read(in, text, sizeof text);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(r.error, CIO_HTTP_OK);
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), -ETIMEDOUT);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TIMEOUT);
	CHECK(strstr(cio_error_text(), "read_timeout of 20 ms") != NULL);
	cio_http_reader_close(in);

	/* half an answer never serves the next request */
	CHECK_INT(cio_http_reader_open(&in, s, &rq, &r), 200);
	cio_http_reader_close(in);
	CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
	cio_http_reader_close(NULL);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int readers_left(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, leaving_client);
}

/* ---- bodies that are made while they are sent ---- */

struct maker {
	cio_http_body body;
	size_t at, total;
	int rewound, fails;
};

static ssize_t make_some(cio_http_body *b, void *buf, size_t n)
{
	struct maker *m = (struct maker *)(void *)b;
	size_t k = m->total - m->at;
	k = k < n ? k : n;
	k = k < 1000 ? k : 1000;
	if (m->fails > 0 && m->at > 0)
		return -EIO;
	memset(buf, 'x', k);
	m->at += k;
	int err = cio_yield();
	return err < 0 ? err : (ssize_t)k;
}

static int make_again(cio_http_body *b)
{
	struct maker *m = (struct maker *)(void *)b;
	m->at = 0;
	m->rewound++;
	return 0;
}

static int send_made(cio_http_session *s, struct canned *c, const char *path,
	struct maker *m, cio_http_response *r)
{
	m->body.read = make_some;
	return cio_http_request_do(s,
		&(cio_http_request_options){.method = CIO_PUT,
			.url = canned_url(c, path),
			.source = &m->body},
		r);
}

static int making_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.retries = 1, .backoff = 1});
	cio_http_response r = {.keep_body = true};
	struct maker m = {.body = {.size = 1500, .type = "text/x"},
		.total = 1500};
	CHECK_INT(send_made(s, c, "/echo", &m, &r), 200);
	CHECK(strstr(c->last, "Content-Length: 1500\r\n") != NULL);
	CHECK(strstr(c->last, "Content-Type: text/x\r\n") != NULL);

	/* sent again, if it can be */
	m = (struct maker){.body = {.size = 5, .rewind = make_again}, .total = 5};
	CHECK_INT(send_made(s, c, "/again", &m, &r), 200);
	CHECK_INT(m.rewound, 1);
	m = (struct maker){.body = {.size = 5}, .total = 5};
	c->used[4] = 0;
	CHECK_INT(send_made(s, c, "/again", &m, &r), 503);
	CHECK_INT(r.attempts, 1);

	/* not what it said, or not at all */
	m = (struct maker){.body = {.size = 5}, .total = 4};
	CHECK_INT(send_made(s, c, "/early", &m, &r), -EIO);
	CHECK(strstr(cio_error_text(), "shorter") != NULL);
	m = (struct maker){.body = {.size = 5}, .total = 6};
	CHECK_INT(send_made(s, c, "/echo", &m, &r), -EIO);
	CHECK(strstr(cio_error_text(), "longer") != NULL);
	m = (struct maker){.body = {.size = 3000}, .total = 3000, .fails = 1};
	CHECK_INT(send_made(s, c, "/echo", &m, &r), -EIO);
	CHECK(strstr(cio_error_text(), "could not be read") != NULL);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int bodies_made(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, making_client);
}

/* ---- chunks and 100-continue, against our own server ---- */

static int keep_size(cio_request *req, cio_response *res)
{
	cio_str body;
	int err = cio_request_body(req, &body);
	if (err < 0)
		return err;
	return cio_respond_format(res, 200, "text/plain", "%zu", body.n);
}

static int refuse(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond(res, 403, "text/plain", "no");
}

static const cio_route routes[] = {{CIO_PUT, "/size", keep_size},
	{CIO_PUT, "/refuse", refuse}, {0}};

static int server_client(uint16_t port)
{
	char url[80], refused[80];
	snprintf(url, sizeof url, "http://127.0.0.1:%u/size", port);
	snprintf(refused, sizeof refused, "http://127.0.0.1:%u/refuse", port);
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {.keep_body = true};
	cio_http_request_options rq = {.method = CIO_PUT, .url = url};
	for (int i = 0; i < 4; i++) {
		struct maker m = {.body = {.size = i & 1 ? -1 : 200000,
			.read = make_some}, .total = 200000};
		rq.source = &m.body;
		rq.expect_continue = (i & 2) != 0;
		CHECK_INT(cio_http_request_do(s, &rq, &r), 200);
		CHECK(is_text(&r.body, "200000"));
		cio_buf_clear(&r.body);
	}
	CHECK_INT(cio_http_session_get_figures(s).connections.opened, 1);

	/* a large body of bytes goes out beside the answer, too */
	char *large = calloc(1, 300000);
	rq.source = NULL;
	rq.body = large;
	rq.body_size = 300000;
	rq.expect_continue = false;
	CHECK_INT(cio_http_request_do(s, &rq, &r), 200);
	CHECK(is_text(&r.body, "300000"));
	rq.url = refused;
	rq.expect_continue = true;
	CHECK_INT(cio_http_request_do(s, &rq, &r), 403);
	free(large);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int to_a_server(void *arg)
{
	(void)arg;
	cio_http_server *server;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	err = server_client(cio_http_server_port(server));
	cio_http_server_close(server, CIO_S(1), NULL);
	return err;
}

/* ---- around a request ---- */

struct seen {
	char order[64];
	unsigned events[CIO_HTTP_EVENTS];
	uint64_t last_call;
};

static int outer(cio_http_call *call, void *arg)
{
	struct seen *seen = arg;
	strcat(seen->order, "(");
	int status = cio_http_call_next(call);
	strcat(seen->order, ")");
	return status == 404 ? 204 : status;
}

static int inner(cio_http_call *call, void *arg)
{
	struct seen *seen = arg;
	if (strcmp(call->request->url, "made-up") == 0) {
		int err = cio_buf_puts(&call->response->body, "by hand");
		call->response->status = 200;
		return err < 0 ? err : 200;
	}
	strcat(seen->order, "i");
	static const cio_http_header added[] = {{"X-Added", "1"}, {0}};
	call->request->headers = added;
	return cio_http_call_next(call);
}

static void note(void *arg, const cio_http_trace *t)
{
	struct seen *seen = arg;
	seen->events[t->event]++;
	seen->last_call = t->call;
	CHECK(t->url != NULL && t->at > 0);
}

static int around_client(struct canned *c)
{
	struct seen seen = {0};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.retries = 1, .backoff = 1,
		.middleware = (cio_http_middleware[]){{outer, &seen},
			{inner, &seen}, {0}},
		.trace = note, .trace_arg = &seen});
	cio_http_response r = {.keep_body = true};
	c->used[4] = 0;
	CHECK_INT(ask(s, canned_url(c, "/again"), &r), 200);
	CHECK(strstr(c->last, "X-Added: 1") != NULL);
	CHECK_INT(strcmp(seen.order, "(i)"), 0);
	static const unsigned want[CIO_HTTP_EVENTS] = {
		[CIO_HTTP_EVENT_START] = 1, [CIO_HTTP_EVENT_WAIT] = 2,
		[CIO_HTTP_EVENT_REUSED] = 1, [CIO_HTTP_EVENT_DNS] = 1,
		[CIO_HTTP_EVENT_CONNECT] = 1, [CIO_HTTP_EVENT_CONNECTED] = 1,
		[CIO_HTTP_EVENT_SEND] = 2,
		[CIO_HTTP_EVENT_SENT] = 2, [CIO_HTTP_EVENT_FIRST_BYTE] = 2,
		[CIO_HTTP_EVENT_HEAD] = 2, [CIO_HTTP_EVENT_RECEIVED] = 2,
		[CIO_HTTP_EVENT_RETRY] = 1, [CIO_HTTP_EVENT_END] = 1};
	for (int e = 0; e < CIO_HTTP_EVENTS; e++)
		if (!CHECK_INT(seen.events[e], want[e]))
			cio_report(CIO_LEVEL_ERROR, "event %s",
				cio_http_event_name((cio_http_event)e));

	char text[256];
	int status;
	cio_http_response_finish(&r);
	CHECK_INT(read_all(s, "made-up", 64, text, &r, &status), 7);
	CHECK_INT(strcmp(text, "by hand"), 0);
	CHECK_INT(strcmp(seen.order, "(i)()"), 0);
	CHECK_INT(seen.last_call, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int around_a_request(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, around_client);
}


RUNS(pieces_read)
RUNS(readers_left)
RUNS(bodies_made)
RUNS(to_a_server)
RUNS(around_a_request)

/* Quietly: in these the checks above cannot hold. */
static int some_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	if (s == NULL)
		return -ENOMEM;
	cio_http_response r = {0};
	cio_http_reader *in;
	char text[64];
	int status = cio_http_reader_open(&in, s,
		&(cio_http_request_options){.url = canned_url(c, "/chunks")}, &r);
	while (status >= 0 && cio_http_reader_read(in, text, sizeof text) > 0)
		continue;
	if (status >= 0)
		cio_http_reader_close(in);
	struct maker m = {.body = {.size = -1}, .total = 2500};
	(void)send_made(s, c, "/length", &m, &r);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int some_of_all(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = answers}, some_client);
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(some_of_all, NULL, "readers");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(some_of_all, NULL, "readers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_pieces_read),
		cmocka_unit_test(run_readers_left),
		cmocka_unit_test(run_bodies_made),
		cmocka_unit_test(run_to_a_server),
		cmocka_unit_test(run_around_a_request),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
