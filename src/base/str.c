/* SPDX-License-Identifier: MIT */
/*
 * str.c - views of bytes
 *
 * No locale: what a protocol calls "case-insensitive" is ASCII, wherever the
 * program runs.
 */
#include <cio/base.h>

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool cio_str_equal_nocase(cio_str a, cio_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}
