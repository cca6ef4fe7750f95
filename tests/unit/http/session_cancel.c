/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_cancel.c - requests of every kind, cancelled at random
 *
 * Each request has a token of its own, and its answer is made of it; so a
 * connection that was given back with half an answer on it shows at once. 10,000
 * cancels, or 100,000 with CIO_WHOLE in the environment.
 */
#include <zlib.h>

#include "canned.h"

#include "base/random.h"
#include "unit/tls/ends.h"

enum { AT_ONCE = 64, BODY = 3000 };

/* What a request is: a letter of its path. */
static const char kinds[] = "lcgrbuexkd";

struct site {
	struct canned plain, secure; /* first: the client is given its address */
	struct random random;
	cio_http_session *http;
	uint64_t asked, done, cancelled, wrong;
	uint64_t of_kind[sizeof kinds]; /* done */
};

static struct random server_random = {7};

static uint64_t chance(uint64_t n)
{
	return cio__random_below(&server_random, n);
}

/* The answer to a token: the token again and again, so many bytes as it says. */
static size_t fill_in(char *text, const char *token)
{
	size_t n = (size_t)atoi(token) % BODY, k = strlen(token);
	for (size_t i = 0; i < n; i++)
		text[i] = token[i % k];
	return n;
}

/* ---- the server ---- */

/* In pieces, and now and then somebody else's turn. */
static int dribble(cio_stream *s, const char *p, size_t n)
{
	int err = 0;
	while (err == 0 && n > 0) {
		size_t k = chance(3) == 0 ? 1 + chance(n) : n;
		err = cio_stream_write(s, p, k, NULL);
		p += k;
		n -= k;
		for (uint64_t i = chance(4); i > 0 && err == 0; i--)
			err = cio_yield();
	}
	return err;
}

static size_t deflated(char *out, size_t room, const char *p, size_t n)
{
	z_stream z = {0};
	deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t made = z.total_out;
	deflateEnd(&z);
	return made;
}

static int send_chunks(cio_buf *b, const char *p, size_t n)
{
	int err = 0;
	for (size_t k; n > 0 && err == 0; p += k, n -= k) {
		k = 1 + chance(n);
		err = cio_buf_printf(b, "%zx\r\n", k);
		err = err < 0 ? err : cio_buf_append(b, p, k);
		err = err < 0 ? err : cio_buf_puts(b, "\r\n");
	}
	return err < 0 ? err : cio_buf_puts(b, "0\r\n\r\n");
}

/* Head and body of the answer to a token, in the form of its kind. */
static int compose(cio_buf *b, char kind, const char *token)
{
	char body[BODY], packed[BODY + 100];
	const char *p = body, *coding = "";
	size_t n = fill_in(body, token);
	if (kind == 'g') {
		n = deflated(packed, sizeof packed, body, n);
		p = packed;
		coding = "Content-Encoding: gzip\r\n";
	}
	int err = cio_buf_printf(b, "HTTP/1.1 200 OK\r\nToken: %s\r\n%s%s",
		token, coding, kind == 'k' ? "Connection: close\r\n" : "");
	if (err < 0)
		return err;
	if (kind == 'c' || (kind == 'x' && chance(2) == 0)) {
		err = cio_buf_puts(b, "Transfer-Encoding: chunked\r\n\r\n");
		return err < 0 ? err : send_chunks(b, p, n);
	}
	err = cio_buf_printf(b, "Content-Length: %zu\r\n\r\n", n);
	return err < 0 ? err : cio_buf_append(b, p, n);
}

/* The body that was held back until we ask for it. */
static int take_body(struct canned *c, cio_stream *s, const char *token)
{
	const char *length = strstr(c->last, "Content-Length: ");
	size_t n = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
	static const char ask_for_it[] = "HTTP/1.1 100 Continue\r\n\r\n";
	int err = cio_stream_write(s, ask_for_it, sizeof ask_for_it - 1, NULL);
	char body[BODY];
	CHECK_INT(fill_in(body, token), n);
	while (err == 0 && cio_stream_peek(s).n < n) {
		ssize_t more = cio_stream_fill(s);
		err = more > 0 ? 0 : more < 0 ? (int)more : -CIO_EEOF;
	}
	if (err == 0) {
		CHECK(memcmp(cio_stream_peek(s).p, body, n) == 0);
		cio_stream_consume(s, n);
	}
	return err;
}

static int send_elsewhere(struct canned *c, cio_stream *s, const char *token)
{
	struct site *t = (struct site *)(void *)(c->tls == NULL ? c :
		(struct canned *)(void *)((char *)c -
			offsetof(struct site, secure)));
	char text[200];
	int n = snprintf(text, sizeof text, "HTTP/1.1 302 R\r\nLocation: %s/l%s"
		"\r\nContent-Length: 4\r\n\r\naway",
		chance(2) == 0 ? "" : canned_url(&t->secure, ""), token);
	return dribble(s, text, (size_t)n);
}

static int serve_token(struct canned *c, cio_stream *s, const char *path)
{
	static const char busy[] = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n"
				   "\r\nbusy";
	if (strncmp(path, "/early-", 7) == 0)
		path += 6;
	char kind = path[1];
	const char *token = path + 2;
	int err = 0;
	if (kind == 'e')
		err = take_body(c, s, token);
	if (err == 0 && kind == 'r')
		return send_elsewhere(c, s, token);
	if (err == 0 && kind == 'b' && chance(3) > 0)
		return dribble(s, busy, sizeof busy - 1);
	if (err == 0 && kind == 'd' && chance(3) == 0)
		return -CIO_EEOF; /* hang up without a word */
	cio_buf b = {0};
	err = err < 0 ? err : compose(&b, kind, token);
	err = err < 0 ? err : dribble(s, b.p, b.n);
	cio_buf_finish(&b);
	return err == 0 && kind == 'k' ? -CIO_EEOF : err;
}

/* ---- the client ---- */

struct job {
	struct site *t;
	char kind;
	char token[32];
	char url[128];
};

struct source {
	cio_http_body body;
	char text[BODY];
	size_t at;
};

static ssize_t give(cio_http_body *b, void *buf, size_t n)
{
	struct source *f = (struct source *)(void *)b;
	size_t left = (size_t)f->body.size - f->at;
	size_t k = left < n ? left : n;
	if (k > 100)
		k = 100;
	int err = cio_yield();
	if (err < 0)
		return err;
	memcpy(buf, f->text + f->at, k);
	f->at += k;
	return (ssize_t)k;
}

static int give_again(cio_http_body *b)
{
	((struct source *)(void *)b)->at = 0;
	return 0;
}

static int read_pieces(const struct job *j, const cio_http_request_options *o,
	cio_http_response *r)
{
	cio_http_reader *in;
	int status = cio_http_reader_open(&in, j->t->http, o, r);
	if (status < 0)
		return status;
	char piece[333];
	ssize_t n;
	while ((n = cio_http_reader_read(in, piece, sizeof piece)) > 0)
		CHECK_INT(cio_buf_append(&r->body, piece, (size_t)n), 0);
	cio_http_reader_close(in);
	return n < 0 ? (int)n : status;
}

static int ask_for(const struct job *j, cio_http_response *r)
{
	struct source f = {.body = {.read = give, .rewind = give_again}};
	cio_http_request_options o = {.url = j->url};
	if (j->kind == 'u' || j->kind == 'e') {
		o.method = CIO_PUT;
		o.source = &f.body;
		f.body.size = (int64_t)fill_in(f.text, j->token);
		o.expect_continue = j->kind == 'e';
	}
	return j->kind == 'x' ? read_pieces(j, &o, r) :
				cio_http_request_do(j->t->http, &o, r);
}

static int one_job(struct job *const *self)
{
	struct job *j = *self;
	cio_http_response r = {.keep_body = true};
	char body[BODY];
	size_t n = fill_in(body, j->token);
	int status = ask_for(j, &r);
	if (status == 200) {
		bool own = r.body.n == n &&
			(n == 0 || memcmp(r.body.p, body, n) == 0) &&
			cio_str_equal(cio_http_response_header(&r, "Token"),
				cio_str_of(j->token));
		if (!CHECK(own) && j->t->wrong++ < 5)
			printf("# %s got %.*s\n", j->url,
				r.body.n < 80 ? (int)r.body.n : 80, r.body.p);
		j->t->of_kind[strchr(kinds, j->kind) - kinds]++;
	} else if (status != -ECANCELED && status != 503 &&
		!(j->kind == 'd' && status == -ECONNRESET) && cio_refused() == 0) {
		CHECK_INT(status, 200);
		printf("# %s\n", cio_error_text());
	}
	/* a refused one may have had its answer; it is counted as it ended */
	j->t->done += status > 0;
	j->t->cancelled += status == -ECANCELED;
	cio_http_response_finish(&r);
	return 0;
}

static void make_job(struct site *t, struct job *j)
{
	struct random *r = &t->random;
	j->t = t;
	j->kind = kinds[cio__random_below(r, sizeof kinds - 1)];
	char token[sizeof j->token];
	snprintf(token, sizeof token, "%u.%llu.",
		(unsigned)cio__random_below(r, BODY),
		(unsigned long long)++t->asked);
	memcpy(j->token, token, sizeof token);
	bool tls = cio__random_below(r, 4) == 0;
	snprintf(j->url, sizeof j->url, "%s/%s%c%s",
		canned_url(tls ? &t->secure : &t->plain, ""),
		j->kind == 'e' ? "early-" : "", j->kind, token);
}

static void one_round(struct site *t)
{
	struct job jobs[AT_ONCE];
	cio_task *tasks[AT_ONCE];
	struct random *r = &t->random;
	for (int i = 0; i < AT_ONCE; i++) {
		make_job(t, &jobs[i]);
		tasks[i] = cio_spawn(one_job, &(struct job *){&jobs[i]});
	}
	for (int i = 0; i < AT_ONCE * 2; i++) {
		for (uint64_t k = cio__random_below(r, 3); k > 0; k--)
			CHECK_INT(cio_yield(), 0);
		cio_task_cancel(tasks[cio__random_below(r, AT_ONCE)], "test");
	}
	for (int i = 0; i < AT_ONCE; i++)
		(void)cio_await(tasks[i]);
	cio_pool_figures f = cio_http_session_get_figures(t->http).connections;
	CHECK_INT(f.in_use, 0);
	CHECK_INT(f.waiting, 0);
}

static int both_client(struct canned *c)
{
	struct site *t = (struct site *)(void *)((char *)c -
		offsetof(struct site, secure));
	uint64_t wanted = getenv("CIO_WHOLE") != NULL ? 100000 : 10000;
	t->http = cio_http_session_open(&(cio_http_session_options){
		.limit_per_host = 20, .retries = 3, .backoff = 1,
		.backoff_max = 1, .expect_timeout = CIO_S(60),
		.tls = &(cio_tls_options){.ca_file = file("ca.crt")}});
	if (t->http == NULL)
		return -ENOMEM;
	while (t->cancelled < wanted && t->wrong == 0)
		one_round(t);
	cio_http_session_figures f = cio_http_session_get_figures(t->http);
	printf("# %llu asked, %llu answered, %llu cancelled; %llu reused, "
		"%llu retries, %llu replays, %llu redirects, %llu of %llu "
		"handshakes resumed\n", (unsigned long long)t->asked,
		(unsigned long long)t->done, (unsigned long long)t->cancelled,
		(unsigned long long)f.connections.reused,
		(unsigned long long)f.retries, (unsigned long long)f.replays,
		(unsigned long long)f.redirects,
		(unsigned long long)f.tls_resumed,
		(unsigned long long)f.tls_handshakes);
	for (size_t i = 0; i < sizeof kinds - 1; i++)
		if (!CHECK(t->of_kind[i] > 50))
			printf("# kind %c\n", kinds[i]);
	CHECK(f.connections.reused > t->done / 10);
	CHECK(f.tls_handshakes > 0 && f.replays > 0 && f.retries > 0);
	cio_http_session_close(t->http);
	return 0;
}

static int beside_client(struct canned *c)
{
	struct site *t = (struct site *)(void *)c;
	t->secure.tls = server_with("good", (cio_tls_options){0});
	int err = canned_run(&t->secure, both_client);
	cio_tls_config_close(t->secure.tls);
	return err;
}

static int random_cancels(void *arg)
{
	(void)arg;
	struct site *t = calloc(1, sizeof *t);
	if (t == NULL)
		return -ENOMEM;
	t->random.state = 11;
	t->plain.other = t->secure.other = serve_token;
	int err = canned_run(&t->plain, beside_client);
	free(t);
	return err;
}

RUNS(random_cancels)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_random_cancels),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
