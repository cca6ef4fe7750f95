/* SPDX-License-Identifier: MIT */
/*
 * fetch_values.c - numbers, times, sizes and rates on the command line
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "fetch_options.h"

bool value_number(const char *value, long least, long most, long *out)
{
	char *end;
	errno = 0;
	long n = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < least || n > most)
		return false;
	*out = n;
	return true;
}

/* How long a unit is; 0: none. */
static double unit(const char *name)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"", 1}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600},
		{"d", 86400}};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(name, units[i].name) == 0)
			return units[i].seconds;
	return 0;
}

/* strtod takes more than people write: "inf", "0x1p3", blanks. */
static bool starts_number(const char *value)
{
	return (value[0] >= '0' && value[0] <= '9') || value[0] == '.';
}

bool value_time(const char *value, cio_duration *out)
{
	char *end;
	if (!starts_number(value) || strpbrk(value, "xX") != NULL)
		return false;
	double seconds = strtod(value, &end) * unit(end);
	if (end == value || !(seconds >= 0.001 && seconds <= 100 * 86400.0))
		return false;
	*out = (cio_duration)(seconds * 1e9);
	return true;
}

bool value_size(const char *value, size_t *out)
{
	static const char units[] = "kmgt";
	char *end;
	if (!starts_number(value) || strpbrk(value, "xX") != NULL)
		return false;
	double bytes = strtod(value, &end);
	const char *u = *end != '\0' ? strchr(units, *end | 0x20) : NULL;
	if (end == value || (*end != '\0' && (u == NULL || end[1] != '\0')))
		return false;
	for (const char *p = units; u != NULL && p <= u; p++)
		bytes *= 1024;
	if (!(bytes >= 1 && bytes <= 1e15))
		return false;
	*out = (size_t)bytes;
	return true;
}

/* curl's grammar: N, N/U, N/MU. */
bool value_rate(const char *value, struct fetch_rate *out)
{
	char *end;
	errno = 0;
	long n = strtol(value, &end, 10);
	cio_duration per = CIO_S(1);
	if (errno != 0 || end == value || n < 1 || n > 10000000)
		return false;
	if (*end == '/') {
		char text[32];
		const char *u = end + 1;
		(void)snprintf(text, sizeof text, "%s%s",
			*u >= '0' && *u <= '9' ? "" : "1", u);
		if (*u == '\0' || strlen(u) > 20 || !value_time(text, &per))
			return false;
	} else if (*end != '\0') {
		return false;
	}
	if (per / n < 1)
		return false;
	*out = (struct fetch_rate){(uint32_t)n, per};
	return true;
}

bool value_choice(const char *choices, const char *value, int *out)
{
	size_t n = strlen(value);
	const char *p = choices;
	for (int i = 0; n > 0; i++) {
		size_t word = strcspn(p, "|");
		if (word == n && strncmp(p, value, n) == 0) {
			*out = i;
			return true;
		}
		if (p[word] == '\0')
			break;
		p += word + 1;
	}
	return false;
}

bool set_fail_under(struct fetch_options *o, const char *value)
{
	char *end;
	if (!starts_number(value))
		return false;
	double percent = strtod(value, &end);
	if (*end == '%')
		end++;
	o->fail_under = percent;
	return *end == '\0' && percent > 0 && percent <= 100;
}

bool set_concurrency(struct fetch_options *o, const char *value)
{
	o->concurrency_given = true;
	if (value_number(value, 1, 100000, &o->concurrency))
		return true;
	cio_fail(0, "a number from 1 to 100000");
	return false;
}

bool set_rate(struct fetch_options *o, const char *value)
{
	return value_rate(value, &o->rate);
}

bool set_rate_per_host(struct fetch_options *o, const char *value)
{
	return value_rate(value, &o->rate_per_host);
}

/* What --retry-on can name beside statuses. */
static unsigned retry_word(const char *word, size_t n)
{
	static const struct {
		const char *word;
		unsigned errors;
	} words[] = {
		{"none", 0},
		{"dns", 1u << CIO_HTTP_ERROR_DNS},
		{"connect", 1u << CIO_HTTP_ERROR_CONNECT},
		{"conn", 1u << CIO_HTTP_ERROR_CONNECT},
		{"tls", 1u << CIO_HTTP_ERROR_TLS},
		{"timeout", 1u << CIO_HTTP_ERROR_TIMEOUT},
		{"reset", 1u << CIO_HTTP_ERROR_RESET},
		{"protocol", 1u << CIO_HTTP_ERROR_PROTOCOL},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n &&
			strncmp(word, words[i].word, n) == 0)
			return words[i].errors | 1; /* 1: "it is a word" */
	return 0;
}

/* "503", or "5xx" for all of them. */
static bool add_statuses(struct fetch_options *o, const char *word, size_t n,
	int *count)
{
	bool all = n == 3 && strncmp(word + 1, "xx", 2) == 0;
	if (n != 3 || word[0] < '1' || word[0] > '9' ||
		(!all && strspn(word, "0123456789") < 3))
		return false;
	int first = all ? (word[0] - '0') * 100 : (int)strtol(word, NULL, 10);
	for (int s = first; s < first + (all ? 100 : 1); s++) {
		if (*count == STATUSES_MAX - 1)
			return false;
		o->retry_on[(*count)++] = (short)s;
	}
	return true;
}

bool set_retry_on(struct fetch_options *o, const char *value)
{
	int count = 0;
	memset(o->retry_on, 0, sizeof o->retry_on);
	o->retry_on_given = true;
	o->retry_errors = 1; /* none */
	for (;;) {
		size_t n = strcspn(value, ",");
		unsigned errors = retry_word(value, n);
		if (errors == 0 && !add_statuses(o, value, n, &count)) {
			cio_fail(0, "statuses (429, 5xx) and errors (connect, dns, "
				"timeout, reset, tls, protocol) with commas "
				"between, or none");
			return false;
		}
		o->retry_errors |= errors;
		if (value[n] == '\0')
			return true;
		value += n + 1;
	}
}
