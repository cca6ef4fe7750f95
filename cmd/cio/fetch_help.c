/* SPDX-License-Identifier: MIT */
/*
 * fetch_help.c - the table of options as text, manual page and completions
 */
#include "fetch_options.h"

enum { COLUMN = 30, WIDTH = 80 };

/* ---- text ---- */

static void put_wrapped(FILE *to, const char *text, int at)
{
	while (*text != '\0') {
		int n = (int)strcspn(text, " ");
		if (at > COLUMN && at + 1 + n > WIDTH) {
			(void)fprintf(to, "\n%*s", COLUMN, "");
			at = COLUMN;
		}
		at += fprintf(to, "%s%.*s", at > COLUMN ? " " : "", n, text);
		text += n;
		text += *text == ' ';
	}
	(void)fputc('\n', to);
}

static void put_option(FILE *to, const struct option *o)
{
	char names[80];
	if (o->kind == OPTION_TITLE) {
		(void)fprintf(to, "\n%s:\n", o->name);
		return;
	}
	(void)snprintf(names, sizeof names, "  %c%c%s --%s %s",
		o->letter != 0 ? '-' : ' ', o->letter != 0 ? o->letter : ' ',
		o->letter != 0 ? "," : " ", o->name,
		o->argument != NULL ? o->argument : "");
	bool fits = strlen(names) < COLUMN; /* with a blank between */
	if (fits)
		(void)fprintf(to, "%-*s", COLUMN, names);
	else
		(void)fprintf(to, "%s\n%*s", names, COLUMN, "");
	put_wrapped(to, o->help, COLUMN);
}

void fetch_help_text(FILE *to)
{
	(void)fputs("usage: cio fetch [OPTION...] [URL...]\n\n"
		"Fetch many URLs at once with one thread; write a row for each and "
		"a summary.\nURLs come from the arguments, then from -i; without "
		"either from stdin. Blank\nlines and those that begin with # are "
		"passed over. A line may be a JSON object:\n"
		"{\"url\": ..., \"method\": ..., \"headers\": {...}, \"body\": ...}\n",
		to);
	for (int i = 0; i < fetch_table_size; i++)
		put_option(to, &fetch_table[i]);
	(void)fputs("      --help                  This text.\n\n"
		"TIME is in seconds, or as 500ms, 30s, 5m, 1h. SIZE is in bytes, or "
		"as 64k, 10M,\n2G.\n\n"
		"Exit: 0 all ok, 1 some failed, 2 usage, 3 output error, 4 nothing "
		"could start,\n130 interrupted after flushing. `man cio-fetch` has "
		"the rest.\n",
		to);
}

/* ---- roff ---- */

/* Escaped: \ and -, and a ' or . that begins a line. */
static void put_roff(FILE *to, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\')
			(void)fputs("\\e", to);
		else if (*p == '-')
			(void)fputs("\\-", to);
		else
			(void)fputc(*p, to);
	}
}

static void put_roff_option(FILE *to, const struct option *o)
{
	if (o->kind == OPTION_TITLE) {
		(void)fprintf(to, ".SS \"%s\"\n", o->name);
		return;
	}
	(void)fputs(".TP\n", to);
	if (o->letter != 0)
		(void)fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
	(void)fputs("\\fB\\-\\-", to);
	put_roff(to, o->name);
	(void)fputs("\\fR", to);
	if (o->argument != NULL) {
		(void)fputs(" \\fI", to);
		put_roff(to, o->argument);
		(void)fputs("\\fR", to);
	}
	(void)fputc('\n', to);
	put_roff(to, o->help);
	(void)fputc('\n', to);
}

void fetch_help_man(FILE *to)
{
	for (int i = 0; i < fetch_table_size; i++)
		put_roff_option(to, &fetch_table[i]);
}
