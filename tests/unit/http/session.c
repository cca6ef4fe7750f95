/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session.c - the client against servers that do well, badly, or nothing
 */
#include "canned.h"

#include "base/random.h"

/* ---- answers, good and bad ---- */

#define OK "HTTP/1.1 200 OK\r\n"
#define TEN(x) x x x x x x x x x x
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

struct reading {
	const char *name, *answer;
	unsigned how;
	int result;
	const char *body;
	cio_http_error error;
	bool kept; /* the connection serves the next request too */
};

static const struct reading readings[] = {
	{"/length", OK "Content-Length: 5\r\n\r\nhello", 0, 200, "hello", 0,
		true},
	{"/empty", OK "Content-Length: 0\r\n\r\n", 0, 200, "", 0, true},
	{"/chunks",
		OK "Transfer-Encoding: chunked\r\n\r\n"
		   "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: 1\r\n\r\n",
		0, 200, "hello", 0, true},
	{"/until-close", OK "\r\nhello", THEN_CLOSE, 200, "hello", 0, false},
	{"/asked-to-close",
		OK "Connection: close\r\nContent-Length: 2\r\n\r\nok", 0, 200,
		"ok", 0, false},
	{"/http-1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 0, 200,
		"ok", 0, false},
	{"/no-content", "HTTP/1.1 204 No Content\r\n\r\n", 0, 204, "", 0, true},
	{"/not-modified",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 0,
		304, "", 0, true},
	{"/interim",
		CONTINUE "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK
			 "Content-Length: 2\r\n\r\nok",
		0, 200, "ok", 0, true},
	{"/not-found",
		"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", 0,
		404, "gone", CIO_HTTP_ERROR_STATUS, true},

	{"/interim-for-ever", TEN(CONTINUE) TEN(CONTINUE), THEN_HANG,
		-CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/switched",
		"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
		"Upgrade: x\r\n\r\n",
		THEN_HANG, -CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/garbage", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", THEN_HANG,
		-CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/nothing", "", THEN_CLOSE, -ECONNRESET, "", CIO_HTTP_ERROR_RESET,
		false},
	{"/reset", OK, THEN_RESET, -ECONNRESET, "", CIO_HTTP_ERROR_RESET,
		false},
	{"/negative-length", OK "Content-Length: -1\r\n\r\n", THEN_HANG,
		-CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/two-lengths", OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		THEN_HANG, -CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/length-and-chunks",
		OK "Content-Length: 1\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		THEN_HANG, -CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/bad-chunk", OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhellooo",
		THEN_HANG, -CIO_EPROTOCOL, "", CIO_HTTP_ERROR_PROTOCOL, false},
	{"/too-short", OK "Content-Length: 9\r\n\r\nhello", THEN_CLOSE,
		-ECONNRESET, "", CIO_HTTP_ERROR_RESET, false},
	{"/large-length", OK "Content-Length: 1001\r\n\r\n", THEN_HANG,
		-CIO_ETOOLARGE, "", CIO_HTTP_ERROR_TOO_LARGE, false},
	{"/smuggled",
		OK "Content-Length: 2\r\n\r\nok" OK
		   "Content-Length: 4\r\n\r\nevil",
		0, 200, "ok", 0, false},
};

/* Ask for it, then for something else: that must get its own answer. */
static void read_one(struct canned *c, cio_http_session *s,
	const struct reading *k)
{
	cio_http_response r = {.keep_body = true};
	c->connections = 0;
	const char *url = canned_url(c, k->name);
	int result = ask(s, url, &r);
	CHECK_INT(result, k->result);
	CHECK_INT(r.status, result > 0 ? result : 0);
	CHECK_INT(r.error, k->error);
	CHECK_INT(r.attempts, 1);
	CHECK(is_text(&r.body, k->body));
	if (result < 0 && !CHECK(strstr(cio_error_text(), url) != NULL))
		printf("# %s\n", cio_error_text());
	cio_http_response_finish(&r);
	if (c->always == 0)
		CHECK_INT(cio_http_session_get_figures(s).connections.idle,
			k->kept ? 1 : 0);
	while (result > 0 && c->answered < c->requests && cio_yield() == 0)
		continue;

	cio_buf body = {0};
	CHECK_INT(cio_http_get(s, canned_url(c, "/echo"), &body), 200);
	CHECK(is_text(&body, "/echo"));
	cio_buf_finish(&body);
	if (!CHECK_INT(c->connections, k->kept ? 1 : 2))
		printf("# %s\n", k->name);
}

static int read_all(struct canned *c)
{
	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.max_body = 1000,
				.max_head = 2000});
		struct answer one[] = {{.path = readings[i].name,
					       .text = readings[i].answer,
					       .how = readings[i].how},
			{0}};
		c->answers = one;
		read_one(c, s, &readings[i]);
		cio_http_session_close(s);
	}
	return 0;
}

static int answers_at_once(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, read_all);
}

static int answers_byte_by_byte(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.always = BYTE_BY_BYTE}, read_all);
}

/* ---- cut anywhere ---- */

static void cut_everywhere(struct canned *c, const char *text, unsigned how)
{
	cio_http_session *s = cio_http_session_open(NULL);
	for (size_t n = 0; n < strlen(text); n++) {
		struct answer cut[] = {{"/cut", text, how, 0, n + 1}, {0}};
		cio_buf body = {0};
		CHECK_INT(cio_buf_puts(&body, "before"), 0);
		c->answers = cut;
		int err = cio_http_get(s, canned_url(c, "/cut"), &body);
		if (!CHECK_INT(err, -ECONNRESET))
			printf("# after %zu bytes: %s\n", n, cio_error_text());
		CHECK(is_text(&body, "before"));
		cio_buf_finish(&body);
	}
	CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
	cio_http_session_close(s);
}

static int cut_client(struct canned *c)
{
	static const char length[] = OK "Content-Length: 5\r\n\r\nhello";
	static const char chunks[] = OK "Transfer-Encoding: chunked\r\n\r\n"
					"5\r\nhello\r\n0\r\n\r\n";
	cut_everywhere(c, length, THEN_CLOSE);
	cut_everywhere(c, chunks, THEN_CLOSE);
	cut_everywhere(c, length, THEN_RESET);
	return 0;
}

static int cut_answers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, cut_client);
}

/* ---- no end, no answer ---- */

static int endless_client(struct canned *c)
{
	static const struct answer answers[] = {
		{.path = "/body", .text = OK "\r\n0123456789", .how = FOR_EVER},
		{0},
	};
	char *lines = calloc(1, 80000);
	strcpy(lines, OK);
	for (size_t n = strlen(lines); n < 39900; n += 10)
		memcpy(lines + n, "Name: 12\r\n", 10);
	struct answer large[] = {{.path = "/large", .text = lines}, {0}};
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.max_body = 5000});
	cio_http_response r = {0};

	c->answers = answers;
	CHECK_INT(ask(s, canned_url(c, "/body"), &r), -CIO_ETOOLARGE);
	CHECK(r.body_size > 5000 && r.body.p == NULL);
	CHECK(strstr(cio_error_text(), "max_body") != NULL);
	c->answers = large;
	CHECK_INT(ask(s, canned_url(c, "/large"), &r), -CIO_ETOOLARGE);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TOO_LARGE);
	cio_http_session_close(s);
	s = cio_http_session_open(
		&(cio_http_session_options){.max_head = 30000});
	CHECK_INT(ask(s, canned_url(c, "/large"), &r), -CIO_ETOOLARGE);
	CHECK(strstr(cio_error_text(), "max_head") != NULL);
	cio_http_session_close(s);

	/* as large as it is, it may come if it was said so */
	strcpy(lines, OK "Content-Length: 0\r\n");
	for (int i = 0; i < 90; i++) {
		char *at = lines + strlen(lines);
		memset(at, 'x', 800);
		memcpy(at, "A: ", 3);
		strcpy(at + 800, "\r\n");
	}
	strcat(lines, "\r\n");
	s = cio_http_session_open(
		&(cio_http_session_options){.max_head = 100000});
	CHECK_INT(ask(s, canned_url(c, "/large"), &r), 200);
	CHECK_INT(r.header_count, 91);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	free(lines);
	return 0;
}

static int endless_answers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, endless_client);
}

static const struct answer silent[] = {
	{.path = "/silent", .text = "", .how = THEN_HANG},
	{.path = "/half",
		.text = OK "Content-Length: 9\r\n\r\nhal",
		.how = THEN_HANG},
	{0},
};

static int late_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.timeout = CIO_MS(20)});
	cio_http_response r = {.keep_body = true};
	CHECK_INT(ask(s, canned_url(c, "/silent"), &r), -ETIMEDOUT);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TIMEOUT);
	CHECK(r.time_total >= CIO_MS(20) && r.time_starttransfer == 0);
	CHECK(strstr(cio_error_text(), "waiting for the answer") != NULL);
	CHECK_INT(ask(s, canned_url(c, "/half"), &r), -ETIMEDOUT);
	CHECK(strstr(cio_error_text(), "body") != NULL);
	CHECK_INT(r.body.n, 0);
	CHECK_INT(r.body_size, 3);
	CHECK_INT(cio_refused(), 0);

	/* somebody else's deadline: no retry, and the code of that scope */
	int err = 0;
	CIO_TIMEOUT (CIO_MS(5), &err) {
		err = cio_http_request_do(s,
			&(cio_http_request_options){
				.url = canned_url(c, "/silent"),
				.retries = 5},
			&r);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(r.attempts, 1);
	CHECK(strstr(cio_error_text(), "waiting for the answer") != NULL);
	CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int late_answers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = silent}, late_client);
}

/* ---- what is sent ---- */

static int sent_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.no_decode = true});
	cio_http_response r = {.keep_body = true};
	char want[512];
	CHECK_INT(ask(s, canned_url(c, "/echo?q=%20x#y"), &r), 200);
	snprintf(want, sizeof want,
		"GET /echo?q=%%20x HTTP/1.1\r\n"
		"Host: 127.0.0.1:%u\r\nUser-Agent: cio/" CIO_VERSION "\r\n"
		"Accept: */*\r\n\r\n",
		c->port);
	if (!CHECK(strcmp(c->last, want) == 0))
		printf("# %s\n", c->last);

	const cio_http_header own[] = {{"host", "example.org"},
		{"ACCEPT", "a/b"}, {"X-One", "1"}, {"X-One", ""}, {0}};
	cio_buf_clear(&r.body);
	CHECK_INT(cio_http_request_do(s,
			  &(cio_http_request_options){.method = CIO_POST,
				  .url = canned_url(c, "/post"),
				  .headers = own,
				  .body = "hello",
				  .body_size = 5},
			  &r),
		200);
	if (!CHECK(strcmp(c->last,
			   "POST /post HTTP/1.1\r\n"
			   "User-Agent: cio/" CIO_VERSION
			   "\r\nhost: example.org\r\n"
			   "ACCEPT: a/b\r\nX-One: 1\r\nX-One: \r\n"
			   "Content-Length: 5\r\n\r\nhello") == 0))
		printf("# %s\n", c->last);
	CHECK(is_text(&r.body, "/post"));
	CHECK(r.reused && r.time_connect == 0);
	CHECK_INT(c->connections, 1);

	static const struct answer head[] = {
		{.path = "/head",
			.text = OK "Content-Length: 99\r\nX-A:  b \r\n\r\n"},
		{0}};
	c->answers = head;
	cio_buf_clear(&r.body);
	CHECK_INT(cio_http_request_do(s,
			  &(cio_http_request_options){.method = CIO_HEAD,
				  .url = canned_url(c, "/head")},
			  &r),
		200);
	CHECK_INT(r.body.n, 0);
	CHECK(cio_str_equal(cio_http_response_header(&r, "x-a"),
		cio_str_of("b")));
	CHECK(cio_http_response_header(&r, "x-b").p == NULL);
	CHECK_INT(r.header_count, 2);
	CHECK_INT(c->connections, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int requests_as_they_are_sent(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, sent_client);
}

/* The server says no and closes while we still write the body. */
static int early_client(struct canned *c)
{
	static const struct answer no[] = {
		{.path = "/early",
			.how = THEN_CLOSE,
			.text = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"},
		{0}};
	enum { LARGE = 16 * 1024 * 1024 };
	char *body = calloc(1, LARGE);
	c->answers = no;
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {.keep_body = true};
	CHECK_INT(cio_http_request_do(s,
			  &(cio_http_request_options){.method = CIO_PUT,
				  .url = canned_url(c, "/early"),
				  .body = body,
				  .body_size = LARGE},
			  &r),
		413);
	CHECK(is_text(&r.body, "no"));
	CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	free(body);
	return 0;
}

static int answered_before_all_was_sent(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, early_client);
}

static int refused_client(struct canned *c)
{
	static const cio_http_header bad[][2] = {{{"A b", "x"}}, {{"", "x"}},
		{{"A", "x\r\nB: y"}}, {{"A", " x"}}, {{"A", NULL}},
		{{"content-length", "3"}}, {{"Connection", "close"}},
		{{"Transfer-Encoding", "chunked"}}};
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_INT(cio_http_request_do(s,
				  &(cio_http_request_options){
					  .url = canned_url(c, "/echo"),
					  .headers = bad[i]},
				  &r),
			-EINVAL);
		CHECK_INT(r.error, CIO_HTTP_ERROR_OTHER);
		CHECK_INT(r.attempts, 0);
	}
	CHECK_INT(c->connections, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int requests_that_are_refused(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, refused_client);
}

/* ---- what cannot be reached ---- */

static bool is_one_line(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return *text != '\0';
}

static int bad_urls(void *arg)
{
	(void)arg;
	static const struct {
		const char *url;
		int err;
	} bad[] = {{NULL, -CIO_EURL}, {"", -CIO_EURL},
		{"localhost:80", -CIO_EURL}, {"ftp://h/", -CIO_EURL},
		{"http://", -CIO_EURL}, {"http:/h", -CIO_EURL},
		{"http://a b/", -CIO_EURL}, {"http://h:99999/", -CIO_EURL},
		{"http://127.1/", -CIO_EURL},
		{"http://h/\r\nHost: evil", -CIO_EURL},
		{"\r\nx://h", -CIO_EURL},
		{"http://example.org/a/long/path\r\nHost: evil\x7f", -CIO_EURL},
		{"http://me:secret@h/", -CIO_EURL}};
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_INT(ask(s, bad[i].url, &r), bad[i].err);
		CHECK_INT(r.error, CIO_HTTP_ERROR_URL);
		CHECK(is_one_line(cio_error_text()));
		CHECK(strstr(cio_error_text(), "secret") == NULL);
		bool none = bad[i].url == NULL || bad[i].url[0] == '\0';
		CHECK(none == (strstr(cio_error_text(), "(no URL)") != NULL));
	}
	char long_url[600] = "http://h h/";
	memset(long_url + 11, 'x', sizeof long_url - 12);
	CHECK_INT(ask(s, long_url, &r), -CIO_EURL);
	CHECK(strstr(cio_error_text(), "blank") != NULL);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int nobody_listens(void *arg)
{
	(void)arg;
	cio_listener *l;
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	char url[64], want[128];
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", cio_listener_port(l));
	snprintf(want, sizeof want,
		"GET %s: connect: 127.0.0.1:%u: "
		"connection refused",
		url, cio_listener_port(l));
	cio_listener_close(l);
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	CHECK_INT(ask(s, url, &r), -ECONNREFUSED);
	CHECK_INT(r.error, CIO_HTTP_ERROR_CONNECT);
	if (!CHECK(strcmp(cio_error_text(), want) == 0))
		printf("# %s\n", cio_error_text());
	CHECK_INT(cio_http_request_do(s,
			  &(cio_http_request_options){.method = CIO_POST,
				  .url = url,
				  .retries = 2},
			  &r),
		-ECONNREFUSED);
	CHECK_INT(r.attempts, 3); /* nothing was sent */
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

/* ---- kept connections ---- */

#define SMALL OK "Content-Length: 2\r\n\r\nok"

static int closed_client(struct canned *c)
{
	static const struct answer closing[] = {
		{.path = "/a", .text = SMALL, .how = THEN_CLOSE}, {0}};
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	c->answers = closing;
	for (int i = 1; i <= 3; i++) {
		CHECK_INT(ask(s, canned_url(c, "/a"), &r), 200);
		while (c->open > 0 && cio_yield() == 0)
			continue;
		CHECK_INT(c->connections, i);
	}
	cio_http_session_figures f = cio_http_session_get_figures(s);
	CHECK_INT(f.connections.failed_check, 2);
	CHECK_INT(f.replays, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int closed_between_requests(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, closed_client);
}

/* The server closes just when the second request comes. */
static int stale_client(struct canned *c)
{
	static const struct answer stale[] = {
		{.path = "/a", .text = SMALL, .how = STALE}, {0}};
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	cio_http_request_options o = {.url = canned_url(c, "/a")};
	c->answers = stale;
	CHECK_INT(cio_http_request_do(s, &o, &r), 200);
	CHECK(!r.reused);
	CHECK_INT(cio_http_request_do(s, &o, &r), 200);
	CHECK_INT(r.attempts, 1);
	CHECK(!r.reused);
	CHECK_INT(cio_http_session_get_figures(s).replays, 1);
	CHECK_INT(c->connections, 2);

	o.method = CIO_POST; /* it was sent: perhaps it was done, too */
	o.body = "x";
	o.body_size = 1;
	o.retries = 3;
	int before = c->requests;
	CHECK_INT(cio_http_request_do(s, &o, &r), -ECONNRESET);
	CHECK_INT(r.attempts, 1);
	CHECK_INT(c->requests, before + 1);

	CHECK_INT(cio_http_request_do(s, &o, &r), 200); /* a new connection */
	o.retry_unsafe = true;
	CHECK_INT(cio_http_request_do(s, &o, &r), 200);
	CHECK_INT(cio_http_session_get_figures(s).replays, 2);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int stale_connections(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, stale_client);
}

struct fetch {
	cio_http_session *s;
	const char *url;
	int status;
};

static int fetch(struct fetch *f)
{
	cio_buf body = {0};
	f->status = cio_http_get(f->s, f->url, &body);
	const char *echo = strstr(f->url, "/echo");
	if (f->status > 0 && echo != NULL)
		CHECK(is_text(&body, echo));
	cio_buf_finish(&body);
	return f->status < 0 ? f->status : 0;
}

static int crowd_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit_per_host = 5});
	struct fetch f[60];
	for (int i = 0; i < 60; i++) {
		char path[24];
		snprintf(path, sizeof path, "/echo%d", i);
		f[i] = (struct fetch){.s = s, .url = canned_url(c, path)};
	}
	CHECK_INT(cio_map(fetch, f, 60), 0);
	for (int i = 0; i < 60; i++)
		CHECK_INT(f[i].status, 200);
	CHECK_INT(c->connections, 5);
	CHECK_INT(c->requests, 60);
	CHECK_INT(cio_http_session_get_figures(s).connections.reused, 55);
	cio_http_session_close(s);
	return 0;
}

static int connections_are_bounded(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, crowd_client);
}

static int fetch_task(struct fetch *const *f)
{
	return fetch(*f);
}

static int full_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit = 1,
			.acquire_timeout = CIO_MS(20),
			.retries = 3});
	struct fetch slow = {.s = s, .url = canned_url(c, "/silent")};
	cio_http_response r = {0};
	cio_task *t = cio_spawn(fetch_task, &(struct fetch *){&slow});
	while (c->requests == 0 && cio_yield() == 0)
		continue;
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), -ETIMEDOUT);
	CHECK_INT(r.attempts, 1);
	CHECK(strstr(cio_error_text(), "acquire_timeout") != NULL);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int no_place_in_time(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = silent}, full_client);
}

/* A session with requests at hand stays open, and says so. */
static int busy_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	struct fetch slow = {.s = s, .url = canned_url(c, "/silent")};
	cio_task *t = cio_spawn(fetch_task, &(struct fetch *){&slow});
	while (c->requests == 0 && cio_yield() == 0)
		continue;
	cio_http_session_close(s);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	cio_http_session_close(s);
	cio_http_session_close(NULL);
	return 0;
}

static int close_busy(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = silent}, busy_client);
}

static void run_close_busy(void **state)
{
	(void)state;
	assert_int_equal(check_run(close_busy, NULL), 0);
	assert_non_null(
		strstr(check_reports(), "error: an HTTP session was closed"));
}

/* ---- retries ---- */

#define BUSY "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"

static int retry_client(struct canned *c)
{
	struct answer answers[] = {{"/busy", BUSY, 0, 2, 0},
		{"/busy", SMALL, 0, 0, 0}, {"/reset", OK, THEN_RESET, 1, 0},
		{"/reset", SMALL, 0, 0, 0}, {"/hang", OK, THEN_HANG, 1, 0},
		{"/hang", SMALL, 0, 0, 0},
		{"/no", "HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n", 0, 0,
			0},
		{0}};
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.retries = 2,
			.backoff = CIO_MS(1),
			.timeout = CIO_MS(200)});
	cio_http_response r = {.keep_body = true};
	cio_http_request_options o = {.url = canned_url(c, "/busy")};
	c->answers = answers;
	CHECK_INT(cio_http_request_do(s, &o, &r), 200);
	CHECK_INT(r.attempts, 3);
	CHECK(is_text(&r.body, "ok")); /* and nothing of "busy" */
	cio_buf_clear(&r.body);
	memset(c->used, 0, sizeof c->used);
	o.retries = 1;
	CHECK_INT(cio_http_request_do(s, &o, &r), 503);
	CHECK_INT(r.attempts, 2);
	CHECK_INT(r.error, CIO_HTTP_ERROR_STATUS);
	CHECK(is_text(&r.body, "busy"));
	memset(c->used, 0, sizeof c->used);
	o.retries = -1;
	CHECK_INT(cio_http_request_do(s, &o, &r), 503);
	CHECK_INT(r.attempts, 1);
	memset(c->used, 0, sizeof c->used);
	o.retries = 0;
	o.method = CIO_POST;
	CHECK_INT(cio_http_request_do(s, &o, &r), 503);
	CHECK_INT(r.attempts, 1);
	o.retry_unsafe = true;
	CHECK_INT(cio_http_request_do(s, &o, &r), 200);
	CHECK_INT(r.attempts, 2);

	static const char *const paths[] = {"/reset", "/hang"};
	for (int i = 0; i < 2; i++) {
		o = (cio_http_request_options){.url = canned_url(c, paths[i]),
			.timeout = i == 1 ? CIO_MS(20) : 0};
		CHECK_INT(cio_http_request_do(s, &o, &r), 200);
		CHECK_INT(r.attempts, 2);
	}
	CHECK_INT(ask(s, canned_url(c, "/no"), &r), 501);
	CHECK_INT(r.attempts, 1);
	CHECK_INT(cio_http_session_get_figures(s).retries, 6);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int retries(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, retry_client);
}

/* ---- cancels ---- */

enum { AT_ONCE = 100, ROUNDS = 20 };

static int cancel_client(struct canned *c)
{
	struct random random = {11};
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit_per_host = 30});
	static char urls[AT_ONCE][96];
	int done = 0, cancelled = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct fetch f[AT_ONCE];
		cio_task *t[AT_ONCE];
		for (int i = 0; i < AT_ONCE; i++) {
			snprintf(urls[i], sizeof *urls,
				"http://127.0.0.1:%u/echo-%d-%d-%d", c->port,
				round, i,
				(int)cio__random_below(&random, 1000000));
			f[i] = (struct fetch){.s = s, .url = urls[i]};
			t[i] = cio_spawn(fetch_task, &(struct fetch *){&f[i]});
		}
		for (int i = 0; i < AT_ONCE; i++) {
			if (cio__random_below(&random, 3) == 0)
				CHECK_INT(cio_yield(), 0);
			cio_task_cancel(t[cio__random_below(&random, AT_ONCE)],
				"test");
		}
		for (int i = 0; i < AT_ONCE; i++) {
			int err = cio_await(t[i]);
			CHECK(err == 0 || err == -ECANCELED);
			done += err == 0;
			cancelled += err < 0;
		}
	}
	CHECK_INT(done + cancelled, AT_ONCE * ROUNDS);
	CHECK(done > 100 && cancelled > 100);
	cio_http_session_figures f = cio_http_session_get_figures(s);
	CHECK_INT(f.connections.in_use, 0);
	CHECK_INT(f.connections.waiting, 0);
	CHECK(f.connections.reused > 0);
	cio_http_session_close(s);
	return 0;
}

static int random_cancels(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, cancel_client);
}

static int some_of_all(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit = 2,
			.retries = 2,
			.backoff = CIO_MS(1)});
	if (s == NULL)
		return -ENOMEM;
	struct fetch f[4];
	static const char *const paths[] = {"/echo", "/busy", "/stale",
		"/chunks"};
	for (int i = 0; i < 4; i++)
		f[i] = (struct fetch){.s = s, .url = canned_url(c, paths[i])};
	int err = cio_map(fetch, f, 4, .limit = 3);
	cio_http_response r = {.keep_body = true};
	for (int i = 0; i < 4; i++) {
		int status = ask(s, f[i].url, &r);
		/* a 503 whose body was dropped is nobody's answer */
		CHECK(status < 0 || status == 200 ||
			(r.body.n >= 4 && memcmp(r.body.p + r.body.n - 4,
				"busy", 4) == 0));
	}
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return err;
}

static int everything(void *arg)
{
	(void)arg;
	static const struct answer answers[] = {{"/busy", BUSY, 0, 1, 0},
		{"/busy", SMALL, 0, 1, 0}, {"/busy", BUSY, 0, 1, 0},
		{"/busy", SMALL, 0, 0, 0}, {"/stale", SMALL, STALE, 1, 0},
		{"/stale", SMALL, 0, 0, 0},
		{"/chunks",
			OK "Transfer-Encoding: chunked\r\n\r\n"
			   "3\r\nhel\r\n0\r\n\r\n",
			BYTE_BY_BYTE, 0, 0},
		{0}};
	return canned_run(&(struct canned){.answers = answers}, some_of_all);
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(everything, NULL, "session");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(everything, NULL, "session");
}

RUNS(answers_at_once)
RUNS(answers_byte_by_byte)
RUNS(cut_answers)
RUNS(endless_answers)
RUNS(late_answers)
RUNS(requests_as_they_are_sent)
RUNS(answered_before_all_was_sent)
RUNS(requests_that_are_refused)
RUNS(bad_urls)
RUNS(nobody_listens)
RUNS(closed_between_requests)
RUNS(stale_connections)
RUNS(connections_are_bounded)
RUNS(no_place_in_time)
RUNS(retries)
RUNS(random_cancels)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_answers_at_once),
		cmocka_unit_test(run_answers_byte_by_byte),
		cmocka_unit_test(run_cut_answers),
		cmocka_unit_test(run_endless_answers),
		cmocka_unit_test(run_late_answers),
		cmocka_unit_test(run_requests_as_they_are_sent),
		cmocka_unit_test(run_answered_before_all_was_sent),
		cmocka_unit_test(run_requests_that_are_refused),
		cmocka_unit_test(run_bad_urls),
		cmocka_unit_test(run_nobody_listens),
		cmocka_unit_test(run_closed_between_requests),
		cmocka_unit_test(run_stale_connections),
		cmocka_unit_test(run_connections_are_bounded),
		cmocka_unit_test(run_no_place_in_time),
		cmocka_unit_test(run_close_busy),
		cmocka_unit_test(run_retries),
		cmocka_unit_test(run_random_cancels),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
