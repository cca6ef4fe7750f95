/* SPDX-License-Identifier: MIT */
/*
 * cookie_line.c - cookies in files, as Netscape wrote and curl reads them
 *
 *	domain TAB subdomains TAB path TAB secure TAB expires TAB name TAB value
 *
 * "#HttpOnly_" may stand before the domain; other lines with "#" are comments.
 * `subdomains` is FALSE for a cookie of that host alone; `expires` is 0 for one
 * of the session.
 */
#include "wire/cookie.h"

#include <errno.h>

#include "wire/chars.h"

enum { FIELDS = 7 };

static const char http_only[] = "#HttpOnly_";

/* How many there are; FIELDS + 1 if more. */
static int split(cio_str line, cio_str field[FIELDS])
{
	for (int n = 0; n < FIELDS; n++) {
		const char *tab = line.n > 0 ? memchr(line.p, '\t', line.n) :
					       NULL;
		size_t k = tab != NULL ? (size_t)(tab - line.p) : line.n;
		field[n] = (cio_str){line.p, k};
		if (tab == NULL)
			return n + 1;
		line = cio__after(line, k + 1);
	}
	return FIELDS + 1;
}

static bool take_flag(cio_str s, bool *out)
{
	*out = cio__is(s, "TRUE");
	return *out || cio__is(s, "FALSE");
}

static bool take_expires(cio_str s, struct cookie *c)
{
	int64_t n = 0;
	if (s.n == 0 || s.n > 18 || !cio__all(s, CHAR_DIGIT))
		return false;
	for (size_t i = 0; i < s.n; i++)
		n = n * 10 + (s.p[i] - '0');
	c->has_expires = n != 0;
	c->expires = n;
	return true;
}

static bool take_domain(cio_str s, struct cookie *c)
{
	if (s.n > 0 && s.p[0] == '.')
		s = cio__after(s, 1);
	c->domain = s;
	for (size_t i = 0; i < s.n; i++)
		if (!cio__char_is(s.p[i], CHAR_NAME) && s.p[i] != ':')
			return false;
	return s.n > 0;
}

/* As in headers, where ';' could not be either. */
static bool good_text(cio_str s)
{
	return cio__all(s, CHAR_VALUE) &&
		(s.n == 0 || memchr(s.p, ';', s.n) == NULL) &&
		cio__trim(s).n == s.n;
}

static const char *parse(struct cookie *c, cio_str line)
{
	cio_str field[FIELDS] = {{0}};
	bool subdomains;
	int n = split(line, field);
	if (n != FIELDS && n != FIELDS - 1) /* without a value */
		return "a cookie has 7 fields with tabs between";
	if (!take_domain(field[0], c))
		return "the domain (field 1) is none";
	if (!take_flag(field[1], &subdomains))
		return "field 2 must be TRUE or FALSE";
	c->host_only = !subdomains;
	c->path = field[2];
	if (c->path.n == 0 || c->path.p[0] != '/' ||
		!cio__all(c->path, CHAR_VALUE))
		return "the path (field 3) must begin with /";
	if (!take_flag(field[3], &c->secure))
		return "field 4 must be TRUE or FALSE";
	if (!take_expires(field[4], c))
		return "the expiry (field 5) must be a number of seconds";
	c->name = field[5];
	c->value = field[6];
	if (c->name.n == 0 || memchr(c->name.p, '=', c->name.n) != NULL ||
		!good_text(c->name) || !good_text(c->value))
		return "the name or value (fields 6, 7) has bytes that no "
		       "cookie may have";
	if (c->name.n + c->value.n > COOKIE_BYTES)
		return "the name and value have more than 4096 bytes";
	return NULL;
}

int cio__cookie_line_parse(struct cookie *c, cio_str line, const char **why)
{
	struct cookie found = {0};
	size_t n = sizeof http_only - 1;
	if (line.n >= n && memcmp(line.p, http_only, n) == 0) {
		found.http_only = true;
		line = cio__after(line, n);
	} else if (cio__trim(line).n == 0 || line.p[0] == '#') {
		return 0;
	}
	*why = parse(&found, line);
	if (*why != NULL)
		return -EINVAL;
	*c = found;
	return 1;
}

static const char *flag(bool yes)
{
	return yes ? "\tTRUE\t" : "\tFALSE\t";
}

int cio__cookie_line_write(cio_buf *b, const struct cookie *c)
{
	int err = cio_buf_puts(b, c->http_only ? http_only : "");
	err = err < 0 ? err : cio_buf_puts(b, c->host_only ? "" : ".");
	err = err < 0 ? err : cio_buf_append(b, c->domain.p, c->domain.n);
	err = err < 0 ? err : cio_buf_puts(b, flag(!c->host_only));
	err = err < 0 ? err : cio_buf_append(b, c->path.p, c->path.n);
	err = err < 0 ? err : cio_buf_puts(b, flag(c->secure));
	err = err < 0 ? err :
			cio_buf_printf(b, "%lld\t",
				(long long)(c->has_expires ? c->expires : 0));
	err = err < 0 ? err : cio_buf_append(b, c->name.p, c->name.n);
	err = err < 0 ? err : cio_buf_puts(b, "\t");
	err = err < 0 ? err : cio_buf_append(b, c->value.p, c->value.n);
	return err < 0 ? err : cio_buf_puts(b, "\n");
}
