/* SPDX-License-Identifier: MIT */
/* no_psl.c - a build without libpsl: only names of one label are known to be
 * public suffixes */
#include "http/cookie.h"

bool cookie_is_public_suffix(const char *domain)
{
	return strchr(domain, '.') == NULL;
}

/* The last two labels. */
const char *cookie_site(const char *domain)
{
	const char *site = domain, *dot = strchr(domain, '.');
	for (const char *next; dot != NULL; dot = next) {
		next = strchr(dot + 1, '.');
		if (next != NULL)
			site = dot + 1;
	}
	return site;
}
