/* SPDX-License-Identifier: MIT */
/*
 * cookie_suffix.c - the public suffix list, as libpsl has it built in
 *
 * cmake/no_psl.c stands in its place where there is no libpsl.
 */
#include "http/cookie.h"

#include <libpsl.h>

/* Names without dots are public whatever the list says, or does not. */
bool cookie_is_public_suffix(const char *domain)
{
	return strchr(domain, '.') == NULL ||
		psl_is_public_suffix(psl_builtin(), domain) != 0;
}

const char *cookie_site(const char *domain)
{
	const char *site = psl_registrable_domain(psl_builtin(), domain);
	return site != NULL ? site : domain;
}
