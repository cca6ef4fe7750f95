/* SPDX-License-Identifier: MIT */
/*
 * json_text.h - print JSON values (RFC 8259)
 *
 * For rows of results and logs: the bytes may come from anywhere, the output
 * is always one valid line of UTF-8. 0, or -ENOMEM (nothing is appended).
 */
#ifndef CIO_WIRE_JSON_TEXT_H
#define CIO_WIRE_JSON_TEXT_H

#include <cio/base.h>
#include <cio/buf.h>

/* A string with its quotes. Controls are escaped, and so are DEL and U+2028
 * and U+2029, which some readers take for line ends. Each byte that is not
 * part of valid UTF-8 becomes U+FFFD. */
CIO_MUST_CHECK int cio__json_string(cio_buf *b, cio_str s);

/* The shortest decimal number that reads back as the same double; `null` for
 * infinities and NaN, which JSON has no word for. */
CIO_MUST_CHECK int cio__json_double(cio_buf *b, double d);

/* What stands for a byte that is part of no character: U+FFFD. */
#define CIO__NO_CHARACTER "\xef\xbf\xbd"

/* How many bytes the well-formed UTF-8 character at the beginning of s has
 * (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF); 0 if s does
 * not begin with one. */
size_t cio__utf8_length(cio_str s);

#endif
