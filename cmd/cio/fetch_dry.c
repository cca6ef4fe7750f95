/* SPDX-License-Identifier: MIT */
/*
 * fetch_dry.c - --dry-run: the list checked, and what would be fetched
 */
#include <errno.h>
#include <stdio.h>

#include "cmd.h"
#include "fetch.h"
#include "wire/url.h"

static const char *wrong_with(const struct fetch_item *item)
{
	struct url u;
	const char *why = item->wrong;
	if (why == NULL && cio__url_parse(&u, cio_str_of(item->url), &why) < 0)
		return why != NULL ? why : "not a URL";
	return item->wrong;
}

/* 1 if it is to be fetched, 0, or -errno. */
static int look(struct fetch *f, struct fetch_item *item, uint64_t *bad)
{
	const char *why = wrong_with(item);
	int seen = f->options.dedupe ? fetch_seen_add(&f->seen, item) : 0;
	if (seen != 0)
		return seen < 0 ? seen : 0;
	if (why != NULL) {
		++*bad;
		for (size_t i = 0; i < item->memory.n; i++)
			if ((unsigned char)item->memory.p[i] < ' ' &&
				item->memory.p[i] != '\0')
				item->memory.p[i] = '?'; /* not for a terminal */
		(void)fprintf(stderr, "cio fetch: %s %llu: %.200s: %s\n",
			item->line > 0 ? "line" : "argument",
			(unsigned long long)(item->line > 0 ? item->line :
							      item->seq),
			item->text, why);
		return 0;
	}
	cio_http_method m = item->has_method ? item->method : f->options.method;
	(void)printf("%s %s\n", cio_http_method_name(m), item->url);
	return ferror(stdout) ? -EIO : 1;
}

static int no_output(void)
{
	(void)fputs("cio fetch: cannot write stdout; stopping\n", stderr);
	return EXIT_OUTPUT;
}

int fetch_dry_run(struct fetch *f)
{
	uint64_t good = 0, bad = 0;
	cio_str line;
	int more;
	while ((more = fetch_input_next(&f->input, &line)) > 0) {
		struct fetch_item *item = fetch_item_new(&f->options, line);
		if (item == NULL)
			return EXIT_NOTHING;
		item->seq = ++f->seq;
		item->line = f->input.line;
		int n = look(f, item, &bad);
		fetch_item_free(item);
		if (n == -ENOMEM)
			return EXIT_NOTHING;
		if (n < 0)
			return no_output();
		good += (uint64_t)n;
	}
	(void)fflush(stdout);
	if (ferror(stdout))
		return no_output();
	if (!f->options.quiet)
		(void)fprintf(stderr, "%llu would be fetched, %llu cannot be\n",
			(unsigned long long)good, (unsigned long long)bad);
	if (more < 0)
		return cio_refused() < 0 ? EXIT_INTERRUPTED : EXIT_NOTHING;
	return bad > 0 ? EXIT_SOME_FAILED : EXIT_OK;
}
