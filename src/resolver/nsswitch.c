/* SPDX-License-Identifier: MIT */
/*
 * nsswitch.c - may name servers be asked in the system's place?
 *
 * Only if its nsswitch.conf(5) says no more about hosts than that: the hosts
 * file, and name servers, by whatever way. "myhostname" adds the machine's own
 * name, which nobody would go out for.
 */
#include "resolver/resolver.h"

#include <stdio.h>

static bool is_known(const char *word, bool *servers)
{
	static const char *const ways[] = {"dns", "resolve"};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(word, ways[i]) == 0)
			return *servers = true;
	return strcmp(word, "files") == 0 || strcmp(word, "myhostname") == 0;
}

/* What stands behind "hosts:". */
static bool line_needs_system(char *line)
{
	bool servers = false, action = false;
	char *save, *word = strtok_r(line, " \t\n", &save);
	for (; word != NULL && word[0] != '#';
		word = strtok_r(NULL, " \t\n", &save)) {
		/* "[NOTFOUND=return]", maybe of several words */
		action = action || word[0] == '[';
		if (!action && !is_known(word, &servers))
			return true;
		if (action && strchr(word, ']') != NULL)
			action = false;
	}
	return !servers;
}

bool nsswitch_needs_system(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[512];
	bool needs = false;
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		char *at = line + strspn(line, " \t");
		if (strncmp(at, "hosts:", 6) == 0)
			needs = line_needs_system(at + 6);
	}
	if (f != NULL)
		fclose(f);
	return needs;
}
