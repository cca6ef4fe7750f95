/* SPDX-License-Identifier: MIT */
/*
 * json_read.c - a strict reader of one JSON object
 */
#include "json_read.h"

#include <errno.h>

#include "wire/json_text.h"

enum { DEEPEST = 64 };

static int wrong(struct json_reader *r, const char *what)
{
	if (r->wrong == NULL) {
		r->wrong = what;
		r->at = (size_t)(r->p - r->start);
	}
	return -1;
}

static void blanks(struct json_reader *r)
{
	while (r->p < r->end && memchr(" \t\r\n", *r->p, 4) != NULL)
		r->p++;
}

static bool is_digit(const struct json_reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static bool take(struct json_reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- values, passed over ---- */

static int pass_escape(struct json_reader *r)
{
	if (r->p == r->end || memchr("\"\\/bfnrtu", *r->p, 9) == NULL)
		return wrong(r, "no such escape");
	if (*r->p++ != 'u')
		return 0;
	for (int i = 0; i < 4; i++, r->p++)
		if (r->p == r->end || hex(*r->p) < 0)
			return wrong(r, "\\u needs four hex digits");
	return 0;
}

/* Behind the opening quote. */
static int pass_string(struct json_reader *r)
{
	while (r->p < r->end && *r->p != '"') {
		size_t n = cio__utf8_length(
			(cio_str){r->p, (size_t)(r->end - r->p)});
		if (n == 0)
			return wrong(r, "not UTF-8");
		if ((unsigned char)*r->p < 0x20)
			return wrong(r, "a control byte in a string");
		bool escaped = *r->p == '\\';
		r->p += n;
		if (escaped && pass_escape(r) < 0)
			return -1;
	}
	return take(r, '"') ? 0 : wrong(r, "a string without its end");
}

static int digits(struct json_reader *r)
{
	if (!is_digit(r))
		return wrong(r, "a digit is missing");
	while (is_digit(r))
		r->p++;
	return 0;
}

static int pass_number(struct json_reader *r)
{
	(void)take(r, '-');
	if (!take(r, '0') && digits(r) < 0)
		return -1;
	if (is_digit(r))
		return wrong(r, "a number begins with 0");
	if (take(r, '.') && digits(r) < 0)
		return -1;
	if (!take(r, 'e') && !take(r, 'E'))
		return 0;
	if (!take(r, '+'))
		(void)take(r, '-');
	return digits(r);
}

static int pass_word(struct json_reader *r, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
		return wrong(r, "not a value");
	r->p += n;
	return 0;
}

static int pass_value(struct json_reader *r, enum json_kind *kind, int depth);

/* Members or elements up to `close`. */
static int pass_all(struct json_reader *r, char close, int depth)
{
	enum json_kind kind;
	blanks(r);
	if (take(r, close))
		return 0;
	for (;;) {
		blanks(r);
		if (close == '}') {
			if (!take(r, '"'))
				return wrong(r, "a name in quotes is missing");
			if (pass_string(r) < 0)
				return -1;
			blanks(r);
			if (!take(r, ':'))
				return wrong(r, "a colon is missing");
		}
		if (pass_value(r, &kind, depth) < 0)
			return -1;
		blanks(r);
		if (take(r, close))
			return 0;
		if (!take(r, ','))
			return wrong(r, "a comma is missing");
	}
}

/* LONG: one branch for each kind */
static int pass_value(struct json_reader *r, enum json_kind *kind, int depth)
{
	blanks(r);
	if (depth == 0)
		return wrong(r, "nested too deep");
	if (take(r, '"')) {
		*kind = JSON_STRING;
		return pass_string(r);
	}
	if (take(r, '{')) {
		*kind = JSON_OBJECT;
		return pass_all(r, '}', depth - 1);
	}
	if (take(r, '[')) {
		*kind = JSON_ARRAY;
		return pass_all(r, ']', depth - 1);
	}
	char c = r->p < r->end ? *r->p : '\0';
	*kind = c == 't' ? JSON_TRUE : c == 'f' ? JSON_FALSE :
		c == 'n'		       ? JSON_NULL :
						 JSON_NUMBER;
	if (c == 't')
		return pass_word(r, "true");
	if (c == 'f')
		return pass_word(r, "false");
	if (c == 'n')
		return pass_word(r, "null");
	return c == '-' || is_digit(r) ? pass_number(r) :
					 wrong(r, "not a value");
}

/* ---- members ---- */

void json_open(struct json_reader *r, cio_str object)
{
	*r = (struct json_reader){.p = object.p, .end = object.p + object.n,
		.start = object.p};
}

static int ended(struct json_reader *r)
{
	blanks(r);
	return r->p == r->end ? 0 : wrong(r, "more behind the object");
}

int json_next(struct json_reader *r, struct json_member *m)
{
	blanks(r);
	if (!r->begun) {
		r->begun = true;
		if (!take(r, '{'))
			return wrong(r, "not an object");
		blanks(r);
		if (take(r, '}'))
			return ended(r);
	} else if (take(r, '}')) {
		return ended(r);
	} else if (!take(r, ',')) {
		return wrong(r, "a comma is missing");
	}
	blanks(r);
	if (!take(r, '"'))
		return wrong(r, "a name in quotes is missing");
	m->name.p = r->p;
	if (pass_string(r) < 0)
		return -1;
	m->name.n = (size_t)(r->p - 1 - m->name.p);
	blanks(r);
	if (!take(r, ':'))
		return wrong(r, "a colon is missing");
	blanks(r);
	m->value.p = r->p;
	if (pass_value(r, &m->kind, DEEPEST) < 0)
		return -1;
	m->value.n = (size_t)(r->p - m->value.p);
	return 1;
}

bool json_named(const struct json_member *m, const char *name)
{
	return cio_str_equal(m->name, cio_str_of(name));
}

/* ---- text ---- */

static unsigned four_hex(const char *p)
{
	unsigned u = 0;
	for (int i = 0; i < 4; i++)
		u = u << 4 | (unsigned)hex(p[i]);
	return u;
}

static int put_utf8(cio_buf *b, unsigned u)
{
	char c[4];
	size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = n; i-- > 1; u >>= 6)
		c[i] = (char)(0x80 | (u & 0x3f));
	c[0] = (char)(first[n] | u);
	return cio_buf_append(b, c, n);
}

/* At the u of an escape; moves to its last digit, or that of its other half. */
static int put_unicode(cio_buf *b, const char **p, const char *end)
{
	unsigned u = four_hex(*p + 1);
	*p += 4;
	if (u >= 0xdc00 && u < 0xe000)
		return -EINVAL;
	if (u >= 0xd800 && u < 0xdc00) {
		if (end - *p < 7 || (*p)[1] != '\\' || (*p)[2] != 'u')
			return -EINVAL;
		unsigned low = four_hex(*p + 3);
		if (low < 0xdc00 || low >= 0xe000)
			return -EINVAL;
		*p += 6;
		u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
	}
	return u == 0 ? -EINVAL : put_utf8(b, u);
}

int json_text(cio_buf *b, cio_str value)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *end = value.p + value.n - 1;
	int err = 0;
	for (const char *p = value.p + 1; p < end && err == 0; p++) {
		if (*p != '\\') {
			err = cio_buf_append(b, p, 1);
			continue;
		}
		p++;
		if (*p == 'u')
			err = put_unicode(b, &p, end);
		else
			err = cio_buf_append(b, to + (strchr(from, *p) - from), 1);
	}
	return err;
}
