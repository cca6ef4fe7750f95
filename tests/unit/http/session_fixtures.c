/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_fixtures.c - answers collected by the authors of a strict parser,
 * through the whole client
 *
 * Each is sent as it is, and then the connection is closed. Where their parser
 * completed the first final answer the request has it; where it met an error
 * before, or the end, the request fails. What we refuse and they do not is
 * listed.
 */
#include "canned.h"

#include "unit/wire/json_fixture.h"

struct fixture {
	cio_buf title, type, input;
	bool to_head;
	/* from their log, up to the first final answer's end */
	size_t length;
	int status;
	bool whole, failed, until_close;
	cio_buf body;
};

/* What we refuse and they do not; the rules are those of wire/http1.c. */
static const char *const stricter[] = {
	"HTTP 304 with Content-Length", "HTTP 100 first, then 400",
	"Should parse multiple events", "RTSP response", "ICE response",
	"HTTP version 0.9", "Response starting with CRLF",
	"`chunked` before other transfer-encoding",
	"multiple transfer-encoding where chunked is not the last one",
	"`chunkedchunked` transfer-encoding does not enable chunked enconding",
};

static bool is_stricter(const struct fixture *f)
{
	for (size_t i = 0; i < sizeof stricter / sizeof *stricter; i++)
		if (strcmp(stricter[i], f->title.p) == 0)
			return true;
	return false;
}

/* ---- their log ---- */

static void note_body(struct fixture *f, const char *value, const char *end)
{
	if (strncmp(value, "cr", 3) == 0 || strncmp(value, "lf", 3) == 0)
		value = value[0] == 'c' ? "\"\r\"" : "\"\n\"", end = value + 3;
	assert_int_equal(cio_buf_append(&f->body, value + 1,
		(size_t)(end - value) - 2), 0);
}

static void log_line(struct fixture *f, const cio_buf *line)
{
	size_t at = strtoul(line->p + strlen("off="), NULL, 10);
	const char *status = strstr(line->p, "headers complete status=");
	const char *body = strstr(line->p, "span[body]=");
	bool error = strstr(line->p, "error code") != NULL;
	if (!error && at > f->length)
		f->length = at;
	if (f->whole || f->failed)
		return;
	if (error) {
		f->failed = true;
	} else if (status != NULL) {
		f->status = atoi(strchr(status, '=') + 1);
		const char *flags = strstr(status, "flags=");
		unsigned long bits = strtoul(flags + 6, NULL, 16);
		f->until_close = (bits & 0x28) == 0; /* chunks, length */
	} else if (body != NULL && f->status >= 200) {
		note_body(f, strchr(body, '=') + 1, line->p + line->n);
	} else if (strstr(line->p, "message complete") != NULL) {
		f->whole = f->status >= 200;
	}
}

static void read_log(struct json *j, struct fixture *f)
{
	cio_buf line = {0};
	assert_true(json_take(j, '['));
	while (!json_take(j, ']')) {
		json_string(j, &line);
		log_line(f, &line);
		json_take(j, ',');
	}
	cio_buf_finish(&line);
}

static void read_meta(struct json *j, struct fixture *f)
{
	cio_buf key = {0};
	assert_true(json_take(j, '{'));
	while (!json_take(j, '}')) {
		json_string(j, &key);
		assert_true(json_take(j, ':'));
		f->to_head |= strcmp(key.p, "skipBody") == 0;
		if (strcmp(key.p, "type") == 0)
			json_string(j, &f->type);
		else
			json_skip(j);
		json_take(j, ',');
	}
	cio_buf_finish(&key);
}

static void read_fixture(struct json *j, struct fixture *f)
{
	cio_buf key = {0};
	assert_true(json_take(j, '{'));
	while (!json_take(j, '}')) {
		json_string(j, &key);
		assert_true(json_take(j, ':'));
		if (strcmp(key.p, "title") == 0)
			json_string(j, &f->title);
		else if (strcmp(key.p, "input") == 0)
			json_string(j, &f->input);
		else if (strcmp(key.p, "meta") == 0)
			read_meta(j, f);
		else if (strcmp(key.p, "log") == 0)
			read_log(j, f);
		else
			json_skip(j);
		json_take(j, ',');
	}
	/* the collection has lost some last line ends; the log's offsets tell */
	while (f->input.n < f->length)
		assert_int_equal(cio_buf_puts(&f->input, "\r\n"), 0);
	cio_buf_finish(&key);
}

static void finish(struct fixture *f)
{
	cio_buf_finish(&f->title);
	cio_buf_finish(&f->type);
	cio_buf_finish(&f->input);
	cio_buf_finish(&f->body);
}

/* ---- through the client ---- */

struct corpus {
	struct canned c; /* first: the client is given its address */
	struct fixture f[200];
	int n, good, bad, refused;
};

static void one(struct corpus *k, const struct fixture *f, unsigned how)
{
	struct canned *c = &k->c;
	struct answer a[] = {{.path = "/x", .text = f->input.p,
		.cut = f->input.n + 1, .how = THEN_CLOSE | how}, {0}};
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {.keep_body = true};
	c->answers = a;
	int result = cio_http_request_do(s, &(cio_http_request_options){
		.method = f->to_head ? CIO_HEAD : CIO_GET,
		.url = canned_url(c, "/x"), .max_redirects = -1}, &r);
	bool pass = !f->failed && f->status >= 200 && f->status != 101 &&
		(f->whole || f->until_close);
	bool fine = pass ? result == f->status &&
			r.body.n == f->body.n && (r.body.n == 0 ||
			memcmp(r.body.p, f->body.p, r.body.n) == 0) :
			result == -CIO_EPROTOCOL || result == -ECONNRESET;
	if (!fine && is_stricter(f) && result == -CIO_EPROTOCOL) {
		fine = true;
		k->refused++;
	}
	if (!CHECK(fine))
		printf("# \"%s\": %d (%s), theirs %d whole %d failed %d until "
			"close %d\n# body \"%.*s\"\n# theirs \"%.*s\"\n",
			f->title.p, result, cio_error_text(), f->status,
			f->whole, f->failed, f->until_close, (int)r.body.n,
			r.body.p, (int)f->body.n, f->body.p);
	CHECK(result >= 200 || r.body.n == 0);
	k->good += result >= 200;
	k->bad += result < 0;
	while (c->open > 0 && cio_yield() == 0)
		continue;
	/* it was closed; and whatever stood behind is nobody's answer */
	cio_buf body = {0};
	CHECK_INT(cio_http_get(s, canned_url(c, "/echo"), &body), 200);
	CHECK(is_text(&body, "/echo"));
	cio_buf_finish(&body);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
}

static int corpus_client(struct canned *c)
{
	struct corpus *k = (struct corpus *)(void *)c;
	for (int i = 0; i < k->n; i++) {
		one(k, &k->f[i], 0);
		one(k, &k->f[i], BYTE_BY_BYTE);
	}
	return 0;
}

static int through(void *arg)
{
	struct corpus *k = arg;
	return canned_run(&k->c, corpus_client);
}

static void fixtures(void **state)
{
	(void)state;
	cio_buf text = json_corpus("llhttp-fixtures.json");
	if (text.n == 0)
		skip();
	struct corpus *k = calloc(1, sizeof *k);
	struct json j = {text.p};
	assert_true(json_take(&j, '['));
	while (!json_take(&j, ']')) {
		struct fixture *f = &k->f[k->n];
		assert_true(k->n < 199);
		*f = (struct fixture){0};
		read_fixture(&j, f);
		if (f->type.p != NULL && strcmp(f->type.p, "response") == 0)
			k->n++;
		else
			finish(f);
		json_take(&j, ',');
	}
	cio_buf_finish(&text);
	assert_int_equal(check_run(through, k), 0);
	print_message("# %d answers twice: %d read, %d refused, %d of them by "
		"rules of ours\n", k->n, k->good, k->bad, k->refused);
	assert_true(k->n > 30 && k->good > 20 && k->bad > 20);
	for (int i = 0; i < k->n; i++)
		finish(&k->f[i]);
	free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
