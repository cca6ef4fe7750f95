/* SPDX-License-Identifier: MIT */
/*
 * fetch_names.c - options by the names that users of `cio fetch` gave them
 *
 * The library's texts say which of its options was in the way; who reads them
 * here knows these options by other names, or does not have them.
 */
#include "base/option_name.h"
#include "fetch_options.h"

static const char *name_of(const char *ours)
{
	static const struct {
		const char *ours, *theirs;
	} names[] = {
		{"timeout", "--timeout"},
		{"total_timeout", "--total-time"},
		{"connect_timeout", "--connect-timeout"},
		{"tls_timeout", "--connect-timeout"},
		{"max_body", "--max-size"},
		{"no_private_redirects", "--allow-private"},
		{"local_address", "--interface"},
		{"ca_file", "--cacert"},
		{"certificate_file", "--cert"},
		{"key_file", "--key"},
		{"pin_sha256", "--pinnedpubkey"},
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].ours, ours) == 0)
			return names[i].theirs;
	return NULL;
}

void fetch_names_use(void)
{
	cio__option_names = name_of;
}
