/* SPDX-License-Identifier: MIT */
/*
 * llhttp_fixtures.c - messages collected by the authors of another strict
 * parser, with the events that theirs gives
 *
 * Where they see an error, we must not take the input as whole messages. Where
 * they see none, we give the same events, or refuse because of a rule of ours
 * that `stricter` names. A request of HTTP/1.1 without Host gets one first,
 * so that the rest of it is tested and not only rule 20.
 */
#include "json_fixture.h"

#include "wire/chars.h"
#include "wire/http1.h"

struct fixture {
	cio_buf title, type, input, events; /* events: see span() */
	bool skip_body, error;
	size_t length; /* of the input, by the offsets in the log */
};

/* What we refuse and they do not. */
static const struct {
	const char *type, *title, *rule;
} stricter[] = {
	{"request", "No HTTP version",
	 "14: no HTTP/0.9"},
	{"request", "Trailing headers",
	 "10: framing, routing and content fields are no trailers"},
	{"request", "POST with `chunked` as last transfer-encoding",
	 "4 (and 13: '#')"},
	{"request", "POST with `chunked` as last transfer-encoding (multiple headers)",
	 "4 (and 13: '#')"},
	{"request", "Host terminated by a query string",
	 "20: contradicts our Host"},
	{"request", "`host:port` terminated by a query string",
	 "20: contradicts our Host"},
	{"request", "`host:port` terminated by a space",
	 "20: contradicts our Host"},
	{"request", "Fragment in URI",
	 "13: no '#' in targets"},
	{"request", "`host:port` and basic auth",
	 "13: no userinfo in targets"},
	{"request", "CRLF between requests, implicit `keep-alive`",
	 "16: two empty lines"},
	{"request", "M-SEARCH request",
	 "13: * only with OPTIONS"},
	{"request", "SOURCE request with ICE",
	 "14: not HTTP"},
	{"request", "OPTIONS request with RTSP",
	 "14: not HTTP"},
	{"request", "ANNOUNCE request with RTSP",
	 "14: not HTTP"},
	{"request", "curl GET",
	 "20: = in Host"},
	{"request", "Firefox GET",
	 "20: = in Host"},
	{"response", "HTTP 304 with Content-Length",
	 "16: an empty line in front"},
	{"response", "HTTP 100 first, then 400",
	 "16: an empty line in front"},
	{"response", "Should parse multiple events",
	 "16: an empty line in front"},
	{"response", "RTSP response",
	 "14: not HTTP"},
	{"response", "ICE response",
	 "14: not HTTP"},
	{"response", "HTTP version 0.9",
	 "14"},
	{"response", "Response starting with CRLF",
	 "16: an empty line in front"},
	{"response", "`chunked` before other transfer-encoding",
	 "4"},
	{"response", "multiple transfer-encoding where chunked is not the last one",
	 "4"},
	{"response", "`chunkedchunked` transfer-encoding does not enable chunked enconding",
	 "4"},
};

static void put(cio_buf *b, const char *mark, cio_str s, const char *end)
{
	assert_int_equal(cio_buf_puts(b, mark), 0);
	assert_int_equal(cio_buf_append(b, s.p, s.n), 0);
	assert_int_equal(cio_buf_puts(b, end), 0);
}

/* ---- their events: a line each, body bytes as they are ---- */

static const char *mark_of(const char *span)
{
	static const char *const marks[][2] = {
		{"span[method]", "M "},	      {"span[url]", "U "},
		{"span[status]", "S "},	      {"span[header_field]", "F "},
		{"span[header_value]", "V "}, {"span[body]", ""}};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (strncmp(span, marks[i][0], strlen(marks[i][0])) == 0)
			return marks[i][1];
	}
	return NULL;
}

/* Blanks at the end are left to llhttp's caller; the log has \t for a tab. */
static cio_str trimmed(cio_str s)
{
	s = cio__trim(s);
	while (s.n >= 2 && memcmp(s.p + s.n - 2, "\\t", 2) == 0)
		s = cio__trim((cio_str){s.p, s.n - 2});
	return s;
}

static void span(struct fixture *f, cio_str line, const char *at, bool head)
{
	const char *mark = mark_of(at);
	const char *value = strchr(at, '=');

	if (mark == NULL || value == NULL)
		return;
	value++;
	cio_str s = {value, (size_t)(line.p + line.n - value)};
	if (cio_str_equal(s, cio_str_of("cr")))
		s = cio_str_of("\r");
	else if (cio_str_equal(s, cio_str_of("lf")))
		s = cio_str_of("\n");
	else
		s = (cio_str){s.p + 1, s.n - 2};
	if (mark[0] == '\0')
		put(&f->events, "", s, "");
	else if (head)
		put(&f->events, mark, trimmed(s), "\n");
}

/* "off=12 len=3 span[url]="/ab"", "off=15 headers complete ..." and so on;
 * fields between the end of head and message are trailers. */
static void log_line(struct fixture *f, cio_str line, bool *head)
{
	size_t at = strtoul(line.p + strlen("off="), NULL, 10);
	const char *found = strstr(line.p, "span[");

	if (strstr(line.p, "error code") == NULL && at > f->length)
		f->length = at;
	if (found != NULL)
		span(f, line, found, *head);
	else if (strstr(line.p, "headers complete") != NULL)
		*head = false;
	else if (strstr(line.p, "message complete") != NULL)
		put(&f->events, "", (cio_str){0}, "\nEND\n");
	if (strstr(line.p, "message begin") != NULL)
		*head = true;
}

static void read_log(struct json *j, struct fixture *f)
{
	cio_buf line = {0};
	bool head = true;

	assert_true(json_take(j, '['));
	while (!json_take(j, ']')) {
		json_string(j, &line);
		log_line(f, cio_buf_view(&line), &head);
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
		if (strcmp(key.p, "type") == 0) {
			json_string(j, &f->type);
		} else {
			f->skip_body |= strcmp(key.p, "skipBody") == 0;
			json_skip(j);
		}
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
		if (strcmp(key.p, "title") == 0) {
			json_string(j, &f->title);
		} else if (strcmp(key.p, "input") == 0) {
			json_string(j, &f->input);
		} else if (strcmp(key.p, "meta") == 0) {
			read_meta(j, f);
		} else if (strcmp(key.p, "log") == 0) {
			read_log(j, f);
		} else {
			f->error |= strcmp(key.p, "error") == 0 &&
				    json_peek(j) != 'n';
			json_skip(j);
		}
		json_take(j, ',');
	}
	cio_buf_finish(&key);
}

static void finish(struct fixture *f)
{
	cio_buf_finish(&f->title);
	cio_buf_finish(&f->type);
	cio_buf_finish(&f->input);
	cio_buf_finish(&f->events);
}

/* The collection has lost the last line end of inputs that end with a head;
 * the offsets of the log tell. */
static void mend_end(struct fixture *f)
{
	while (f->input.n < f->length)
		put(&f->input, "", cio_str_of("\r\n"), "");
}

static bool contains_nocase(cio_str s, const char *text)
{
	size_t n = strlen(text);
	for (size_t i = 0; i + n <= s.n; i++) {
		if (cio__is((cio_str){s.p + i, n}, text))
			return true;
	}
	return false;
}

#define OUR_HOST "Host: our.host\r\n"

static void add_host(struct fixture *f)
{
	static const char line_end[] = " HTTP/1.1\r\n";
	cio_buf with = {0};
	cio_str rest = cio_buf_view(&f->input);

	if (contains_nocase(rest, "\nhost"))
		return;
	for (const char *at; (at = strstr(rest.p, line_end)) != NULL;) {
		size_t n = (size_t)(at - rest.p) + strlen(line_end);
		put(&with, "", (cio_str){rest.p, n}, OUR_HOST);
		rest = cio__after(rest, n);
	}
	put(&with, "", rest, "");
	cio_buf_finish(&f->input);
	f->input = with;
}

/* ---- our events ---- */

struct ours {
	cio_buf events;
	bool refused; /* or given up by any caller: close, upgrade */
	bool whole;   /* the input ended where a message did */
	const char *why;
};

static void head(struct ours *o, const struct http1_parser *p)
{
	if (p->kind == HTTP1_REQUEST) {
		put(&o->events, "M ", p->method, "\n");
		put(&o->events, "U ", p->target, "\n");
	} else if (p->reason.n > 0) {
		put(&o->events, "S ", cio__trim(p->reason), "\n");
	}
	for (size_t i = 0; i < p->n_headers; i++) {
		if (cio__is(p->headers[i].value, "our.host"))
			continue;
		put(&o->events, "F ", p->headers[i].name, "\n");
		put(&o->events, "V ", p->headers[i].value, "\n");
	}
}

static void message_end(struct ours *o, struct http1_parser *p, bool last)
{
	put(&o->events, "", (cio_str){0}, "\nEND\n");
	o->whole = last;
	o->refused = p->upgrade || (!p->keep_alive && !last);
	o->why = "closed or upgraded";
	cio__http1_reset(p);
}

static struct ours parse(const struct fixture *f)
{
	struct http1_header headers[100];
	struct http1_parser p;
	struct ours o = {.whole = false};
	size_t at = 0;

	bool request = strcmp(f->type.p, "request") == 0;
	cio__http1_init(&p, request ? HTTP1_REQUEST : HTTP1_RESPONSE, headers,
			100, NULL);
	if (!request && f->skip_body)
		cio__http1_answers(&p, HTTP1_TO_HEAD);
	for (;;) {
		size_t used;
		cio_str data;
		enum http1_event e = cio__http1_next(
			&p, f->input.p + at, f->input.n - at, &used, &data);
		at += used;
		if (e == HTTP1_HEAD) {
			head(&o, &p);
		} else if (e == HTTP1_DATA) {
			put(&o.events, "", data, "");
		} else if (e == HTTP1_END) {
			message_end(&o, &p, at == f->input.n);
			if (o.refused || o.whole)
				return o;
		} else {
			o.refused = e == HTTP1_ERROR;
			o.whole = !o.refused && p.until_close;
			o.why = p.error;
			return o;
		}
	}
}

static size_t ends(const cio_buf *b)
{
	size_t n = 0;
	for (const char *p = b->p; p != NULL && (p = strstr(p, "\nEND\n"));)
		n++, p++;
	return n;
}

static bool same(const cio_buf *theirs, const cio_buf *ours)
{
	return ours->n <= theirs->n && ends(theirs) == ends(ours) &&
	       (ours->n == 0 || memcmp(theirs->p, ours->p, ours->n) == 0);
}

/* How many of the list have been met: a rule that is no longer enforced must
 * not go unnoticed. */
static size_t n_stricter;

static bool listed(const struct fixture *f)
{
	for (size_t i = 0; i < sizeof stricter / sizeof stricter[0]; i++) {
		if (strcmp(stricter[i].type, f->type.p) == 0 &&
		    strcmp(stricter[i].title, f->title.p) == 0) {
			n_stricter++;
			return true;
		}
	}
	return false;
}

/* Returns whether it is as it should be, saying so if not. */
static bool check(struct fixture *f)
{
	mend_end(f);
	if (strcmp(f->type.p, "request") == 0)
		add_host(f);
	struct ours o = parse(f);
	bool good;

	if (f->error)
		good = o.refused || !o.whole;
	else if (o.refused)
		good = listed(f);
	else
		good = same(&f->events, &o.events);
	if (!good)
		print_message("%s \"%s\": %s\n--- input\n%s\n--- theirs\n%s\n"
			      "--- ours\n%s\n",
			      f->type.p, f->title.p, o.why, f->input.p,
			      f->error ? "an error" : f->events.p, o.events.p);
	cio_buf_finish(&o.events);
	return good;
}

static void test_llhttp_fixtures(void **state)
{
	cio_buf text = json_corpus("llhttp-fixtures.json");
	int bad = 0, checked = 0;

	(void)state;
	if (text.n == 0)
		skip();
	struct json j = {text.p};
	assert_true(json_take(&j, '['));
	while (!json_take(&j, ']')) {
		struct fixture f = {.length = 0};
		read_fixture(&j, &f);
		bool request = strcmp(f.type.p, "request") == 0;
		/* Requests without the body they announce: not for us. */
		if ((request && !f.skip_body) ||
		    strcmp(f.type.p, "response") == 0) {
			checked++;
			bad += !check(&f);
		}
		finish(&f);
		json_take(&j, ',');
	}
	cio_buf_finish(&text);
	print_message("%d fixtures, %d wrong\n", checked, bad);
	assert_true(checked > 100);
	assert_int_equal(bad, 0);
	assert_int_equal(n_stricter, sizeof stricter / sizeof stricter[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_llhttp_fixtures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
