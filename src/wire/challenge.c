/* SPDX-License-Identifier: MIT */
/*
 * challenge.c - scheme name=value, name="value", scheme token68
 *
 * A comma may go on with a parameter or with another challenge: a token with
 * "=" and a value behind it is a parameter.
 */
#include "wire/challenge.h"

#include "wire/chars.h"

static void skip(cio_str *s, const char *these)
{
	while (s->n > 0 && s->p[0] != '\0' && strchr(these, s->p[0]) != NULL)
		*s = cio__after(*s, 1);
}

static cio_str take_token(cio_str *s)
{
	cio_str token = {s->p, cio__span(*s, CHAR_TOKEN)};
	*s = cio__after(*s, token.n);
	return token;
}

/* What is between quotes; `s` is behind the first. */
static bool take_quoted(cio_str *s, cio_str *value)
{
	size_t i = 0;
	while (i < s->n && s->p[i] != '"')
		i += s->p[i] == '\\' ? 2 : 1;
	if (i >= s->n)
		return false;
	*value = (cio_str){s->p, i};
	*s = cio__after(*s, i + 1);
	return true;
}

static bool take_param(cio_str *s, cio_str *name, cio_str *value)
{
	cio_str rest = *s;
	*name = take_token(&rest);
	skip(&rest, " \t");
	if (name->n == 0 || rest.n == 0 || rest.p[0] != '=')
		return false;
	rest = cio__after(rest, 1);
	skip(&rest, " \t");
	if (rest.n > 0 && rest.p[0] == '"') {
		rest = cio__after(rest, 1);
		if (!take_quoted(&rest, value))
			return false;
	} else {
		*value = take_token(&rest);
		if (value->n == 0)
			return false;
	}
	skip(&rest, " \t");
	if (rest.n > 0 && rest.p[0] != ',')
		return false;
	*s = rest;
	return true;
}

bool cio__challenge_next(cio_str *rest, struct challenge *c)
{
	cio_str name, value;
	skip(rest, " \t,");
	c->scheme = take_token(rest);
	if (c->scheme.n == 0)
		return false;
	skip(rest, " \t");
	c->params = (cio_str){rest->p, 0};
	cio_str at = *rest;
	while (take_param(&at, &name, &value)) {
		c->params.n = (size_t)(at.p - c->params.p);
		*rest = at;
		skip(&at, " \t,");
	}
	if (c->params.n == 0) /* a token68, or nothing */
		while (rest->n > 0 && rest->p[0] != ',')
			*rest = cio__after(*rest, 1);
	return true;
}

bool cio__challenge_get(const struct challenge *c, const char *name,
	cio_str *value)
{
	cio_str at = c->params, found, text;
	while (take_param(&at, &found, &text)) {
		if (cio__is(found, name)) {
			*value = text;
			return true;
		}
		skip(&at, " \t,");
	}
	return false;
}

int cio__challenge_unescape(cio_buf *b, cio_str value)
{
	int err = cio_buf_reserve(b, value.n);
	for (size_t i = 0; err == 0 && i < value.n; i++) {
		i += value.p[i] == '\\' && i + 1 < value.n;
		err = cio_buf_append(b, value.p + i, 1);
	}
	return err;
}

int cio__challenge_quote(cio_buf *b, cio_str text)
{
	int err = cio_buf_puts(b, "\"");
	for (size_t i = 0; err == 0 && i < text.n; i++) {
		bool escape = text.p[i] == '"' || text.p[i] == '\\';
		err = escape ? cio_buf_puts(b, "\\") : 0;
		err = err < 0 ? err : cio_buf_append(b, text.p + i, 1);
	}
	return err < 0 ? err : cio_buf_puts(b, "\"");
}
