/* SPDX-License-Identifier: MIT */
/* drivers: sim */
/*
 * session_limits.c - each limit of a session, and what is said when it is met
 *
 * By the virtual clock, so the times are exact.
 */
#include "canned.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define SMALL OK "Content-Length: 2\r\n\r\nok"
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"

static cio_http_session *open_with(cio_http_session_options o)
{
	return cio_http_session_open(&o);
}

static void says(const char *part)
{
	if (!CHECK(strstr(cio_error_text(), part) != NULL))
		printf("# \"%s\" does not say \"%s\"\n", cio_error_text(), part);
}

static bool lasted(cio_time begun, cio_duration d)
{
	cio_duration took = cio_now() - begun;
	if (took >= d && took < d + CIO_MS(50))
		return true;
	printf("# it took %lld ms\n", (long long)(took / CIO_MS(1)));
	return false;
}

/* ---- a server that is slow in its ways ---- */

/* /a: a byte each second; /silent: nothing; /deaf: reads no more; /head,
 * /middle: stops there; /asks: wants the body, which takes long; /talks: answers
 * while it is still sent to; /sated: then reads no more. */
static int slowly(struct canned *c, cio_stream *s, const char *path)
{
	static const char some[] = OK "Content-Length: 9\r\n\r\nsome";
	int err = 0;
	(void)c;
	if (strncmp(path, "/early", 6) == 0)
		path += 6;
	if (strncmp(path, "/a", 3) == 0) {
		for (const char *p = SMALL; *p != '\0' && err == 0; p++) {
			err = cio_sleep(CIO_S(1));
			err = err < 0 ? err : cio_stream_write(s, p, 1, NULL);
		}
		return err;
	}
	if (strcmp(path, "/talks") == 0) {
		err = cio_stream_write(s, some, sizeof some - 1, NULL);
		err = err < 0 ? err : cio_sleep(CIO_S(30));
		return err < 0 ? err : cio_stream_write(s, "thing", 5, NULL);
	}
	if (strcmp(path, "/sated") == 0) /* says all, and reads no more */
		err = cio_stream_write(s, SMALL, sizeof SMALL - 1, NULL);
	if (strcmp(path, "/head") == 0)
		err = cio_stream_write(s, some, 20, NULL);
	if (strcmp(path, "/middle") == 0)
		err = cio_stream_write(s, some, sizeof some - 1, NULL);
	if (strncmp(path, "/echo", 5) == 0)
		return canned_echo(s, path);
	return err < 0 ? err : cio_sleep(CIO_S(9999));
}

static int late(cio_http_session *s, const char *url, const char *text,
	cio_duration d)
{
	cio_http_response r = {0};
	cio_time begun = cio_now();
	CHECK_INT(ask(s, url, &r), -ETIMEDOUT);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TIMEOUT);
	CHECK(lasted(begun, d));
	says(text);
	says(url);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int never(void *arg, const char *host, uint16_t port, cio_stream **out)
{
	(void)arg;
	(void)host;
	(void)port;
	(void)out;
	return cio_sleep(CIO_S(9999));
}

static int named_client(struct canned *c)
{
	cio_http_session_options o = {.connect_timeout = CIO_S(3),
		.dial = never};
	const char *url = canned_url(c, "/silent");
	late(open_with(o), url, ": connect: not done within the "
		"connect_timeout of 3 s", CIO_S(3));
	o.timeout = CIO_S(2);
	late(open_with(o), url, ": connect: not done within the timeout of 2 s",
		CIO_S(2));
	o.total_timeout = CIO_S(1);
	late(open_with(o), url, ": connect: not done within the total_timeout "
		"of 1 s", CIO_S(1));

	o = (cio_http_session_options){.first_byte_timeout = CIO_S(4)};
	late(open_with(o), url, ": waiting for the answer: not done within the "
		"first_byte_timeout of 4 s", CIO_S(4));
	o.timeout = CIO_S(3);
	late(open_with(o), url, ": waiting for the answer: not done within the "
		"timeout of 3 s", CIO_S(3));
	o.total_timeout = CIO_S(2);
	late(open_with(o), url, "the total_timeout of 2 s", CIO_S(2));

	o = (cio_http_session_options){.read_timeout = CIO_S(5),
		.first_byte_timeout = CIO_S(1)};
	late(open_with(o), canned_url(c, "/head"), ": reading the answer's head"
		": not done within the read_timeout of 5 s", CIO_S(5));
	late(open_with(o), canned_url(c, "/middle"), ": reading the answer's "
		"body: not done within the read_timeout of 5 s", CIO_S(5));
	return 0;
}

static int named_limits(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = slowly}, named_client);
}

/* The limit of one step does not run on in the next. */
static int trickle_client(struct canned *c)
{
	cio_http_response r = {0};
	const char *url = canned_url(c, "/a");
	cio_http_session *s = open_with((cio_http_session_options){
		.first_byte_timeout = CIO_MS(1500)});
	cio_time begun = cio_now();
	CHECK_INT(ask(s, url, &r), 200);
	CHECK(lasted(begun, CIO_S(sizeof SMALL - 1)));
	cio_http_session_close(s);
	s = open_with((cio_http_session_options){.read_timeout = CIO_MS(1500),
		.first_byte_timeout = CIO_MS(1500)});
	CHECK_INT(ask(s, url, &r), 200);
	cio_http_session_close(s);
	late(open_with((cio_http_session_options){.timeout = CIO_S(20)}), url,
		"reading the answer's head: not done within the timeout of 20 s",
		CIO_S(20));
	late(open_with((cio_http_session_options){.timeout = CIO_S(40)}), url,
		"reading the answer's body: not done within the timeout of 40 s",
		CIO_S(40));
	cio_http_response_finish(&r);
	return 0;
}

static int trickles(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = slowly}, trickle_client);
}

/* ---- sending ---- */

enum { LARGE = 8 << 20 };

static ssize_t endless(cio_http_body *b, void *buf, size_t n)
{
	(void)b;
	memset(buf, 'x', n);
	return (ssize_t)n;
}

static int deaf_client(struct canned *c)
{
	char *body = calloc(1, LARGE);
	cio_http_body source = {.size = -1, .read = endless};
	const char *url = canned_url(c, "/early/deaf");
	cio_http_request_options kinds[] = {
		{.method = CIO_PUT, .url = url, .body = body, .body_size = LARGE},
		{.method = CIO_PUT, .url = url, .source = &source},
		{.method = CIO_PUT, .url = url, .source = &source,
			.expect_continue = true}};
	for (size_t i = 0; i < 3; i++) {
		cio_http_session *s = open_with((cio_http_session_options){
			.write_timeout = CIO_S(6), .expect_timeout = CIO_S(1),
			.read_timeout = CIO_S(2),
			.first_byte_timeout = CIO_S(2)});
		cio_http_response r = {0};
		cio_time begun = cio_now();
		CHECK_INT(cio_http_request_do(s, &kinds[i], &r), -ETIMEDOUT);
		CHECK(lasted(begun, CIO_S(i == 2 ? 7 : 6)));
		says("sending the request: not done within the write_timeout "
			"of 6 s");
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	free(body);
	return 0;
}

static int deaf_servers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = slowly}, deaf_client);
}

/* A body that takes its time to be made: while we send, the server owes us
 * nothing. */
struct slow_source {
	cio_http_body body;
	int left;
};

static ssize_t take_time(cio_http_body *b, void *buf, size_t n)
{
	struct slow_source *t = (struct slow_source *)(void *)b;
	if (t->left == 0)
		return 0;
	t->left--;
	int err = cio_sleep(CIO_S(5));
	if (err < 0 || n == 0)
		return err;
	*(char *)buf = 'x';
	return 1;
}

static int upload_client(struct canned *c)
{
	static const struct answer answers[] = {
		{.path = "/put", .text = SMALL}, {0}};
	c->answers = answers;
	for (int expect = 0; expect < 2; expect++) {
		cio_http_session *s = open_with((cio_http_session_options){
			.read_timeout = CIO_S(2), .write_timeout = CIO_S(2),
			.first_byte_timeout = CIO_S(2)});
		cio_http_response r = {0};
		struct slow_source t = {{.size = 4, .read = take_time}, 4};
		cio_time begun = cio_now();
		c->greeting = expect ? "HTTP/1.1 100 Continue\r\n\r\n" : NULL;
		CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
			.method = CIO_PUT, .url = canned_url(c, "/put"),
			.source = &t.body, .expect_continue = expect}, &r), 200);
		CHECK(lasted(begun, CIO_S(20)));
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

/* The answer began before the body had gone out, or was complete then. */
static int early_client(struct canned *c)
{
	cio_http_session *s = open_with((cio_http_session_options){
		.first_byte_timeout = CIO_S(2)});
	cio_http_response r = {.keep_body = true};
	struct slow_source t = {{.size = 4, .read = take_time}, 4};
	cio_time begun = cio_now();
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.method = CIO_PUT, .url = canned_url(c, "/early/talks"),
		.source = &t.body}, &r), 200);
	CHECK(is_text(&r.body, "something"));
	CHECK(lasted(begun, CIO_S(30)));
	cio_http_response_finish(&r);

	cio_http_body source = {.size = -1, .read = endless};
	r.keep_body = true;
	begun = cio_now();
	CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
		.method = CIO_PUT, .url = canned_url(c, "/early/sated"),
		.source = &source}, &r), 200);
	CHECK(is_text(&r.body, "ok"));
	CHECK(lasted(begun, 0));
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_response_finish(&r);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int early_answers(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = slowly}, early_client);
}

static int slow_uploads(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, upload_client);
}

/* ---- a turn ---- */

struct asker {
	cio_http_session *s;
	const char *url;
	int *order;
	int at, status;
};

static int ask_in_turn(struct asker *const *self)
{
	struct asker *a = *self;
	cio_http_response r = {0};
	a->status = ask(a->s, a->url, &r);
	a->at = ++*a->order;
	cio_http_response_finish(&r);
	return 0;
}

static int turn_client(struct canned *c)
{
	enum { MANY = 20 };
	for (int i = 0; i < 3; i++) {
		cio_http_session *s = open_with((cio_http_session_options){
			.limit = i == 1 ? 10 : 1,
			.limit_per_host = i == 1 ? 1 : 0,
			.adaptive = i == 2});
		struct asker a[MANY];
		int order = 0, err = 0;
		CIO_GROUP(g, &err) {
			for (int k = 0; k < MANY && err == 0; k++) {
				a[k] = (struct asker){s, canned_url(c, "/echo"),
					&order, 0, 0};
				err = cio_group_spawn(&g, ask_in_turn,
					&(struct asker *){&a[k]});
			}
		}
		CHECK_INT(err, 0);
		for (int k = 0; k < MANY; k++) {
			CHECK_INT(a[k].status, 200);
			CHECK_INT(a[k].at, k + 1);
		}
		cio_http_session_close(s);
	}
	return 0;
}

static int turns(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, turn_client);
}

static int waiting_client(struct canned *c)
{
	int order = 0;
	static const struct {
		cio_duration acquire, total;
		const char *said;
		int seconds;
	} waits[] = {{CIO_S(3), 0, "none was free within 3 s", 3},
		{CIO_S(3), CIO_S(2), "the total_timeout of 2 s", 2},
		{0, CIO_S(4), "the total_timeout of 4 s", 4}};
	for (size_t i = 0; i < 3; i++) {
		cio_http_session *s = open_with((cio_http_session_options){
			.limit = 1, .acquire_timeout = waits[i].acquire,
			.retries = 2});
		struct asker a = {s, canned_url(c, "/silent"), &order, 0, 0};
		cio_http_response r = {0};
		cio_task *t = cio_spawn(ask_in_turn, &(struct asker *){&a});
		CHECK_INT(cio_sleep(CIO_S(1)), 0);
		cio_time begun = cio_now();
		CHECK_INT(cio_http_request_do(s, &(cio_http_request_options){
			.url = canned_url(c, "/echo"),
			.total_timeout = waits[i].total}, &r), -ETIMEDOUT);
		CHECK(lasted(begun, CIO_S(waits[i].seconds)));
		says("waiting for a connection: ");
		says(waits[i].said);
		CHECK_INT(r.attempts, 1);
		cio_task_cancel(t, "test");
		(void)cio_await(t);
		CHECK_INT(a.status, -ECANCELED);
		CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int waiting(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = slowly}, waiting_client);
}

/* ---- connections grow old ---- */

static int old_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session *s = open_with((cio_http_session_options){
		.max_lifetime = CIO_S(10), .keep_alive = CIO_S(60)});
	for (int i = 0; i < 6; i++) {
		CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
		CHECK_INT(cio_sleep(CIO_S(4)), 0);
	}
	CHECK_INT(c->connections, 2); /* at 0, 4, 8; at 12, 16, 20 */
	CHECK_INT(cio_http_session_get_figures(s).connections.expired, 1);
	cio_http_session_close(s);

	s = open_with((cio_http_session_options){.keep_alive = CIO_S(3)});
	c->connections = 0;
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(cio_sleep(CIO_S(2)), 0);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(c->connections, 1);
	CHECK_INT(cio_sleep(CIO_S(4)), 0);
	CHECK_INT(c->open, 0);
	CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(c->connections, 2);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int old_connections(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, old_client);
}

/* ---- again, or not ---- */

struct replayed {
	cio_http_body body;
	int at, rewinds;
};

static ssize_t read_once(cio_http_body *b, void *buf, size_t n)
{
	struct replayed *t = (struct replayed *)(void *)b;
	if (t->at == 4 || n < 4)
		return 0;
	t->at = 4;
	memcpy(buf, "body", 4);
	return 4;
}

static int begin_again(cio_http_body *b)
{
	struct replayed *t = (struct replayed *)(void *)b;
	t->at = 0;
	t->rewinds++;
	return 0;
}

enum { NOTHING, BYTES, TWICE, ONCE, FORMS };

static void one_retry(struct canned *c, cio_http_session *s, int status,
	cio_http_method method, int form, bool unsafe)
{
	char text[100];
	snprintf(text, sizeof text, "HTTP/1.1 %d X\r\nContent-Length: 4\r\n\r\n"
		"%s", status, method == CIO_HEAD ? "" : "fail");
	struct answer a[] = {{"/x", text, 0, 1, 0}, {"/x",
		method == CIO_HEAD ? OK "Content-Length: 2\r\n\r\n" : SMALL,
		0, 0, 0}, {0}};
	struct replayed t = {.body = {.size = 4, .read = read_once,
		.rewind = form == TWICE ? begin_again : NULL}};
	cio_http_request_options o = {.method = method,
		.url = canned_url(c, "/x"), .retry_unsafe = unsafe};
	if (form == BYTES)
		o.body = "body", o.body_size = 4;
	if (form == TWICE || form == ONCE)
		o.source = &t.body;
	c->answers = a;
	memset(c->used, 0, sizeof c->used);
	bool passing = status == 408 || status == 429 || status == 500 ||
		(status >= 502 && status <= 504);
	bool safe = (method != CIO_POST && method != CIO_PATCH) || unsafe;
	bool again = passing && safe && form != ONCE;
	cio_http_response r = {.keep_body = true};
	bool fine = CHECK_INT(cio_http_request_do(s, &o, &r),
		again ? 200 : status);
	fine = CHECK_INT(r.attempts, again ? 2 : 1) && fine;
	fine = CHECK_INT(t.rewinds, again && form == TWICE) && fine;
	if (method != CIO_HEAD)
		fine = CHECK(is_text(&r.body, again ? "ok" : "fail")) && fine;
	if (form != NOTHING)
		fine = CHECK(strstr(c->last, "\r\n\r\nbody") != NULL) && fine;
	if (!fine)
		printf("# %d to %s, form %d, unsafe %d\n", status,
			cio_http_method_name(method), form, unsafe);
	cio_http_response_finish(&r);
}

static int matrix_client(struct canned *c)
{
	static const short statuses[] = {400, 401, 404, 408, 413, 425, 429, 500,
		501, 502, 503, 504, 505};
	cio_http_session *s = open_with((cio_http_session_options){
		.retries = 1, .backoff = 1});
	int n = 0;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		for (int m = 0; m < CIO_METHODS; m++)
			for (int form = 0; form < FORMS; form++)
				for (int unsafe = 0; unsafe < 2; unsafe++, n++)
					one_retry(c, s, statuses[i],
						(cio_http_method)m, form,
						unsafe);
	CHECK_INT(n, 13 * CIO_METHODS * FORMS * 2);
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_session_close(s);
	return 0;
}

static int matrix(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, matrix_client);
}

/* A kept connection is dead when the request comes: again only if that is
 * harmless, and the body is there once more. */
static int dead_client(struct canned *c)
{
	static const struct answer stale[] = {
		{.path = "/x", .text = SMALL, .how = STALE}, {0}};
	c->answers = stale;
	for (int form = 0; form < FORMS; form++) {
		for (int m = 0; m < CIO_METHODS * 2; m++) {
			cio_http_session *s = cio_http_session_open(NULL);
			cio_http_method method = (cio_http_method)(m / 2);
			bool unsafe = m % 2, safe = unsafe ||
				(method != CIO_POST && method != CIO_PATCH);
			bool again = safe && form != ONCE;
			struct replayed t = {.body = {.size = 4,
				.read = read_once,
				.rewind = form == TWICE ? begin_again : NULL}};
			cio_http_request_options o = {.method = method,
				.url = canned_url(c, "/x"),
				.retry_unsafe = unsafe};
			if (form == BYTES)
				o.body = "body", o.body_size = 4;
			if (form == TWICE || form == ONCE)
				o.source = &t.body;
			cio_http_response r = {0};
			CHECK_INT(ask(s, canned_url(c, "/x"), &r), 200);
			int requests = c->requests;
			CHECK_INT(cio_http_request_do(s, &o, &r),
				again ? 200 : -ECONNRESET);
			CHECK_INT(r.attempts, 1);
			CHECK_INT(cio_http_session_get_figures(s).replays,
				again);
			CHECK_INT(c->requests - requests, again ? 2 : 1);
			CHECK_INT(t.rewinds, again && form == TWICE);
			cio_http_response_finish(&r);
			cio_http_session_close(s);
		}
	}
	return 0;
}

static int dead_connections(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, dead_client);
}

/* The whole call has one limit, pauses included; what is said is which. */
static int total_client(struct canned *c)
{
	static const struct answer busy[] = {
		{.path = "/busy", .text = "HTTP/1.1 503 B\r\nRetry-After: 2\r\n"
			"Content-Length: 4\r\n\r\nbusy"}, {0}};
	c->answers = busy;
	cio_http_session *s = open_with((cio_http_session_options){.retries = 9,
		.total_timeout = CIO_S(5)});
	cio_http_response r = {.keep_body = true};
	cio_time begun = cio_now();
	CHECK_INT(ask(s, canned_url(c, "/busy"), &r), -ETIMEDOUT);
	CHECK(lasted(begun, CIO_S(5)));
	CHECK_INT(r.attempts, 3);
	CHECK_INT(r.body.n, 0);
	says("pause before another attempt: not done within the total_timeout "
		"of 5 s");
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int total(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, total_client);
}

/* Who sees an answer sees all of it, also when the budget is spent meanwhile:
 * many at once, each of which would be repeated. */
static int spent(struct asker *const *self)
{
	struct asker *a = *self;
	cio_http_response r = {.keep_body = true};
	CHECK_INT(ask(a->s, a->url, &r), 503);
	CHECK(is_text(&r.body, "busy"));
	++*a->order;
	cio_http_response_finish(&r);
	return 0;
}

static int spending_client(struct canned *c)
{
	static const struct answer busy[] = {{.path = "/busy", .text = BUSY,
		.how = BYTE_BY_BYTE}, {0}};
	enum { MANY = 60 };
	struct asker a[MANY];
	int done = 0, err = 0;
	c->answers = busy;
	cio_http_session *s = open_with((cio_http_session_options){.retries = 1,
		.backoff = 1, .retry_budget = 1});
	CIO_GROUP(g, &err) {
		for (int i = 0; i < MANY && err == 0; i++) {
			a[i] = (struct asker){s, canned_url(c, "/busy"), &done,
				0, 0};
			err = cio_group_spawn(&g, spent,
				&(struct asker *){&a[i]});
		}
	}
	CHECK_INT(err, 0);
	CHECK_INT(done, MANY);
	cio_http_session_close(s);
	return 0;
}

static int spent_budget(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, spending_client);
}

RUNS(named_limits)
RUNS(trickles)
RUNS(deaf_servers)
RUNS(slow_uploads)
RUNS(early_answers)
RUNS(turns)
RUNS(waiting)
RUNS(old_connections)
RUNS(matrix)
RUNS(dead_connections)
RUNS(total)
RUNS(spent_budget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_named_limits),
		cmocka_unit_test(run_trickles),
		cmocka_unit_test(run_deaf_servers),
		cmocka_unit_test(run_slow_uploads),
		cmocka_unit_test(run_early_answers),
		cmocka_unit_test(run_turns),
		cmocka_unit_test(run_waiting),
		cmocka_unit_test(run_old_connections),
		cmocka_unit_test(run_matrix),
		cmocka_unit_test(run_dead_connections),
		cmocka_unit_test(run_total),
		cmocka_unit_test(run_spent_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
