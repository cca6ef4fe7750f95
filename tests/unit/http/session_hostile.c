/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_hostile.c - the client against servers that mean it ill
 *
 * After each trick the pool is clean and the next request gets its own answer.
 */
#include <zlib.h>

#include "canned.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define SMALL OK "Content-Length: 2\r\n\r\nok"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

/* The next request of the session gets what it asked for. */
static void next_is_right(struct canned *c, cio_http_session *s,
	const char *after)
{
	static int count;
	char path[32];
	cio_buf body = {0};
	snprintf(path, sizeof path, "/echo-%d", ++count);
	bool fine = CHECK_INT(cio_http_get(s, canned_url(c, path), &body), 200);
	fine = CHECK(is_text(&body, path)) && fine;
	cio_pool_figures f = cio_http_session_get_figures(s).connections;
	if (!(CHECK_INT(f.in_use, 0) && CHECK_INT(f.waiting, 0) && fine))
		printf("# after %s: %s\n", after, cio_error_text());
	cio_buf_finish(&body);
}

/* ---- without an end ---- */

static const struct {
	const char *path, *head, *again;
	int err;
} endless[] = {
	{"/status-line", "HTTP/1.1 200 ", "OK OK", -CIO_ETOOLARGE},
	{"/name", OK, "Name", -CIO_ETOOLARGE},
	{"/value", OK "Name: ", "value", -CIO_ETOOLARGE},
	{"/headers", OK, "Name: 12\r\n", -CIO_ETOOLARGE},
	{"/interim", "", CONTINUE, -CIO_EPROTOCOL},
	{"/interim-headers", "HTTP/1.1 103 Hints\r\n", "Link: x\r\n",
		-CIO_ETOOLARGE},
	{"/empty-lines", "", "\r\n", -CIO_EPROTOCOL},
	{"/body", OK "\r\n", "0123456789", -CIO_ETOOLARGE},
	{"/chunks", CHUNKED, "4\r\nabcd\r\n", -CIO_ETOOLARGE},
	{"/size", CHUNKED, "0", -CIO_EPROTOCOL},
	{"/extension", CHUNKED "4", ";x=y", -CIO_EPROTOCOL},
	{"/extensions", CHUNKED, "1;a=1234567890123456789012345678901234567890"
		"\r\nx\r\n", -CIO_EPROTOCOL},
	{"/trailers", CHUNKED "0\r\n", "T: 12\r\n", -CIO_EPROTOCOL},
	{"/trailer", CHUNKED "0\r\nT: ", "value", -CIO_EPROTOCOL},
};

static int spew(cio_stream *s, const char *head, const char *again)
{
	char many[4096] = "";
	size_t n = 0;
	for (; n + strlen(again) < sizeof many; n += strlen(again))
		memcpy(many + n, again, strlen(again));
	int err = cio_stream_write(s, head, strlen(head), NULL);
	while (err == 0)
		err = cio_stream_write(s, many, n, NULL);
	return err;
}

static int without_end(struct canned *c, cio_stream *s, const char *path)
{
	(void)c;
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++)
		if (strcmp(endless[i].path, path) == 0)
			return spew(s, endless[i].head, endless[i].again);
	return canned_echo(s, path);
}

static int endless_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.max_body = 100000});
	cio_http_response r = {0};
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
		const char *url = canned_url(c, endless[i].path);
		r.keep_body = true;
		if (!CHECK_INT(ask(s, url, &r), endless[i].err))
			printf("# %s\n", cio_error_text());
		CHECK(strstr(cio_error_text(), url) != NULL);
		CHECK_INT(r.body.n, 0);
		CHECK_INT(r.status, 0);
		CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
		next_is_right(c, s, url);
		cio_http_response_finish(&r);
	}
	cio_http_session_close(s);
	return 0;
}

static int no_end(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = without_end},
		endless_client);
}

/* ---- what grows when it is undone ---- */

struct bomb {
	const char *name, *coding;
	cio_buf body;
};

static int pack(cio_buf *out, const void *p, size_t n)
{
	z_stream z = {0};
	deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	int err = cio_buf_reserve(out, deflateBound(&z, n));
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out->p;
	z.avail_out = (uInt)(err == 0 ? out->cap : 0);
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n = z.total_out;
	deflateEnd(&z);
	return err;
}

enum { ZEROS = 4 << 20 };

static int make_gzip(struct bomb *b)
{
	char *zeros = calloc(1, ZEROS);
	int err = pack(&b->body, zeros, ZEROS);
	free(zeros);
	return err;
}

/* gzip of gzip of zeros */
static int make_nested(struct bomb *b)
{
	struct bomb inner = {0};
	int err = make_gzip(&inner);
	err = err < 0 ? err : pack(&b->body, inner.body.p, inner.body.n);
	cio_buf_finish(&inner.body);
	return err;
}

/* gzip of many gzips of nothing: endless work, and not a byte of it to count */
static int make_nothing(struct bomb *b)
{
	static const char nothing[] = "\x1f\x8b\x08\0\0\0\0\0\0\3\3\0"
				      "\0\0\0\0\0\0\0";
	cio_buf many = {0};
	int err = 0;
	for (int i = 0; err == 0 && i < 200000; i++)
		err = cio_buf_append(&many, nothing, 20);
	err = err < 0 ? err : pack(&b->body, many.p, many.n);
	cio_buf_finish(&many);
	return err;
}

/* 16 MiB of zeros */
static int make_brotli(struct bomb *b)
{
	static const char zeros[] = "\xcb\xff\xff\x3f\xf8\x27\x00\xe2\xb1\x40"
		"\x20\xf7\xfe\x2f\xff\xff\xff\xf0\x4f\x00\xc4\x61\x11\x80\xee"
		"\xfd\x1f";
	return cio_buf_append(&b->body, zeros, sizeof zeros - 1);
}

/* Blocks of 128 KiB, four bytes each: RFC 8878 3.1.1. */
static int make_zstd(struct bomb *b)
{
	int err = cio_buf_append(&b->body, "\x28\xb5\x2f\xfd\x00\x58", 6);
	for (int i = 0; err == 0 && i < 100; i++)
		err = cio_buf_append(&b->body, i < 99 ? "\x02\0\x10" : "\x03\0\x10",
			4);
	return err;
}

/* A window of 2^28 bytes, which a decoder would have to keep. */
static int make_window(struct bomb *b)
{
	return cio_buf_append(&b->body, "\x28\xb5\x2f\xfd\x00\x90\x03\0\x10",
		10);
}

static const struct {
	const char *name, *coding;
	int (*make)(struct bomb *b);
	int err;
} bombs[] = {
	{"gzip", "gzip", make_gzip, -CIO_ETOOLARGE},
	{"nested", "gzip, gzip", make_nested, -CIO_ETOOLARGE},
	{"nothing", "gzip, gzip", make_nothing, -CIO_ETOOLARGE},
	{"brotli", "br", make_brotli, -CIO_ETOOLARGE},
	{"zstd", "zstd", make_zstd, -CIO_ETOOLARGE},
	{"window", "zstd", make_window, -CIO_EPROTOCOL},
	{"three", "gzip, gzip, gzip", make_gzip, -CIO_EPROTOCOL},
};

struct bombing {
	struct canned c; /* first: the client is given its address */
	struct bomb bomb;
	uint64_t turns, turns_at_head;
};

static int send_bomb(struct canned *c, cio_stream *s, const char *path)
{
	struct bomb *b = &((struct bombing *)(void *)c)->bomb;
	if (strcmp(path, "/bomb") != 0)
		return canned_echo(s, path);
	char head[160];
	int n = snprintf(head, sizeof head, OK "Content-Encoding: %s\r\n"
		"Content-Length: %zu\r\n\r\n", b->coding, b->body.n);
	int err = cio_stream_write(s, head, (size_t)n, NULL);
	return err < 0 ? err :
			 cio_stream_write(s, b->body.p, b->body.n, NULL);
}

static int bombed_client(struct canned *c)
{
	struct bombing *k = (struct bombing *)(void *)c;
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.max_body = 1000000});
	for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
		cio_http_response r = {.keep_body = true};
		k->bomb.coding = bombs[i].coding;
		CHECK_INT(bombs[i].make(&k->bomb), 0);
		if (!CHECK_INT(ask(s, canned_url(c, "/bomb"), &r), bombs[i].err))
			printf("# %s: %s\n", bombs[i].name, cio_error_text());
		CHECK(r.body_size <= 1000000 + 16384);
		CHECK_INT(r.body.n, 0);
		next_is_right(c, s, bombs[i].name);
		cio_http_response_finish(&r);
		cio_buf_finish(&k->bomb.body);
	}
	cio_http_session_close(s);
	return 0;
}

static int bombed(void *arg)
{
	(void)arg;
	return canned_run(&(struct bombing){.c.other = send_bomb}.c,
		bombed_client);
}

static int count_turns(uint64_t *const *turns)
{
	int err;
	while ((err = cio_yield()) == 0)
		++**turns;
	return err;
}

static void note_turns(void *arg, const cio_http_trace *e)
{
	struct bombing *k = arg;
	if (e->event == CIO_HTTP_EVENT_HEAD)
		k->turns_at_head = k->turns;
}

/* Others have their turns while much is made of little. */
static int patient_client(struct canned *c)
{
	struct bombing *k = (struct bombing *)(void *)c;
	cio_http_response r = {0};
	cio_http_session *s = cio_http_session_open(&(cio_http_session_options){
		.trace = note_turns, .trace_arg = k});
	k->bomb.coding = "br";
	CHECK_INT(make_brotli(&k->bomb), 0);
	cio_task *t = cio_spawn(count_turns, &(uint64_t *){&k->turns});
	CHECK_INT(ask(s, canned_url(c, "/bomb"), &r), 200);
	CHECK_INT(r.body_size, 16 << 20);
	CHECK(k->turns - k->turns_at_head >= 20);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	cio_buf_finish(&k->bomb.body);
	return 0;
}

static int decoding_takes_turns(void *arg)
{
	(void)arg;
	return canned_run(&(struct bombing){.c.other = send_bomb}.c,
		patient_client);
}

/* ---- a pair of answers over one connection, cut at every byte ---- */

struct pairs {
	struct canned c; /* first: the client is given its address */
	const char *first, *second;
	size_t cut;
	bool done; /* the cut has happened: now all is well */
};

static int send_pair(struct canned *c, cio_stream *s, const char *path)
{
	struct pairs *p = (struct pairs *)(void *)c;
	size_t one = strlen(p->first);
	bool second = strcmp(path, "/second") == 0;
	if (p->done || (!second && strcmp(path, "/first") != 0))
		return canned_echo(s, path);
	const char *text = second ? p->second : p->first;
	size_t n = strlen(text), most = second ? p->cut - one : p->cut;
	bool cut = most < n;
	int err = canned_send(s, text, cut ? most : n, 0);
	p->done = cut;
	return cut ? -CIO_EEOF : err;
}

static void cut_pair(struct canned *c, cio_http_method method)
{
	struct pairs *p = (struct pairs *)(void *)c;
	size_t one = strlen(p->first), all = one + strlen(p->second);
	for (size_t n = 0; n <= all; n++) {
		cio_http_session *s = cio_http_session_open(NULL);
		cio_http_response r = {.keep_body = true};
		p->cut = n;
		p->done = false;
		int first = ask(s, canned_url(c, "/first"), &r);
		CHECK_INT(first, n < one ? -ECONNRESET : 200);
		CHECK(is_text(&r.body, n < one ? "" : "one"));
		cio_buf_clear(&r.body);
		if (n >= one) {
			int second = cio_http_request_do(s,
				&(cio_http_request_options){.method = method,
					.url = canned_url(c, "/second")}, &r);
			/* closed before a byte of it: that may be asked again */
			bool again = n == one && method == CIO_GET;
			if (!CHECK_INT(second, n == all || again ? 200 :
				-ECONNRESET))
				printf("# cut at %zu: %s\n", n, cio_error_text());
			CHECK(is_text(&r.body, n == all ? "two!" :
				again ? "/second" : ""));
			CHECK_INT(cio_http_session_get_figures(s).replays,
				again);
			CHECK_INT(r.attempts, 1);
		}
		next_is_right(c, s, "a cut pair");
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
}

static int pairs_client(struct canned *c)
{
	struct pairs *p = (struct pairs *)(void *)c;
	p->first = OK "Content-Length: 3\r\n\r\none";
	p->second = CHUNKED "2\r\ntw\r\n2\r\no!\r\n0\r\nT: x\r\n\r\n";
	cut_pair(c, CIO_GET);
	cut_pair(c, CIO_POST);
	p->second = OK "Content-Length: 4\r\n\r\ntwo!";
	p->first = CHUNKED "3\r\none\r\n0\r\n\r\n";
	cut_pair(c, CIO_GET);
	return 0;
}

static int cut_pairs(void *arg)
{
	(void)arg;
	return canned_run(&(struct pairs){.c.other = send_pair}.c,
		pairs_client);
}

/* ---- one answer too many ---- */

static const struct {
	const char *name, *text;
	cio_http_method method;
	int status;
	const char *body;
	bool kept; /* may it be used again? */
} extra[] = {
	{"smuggled behind a length", SMALL OK "Content-Length: 4\r\n\r\nevil",
		CIO_GET, 200, "ok", false},
	{"smuggled behind chunks", CHUNKED "2\r\nok\r\n0\r\n\r\n" SMALL,
		CIO_GET, 200, "ok", false},
	{"smuggled behind a HEAD", OK "Content-Length: 99\r\n\r\n" SMALL,
		CIO_HEAD, 200, "", false},
	{"too long", OK "Content-Length: 2\r\n\r\nok and more", CIO_GET, 200,
		"ok", false},
	{"a body for a HEAD", OK "Content-Length: 5\r\n\r\nhello", CIO_HEAD,
		200, "", false},
	{"chunks for a HEAD", CHUNKED "5\r\nhello\r\n0\r\n\r\n", CIO_HEAD, 200,
		"", false},
	{"no body for a HEAD", OK "Content-Length: 5\r\n\r\n", CIO_HEAD, 200,
		"", true},
	{"no chunks for a HEAD", CHUNKED, CIO_HEAD, 200, "", true},
	{"interim for a HEAD", CONTINUE OK "Content-Length: 5\r\n\r\n",
		CIO_HEAD, 200, "", true},
	{"204 with a body", "HTTP/1.1 204 No\r\n\r\nhello", CIO_GET, 204, "",
		false},
	{"304 with a body",
		"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\nhello", CIO_GET,
		304, "", false},
	{"an answer behind a 204", "HTTP/1.1 204 No\r\n\r\n" SMALL, CIO_GET,
		204, "", false},
	{"line ends behind", SMALL "\r\n\r\n", CIO_GET, 200, "ok", false},
	{"401 again and again", "HTTP/1.1 401 No\r\nContent-Length: 2\r\n"
		"WWW-Authenticate: Basic realm=\"x\"\r\n\r\nno", CIO_GET, 401,
		"no", true},
};

static void one_too_many(struct canned *c, size_t i, bool reader)
{
	cio_http_session *s = cio_http_session_open(NULL);
	struct answer a[] = {{.path = "/x", .text = extra[i].text}, {0}};
	cio_http_response r = {.keep_body = true};
	cio_http_request_options o = {.url = canned_url(c, "/x"),
		.method = extra[i].method};
	c->answers = a;
	int connections = c->connections;
	if (reader) {
		cio_http_reader *in;
		char text[64];
		CHECK_INT(cio_http_reader_open(&in, s, &o, &r), extra[i].status);
		ssize_t n = 0;
		size_t all = 0;
		while (r.status > 0 && all < sizeof text &&
			(n = cio_http_reader_read(in, text + all, 1)) > 0)
			all++;
		CHECK_INT(n, 0);
		CHECK(all == strlen(extra[i].body) &&
			memcmp(text, extra[i].body, all) == 0);
		if (r.status > 0)
			cio_http_reader_close(in);
	} else {
		CHECK_INT(cio_http_request_do(s, &o, &r), extra[i].status);
		CHECK(is_text(&r.body, extra[i].body));
	}
	while (c->answered < c->requests && cio_yield() == 0)
		continue;
	CHECK_INT(r.attempts, 1);
	next_is_right(c, s, extra[i].name);
	if (!CHECK_INT(c->connections - connections, extra[i].kept ? 1 : 2))
		printf("# %s\n", extra[i].name);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
}

static int extra_client(struct canned *c)
{
	static const unsigned hows[] = {0, BYTE_BY_BYTE, DELAYED};
	for (size_t i = 0; i < 6 * (sizeof extra / sizeof *extra); i++) {
		c->always = hows[i / 2 % 3];
		one_too_many(c, i / 6, i % 2);
	}
	return 0;
}

static int one_answer_too_many(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, extra_client);
}

/* Bytes that come before they were asked for are nobody's answer but the first
 * request's, and never the second's. */
static int hasty_client(struct canned *c)
{
	static const char *const greetings[] = {
		OK "Content-Length: 4\r\n\r\nevil",
		("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
		 "Content-Length: 0\r\n\r\n"),
		"220 mail.example.org ESMTP\r\n", "\r\n\r\n", "\0"};
	for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
		cio_http_session *s = cio_http_session_open(NULL);
		cio_http_response r = {.keep_body = true};
		c->greeting = greetings[i];
		int answered = c->answered;
		int status = ask(s, canned_url(c, "/echo"), &r);
		while (status == 200 && c->answered == answered &&
			cio_yield() == 0)
			continue;
		c->greeting = NULL;
		next_is_right(c, s, "an answer before the request");
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int answers_before_requests(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, hasty_client);
}

/* ---- 100 Continue, and what a server can make of it ---- */

static const struct {
	const char *path, *text;
	unsigned how;
	int result;
	bool body; /* was it sent? */
} games[] = {
	{"/early-417", "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", 0, 417,
		false},
	{"/early-final", SMALL, 0, 200, false},
	{"/early-cut", OK "Content-Length: 9\r\n\r\n", THEN_CLOSE, -ECONNRESET,
		false},
	{"/early-late", OK "Content-Length: 5\r\n\r\nhello", BYTE_BY_BYTE,
		200, false},
	{"/early-close", "", THEN_CLOSE, -ECONNRESET, false},
	{"/early-nothing", CONTINUE, THEN_HANG, -ETIMEDOUT, true},
	{"/early-hints", "HTTP/1.1 103 H\r\n\r\n", THEN_HANG, -ETIMEDOUT, true},
	{"/early-close-after", CONTINUE, THEN_CLOSE, -ECONNRESET, true},
	{"/after", CONTINUE SMALL, 0, 200, true},
	{"/after-many", CONTINUE CONTINUE CONTINUE SMALL, 0, 200, true},
	{"/early-flood", CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE
		CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE
		CONTINUE CONTINUE CONTINUE CONTINUE, THEN_HANG, -CIO_EPROTOCOL,
		true},
	{"/early-garbage", CONTINUE "what?\r\n\r\n", THEN_HANG, -CIO_EPROTOCOL,
		true},
};

struct told {
	cio_http_body body;
	int reads;
};

static ssize_t tell(cio_http_body *b, void *buf, size_t n)
{
	struct told *t = (struct told *)(void *)b;
	if (n < 5 || t->reads++ > 0)
		return 0;
	memcpy(buf, "hello", 5);
	return 5;
}

static int continue_client(struct canned *c)
{
	for (size_t i = 0; i < 2 * (sizeof games / sizeof *games); i++) {
		size_t k = i / 2;
		struct answer a[] = {{.path = games[k].path,
			.text = games[k].text, .how = games[k].how}, {0}};
		/* that it is not sent must not hang on the clock */
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.timeout = CIO_MS(200),
				.expect_timeout = games[k].body ? CIO_MS(10) :
								  CIO_S(60)});
		cio_http_response r = {.keep_body = true};
		struct told t = {.body = {.size = i % 2 ? -1 : 5, .read = tell}};
		cio_http_request_options o = {.method = CIO_PUT,
			.url = canned_url(c, games[k].path),
			.source = &t.body,
			.expect_continue = true};
		if (i % 2 == 1 && strncmp(games[k].path, "/early", 6) != 0)
			t.body.size = 5; /* it reads only such bodies */
		c->answers = a;
		if (!CHECK_INT(cio_http_request_do(s, &o, &r), games[k].result))
			printf("# %s: %s\n", games[k].path, cio_error_text());
		if (!games[k].body)
			CHECK_INT(t.reads, 0);
		if (strcmp(games[k].path, "/early-late") == 0)
			CHECK(is_text(&r.body, "hello"));
		next_is_right(c, s, games[k].path);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int continue_games(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, continue_client);
}

/* ---- where it leads ---- */

static int redirect_client(struct canned *c)
{
	static char huge[16000];
	strcpy(huge, "HTTP/1.1 302 R\r\nContent-Length: 0\r\nLocation: /");
	memset(huge + strlen(huge), 'x', 12000);
	strcat(huge, "\r\n\r\n");
	struct answer a[] = {
		{"/frag", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
			"Location: /frag#again\r\n\r\n", 0, 0, 0},
		{"/empty", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
			"Location: \r\n\r\n", 0, 0, 0},
		{"/query", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
			"Location: ?\r\n\r\n", 0, 0, 0},
		{"/split", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
			"Location: /a b\r\n\r\n", 0, 0, 0},
		{"/script", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
			"Location: javascript:alert(1)\r\n\r\n", 0, 0, 0},
		{"/file", "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
			"Location: file:///etc/passwd\r\n\r\n", 0, 0, 0},
		{"/huge", huge, 0, 0, 0}, {0}};
	static const struct {
		const char *path;
		int result;
	} ways[] = {{"/frag", -ELOOP}, {"/empty", 302}, {"/split", -CIO_EURL},
		{"/script", -CIO_EURL}, {"/file", -CIO_EURL}, {"/huge", -CIO_EURL}};
	cio_http_session *s = cio_http_session_open(NULL);
	c->answers = a;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		cio_http_response r = {0};
		if (!CHECK_INT(ask(s, canned_url(c, ways[i].path), &r),
			ways[i].result))
			printf("# %s: %s\n", ways[i].path, cio_error_text());
		if (ways[i].result < 0)
			CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT);
		next_is_right(c, s, ways[i].path);
		cio_http_response_finish(&r);
	}
	CHECK_INT(c->connections, 1);
	cio_http_session_close(s);
	return 0;
}

static int bad_ways(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, redirect_client);
}

/* What cannot be meant is as if it was not there. */
static int after_client(struct canned *c)
{
	static const char *const values[] = {"-5", "", "soon", "1e9", "0x10",
		"99999999999999999999999999", "0", "Thu, 01 Jan 1970 00:00:00 GMT",
		"Fri, 31 Dec 9999 23:59:59 GMT", "9223372036854775807", "5, 6"};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char text[200];
		snprintf(text, sizeof text, "HTTP/1.1 503 B\r\nRetry-After: %s"
			"\r\nContent-Length: 0\r\n\r\n", values[i]);
		struct answer a[] = {{"/after", text, 0, 1, 0},
			{"/after", SMALL, 0, 0, 0}, {0}};
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.retries = 1,
				.backoff = 1, .backoff_max = CIO_MS(1)});
		cio_http_response r = {0};
		c->answers = a;
		memset(c->used, 0, sizeof c->used);
		CHECK_INT(ask(s, canned_url(c, "/after"), &r), 200);
		CHECK_INT(r.attempts, 2);
		next_is_right(c, s, values[i]);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int retry_after_nonsense(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, after_client);
}

/* ---- no address to go from ---- */

static int nowhere(void *arg, const char *host, uint16_t port, cio_stream **out)
{
	(void)arg;
	(void)host;
	(void)port;
	(void)out;
	return -EADDRNOTAVAIL;
}

static int no_address_client(struct canned *c)
{
	cio_http_session_options o = {.dial = nowhere, .retries = 1,
		.backoff = 1};
	for (int real = 0; real < 2; real++) {
		cio_http_session *s = cio_http_session_open(&o);
		cio_http_response r = {0};
		const char *url = canned_url(c, "/echo");
		CHECK_INT(ask(s, url, &r), -EADDRNOTAVAIL);
		CHECK_INT(r.error, CIO_HTTP_ERROR_CONNECT);
		CHECK_INT(r.attempts, 2);
		CHECK(strstr(cio_error_text(), url) != NULL);
		CHECK(strstr(cio_error_text(), ": connect: ") != NULL);
		if (real)
			CHECK(strstr(cio_error_text(), "local_address 192.0.2.1")
				!= NULL);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
		if (strcmp(check_driver(), "sim") == 0)
			return 0; /* it has every address */
		o.dial = NULL;
		o.local_address = "192.0.2.1"; /* TEST-NET-1 */
	}
	return 0;
}

static int no_address(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, no_address_client);
}

RUNS(no_address)
RUNS(no_end)
RUNS(bombed)
RUNS(decoding_takes_turns)
RUNS(cut_pairs)
RUNS(one_answer_too_many)
RUNS(answers_before_requests)
RUNS(continue_games)
RUNS(bad_ways)
RUNS(retry_after_nonsense)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_no_address),
		cmocka_unit_test(run_no_end),
		cmocka_unit_test(run_bombed),
		cmocka_unit_test(run_decoding_takes_turns),
		cmocka_unit_test(run_cut_pairs),
		cmocka_unit_test(run_one_answer_too_many),
		cmocka_unit_test(run_answers_before_requests),
		cmocka_unit_test(run_continue_games),
		cmocka_unit_test(run_bad_ways),
		cmocka_unit_test(run_retry_after_nonsense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
