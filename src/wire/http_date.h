/* SPDX-License-Identifier: MIT */
/*
 * http_date.h - dates in HTTP headers, without locale, zone or clock
 */
#ifndef CIO_WIRE_HTTP_DATE_H
#define CIO_WIRE_HTTP_DATE_H

#include <cio/base.h>

/* Long enough for "Sun, 06 Nov 1994 08:49:37 GMT" and its NUL. */
enum { HTTP_DATE_BYTES = 30 };

/* Seconds since 1970 of any of the three forms of RFC 9110 5.6.7. Two-digit
 * years are taken to lie less than 50 years ahead of `now` (seconds since
 * 1970). 0, or -EINVAL for anything else, a 30th of February included; a
 * wrong name of the weekday is ignored. */
CIO_MUST_CHECK int cio__http_date_parse(cio_str text, int64_t now,
					int64_t *seconds);

/* Write the preferred form, terminated. Seconds outside of the years 1 to
 * 9999 give the nearest one inside. */
void cio__http_date_format(char text[HTTP_DATE_BYTES], int64_t seconds);

/* The seconds to wait that a Retry-After header asks for: a number, or a date
 * less `now`, at least 0. -EINVAL for anything else. */
CIO_MUST_CHECK int cio__http_retry_after(cio_str value, int64_t now,
					 int64_t *seconds);

#endif
