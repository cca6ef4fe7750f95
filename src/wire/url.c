/* SPDX-License-Identifier: MIT */
/*
 * url.c - absolute http and https URLs, and references relative to them
 *
 * A URL is cut from the outside to the inside, as in RFC 3986 appendix B:
 * fragment, query, scheme, then authority and path. The host and port are
 * authority.c's business. Bytes beyond ASCII are allowed after the authority,
 * because people paste them; they leave percent-encoded.
 */
#include "wire/url.h"

#include <stdio.h>

#include "wire/chars.h"

static const char *check_bytes(cio_str s)
{
	if (s.n == 0)
		return "empty URL";
	if (s.n > URL_BYTES)
		return "URL is longer than 8 KiB";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == ' ')
			return "blank in URL: write %20";
		if (c < 0x20 || c == 0x7f)
			return "control byte in URL";
		if (c == '\\')
			return "backslash in URL: write / or %5C";
	}
	return NULL;
}

/* Cut s at the first `c`: s keeps what is before, what is after is returned.
 * `*found` tells "?"-and-nothing from nothing. */
static cio_str cut(cio_str *s, char c, bool *found)
{
	const char *at = s->n > 0 ? memchr(s->p, c, s->n) : NULL;

	*found = at != NULL;
	if (at == NULL)
		return (cio_str){0};
	size_t n = (size_t)(at - s->p);
	cio_str rest = cio__after(*s, n + 1);
	s->n = n;
	return rest;
}

static bool begins(cio_str s, const char *text)
{
	size_t n = strlen(text);
	return s.n >= n && cio__is((cio_str){s.p, n}, text);
}

/* The length of "scheme:" at the beginning of s, 0 if there is none. */
static size_t scheme_length(cio_str s)
{
	size_t n = 0;
	if (s.n == 0 || !cio__char_is(s.p[0], CHAR_ALPHA))
		return 0;
	while (n < s.n && (cio__char_is(s.p[n], CHAR_ALPHA | CHAR_DIGIT) ||
			   s.p[n] == '+' || s.p[n] == '-' || s.p[n] == '.'))
		n++;
	return n < s.n && s.p[n] == ':' ? n + 1 : 0;
}

/* "localhost:80" looks like a scheme; what follows tells the difference. */
static const char *bad_scheme(cio_str s)
{
	size_t n = scheme_length(s);

	if (begins(s, "http:") || begins(s, "https:"))
		return "two slashes must follow the scheme: write http://...";
	if (n > 0 && n < s.n && !cio__char_is(s.p[n], CHAR_DIGIT))
		return "unknown scheme: only http and https";
	return "missing scheme: write http://...";
}

static const char *take_scheme(struct url *u, cio_str *s)
{
	if (begins(*s, "http://")) {
		*s = cio__after(*s, 7);
		return NULL;
	}
	if (begins(*s, "https://")) {
		u->tls = true;
		*s = cio__after(*s, 8);
		return NULL;
	}
	return bad_scheme(*s);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static const char *take_host(struct url *u, cio_str text)
{
	struct authority a;
	const char *why;

	if (cio__authority_parse(&a, text, &why) < 0)
		return why;
	if (a.port == 0)
		return "port must be a number 1-65535";
	u->host_kind = a.kind;
	u->port = (uint16_t)(a.port > 0 ? a.port : u->tls ? 443 : 80);
	for (size_t i = 0; i < a.host.n; i++)
		u->host[i] = lower(a.host.p[i]);
	return NULL;
}

/* The last '@' ends the userinfo; none may be within it, lest two programs
 * see two hosts in http://a@b@c. */
static const char *take_authority(struct url *u, cio_str text)
{
	bool at, again;
	cio_str first = text;
	cio_str rest = cut(&first, '@', &at);

	if (!at)
		return take_host(u, text);
	cio_str host = rest;
	cut(&rest, '@', &again);
	if (again)
		return "two @ in URL: write %40 in names and passwords";
	for (size_t i = 0; i < first.n; i++) {
		if ((unsigned char)first.p[i] >= 0x80)
			return "name and password must be percent-encoded";
	}
	u->userinfo = first;
	return take_host(u, host);
}

static const char *parse(struct url *u, cio_str s)
{
	bool found;
	const char *why = check_bytes(s);

	if (why != NULL)
		return why;
	u->fragment = cut(&s, '#', &found);
	u->query = cut(&s, '?', &u->has_query);
	why = take_scheme(u, &s);
	if (why != NULL)
		return why;
	cio_str authority = s;
	cut(&authority, '/', &found);
	u->path = cio__after(s, authority.n);
	return take_authority(u, authority);
}

int cio__url_parse(struct url *u, cio_str text, const char **why)
{
	struct url found = {0};

	const char *bad = parse(&found, text);
	if (bad != NULL) {
		*why = bad;
		return -CIO_EURL;
	}
	*u = found;
	return 0;
}

/* Visible ASCII goes as it is, everything else as %XX. */
static int write_encoded(cio_buf *b, cio_str s)
{
	int err = 0;

	while (err >= 0 && s.n > 0) {
		size_t plain = cio__span(s, CHAR_TARGET);
		if (plain > 0) {
			err = cio_buf_append(b, s.p, plain);
		} else {
			plain = 1;
			err = cio_buf_printf(b, "%%%02X",
					     (unsigned char)s.p[0]);
		}
		s = cio__after(s, plain);
	}
	return err < 0 ? err : 0;
}

int cio__url_write_target(cio_buf *b, const struct url *u)
{
	cio_str path = u->path.n > 0 ? u->path : cio_str_of("/");

	int err = write_encoded(b, path);
	if (err == 0 && u->has_query)
		err = cio_buf_puts(b, "?");
	if (err == 0 && u->has_query)
		err = write_encoded(b, u->query);
	return err;
}

static int write_host(cio_buf *b, const struct url *u, bool with_port)
{
	bool v6 = u->host_kind == AUTHORITY_IPV6;
	char port[sizeof ":65535"] = "";

	if (with_port)
		snprintf(port, sizeof port, ":%u", (unsigned)u->port);
	return cio_buf_printf(b, "%s%s%s%s", v6 ? "[" : "", u->host,
			      v6 ? "]" : "", port);
}

int cio__url_write_host(cio_buf *b, const struct url *u)
{
	return write_host(b, u, u->port != (u->tls ? 443 : 80));
}

int cio__url_write_authority(cio_buf *b, const struct url *u)
{
	return write_host(b, u, true);
}

/* Drop the last segment, with its slash, of what was written since `start`. */
static void drop_segment(cio_buf *b, size_t start)
{
	while (b->n > start && b->p[b->n - 1] != '/')
		b->n--;
	if (b->n > start)
		b->n--;
	if (b->p != NULL)
		b->p[b->n] = '\0';
}

/* 1 for ".", 2 for "..", else 0; %2e is a dot too, as browsers have it. */
static int dots(cio_str segment)
{
	int n = 0;

	while (segment.n > 0 && n <= 2) {
		size_t dot = segment.p[0] == '.'      ? 1
			     : begins(segment, "%2e") ? 3
						      : 0;
		if (dot == 0)
			return 0;
		segment = cio__after(segment, dot);
		n++;
	}
	return n <= 2 ? n : 0;
}

/* Append "/" and each of the segments a/b/c, leaving out dot segments
 * (5.2.4) and what ".." takes back, but nothing before `start`. After the
 * last segment of the path a dot leaves its slash. */
static int write_segments(cio_buf *b, size_t start, cio_str s, bool last)
{
	bool more = true;
	int err = 0;

	while (err >= 0 && more) {
		cio_str segment = s;
		s = cut(&segment, '/', &more);
		int n = dots(segment);
		if (n == 2)
			drop_segment(b, start);
		if (n == 0 || (last && !more))
			err = cio_buf_puts(b, "/");
		if (err >= 0 && n == 0)
			err = cio_buf_append(b, segment.p, segment.n);
	}
	return err;
}

static int write_path(cio_buf *b, cio_str path)
{
	return write_segments(b, b->n, cio__after(path, path.n > 0), true);
}

/* A relative path replaces what follows the last slash of the base's. */
static int merge_path(cio_buf *b, const struct url *base, cio_str path)
{
	size_t start = b->n;
	cio_str folder = cio__after(base->path, base->path.n > 0);
	int err = 0;

	while (folder.n > 0 && folder.p[folder.n - 1] != '/')
		folder.n--;
	if (folder.n > 0) {
		folder.n--;
		err = write_segments(b, start, folder, false);
	}
	return err < 0 ? err : write_segments(b, start, path, true);
}

static int append_after(cio_buf *b, const char *mark, cio_str s)
{
	int err = cio_buf_puts(b, mark);
	return err < 0 ? err : cio_buf_append(b, s.p, s.n);
}

/* A reference without scheme and authority. */
static int resolve_path(cio_buf *b, const struct url *base, cio_str ref)
{
	bool has_fragment, has_query;
	cio_str fragment = cut(&ref, '#', &has_fragment);
	cio_str query = cut(&ref, '?', &has_query);
	int err;

	if (ref.n == 0) {
		err = write_path(b, base->path);
		if (!has_query && base->has_query) {
			query = base->query;
			has_query = true;
		}
	} else if (ref.p[0] == '/') {
		err = write_path(b, ref);
	} else {
		err = merge_path(b, base, ref);
	}
	if (err >= 0 && has_query)
		err = append_after(b, "?", query);
	if (err >= 0 && has_fragment)
		err = append_after(b, "#", fragment);
	return err;
}

int cio__url_resolve(cio_buf *b, const struct url *base, cio_str reference,
		     const char **why)
{
	if (reference.n > URL_BYTES) {
		*why = "URL is longer than 8 KiB";
		return -CIO_EURL;
	}
	if (scheme_length(reference) > 0)
		return cio_buf_append(b, reference.p, reference.n);

	const char *scheme = base->tls ? "https:" : "http:";
	size_t start = b->n;
	int err = cio_buf_puts(b, scheme);
	if (err >= 0 && begins(reference, "//")) {
		err = cio_buf_append(b, reference.p, reference.n);
	} else if (err >= 0) {
		err = cio_buf_puts(b, "//");
		if (err >= 0)
			err = cio__url_write_host(b, base);
		if (err >= 0)
			err = resolve_path(b, base, reference);
	}
	if (err < 0 && b->p != NULL) { /* leave nothing half done */
		b->n = start;
		b->p[start] = '\0';
	}
	return err < 0 ? err : 0;
}

bool cio__url_same_origin(const struct url *a, const struct url *b)
{
	return a->tls == b->tls && a->port == b->port &&
	       strcmp(a->host, b->host) == 0;
}
