/* SPDX-License-Identifier: MIT */
/*
 * fetch_options.c - words of the command line to options, by the table
 *
 * Unknown and malformed ones are one line and exit code 2.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "cmd.h"
#include "fetch_options.h"

/* ---- the nearest name ---- */

/* Levenshtein's distance, of short words. */
static size_t distance(const char *a, const char *b)
{
	enum { MOST = 40 };
	size_t row[MOST + 1], n = strlen(b);
	if (n > MOST || strlen(a) > MOST)
		return MOST;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = corner + (a[i - 1] != b[j - 1]);
			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

const char *fetch_suggest(const char *word, char *room, size_t n)
{
	const char *best = NULL;
	size_t least = 4;
	room[0] = '\0';
	word += strspn(word, "-");
	size_t n_word = strlen(word);
	for (int i = 0; i < fetch_table_size; i++) {
		const struct option *o = &fetch_table[i];
		if (o->kind == OPTION_TITLE)
			continue;
		bool begins = strncmp(o->name, word, n_word) == 0;
		size_t d = begins && n_word > 1 ? 1 : distance(word, o->name);
		if (d < least && 2 * d <= n_word) {
			least = d;
			best = o->name;
		}
	}
	if (best != NULL)
		(void)snprintf(room, n, "; did you mean --%s?", best);
	return room;
}

/* ---- one option ---- */

static int wrong(const char *format, ...) CIO_PRINTF(1, 2);
static int wrong(const char *format, ...)
{
	char text[1000]; /* a line, whatever bytes somebody gave */
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	(void)fprintf(stderr, "cio fetch: %s; `cio fetch --help` lists the "
		"options\n", text);
	return EXIT_USAGE;
}

static const struct option *find_name(const char *word, const char **value)
{
	size_t n = strcspn(word, "=");
	*value = word[n] == '=' ? word + n + 1 : NULL;
	for (int i = 0; i < fetch_table_size; i++) {
		const struct option *o = &fetch_table[i];
		if (o->kind != OPTION_TITLE && strlen(o->name) == n &&
			strncmp(o->name, word, n) == 0)
			return o;
	}
	return NULL;
}

static const struct option *find_letter(char letter)
{
	for (int i = 0; i < fetch_table_size; i++)
		if (fetch_table[i].letter == letter && letter != '\0')
			return &fetch_table[i];
	return NULL;
}

static bool set(const struct option *t, struct fetch_options *o,
	const char *value)
{
	void *field = (char *)o + t->at;
	switch (t->kind) {
	case OPTION_FLAG: *(bool *)field = true; return true;
	case OPTION_NUMBER:
		return value_number(value, t->least, t->most, field);
	case OPTION_TEXT:
		*(const char **)field = value;
		return *value != '\0';
	case OPTION_TIME: return value_time(value, field);
	case OPTION_SIZE: return value_size(value, field);
	case OPTION_CHOICE: return value_choice(t->argument, value, field);
	case OPTION_OTHER: return t->set(o, value);
	case OPTION_TITLE: break;
	}
	return false;
}

/* What `value` is said to be must not be a secret. */
static const char *shown(const struct option *t, const char *value)
{
	bool secret = strcmp(t->name, "user") == 0 ||
		strcmp(t->name, "oauth2-bearer") == 0;
	return secret ? "..." : value;
}

/* `as`: "-c" or "--concurrency", as it was given. */
static int apply(const struct option *t, struct fetch_options *o, const char *as,
	const char *value)
{
	const char *seen = value != NULL ? shown(t, value) : "";
	cio_fail(0, "%s", "");
	if (set(t, o, value))
		return 0;
	if (cio_error_text()[0] != '\0')
		return wrong("%s %s: %s", as, seen, cio_error_text());
	if (t->kind == OPTION_NUMBER)
		return wrong("%s %s: a number from %ld to %ld", as, seen,
			t->least, t->most);
	return wrong("%s %s: it takes %s%s", as, seen,
		t->argument != NULL ? t->argument : "nothing",
		t->kind == OPTION_TIME ? ": 30, 1.5, 500ms, 5m, 1h" :
		t->kind == OPTION_SIZE ? ": 1000, 64k, 10M, 2G" : "");
}

/* ---- all of them ---- */

struct words {
	int i, count;
	char **at;
};

static int long_option(struct fetch_options *o, struct words *w)
{
	const char *word = w->at[w->i], *value;
	char near[64], as[40];
	const struct option *t = find_name(word + 2, &value);
	if (t == NULL && fetch_foreign(word) != NULL)
		return wrong("%s: %s", word, fetch_foreign(word));
	if (t == NULL)
		return wrong("unknown option %s%s", word,
			fetch_suggest(word, near, sizeof near));
	if (t->argument == NULL && value != NULL)
		return wrong("--%s takes no value", t->name);
	if (t->argument != NULL && value == NULL)
		value = ++w->i < w->count ? w->at[w->i] : NULL;
	if (t->argument != NULL && value == NULL)
		return wrong("--%s needs %s", t->name, t->argument);
	(void)snprintf(as, sizeof as, "--%s", t->name);
	return apply(t, o, as, value);
}

/* "-Lkc50": flags, and at the end one with a value. */
static int short_options(struct fetch_options *o, struct words *w)
{
	for (const char *p = w->at[w->i] + 1; *p != '\0'; p++) {
		const struct option *t = find_letter(*p);
		const char as[] = {'-', *p, '\0'};
		if (t == NULL && fetch_foreign(as) != NULL)
			return wrong("%s: %s", as, fetch_foreign(as));
		if (t == NULL)
			return wrong("unknown option -%c", *p);
		const char *value = NULL;
		if (t->argument != NULL) {
			value = p[1] != '\0' ? p + 1 :
				++w->i < w->count ? w->at[w->i] : NULL;
			if (value == NULL)
				return wrong("%s needs %s", as, t->argument);
		}
		int code = apply(t, o, as, value);
		if (code != 0 || t->argument != NULL)
			return code;
	}
	return 0;
}

static bool is_help(const char *word)
{
	if (strcmp(word, "--help=man") == 0)
		fetch_help_man(stdout);
	else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		fetch_help_text(stdout);
	else
		return false;
	return true;
}

int fetch_options_parse(struct fetch_options *o, int argc, char **argv)
{
	*o = (struct fetch_options){.output = "-", .concurrency = 100,
		.retries = 3, .timeout = CIO_S(30), .urls = argv,
		.max_redirects = 30, .max_size = (size_t)64 << 20,
		.fail_under = 100, .body = UNSAID, .progress = UNSAID,
		.summary = UNSAID, .retry_errors = 1u << CIO_HTTP_ERROR_DNS |
			1u << CIO_HTTP_ERROR_CONNECT |
			1u << CIO_HTTP_ERROR_RESET |
			1u << CIO_HTTP_ERROR_TIMEOUT};
	struct words w = {1, argc, argv};
	bool literal = false;
	for (; w.i < argc; w.i++) {
		char *word = argv[w.i];
		if (literal || word[0] != '-' || word[1] == '\0') {
			argv[o->url_count++] = word; /* in place: never ahead */
			continue;
		}
		if (strcmp(word, "--") == 0) {
			literal = true;
			continue;
		}
		if (is_help(word))
			return -1;
		int code = word[1] == '-' ? long_option(o, &w) :
					    short_options(o, &w);
		if (code != 0)
			return code;
	}
	return fetch_options_check(o);
}
