/* SPDX-License-Identifier: MIT */
/*
 * fetch_table.c - every option of `cio fetch`
 *
 * Help, manual page and completion are made of this table, and so is nothing
 * said twice. After a change: `cio fetch --help=man`, see docs/man/cio-fetch.1.
 */
#include "fetch_options.h"

#define AT(field) offsetof(struct fetch_options, field)
#define TITLE(text) {0, text, NULL, NULL, OPTION_TITLE, 0, 0, 0, NULL}
#define FLAG(c, name, field, help) \
	{c, name, NULL, help, OPTION_FLAG, AT(field), 0, 0, NULL}
#define NUMBER(c, name, arg, field, least, most, help) \
	{c, name, arg, help, OPTION_NUMBER, AT(field), least, most, NULL}
#define TEXT(c, name, arg, field, help) \
	{c, name, arg, help, OPTION_TEXT, AT(field), 0, 0, NULL}
#define TIME(c, name, field, help) \
	{c, name, "TIME", help, OPTION_TIME, AT(field), 0, 0, NULL}
#define SIZE(c, name, field, help) \
	{c, name, "SIZE", help, OPTION_SIZE, AT(field), 0, 0, NULL}
#define CHOICE(c, name, choices, field, help) \
	{c, name, choices, help, OPTION_CHOICE, AT(field), 0, 0, NULL}
#define OTHER(c, name, arg, set, help) \
	{c, name, arg, help, OPTION_OTHER, 0, 0, 0, set}

const struct option fetch_table[] = {
	TITLE("The list"),
	OTHER('i', "input", "FILE", set_input,
		"Read the list from FILE; - is stdin. A line is a URL, or a JSON "
		"object."),
	FLAG(0, "dedupe", dedupe,
		"Fetch a URL once, however often it is in the list (same method "
		"and body). Takes up to 16 bytes of memory for each."),
	FLAG(0, "dry-run", dry_run,
		"Check the list and print what would be fetched; send nothing."),

	TITLE("The results"),
	TEXT('o', "output", "FILE", output,
		"Write the rows to FILE instead of stdout: JSON lines, CSV if it "
		"ends in .csv, SQLite if it ends in .db, .sqlite or .sqlite3."),
	CHOICE(0, "format", "auto|jsonl|csv|sqlite", format,
		"The form of the rows, whatever the name of -o."),
	FLAG(0, "overwrite", overwrite,
		"Empty the output and the file of --errors. Without this and "
		"--resume a file with rows or lines is left alone."),
	FLAG(0, "resume", resume,
		"Go on with the output of an interrupted run of the same list: "
		"what has a row is not fetched again, all else is."),
	TEXT(0, "errors", "FILE", errors,
		"Write the lines of the list that failed to FILE, to be given to "
		"-i again."),
	OTHER(0, "fail-under", "PERCENT", set_fail_under,
		"Exit with 0 if at least so many of the URLs are ok, as in 99.5%."),
	CHOICE(0, "body", "none|inline|file|hash", body,
		"What becomes of the bodies: counted (none), in the row (inline), "
		"in files below -D (file), or only their SHA-256 in the row (hash)."),
	OTHER('D', "dir", "DIR", set_dir,
		"Write the bodies into DIR, made if need be; means --body file."),
	TEXT(0, "name", "TEMPLATE", name,
		"The files' names below -D, of {seq}, {host} and {sha256} "
		"({seq}-{host})."),
	FLAG(0, "headers", with_headers,
		"The answer's headers in the row."),

	TITLE("How much at once"),
	OTHER('c', "concurrency", "N", set_concurrency,
		"Requests in flight, 1 to 100000 (100)."),
	NUMBER(0, "per-host", "N", per_host, 1, 100000,
		"Of these to one host and port (as -c if that is given or the "
		"list has shown one host only, else 8). The list is read ahead "
		"by four times -c: a longer run of one slow host's URLs holds "
		"up what is behind it, so mix the hosts."),
	OTHER(0, "rate", "N/TIME", set_rate,
		"Begin at most N requests in TIME, evenly: 50/s, 5/15s, 100/m."),
	OTHER(0, "rate-per-host", "N/TIME", set_rate_per_host,
		"The same for each host and port."),
	FLAG(0, "adaptive", adaptive,
		"Find out for each host how much at once it can take: more while "
		"answers are quick, half after 429, 503, timeouts and slow ones."),
	NUMBER(0, "max-host-errors", "N", max_host_errors, 1, 1000000000,
		"Give up on a host after N errors in a row (statuses are none); "
		"its further URLs get error_kind blocked."),

	TITLE("How long, how often"),
	TIME('m', "timeout", timeout,
		"For one attempt, connecting included, waiting for its turn "
		"excepted (30)."),
	TIME(0, "connect-timeout", connect_timeout,
		"For name and connection, and as long again for TLS (10, at most "
		"-m)."),
	TIME(0, "total-time", total_time,
		"For one URL with all its attempts and pauses."),
	NUMBER('r', "retries", "N", retries, 0, 1000,
		"Further attempts after what --retry-on names (3). The pause "
		"between is of random length up to 0.2 s, doubled each time, or "
		"what Retry-After asks."),
	OTHER(0, "retry-on", "WHAT,...", set_retry_on,
		"What is repeated, and nothing else: statuses (429, 5xx) and the "
		"errors dns, connect, timeout, reset, tls, protocol; or none "
		"(408, 429, 500, 502, 503, 504, dns, connect, timeout, reset)."),
	TIME(0, "retry-max-time", retry_max_time,
		"No further attempt so long after the first one began."),
	FLAG(0, "retry-unsafe", retry_unsafe,
		"Repeat POST and PATCH too, which the server may then see twice."),
	SIZE(0, "max-size", max_size,
		"Bytes of a body, counted after decoding (64M)."),

	TITLE("The requests, as with curl"),
	OTHER('X', "request", "METHOD", set_method,
		"GET, HEAD, POST, PUT, DELETE, PATCH or OPTIONS."),
	OTHER('H', "header", "LINE", set_header,
		"Send \"Name: value\" with each request; may be repeated."),
	OTHER('d', "data", "DATA", set_data,
		"Send DATA, or a file's bytes without line ends (@FILE), by POST as "
		"a form; several are joined by &."),
	OTHER(0, "data-binary", "DATA", set_data_binary,
		"The same; a file is sent as it is."),
	OTHER(0, "json", "DATA", set_json,
		"The same, as application/json."),
	FLAG('I', "head", head, "Ask for the heads only (HEAD)."),
	OTHER('A', "user-agent", "NAME", set_user_agent,
		"The User-Agent (cio-fetch/VERSION)."),
	OTHER('u', "user", "USER:PASSWORD", set_user,
		"Basic authentication. Never goes along to another origin."),
	OTHER(0, "digest", NULL, set_digest,
		"Digest instead of Basic authentication."),
	OTHER(0, "oauth2-bearer", "TOKEN", set_bearer,
		"Send the token as Authorization: Bearer."),
	FLAG('L', "location", location, "Follow redirects."),
	NUMBER(0, "max-redirs", "N", max_redirects, 0, 1000,
		"At most N of them (30); 0: the first is an error."),
	FLAG(0, "compressed", compressed,
		"Ask for compressed answers, and undo that."),
	TEXT(0, "cookie-jar", "FILE", cookie_jar,
		"Keep cookies in FILE (Netscape's format), which is read before, "
		"if it exists, and written after."),

	TITLE("The way there"),
	FLAG('k', "insecure", tls.insecure,
		"Accept any certificate: whoever is on the way can read and change "
		"everything."),
	TEXT(0, "cacert", "FILE", tls.ca_file,
		"Trust the CAs of this PEM file instead of the system's."),
	OTHER(0, "pinnedpubkey", "HASHES", set_pins,
		"The server's key must have one of these hashes: sha256//BASE64, "
		"several with ; between. With -k, that alone is checked."),
	TEXT(0, "cert", "FILE", tls.certificate_file,
		"Our certificate, PEM, for servers that ask."),
	TEXT(0, "key", "FILE", tls.key_file,
		"Its key, PEM without a password, if that is another file."),
	OTHER(0, "resolve", "HOST:PORT:ADDRESS", set_resolve,
		"Go to ADDRESS for HOST and PORT (* is any); may be repeated."),
	TEXT(0, "unix-socket", "PATH", unix_socket,
		"Connect to this Unix socket, whatever the URL's host."),
	OTHER(0, "interface", "ADDRESS", set_interface,
		"Connect from this address."),
	FLAG(0, "allow-private", allow_private,
		"Let a public server redirect to private addresses; without it "
		"that is refused (error_kind blocked)."),

	TITLE("Load"),
	TIME('z', "duration", load_time,
		"Request the given URLs in turn for so long. No rows without -o. "
		"With --rate latencies count from when a request was due."),
	NUMBER('n', "requests", "N", load_count, 1, 1000000000,
		"The same, N times in all; with -z, whichever ends first."),

	TITLE("What is said"),
	CHOICE(0, "progress", "auto|always|never", progress,
		"How far it is, on stderr: a line that changes on a terminal, else "
		"a line every 10 seconds."),
	CHOICE(0, "summary", "text|json|none", summary,
		"What is said at the end, on stderr."),
	FLAG(0, "histogram", histogram,
		"The latencies as a histogram, too (with -z and -n anyway)."),
	FLAG('q', "quiet", quiet, "No progress and no summary; errors are told."),
	FLAG('v', "verbose", verbose,
		"A line on stderr for each failed attempt, retry and redirect."),
	FLAG(0, "no-color", no_color, "No colours; also by $NO_COLOR."),
};
const int fetch_table_size = sizeof fetch_table / sizeof *fetch_table;
