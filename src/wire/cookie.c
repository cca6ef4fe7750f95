/* SPDX-License-Identifier: MIT */
/*
 * cookie.c - the value of Set-Cookie, and which cookie is for whom
 *
 *	name=value; attribute; attribute=value; ...
 *
 * Cut at every ';', then at the first '='; quotes have no meaning here. Of an
 * attribute that is given twice the last one counts.
 */
#include "wire/cookie.h"

#include <errno.h>

#include "wire/chars.h"

/* Cut s at the first `c`: s keeps what is before, the rest is returned; *found
 * tells whether there was one. */
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

static bool has_byte(cio_str s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

static const char *check_bytes(cio_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cio__char_is(s.p[i], CHAR_VALUE))
			return "a cookie has control bytes";
	return NULL;
}

/* ---- attributes ---- */

/* Anything that is not a number is no Max-Age, "1.5" included. */
static void take_max_age(struct cookie *c, cio_str value)
{
	bool negative = value.n > 0 && value.p[0] == '-';
	cio_str digits = cio__after(value, negative);
	int64_t n = 0;
	if (digits.n == 0 || !cio__all(digits, CHAR_DIGIT))
		return;
	for (size_t i = 0; i < digits.n && n < INT32_MAX; i++)
		n = n * 10 + (digits.p[i] - '0');
	c->has_max_age = true;
	c->max_age = negative ? -n : n < INT32_MAX ? n : INT32_MAX;
}

/* An empty one says nothing, and does not take back one before it. */
static void take_domain(struct cookie *c, cio_str value)
{
	if (value.n > 0 && value.p[0] == '.')
		value = cio__after(value, 1);
	if (value.n > 0)
		c->domain = value;
}

static void take_same_site(struct cookie *c, cio_str value)
{
	c->same_site = cio__is(value, "none") ? COOKIE_SAME_SITE_NONE :
		cio__is(value, "lax")         ? COOKIE_SAME_SITE_LAX :
		cio__is(value, "strict")      ? COOKIE_SAME_SITE_STRICT :
						COOKIE_SAME_SITE_UNSAID;
}

static void take_attribute(struct cookie *c, cio_str name, cio_str value)
{
	if (value.n > COOKIE_ATTRIBUTE_BYTES)
		return;
	if (cio__is(name, "expires")) {
		if (cio__cookie_date(value, &c->expires) == 0)
			c->has_expires = true;
	} else if (cio__is(name, "max-age")) {
		take_max_age(c, value);
	} else if (cio__is(name, "domain")) {
		take_domain(c, value);
	} else if (cio__is(name, "path")) {
		bool good = value.n > 0 && value.p[0] == '/';
		c->path = good ? value : (cio_str){0};
	} else if (cio__is(name, "secure")) {
		c->secure = true;
	} else if (cio__is(name, "httponly")) {
		c->http_only = true;
	} else if (cio__is(name, "samesite")) {
		take_same_site(c, value);
	}
}

static void take_attributes(struct cookie *c, cio_str rest, bool more)
{
	while (more) {
		bool has_value;
		cio_str name = rest;
		rest = cut(&name, ';', &more);
		cio_str value = cut(&name, '=', &has_value);
		take_attribute(c, cio__trim(name), cio__trim(value));
	}
}

/* ---- the whole ---- */

static const char *parse(struct cookie *c, cio_str text)
{
	bool more, has_value;
	const char *why = check_bytes(text);
	if (why != NULL)
		return why;
	cio_str rest = cut(&text, ';', &more);
	cio_str value = cut(&text, '=', &has_value);
	c->name = cio__trim(text);
	c->value = cio__trim(value);
	if (!has_value || c->name.n == 0)
		return "a cookie without a name";
	if (c->name.n + c->value.n > COOKIE_BYTES)
		return "a cookie's name and value have more than 4096 bytes";
	take_attributes(c, rest, more);
	if (has_byte(c->name, '\t') || has_byte(c->value, '\t') ||
		has_byte(c->path, '\t'))
		return "a cookie has a tab within";
	return NULL;
}

int cio__cookie_parse(struct cookie *c, cio_str text, const char **why)
{
	struct cookie found = {0};
	const char *bad = parse(&found, text);
	if (bad != NULL) {
		*why = bad;
		return -EINVAL;
	}
	*c = found;
	return 0;
}

/* ---- for whom ---- */

static bool begins(cio_str s, const char *text)
{
	size_t n = strlen(text);
	return s.n >= n && cio__is((cio_str){s.p, n}, text);
}

bool cio__cookie_is_host_prefixed(cio_str name)
{
	return begins(name, "__Host-");
}

bool cio__cookie_is_secure_prefixed(cio_str name)
{
	return begins(name, "__Secure-");
}

bool cio__cookie_domain_matches(cio_str host, cio_str domain)
{
	if (domain.n == 0 || host.n < domain.n)
		return false;
	cio_str end = cio__after(host, host.n - domain.n);
	return cio_str_equal_nocase(end, domain) &&
		(end.n == host.n || host.p[host.n - end.n - 1] == '.');
}

bool cio__cookie_path_matches(cio_str path, cio_str of_cookie)
{
	if (path.n == 0)
		path = cio_str_of("/");
	size_t n = of_cookie.n;
	if (n == 0 || path.n < n || memcmp(path.p, of_cookie.p, n) != 0)
		return false;
	return path.n == n || of_cookie.p[n - 1] == '/' || path.p[n] == '/';
}

cio_str cio__cookie_default_path(cio_str path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	if (path.n <= 1)
		return cio_str_of("/");
	path.n--;
	return path;
}
