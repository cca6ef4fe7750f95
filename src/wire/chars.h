/* SPDX-License-Identifier: MIT */
/*
 * chars.h - which bytes may stand where
 *
 * One table for parsers and writers, so that nothing can be written that
 * would be refused when read.
 */
#ifndef CIO_WIRE_CHARS_H
#define CIO_WIRE_CHARS_H

#include <cio/base.h>

enum {
	CHAR_TOKEN = 0x01,  /* RFC 9110 5.6.2: methods, header names */
	CHAR_VALUE = 0x02,  /* header values: no controls but HTAB */
	CHAR_TARGET = 0x04, /* visible ASCII but '#' */
	CHAR_HEX = 0x08,
	CHAR_DIGIT = 0x10,
	CHAR_NAME = 0x20,   /* host names: letters, digits, - . _ ~ */
	CHAR_ALPHA = 0x40,
};

extern const unsigned char cio__chars[256];

static inline bool cio__char_is(char c, int set)
{
	return (cio__chars[(unsigned char)c] & set) != 0;
}

/* The value of a hexadecimal digit. */
static inline unsigned cio__hex(char c)
{
	unsigned u = (unsigned char)c;
	return u <= '9' ? u - '0' : (u | 0x20) - 'a' + 10;
}

/* How many bytes at the beginning of s are in the set. */
static inline size_t cio__span(cio_str s, int set)
{
	size_t i = 0;
	while (i < s.n && cio__char_is(s.p[i], set))
		i++;
	return i;
}

/* Are all bytes of s in the set? True if s is empty. */
static inline bool cio__all(cio_str s, int set)
{
	return cio__span(s, set) == s.n;
}

/* s without its first k bytes (k <= s.n). */
static inline cio_str cio__after(cio_str s, size_t k)
{
	return k == 0 ? s : (cio_str){s.p + k, s.n - k};
}

/* s without blanks (SP, HTAB and nothing else) at either end. */
static inline cio_str cio__trim(cio_str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = cio__after(s, 1);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* Is s that text, ASCII case ignored? */
static inline bool cio__is(cio_str s, const char *text)
{
	return cio_str_equal_nocase(s, cio_str_of(text));
}

#endif
