/* SPDX-License-Identifier: MIT */
/*
 * json_text.c - bytes to JSON literals
 *
 * Runs of bytes that need no care are appended at once; everything else is
 * one short piece. On failure the buf is cut back to where it was.
 */
#include "wire/json_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/chars.h"

static bool between(char c, unsigned low, unsigned high)
{
	unsigned u = (unsigned char)c;
	return u >= low && u <= high;
}

/* The length that a first byte promises; `*low` and `*high` bound the second
 * byte (Unicode, table 3-7). 0 for a byte that begins nothing. */
static size_t promised(unsigned char c, unsigned *low, unsigned *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	if (c == 0xe0)
		*low = 0xa0;
	else if (c == 0xed)
		*high = 0x9f;
	else if (c == 0xf0)
		*low = 0x90;
	else if (c == 0xf4)
		*high = 0x8f;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

size_t cio__utf8_length(cio_str s)
{
	unsigned low, high;

	if (s.n == 0)
		return 0;
	size_t n = promised((unsigned char)s.p[0], &low, &high);
	if (n > s.n || (n > 1 && !between(s.p[1], low, high)))
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (!between(s.p[i], 0x80, 0xbf))
			return 0;
	}
	return n;
}

/* The character of n bytes at p (0: a broken byte) in JSON, NULL if it may
 * stand as it is. */
static const char *escape(const char *p, size_t n, char room[8])
{
	unsigned char c = (unsigned char)*p;

	if (n == 0)
		return CIO__NO_CHARACTER;
	if (n == 3 && memcmp(p, "\xe2\x80", 2) == 0 &&
	    between(p[2], 0xa8, 0xa9))
		return (unsigned char)p[2] == 0xa8 ? "\\u2028" : "\\u2029";
	if (c == '"')
		return "\\\"";
	if (c == '\\')
		return "\\\\";
	if (c == '\n')
		return "\\n";
	if (c == '\r')
		return "\\r";
	if (c == '\t')
		return "\\t";
	if (c >= 0x20 && c != 0x7f)
		return NULL;
	snprintf(room, 8, "\\u%04x", c);
	return room;
}

/* Where the run of ASCII that may stand as it is ends. */
static size_t pass_plain(cio_str s, size_t i)
{
	while (i < s.n && between(s.p[i], 0x20, 0x7e) && s.p[i] != '"' &&
	       s.p[i] != '\\')
		i++;
	return i;
}

static int append_escaped(cio_buf *b, cio_str s)
{
	size_t i = 0, plain = 0; /* s.p[plain..i) may stand as it is */
	int err = 0;

	while (err >= 0 && (i = pass_plain(s, i)) < s.n) {
		char room[8];
		size_t n = cio__utf8_length(cio__after(s, i));
		const char *text = escape(s.p + i, n, room);
		size_t next = i + (n > 0 ? n : 1);
		if (text != NULL) {
			err = cio_buf_append(b, s.p + plain, i - plain);
			if (err >= 0)
				err = cio_buf_puts(b, text);
			plain = next;
		}
		i = next;
	}
	if (err >= 0 && i > plain)
		err = cio_buf_append(b, s.p + plain, i - plain);
	return err;
}

int cio__json_string(cio_buf *b, cio_str s)
{
	size_t start = b->n;

	int err = cio_buf_puts(b, "\"");
	if (err >= 0)
		err = append_escaped(b, s);
	if (err >= 0)
		err = cio_buf_puts(b, "\"");
	if (err < 0 && b->p != NULL) {
		b->n = start;
		b->p[start] = '\0';
	}
	return err < 0 ? err : 0;
}

/* 15 digits are always meant as written, 17 always suffice. printf follows
 * the locale for the decimal point, JSON does not. */
int cio__json_double(cio_buf *b, double d)
{
	char text[32];

	if (d - d != 0)
		return cio_buf_puts(b, "null");
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, d);
		if (!(strtod(text, NULL) < d || strtod(text, NULL) > d))
			break;
	}
	char *comma = strchr(text, ',');
	if (comma != NULL)
		*comma = '.';
	return cio_buf_puts(b, text);
}
