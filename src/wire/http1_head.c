/* SPDX-License-Identifier: MIT */
/*
 * http1_head.c - first line and headers of an HTTP/1.1 message
 *
 * Lines are checked one by one as they arrive; what takes several lines to
 * judge (framing, Host) is judged once, when the head is complete. Whatever
 * two programs might read differently is refused, because that difference is
 * what request smuggling is made of (RFC 9112 11.2):
 *
 *  - Content-Length with Transfer-Encoding, or either of them twice, even if
 *    equal; a length that is not plain digits; a coding that is not exactly
 *    "chunked"; a coding in HTTP/1.0 (6.1, 6.3);
 *  - blanks before the colon, continued lines, empty names (5.1, 5.2);
 *  - control bytes anywhere, HTAB in values excepted (RFC 9110 5.5);
 *  - more than one blank in the first line, versions other than 1.0 and 1.1;
 *  - no Host, two Hosts, or one that contradicts the target (3.2).
 */
#include "wire/http1_head.h"

#include "wire/authority.h"
#include "wire/chars.h"

/* What the headers say together. */
struct summary {
	unsigned hosts, lengths, codings;
	cio_str host, length, coding;
	bool close, keep_alive;      /* tokens of Connection */
	bool upgrade_token, upgrade; /* of Connection; the header itself */
	bool expect, expect_other;
};

bool cio__http1_is_token(cio_str s)
{
	return s.n > 0 && cio__all(s, CHAR_TOKEN);
}

bool cio__http1_is_value(cio_str s)
{
	return cio__all(s, CHAR_VALUE) && cio__trim(s).n == s.n;
}

const struct http1_header *cio__http1_find(const struct http1_header *headers,
					   size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (cio__is(headers[i].name, name))
			return &headers[i];
	}
	return NULL;
}

bool cio__http1_has_token(cio_str value, const char *token)
{
	while (value.n > 0) {
		const char *comma = memchr(value.p, ',', value.n);
		size_t n = comma != NULL ? (size_t)(comma - value.p) : value.n;
		if (cio__is(cio__trim((cio_str){value.p, n}), token))
			return true;
		value = cio__after(value, comma != NULL ? n + 1 : n);
	}
	return false;
}

/* An offset in the place of a pointer, and back. */
static cio_str http1_at(size_t offset, size_t n)
{
	return (cio_str){(const char *)(uintptr_t)offset, n};
}

static void place(cio_str *s, const char *in)
{
	s->p = in + (uintptr_t)s->p;
}

/* "HTTP/1.1" or "HTTP/1.0" and nothing else (9112 2.3). */
static bool version(struct http1_parser *p, cio_str s)
{
	if (s.n == 8 && memcmp(s.p, "HTTP/1.", 7) == 0 &&
	    (s.p[7] == '0' || s.p[7] == '1')) {
		p->minor = s.p[7] - '0';
		return true;
	}
	bool http = s.n > 5 && memcmp(s.p, "HTTP/", 5) == 0;
	for (size_t i = 5; http && i < s.n; i++)
		http = s.p[i] == '.' || cio__char_is(s.p[i], CHAR_DIGIT);
	if (http)
		return cio__http1_refuse(p, 505, "version is not 1.0 or 1.1");
	return cio__http1_refuse(p, 400, "malformed HTTP version");
}

static bool request_line(struct http1_parser *p, cio_str line, size_t at)
{
	size_t method = cio__span(line, CHAR_TOKEN);
	if (method == 0 || method == line.n || line.p[method] != ' ')
		return cio__http1_refuse(p, 400, "malformed method");
	if (method > HTTP1_METHOD_BYTES)
		return cio__http1_refuse(p, 501, "method is too long");

	cio_str rest = cio__after(line, method + 1);
	size_t target = cio__span(rest, CHAR_TARGET);
	if (target == 0)
		return cio__http1_refuse(p, 400, "no request target");
	if (target == rest.n)
		return cio__http1_refuse(p, 400, "no HTTP version");
	if (rest.p[target] != ' ')
		return cio__http1_refuse(p, 400, "bad byte in request target");
	if (target > p->limits.target)
		return cio__http1_refuse(p, 414, "request target is too long");

	p->method = http1_at(at, method);
	p->target = http1_at(at + method + 1, target);
	return version(p, cio__after(rest, target + 1));
}

static bool status_line(struct http1_parser *p, cio_str line, size_t at)
{
	if (line.n < 12 || line.p[8] != ' ')
		return cio__http1_refuse(p, 400, "malformed status line");
	cio_str digits = {line.p + 9, 3};
	if (!cio__all(digits, CHAR_DIGIT))
		return cio__http1_refuse(p, 400, "malformed status line");
	if (!version(p, (cio_str){line.p, 8}))
		return false;
	p->status = (digits.p[0] - '0') * 100 + (digits.p[1] - '0') * 10 +
		    (digits.p[2] - '0');
	if (p->status < 100)
		return cio__http1_refuse(p, 400, "malformed status line");

	/* The blank before an empty reason is required (RFC 9112 4), but so
	 * many servers leave it out that everybody accepts its absence, and
	 * there is nothing to misread. */
	cio_str reason = cio__after(line, 12);
	if (reason.n > 0 && (reason.p[0] != ' ' || !cio__all(reason, CHAR_VALUE)))
		return cio__http1_refuse(p, 400, "malformed reason phrase");
	p->reason = reason.n > 0 ? http1_at(at + 13, reason.n - 1)
				 : http1_at(at + 12, 0);
	return true;
}

bool cio__http1_first_line(struct http1_parser *p, cio_str line, size_t at)
{
	return p->kind == HTTP1_REQUEST ? request_line(p, line, at)
					: status_line(p, line, at);
}

bool cio__http1_split(struct http1_parser *p, cio_str line,
		      struct http1_header *h)
{
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return cio__http1_refuse(p, 400, "continued header line");
	size_t name = cio__span(line, CHAR_TOKEN);
	if (name == 0)
		return cio__http1_refuse(p, 400, "malformed header name");
	if (name == line.n)
		return cio__http1_refuse(p, 400, "header without a colon");
	if (line.p[name] != ':')
		return cio__http1_refuse(p, 400, "bad byte in header name");

	h->name = (cio_str){line.p, name};
	h->value = cio__trim(cio__after(line, name + 1));
	if (!cio__all(h->value, CHAR_VALUE))
		return cio__http1_refuse(p, 400, "control byte in header value");
	return true;
}

bool cio__http1_header_line(struct http1_parser *p, cio_str line, size_t at)
{
	struct http1_header h;

	if (!cio__http1_split(p, line, &h))
		return false;
	if (p->n_headers == p->max_headers)
		return cio__http1_refuse(p, 431, "too many headers");
	size_t value = at + (size_t)(h.value.p - line.p);
	p->headers[p->n_headers++] = (struct http1_header){
		http1_at(at, h.name.n), http1_at(value, h.value.n)};
	return true;
}

static void note_connection(struct summary *s, cio_str value)
{
	s->close |= cio__http1_has_token(value, "close");
	s->keep_alive |= cio__http1_has_token(value, "keep-alive");
	s->upgrade_token |= cio__http1_has_token(value, "upgrade");
}

static void note_expect(struct summary *s, cio_str value)
{
	if (cio__is(value, "100-continue"))
		s->expect = true;
	else
		s->expect_other = true;
}

/* Names are told apart by their length first: most headers end there. */
static void note(struct summary *s, const struct http1_header *h)
{
	if (h->name.n == 4 && cio__is(h->name, "Host")) {
		s->hosts++;
		s->host = h->value;
	} else if (h->name.n == 6 && cio__is(h->name, "Expect")) {
		note_expect(s, h->value);
	} else if (h->name.n == 7 && cio__is(h->name, "Upgrade")) {
		s->upgrade |= h->value.n > 0;
	} else if (h->name.n == 10 && cio__is(h->name, "Connection")) {
		note_connection(s, h->value);
	} else if (h->name.n == 14 && cio__is(h->name, "Content-Length")) {
		s->lengths++;
		s->length = h->value;
	} else if (h->name.n == 17 && cio__is(h->name, "Transfer-Encoding")) {
		s->codings++;
		s->coding = h->value;
	}
}

/* 1*DIGIT; 18 digits cannot overflow an int64_t, leading zeros do not count. */
static bool content_length(struct http1_parser *p, cio_str digits)
{
	if (digits.n == 0 || !cio__all(digits, CHAR_DIGIT))
		return cio__http1_refuse(p, 400, "malformed Content-Length");
	int64_t n = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (n > (INT64_MAX - 9) / 10)
			return cio__http1_refuse(p, 400,
						 "Content-Length is too large");
		n = n * 10 + (digits.p[i] - '0');
	}
	p->content_length = n;
	return true;
}

static bool framing(struct http1_parser *p, const struct summary *s)
{
	if (s->lengths > 1)
		return cio__http1_refuse(p, 400, "two Content-Length headers");
	if (s->codings > 1)
		return cio__http1_refuse(p, 400,
					 "two Transfer-Encoding headers");
	if (s->lengths > 0 && s->codings > 0)
		return cio__http1_refuse(
			p, 400, "both Content-Length and Transfer-Encoding");
	if (s->lengths > 0)
		return content_length(p, s->length);
	if (s->codings == 0)
		return true;
	if (p->minor == 0)
		return cio__http1_refuse(p, 400,
					 "Transfer-Encoding in HTTP/1.0");
	p->chunked = cio__is(s->coding, "chunked");
	if (!p->chunked)
		return cio__http1_refuse(
			p, cio__http1_is_token(s->coding) ? 501 : 400,
			"Transfer-Encoding is not \"chunked\"");
	return true;
}

/* Do target and Host mean the same server? A port that is not written is the
 * scheme's own; CONNECT has no scheme, there only written ports count. */
static bool same_server(const struct authority *target,
			const struct authority *host, int port)
{
	int a = target->port >= 0 ? target->port : port;
	int b = host->port >= 0 ? host->port : port >= 0 ? port : a;
	return a == b && target->kind == host->kind &&
	       cio_str_equal_nocase(target->host, host->host);
}

/* The authority of an absolute or CONNECT target, in `text`. */
static bool target_server(struct http1_parser *p, cio_str text, int port,
			  const struct authority *host)
{
	struct authority a;
	const char *why;

	if (cio__authority_parse(&a, text, &why) < 0 ||
	    (port < 0 && a.port < 0))
		return cio__http1_refuse(p, 400,
					 "bad authority in request target");
	if (host != NULL && !same_server(&a, host, port))
		return cio__http1_refuse(p, 400,
					 "Host contradicts the target");
	return true;
}

/* One of the four forms of RFC 9112 3.2. */
static bool target_form(struct http1_parser *p, const struct authority *host)
{
	cio_str t = p->target;

	if (cio_str_equal(p->method, cio_str_of("CONNECT")))
		return target_server(p, t, -1, host);
	if (t.p[0] == '/')
		return true;
	if (t.n == 1 && t.p[0] == '*' &&
	    cio_str_equal(p->method, cio_str_of("OPTIONS")))
		return true;

	int port;
	if (t.n > 7 && cio__is((cio_str){t.p, 7}, "http://"))
		port = 80;
	else if (t.n > 8 && cio__is((cio_str){t.p, 8}, "https://"))
		port = 443;
	else
		return cio__http1_refuse(p, 400, "malformed request target");
	t = cio__after(t, port == 80 ? 7 : 8);
	size_t n = 0;
	while (n < t.n && t.p[n] != '/' && t.p[n] != '?')
		n++;
	return target_server(p, (cio_str){t.p, n}, port, host);
}

static bool server(struct http1_parser *p, const struct summary *s)
{
	struct authority host;
	const char *why;

	if (s->hosts > 1)
		return cio__http1_refuse(p, 400, "two Host headers");
	if (s->hosts == 0 && p->minor == 1)
		return cio__http1_refuse(p, 400, "no Host header");
	if (s->hosts > 0 && cio__authority_parse(&host, s->host, &why) < 0)
		return cio__http1_refuse(p, 400, "malformed Host header");
	return target_form(p, s->hosts > 0 ? &host : NULL);
}

static bool conclude_request(struct http1_parser *p, const struct summary *s)
{
	bool connect = cio_str_equal(p->method, cio_str_of("CONNECT"));

	if (!server(p, s))
		return false;
	/* A tunnel begins right after the head; a body there would be read
	 * as part of it by some. */
	if (connect && (s->lengths > 0 || s->codings > 0))
		return cio__http1_refuse(p, 400, "CONNECT with a body");
	p->has_body = p->chunked || p->content_length > 0;
	/* HTTP/1.0 knows neither (RFC 9110 7.8, 10.1.1). */
	p->upgrade = connect ||
		     (p->minor == 1 && s->upgrade_token && s->upgrade);
	if (p->minor == 1 && s->expect_other)
		return cio__http1_refuse(p, 417, "unknown expectation");
	p->expect_continue = p->minor == 1 && s->expect && p->has_body;
	return true;
}

/* RFC 9112 6.3, first three cases: framing headers of such responses tell
 * what would have been sent; there is no body whatever they say. */
static void conclude_response(struct http1_parser *p)
{
	bool tunnel = p->answers == HTTP1_TO_CONNECT && p->status / 100 == 2;
	bool never = tunnel || p->answers == HTTP1_TO_HEAD ||
		     p->status < 200 || p->status == 204 || p->status == 304;

	p->upgrade = tunnel || p->status == 101;
	p->chunked = p->chunked && !never;
	p->until_close = !never && !p->chunked && p->content_length < 0;
	p->has_body = !never && p->content_length != 0;
	if (p->until_close || p->upgrade)
		p->keep_alive = false;
}

bool cio__http1_conclude(struct http1_parser *p, const char *in)
{
	struct summary s = {0};

	place(&p->method, in);
	place(&p->target, in);
	place(&p->reason, in);
	for (size_t i = 0; i < p->n_headers; i++) {
		place(&p->headers[i].name, in);
		place(&p->headers[i].value, in);
		note(&s, &p->headers[i]);
	}
	if (!framing(p, &s))
		return false;
	p->keep_alive = !s.close && (p->minor == 1 || s.keep_alive);
	if (p->kind == HTTP1_REQUEST) {
		if (!conclude_request(p, &s))
			return false;
	} else {
		conclude_response(p);
	}
	if (p->has_body && p->content_length > 0 && p->limits.body > 0 &&
	    (uint64_t)p->content_length > p->limits.body)
		return cio__http1_refuse(p, 413, "body is too large");
	return true;
}
