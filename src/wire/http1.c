/* SPDX-License-Identifier: MIT */
/*
 * http1.c - events out of bytes
 *
 * Everything but body bytes is a line: the first line, headers, chunk sizes,
 * trailers. A line is looked at only when all of it is there, and judged by
 * its bytes alone; that is why splits of the input cannot matter. The search
 * for its end goes on where it stopped (`scanned`), so that no byte is
 * searched twice. Length limits are checked in such a way that a line of n
 * bytes so far and a complete line beyond the limit get the same answer.
 *
 * While the head is incomplete nothing is used and `line` moves through the
 * buffer; afterwards lines are used one by one and `line` stays 0.
 *
 * A line ends with CRLF. A lone LF or CR is refused everywhere, in responses
 * as well: there must be one opinion about where a line ends.
 */
#include "wire/http1.h"

#include <assert.h>

#include "wire/chars.h"
#include "wire/http1_head.h"

enum state {
	FIRST_LINE,
	HEADERS,
	BODY_LENGTH, /* `left` more bytes, more than 0 */
	BODY_CLOSE,
	CHUNK_SIZE,
	CHUNK_DATA, /* `left` more bytes, more than 0 */
	CHUNK_END,
	TRAILERS,
	DONE,
	FAILED,
};

/* What is left of the caller's input. */
struct cursor {
	const char *in;
	size_t n;
};

enum line { LINE_READY, LINE_MORE, LINE_LONG, LINE_BAD };

static size_t or_default(size_t n, size_t otherwise)
{
	return n != 0 ? n : otherwise;
}

void cio__http1_init(struct http1_parser *p, enum http1_kind kind,
		     struct http1_header *headers, size_t max_headers,
		     const struct http1_limits *limits)
{
	struct http1_limits l = {0};
	if (limits != NULL)
		l = *limits;
	*p = (struct http1_parser){
		.kind = kind,
		.headers = headers,
		.max_headers = max_headers,
		.content_length = -1,
		.limits = {
			.head = or_default(l.head, HTTP1_HEAD_BYTES),
			.target = or_default(l.target, HTTP1_TARGET_BYTES),
			.extensions = or_default(l.extensions,
						 HTTP1_EXTENSION_BYTES),
			.trailers = or_default(l.trailers,
					       HTTP1_TRAILER_BYTES),
			.body = l.body,
		},
	};
}

void cio__http1_reset(struct http1_parser *p)
{
	enum http1_answers answers = p->answers;
	struct http1_limits limits = p->limits;

	cio__http1_init(p, p->kind, p->headers, p->max_headers, &limits);
	p->answers = answers;
}

void cio__http1_answers(struct http1_parser *p, enum http1_answers answers)
{
	assert(p->kind == HTTP1_RESPONSE && p->state == FIRST_LINE);
	p->answers = answers;
}

bool cio__http1_refuse(struct http1_parser *p, int status, const char *text)
{
	p->error_status = status;
	p->error = text;
	p->state = FAILED;
	return false;
}

static enum http1_event fail(struct http1_parser *p, int status,
			     const char *text)
{
	cio__http1_refuse(p, status, text);
	return HTTP1_ERROR;
}

static void advance(struct http1_parser *p, struct cursor *c, size_t n)
{
	assert(n <= c->n);
	if (n > 0)
		c->in += n;
	c->n -= n;
	p->scanned = 0;
}

/* Find the line at p->line, which may have `max` bytes with its CRLF; set
 * `line` without it, and p->scanned to where the next line begins. */
static enum line find_line(struct http1_parser *p, const struct cursor *c,
			   size_t max, cio_str *line)
{
	const char *end = NULL;
	if (p->scanned < c->n)
		end = memchr(c->in + p->scanned, '\n', c->n - p->scanned);
	size_t stop = end != NULL ? (size_t)(end - c->in) + 1 : c->n;
	size_t n = stop - p->line;

	if (n > max)
		return LINE_LONG;
	if (end == NULL) {
		p->scanned = c->n;
		return LINE_MORE;
	}
	if (n < 2 || end[-1] != '\r') {
		cio__http1_refuse(p, 400, "line ends with LF, not CRLF");
		return LINE_BAD;
	}
	*line = (cio_str){c->in + p->line, n - 2};
	p->scanned = stop;
	return LINE_READY;
}

/* So that a TLS hello or plain garbage is answered at once. */
static bool plausible(const struct http1_parser *p, char first)
{
	if (p->kind == HTTP1_RESPONSE)
		return first == 'H';
	return first == '\r' || cio__char_is(first, CHAR_TOKEN);
}

static size_t first_line_max(const struct http1_parser *p)
{
	size_t max = HTTP1_METHOD_BYTES + p->limits.target +
		     sizeof "  HTTP/1.1\r\n" - 1;
	if (p->kind == HTTP1_RESPONSE || max > p->limits.head)
		return p->limits.head;
	return max;
}

static enum http1_event event_of(struct http1_parser *p, enum line found,
				 int status, const char *too_long)
{
	if (found == LINE_LONG)
		return fail(p, status, too_long);
	return found == LINE_MORE ? HTTP1_MORE : HTTP1_ERROR;
}

/* HTTP1_HEAD stands for "went well" here. */
static enum http1_event first_line(struct http1_parser *p, struct cursor *c)
{
	cio_str line;

	if (c->n > 0 && !plausible(p, c->in[0]))
		return fail(p, 400, "not HTTP");
	enum line found = find_line(p, c, first_line_max(p), &line);
	if (found != LINE_READY && p->kind == HTTP1_REQUEST)
		return event_of(p, found, 414, "request line is too long");
	if (found != LINE_READY)
		return event_of(p, found, 431, "status line is too long");

	/* Old clients send a CRLF after a body: one is ignored (9112 2.2). */
	if (line.n == 0 && !p->skipped_crlf) {
		p->skipped_crlf = true;
		advance(p, c, 2);
		return first_line(p, c);
	}
	if (line.n == 0)
		return fail(p, 400, "empty line instead of a request");
	if (!cio__http1_first_line(p, line, p->line))
		return HTTP1_ERROR;
	p->line = p->scanned;
	p->state = HEADERS;
	return HTTP1_HEAD;
}

static enum state body_state(const struct http1_parser *p)
{
	if (!p->has_body)
		return DONE;
	if (p->chunked)
		return CHUNK_SIZE;
	return p->until_close ? BODY_CLOSE : BODY_LENGTH;
}

static enum http1_event conclude(struct http1_parser *p, struct cursor *c)
{
	if (!cio__http1_conclude(p, c->in))
		return HTTP1_ERROR;
	p->state = (int)body_state(p);
	p->left = p->content_length > 0 ? (uint64_t)p->content_length : 0;
	advance(p, c, p->scanned);
	p->line = 0;
	return HTTP1_HEAD;
}

static enum http1_event head(struct http1_parser *p, struct cursor *c)
{
	enum http1_event e =
		p->state == FIRST_LINE ? first_line(p, c) : HTTP1_HEAD;

	while (e == HTTP1_HEAD) {
		cio_str line;
		enum line found =
			find_line(p, c, p->limits.head - p->line, &line);
		if (found != LINE_READY)
			return event_of(p, found, 431, "head is too long");
		if (line.n == 0)
			return conclude(p, c);
		if (!cio__http1_header_line(p, line, p->line))
			return HTTP1_ERROR;
		p->line = p->scanned;
	}
	return e;
}

/* Pass on up to `most` bytes of body. */
static enum http1_event give(struct http1_parser *p, struct cursor *c,
			     uint64_t most, cio_str *data)
{
	if (c->n == 0)
		return HTTP1_MORE;
	size_t n = c->n < most ? c->n : (size_t)most;
	*data = (cio_str){c->in, n};
	p->body += n;
	advance(p, c, n);
	return HTTP1_DATA;
}

static enum http1_event give_left(struct http1_parser *p, struct cursor *c,
				  enum state next, cio_str *data)
{
	enum http1_event e = give(p, c, p->left, data);
	if (e == HTTP1_DATA)
		p->left -= data->n;
	if (p->left == 0)
		p->state = (int)next;
	return e;
}

static enum http1_event give_until_close(struct http1_parser *p,
					 struct cursor *c, cio_str *data)
{
	uint64_t room = UINT64_MAX;
	if (p->limits.body > 0)
		room = p->limits.body - p->body;
	if (room == 0 && c->n > 0)
		return fail(p, 413, "body is too large");
	return give(p, c, room, data);
}

/* The length of a quoted string at the beginning of s, 0 if it is not one. */
static size_t quoted(cio_str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

/* *( ";" token [ "=" ( token / quoted-string ) ] ), without blanks: RFC 9112
 * 7.1.1 tolerates blanks there, and parsers differ about them. */
static bool extensions_ok(cio_str s)
{
	if (!cio__all(s, CHAR_VALUE))
		return false;
	while (s.n > 0) {
		if (s.p[0] != ';')
			return false;
		s = cio__after(s, 1);
		size_t n = cio__span(s, CHAR_TOKEN);
		if (n == 0)
			return false;
		s = cio__after(s, n);
		if (s.n == 0 || s.p[0] != '=')
			continue;
		s = cio__after(s, 1);
		n = s.n > 0 && s.p[0] == '"' ? quoted(s)
					      : cio__span(s, CHAR_TOKEN);
		if (n == 0)
			return false;
		s = cio__after(s, n);
	}
	return true;
}

static bool chunk_line(struct http1_parser *p, cio_str line)
{
	size_t digits = cio__span(line, CHAR_HEX);
	uint64_t size = 0;

	for (size_t i = 0; i < digits && i < 16; i++)
		size = size << 4 | cio__hex(line.p[i]);
	if (digits == 0 || digits > 16 || size > INT64_MAX)
		return cio__http1_refuse(p, 400, "malformed chunk size");
	if (!extensions_ok(cio__after(line, digits)))
		return cio__http1_refuse(p, 400, "malformed chunk extension");
	p->extensions += line.n - digits;
	if (p->extensions > p->limits.extensions)
		return cio__http1_refuse(p, 413, "chunk extensions too long");
	if (p->limits.body > 0 && size > p->limits.body - p->body)
		return cio__http1_refuse(p, 413, "body is too large");
	p->left = size;
	p->state = size > 0 ? CHUNK_DATA : TRAILERS;
	return true;
}

static enum http1_event chunk_size(struct http1_parser *p, struct cursor *c)
{
	size_t room = p->limits.extensions - p->extensions;
	cio_str line;

	enum line found = find_line(p, c, 16 + room + 2, &line);
	if (found != LINE_READY)
		return event_of(p, found, 413, "chunk extensions too long");
	if (!chunk_line(p, line))
		return HTTP1_ERROR;
	advance(p, c, p->scanned);
	return HTTP1_HEAD;
}

static enum http1_event chunk_end(struct http1_parser *p, struct cursor *c)
{
	if (c->n >= 1 && c->in[0] != '\r')
		return fail(p, 400, "chunk is longer than its size");
	if (c->n < 2)
		return HTTP1_MORE;
	if (c->in[1] != '\n')
		return fail(p, 400, "chunk does not end with CRLF");
	p->state = CHUNK_SIZE;
	advance(p, c, 2);
	return HTTP1_HEAD;
}

/* What may not come after the body, because it was needed before it: fields
 * of framing, routing, authentication, control and content (9110 6.5.1). */
static bool forbidden_trailer(cio_str name)
{
	static const char *const names[] = {
		"Authorization",       "Cache-Control",
		"Connection",          "Content-Encoding",
		"Content-Length",      "Content-Range",
		"Content-Type",        "Cookie",
		"Expect",              "Forwarded",
		"Host",                "Keep-Alive",
		"Location",            "Max-Forwards",
		"Proxy-Authenticate",  "Proxy-Authorization",
		"Proxy-Connection",    "Range",
		"Set-Cookie",          "TE",
		"Trailer",             "Transfer-Encoding",
		"Upgrade",             "WWW-Authenticate",
		"X-Forwarded-For",     "X-Forwarded-Host",
		"X-Forwarded-Proto",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (cio__is(name, names[i]))
			return true;
	}
	return false;
}

static enum http1_event trailer(struct http1_parser *p, struct cursor *c)
{
	struct http1_header h;
	cio_str line;

	enum line found =
		find_line(p, c, p->limits.trailers - p->trailers, &line);
	if (found != LINE_READY)
		return event_of(p, found, 431, "trailers are too long");
	if (line.n == 0)
		p->state = DONE;
	else if (!cio__http1_split(p, line, &h))
		return HTTP1_ERROR;
	else if (forbidden_trailer(h.name))
		return fail(p, 400, "this header is forbidden as a trailer");
	p->trailers += p->scanned;
	advance(p, c, p->scanned);
	return HTTP1_HEAD;
}

/* One step; HTTP1_HEAD means that the next step can be taken. */
static enum http1_event body_step(struct http1_parser *p, struct cursor *c,
				  cio_str *data)
{
	switch ((enum state)p->state) {
	case BODY_LENGTH:
		return give_left(p, c, DONE, data);
	case BODY_CLOSE:
		return give_until_close(p, c, data);
	case CHUNK_SIZE:
		return chunk_size(p, c);
	case CHUNK_DATA:
		return give_left(p, c, CHUNK_END, data);
	case CHUNK_END:
		return chunk_end(p, c);
	case TRAILERS:
		return trailer(p, c);
	case DONE:
		return HTTP1_END;
	case FIRST_LINE:
	case HEADERS:
	case FAILED:
		break;
	}
	return HTTP1_ERROR;
}

enum http1_event cio__http1_next(struct http1_parser *p, const char *in,
				 size_t n, size_t *used, cio_str *data)
{
	struct cursor c = {in, n};
	enum http1_event e;

	assert(in != NULL || n == 0);
	if (p->state == FIRST_LINE || p->state == HEADERS) {
		e = head(p, &c);
	} else {
		do
			e = body_step(p, &c, data);
		while (e == HTTP1_HEAD);
	}
	*used = n - c.n;
	return e;
}

enum http1_event cio__http1_eof(struct http1_parser *p)
{
	if (p->state == BODY_CLOSE)
		p->state = DONE;
	if (p->state == DONE)
		return HTTP1_END;
	if (p->state != FAILED)
		cio__http1_refuse(p, 400,
				  cio__http1_idle(p)
					  ? "connection closed before a message"
					  : "connection closed within a message");
	return HTTP1_ERROR;
}

bool cio__http1_idle(const struct http1_parser *p)
{
	return p->state == FIRST_LINE && p->scanned == 0;
}
