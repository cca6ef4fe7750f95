/* SPDX-License-Identifier: MIT */
/*
 * fetch_foreign.c - options that people know from other programs
 *
 * What is not there yet is said to be so; what has another name here is told.
 */
#include "fetch_options.h"

const char *fetch_foreign(const char *word)
{
	static const struct {
		const char *letter, *name, *what;
	} all[] = {
		{"-x", "--proxy", "proxies are not supported yet"},
		{"", "--socks5", "proxies are not supported yet"},
		{"", "--limit-rate", "a limit of bytes a second is not there "
			"yet; --rate limits requests"},
		{"", "--deny", "refusing networks of one's choice is not there "
			"yet; redirects to private addresses are refused"},
		{"", "--http2", "HTTP/2 is not there yet; requests go by HTTP/1.1"},
		{"", "--http3", "HTTP/3 is not there yet; requests go by HTTP/1.1"},
		{"-F", "--form", "multipart forms are not there yet"},
		{"-b", "--cookie", "use --cookie-jar FILE, or -H 'Cookie: ...'"},
		{"-e", "--referer", "use -H 'Referer: ...'"},
		{"-f", "--fail", "not needed: a status from 400 on is a failure"},
		{"-s", "--silent", "use -q"},
		{"-S", "--show-error", "not needed: errors are in the rows"},
		{"-O", "--remote-name", "use -D DIR"},
		{"-w", "--write-out", "not needed: rows have these columns"},
		{"-Z", "--parallel", "not needed: use -c N"},
		{"", "--parallel-max", "use -c N"},
		{"", "--parallel-max-host", "use --per-host N"},
		{"", "--retry", "use -r N"},
		{"", "--retry-connrefused", "use --retry-on connect"},
		{"", "--retry-all-errors", "use --retry-on with what to repeat"},
		{"", "--max-time", "use -m TIME"},
		{"", "--max-filesize", "use --max-size SIZE"},
		{"", "--skip-existing", "use --resume"},
	};
	size_t n = strcspn(word, "=");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(word, all[i].letter) == 0 ||
			(strlen(all[i].name) == n &&
				strncmp(word, all[i].name, n) == 0))
			return all[i].what;
	}
	return NULL;
}
