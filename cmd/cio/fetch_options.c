/* SPDX-License-Identifier: MIT */
/*
 * fetch_options.c - the command line of `cio fetch`
 *
 * One table says everything of an option: its names, its argument, its help and
 * how it is set. Unknown and malformed ones are one line and exit code 2.
 */
#include "fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"

typedef bool setter(struct fetch_options *o, const char *value);

static bool whole(const char *value, long least, long most, long *out)
{
	char *end;
	errno = 0;
	*out = strtol(value, &end, 10);
	return errno == 0 && end != value && *end == '\0' && *out >= least &&
		*out <= most;
}

static bool set_input(struct fetch_options *o, const char *value)
{
	o->input = value;
	return *value != '\0';
}

static bool set_output(struct fetch_options *o, const char *value)
{
	o->output = value;
	return *value != '\0';
}

static bool set_concurrency(struct fetch_options *o, const char *value)
{
	long n = 0;
	bool good = whole(value, 1, 100000, &n);
	o->concurrency = (uint32_t)n;
	o->concurrency_given = true;
	return good;
}

static bool set_per_host(struct fetch_options *o, const char *value)
{
	long n = 0;
	bool good = whole(value, 1, 100000, &n);
	o->per_host = (uint32_t)n;
	return good;
}

static bool set_retries(struct fetch_options *o, const char *value)
{
	long n = 0;
	bool good = whole(value, 0, 1000, &n);
	o->retries = (int)n;
	return good;
}

static bool set_timeout(struct fetch_options *o, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);
	bool good = end != value && *end == '\0' && seconds >= 0.001 &&
		seconds <= 86400;
	if (good)
		o->timeout = (cio_duration)(seconds * 1e9);
	return good;
}

static const struct option {
	char letter;
	const char *name, *argument, *help;
	setter *set;
} options[] = {
	{'i', "input", "FILE", "read URLs from FILE, one a line; - is stdin",
		set_input},
	{'o', "output", "FILE", "write rows to FILE instead of stdout",
		set_output},
	{'c', "concurrency", "N", "requests in flight, 1-100000 (100)",
		set_concurrency},
	{0, "per-host", "N",
		"of these to one host (-c if given or one host is seen, else 8)",
		set_per_host},
	{'r', "retries", "N", "further attempts, 0-1000 (3)", set_retries},
	{'m', "timeout", "SECONDS", "for one attempt, 0.001-86400 (30)",
		set_timeout},
};
enum { OPTIONS = sizeof options / sizeof *options };

static void print_help(void)
{
	(void)printf("usage: cio fetch [OPTION...] [URL...]\n\n"
		"Fetch many URLs at once with one thread; write a JSON line for\n"
		"each and a summary. URLs come from the arguments, then from -i;\n"
		"without either from stdin. Blank lines and #... are passed over.\n\n");
	for (int i = 0; i < OPTIONS; i++) {
		char names[64];
		const struct option *o = &options[i];
		(void)snprintf(names, sizeof names, "%c%c%s --%s %s",
			o->letter != 0 ? '-' : ' ', o->letter != 0 ? o->letter : ' ',
			o->letter != 0 ? "," : " ", o->name, o->argument);
		(void)printf("  %-26s %s\n", names, o->help);
	}
	(void)printf("      --help                 this text\n\n"
		"A row: url http_code ok attempts error_kind error size_download\n"
		"time_connect time_starttransfer time_total (seconds). ok: 2xx, 3xx.\n"
		"error_kind: dns connect tls timeout reset protocol too_large http\n"
		"cancelled url.\n\n"
		"Exit: 0 all ok, 1 some failed, 2 usage, 3 output error, 4 nothing\n"
		"could start, 130 interrupted after flushing.\n");
}

static const struct option *find(const char *word, const char **value)
{
	for (int i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];
		size_t n = strlen(o->name);
		*value = NULL;
		if (word[1] == '-') {
			if (strncmp(word + 2, o->name, n) != 0 ||
				(word[2 + n] != '\0' && word[2 + n] != '='))
				continue;
			if (word[2 + n] == '=')
				*value = word + 3 + n;
			return o;
		}
		if (o->letter != 0 && word[1] == o->letter) {
			if (word[2] != '\0')
				*value = word + 2;
			return o;
		}
	}
	return NULL;
}

static int wrong(const char *format, const char *a, const char *b, const char *c)
{
	(void)fputs("cio fetch: ", stderr);
	(void)fprintf(stderr, format, a, b, c);
	(void)fputs("; `cio fetch --help` lists the options\n", stderr);
	return EXIT_USAGE;
}

int fetch_options_parse(struct fetch_options *o, int argc, char **argv)
{
	*o = (struct fetch_options){.output = "-", .concurrency = 100,
		.retries = 3, .timeout = CIO_S(30), .urls = argv};
	bool literal = false;
	for (int i = 1; i < argc; i++) {
		char *word = argv[i];
		if (literal || word[0] != '-' || word[1] == '\0') {
			argv[o->url_count++] = word; /* in place: never ahead of i */
			continue;
		}
		if (strcmp(word, "--") == 0) {
			literal = true;
			continue;
		}
		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			print_help();
			return -1;
		}
		const char *value;
		const struct option *found = find(word, &value);
		if (found == NULL)
			return wrong("unknown option %s%s%s", word, "", "");
		if (value == NULL)
			value = ++i < argc ? argv[i] : NULL;
		if (value == NULL)
			return wrong("--%s needs %s%s", found->name,
				found->argument, "");
		if (!found->set(o, value))
			return wrong("--%s %s: not a value it takes (%s)",
				found->name, value, found->help);
	}
	return 0;
}
