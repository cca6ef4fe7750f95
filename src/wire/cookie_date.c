/* SPDX-License-Identifier: MIT */
/*
 * cookie_date.c - dates as servers write them (RFC 6265bis 5.1.1)
 *
 * The text is cut into words. The first that looks like a time, a day, a month,
 * a year is it; all others, names of days and of zones among them, are passed
 * over. Every date is taken for one in GMT.
 */
#include "wire/cookie.h"

#include <errno.h>
#include <stdio.h>

#include "wire/chars.h"
#include "wire/http_date.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct date {
	bool has_time, has_day, has_month, has_year;
	int hour, minute, second, day, month, year; /* month 0-11 */
};

static bool separates(char c)
{
	unsigned char u = (unsigned char)c;
	return u == '\t' || (u >= 0x20 && u <= 0x2f) ||
		(u >= 0x3b && u <= 0x40) || (u >= 0x5b && u <= 0x60) ||
		(u >= 0x7b && u <= 0x7e);
}

/* Take `least` to `most` digits that no further digit follows. */
static bool take_number(cio_str *s, size_t least, size_t most, int *out)
{
	size_t n = cio__span(*s, CHAR_DIGIT);
	int value = 0;
	if (n < least || n > most)
		return false;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (s->p[i] - '0');
	*s = cio__after(*s, n);
	*out = value;
	return true;
}

static bool take_colon(cio_str *s)
{
	if (s->n == 0 || s->p[0] != ':')
		return false;
	*s = cio__after(*s, 1);
	return true;
}

static bool take_time(cio_str word, struct date *d)
{
	return take_number(&word, 1, 2, &d->hour) && take_colon(&word) &&
		take_number(&word, 1, 2, &d->minute) && take_colon(&word) &&
		take_number(&word, 1, 2, &d->second);
}

static bool take_month(cio_str word, int *month)
{
	for (int i = 0; word.n >= 3 && i < 12; i++) {
		cio_str name = {months + 3 * i, 3};
		if (cio_str_equal_nocase((cio_str){word.p, 3}, name)) {
			*month = i;
			return true;
		}
	}
	return false;
}

static void take_word(cio_str word, struct date *d)
{
	if (!d->has_time && take_time(word, d))
		d->has_time = true;
	else if (!d->has_day && take_number(&word, 1, 2, &d->day))
		d->has_day = true;
	else if (!d->has_month && take_month(word, &d->month))
		d->has_month = true;
	else if (!d->has_year && take_number(&word, 2, 4, &d->year))
		d->has_year = true;
}

/* The other date parser knows which dates there are. */
static int seconds_of(const struct date *d, int64_t *seconds)
{
	char text[64];
	if (d->year < 1601 || d->second > 59)
		return -EINVAL;
	(void)snprintf(text, sizeof text,
		"Mon, %02d %.3s %04d %02d:%02d:%02d GMT", d->day,
		months + 3 * d->month, d->year, d->hour, d->minute, d->second);
	return cio__http_date_parse(cio_str_of(text), 0, seconds);
}

int cio__cookie_date(cio_str text, int64_t *seconds)
{
	struct date d = {0};
	while (text.n > 0) {
		size_t n = 0;
		while (n < text.n && !separates(text.p[n]))
			n++;
		take_word((cio_str){text.p, n}, &d);
		text = cio__after(text, n < text.n ? n + 1 : n);
	}
	if (!d.has_time || !d.has_day || !d.has_month || !d.has_year)
		return -EINVAL;
	if (d.year < 100)
		d.year += d.year >= 70 ? 1900 : 2000;
	return seconds_of(&d, seconds);
}
