/* SPDX-License-Identifier: MIT */
/*
 * http_date.c - three notations of the same instant
 *
 *	Sun, 06 Nov 1994 08:49:37 GMT    IMF-fixdate, the one we write
 *	Sunday, 06-Nov-94 08:49:37 GMT   RFC 850, obsolete
 *	Sun Nov  6 08:49:37 1994         asctime, obsolete
 *
 * Each is read with a pattern: a letter of the pattern stands for one or more
 * bytes of the text, anything else for itself.
 */
#include "wire/http_date.h"

#include <errno.h>
#include <stdio.h>

#include "wire/chars.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "SunMonTueWedThuFriSat";

struct date {
	int year, month, day, hour, minute, second; /* month 1-12 */
};

/* Days since 1970-01-01 in the Gregorian calendar; years begin in March
 * here, so that the leap day is the last one. */
static int64_t days_from(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 +
			  day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static struct date date_from(int64_t seconds)
{
	int64_t days = seconds / 86400;
	int second = (int)(seconds % 86400);
	if (second < 0) {
		second += 86400;
		days--;
	}
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int of_era = (int)(days - era * 146097);
	int year = (of_era - of_era / 1460 + of_era / 36524 -
		    of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int march = (5 * of_year + 2) / 153;
	int month = march < 10 ? march + 3 : march - 9;
	return (struct date){
		.year = year + (int)(era * 400) + (month <= 2),
		.month = month,
		.day = of_year - (153 * march + 2) / 5 + 1,
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
	};
}

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* A second of 60 is a leap second and counts as the next one. */
static bool exists(const struct date *d)
{
	static const int length[] = {31, 28, 31, 30, 31, 30,
				     31, 31, 30, 31, 30, 31};
	int last = length[d->month - 1] + (d->month == 2 && leap(d->year));

	return d->day >= 1 && d->day <= last && d->hour <= 23 &&
	       d->minute <= 59 && d->second <= 60;
}

/* Take exactly `digits` digits; a leading blank counts as 0 if allowed. */
static bool take_number(cio_str *s, size_t digits, bool blank, int *value)
{
	int n = 0;

	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		char c = s->p[i];
		if (blank && i == 0 && c == ' ')
			continue;
		if (!cio__char_is(c, CHAR_DIGIT))
			return false;
		n = n * 10 + (c - '0');
	}
	*value = n;
	*s = cio__after(*s, digits);
	return true;
}

static bool take_month(cio_str *s, int *month)
{
	for (int i = 0; s->n >= 3 && i < 12; i++) {
		if (memcmp(s->p, months + 3 * i, 3) == 0) {
			*month = i + 1;
			*s = cio__after(*s, 3);
			return true;
		}
	}
	return false;
}

static bool take_weekday(cio_str *s, bool whole)
{
	size_t n = cio__span(*s, CHAR_ALPHA);
	if (whole ? n < 6 || n > 9 : n != 3)
		return false;
	*s = cio__after(*s, n);
	return true;
}

static bool take_time(cio_str *s, struct date *d)
{
	if (!take_number(s, 2, false, &d->hour) || s->n == 0 || s->p[0] != ':')
		return false;
	*s = cio__after(*s, 1);
	if (!take_number(s, 2, false, &d->minute) || s->n == 0 ||
	    s->p[0] != ':')
		return false;
	*s = cio__after(*s, 1);
	return take_number(s, 2, false, &d->second);
}

/* w, W: short, long weekday; d, e: day, blank-padded day; m: month; y, Y:
 * two, four digits of the year; t: time of day; Z: "GMT". */
static bool take(cio_str *s, char letter, struct date *d)
{
	switch (letter) {
	case 'w':
	case 'W':
		return take_weekday(s, letter == 'W');
	case 'd':
	case 'e':
		return take_number(s, 2, letter == 'e', &d->day);
	case 'm':
		return take_month(s, &d->month);
	case 'y':
	case 'Y':
		return take_number(s, letter == 'y' ? 2 : 4, false, &d->year);
	case 't':
		return take_time(s, d);
	case 'Z':
		if (s->n < 3 || memcmp(s->p, "GMT", 3) != 0)
			return false;
		*s = cio__after(*s, 3);
		return true;
	default:
		if (s->n == 0 || s->p[0] != letter)
			return false;
		*s = cio__after(*s, 1);
		return true;
	}
}

static bool match(cio_str s, const char *pattern, struct date *d)
{
	for (; *pattern != '\0'; pattern++) {
		if (!take(&s, *pattern, d))
			return false;
	}
	return s.n == 0;
}

/* RFC 9110 5.6.7: more than 50 years in the future means the past. */
static int century(int year, int64_t now)
{
	int this_year = date_from(now).year;
	int full = this_year - this_year % 100 + year;

	if (full > this_year + 50)
		return full - 100;
	return full <= this_year - 50 ? full + 100 : full;
}

int cio__http_date_parse(cio_str text, int64_t now, int64_t *seconds)
{
	struct date d = {0};

	if (match(text, "W, d-m-y t Z", &d))
		d.year = century(d.year, now);
	else if (!match(text, "w, d m Y t Z", &d) &&
		 !match(text, "w m e t Y", &d))
		return -EINVAL;
	if (!exists(&d))
		return -EINVAL;
	*seconds = days_from(d.year, d.month, d.day) * 86400 +
		   d.hour * 3600 + d.minute * 60 + d.second;
	return 0;
}

void cio__http_date_format(char text[HTTP_DATE_BYTES], int64_t seconds)
{
	const int64_t first = days_from(1, 1, 1) * 86400;
	const int64_t last = days_from(10000, 1, 1) * 86400 - 1;

	if (seconds < first)
		seconds = first;
	if (seconds > last)
		seconds = last;
	struct date d = date_from(seconds);
	/* 1 January of the year 1 is a Monday in this calendar. */
	int64_t weekday = ((seconds - first) / 86400 + 1) % 7;
	snprintf(text, HTTP_DATE_BYTES,
		 "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		 weekdays + 3 * weekday, (unsigned)d.day % 100,
		 months + 3 * (d.month - 1), (unsigned)d.year % 10000,
		 (unsigned)d.hour % 100, (unsigned)d.minute % 100,
		 (unsigned)d.second % 100);
}

/* Beyond 68 years the number only says "very long". */
static int64_t delta(cio_str digits)
{
	int64_t n = 0;
	for (size_t i = 0; i < digits.n; i++) {
		n = n * 10 + (digits.p[i] - '0');
		if (n > INT32_MAX)
			return INT32_MAX;
	}
	return n;
}

int cio__http_retry_after(cio_str value, int64_t now, int64_t *seconds)
{
	int64_t then;

	if (value.n > 0 && cio__all(value, CHAR_DIGIT)) {
		*seconds = delta(value);
		return 0;
	}
	int err = cio__http_date_parse(value, now, &then);
	if (err < 0)
		return err;
	*seconds = then > now ? then - now : 0;
	return 0;
}
