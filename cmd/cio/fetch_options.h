/* SPDX-License-Identifier: MIT */
/*
 * fetch_options.h - the command line of `cio fetch`
 *
 * One table (fetch_table.c) says everything of an option; the parser, the help
 * text, the manual page's OPTIONS and the shells' completions are made of it.
 */
#ifndef CMD_FETCH_OPTIONS_H
#define CMD_FETCH_OPTIONS_H

#include <stdio.h>

#include <cio.h>
#include <cio/http_session.h>
#include <cio/tls.h>

enum fetch_body { BODY_NONE, BODY_INLINE, BODY_FILE, BODY_HASH };
enum fetch_progress { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };
enum fetch_format { FORMAT_AUTO, FORMAT_JSONL, FORMAT_CSV, FORMAT_SQLITE };

enum { STATUSES_MAX = 256, PINS_MAX = 16, HEADERS_MAX = 128, RESOLVES_MAX = 256 };

struct fetch_rate {
	uint32_t count; /* 0: none */
	cio_duration per;
};

/* Zero but for what fetch_options_parse sets. */
struct fetch_options {
	char **urls;            /* arguments; `url_count` of them */
	int url_count;

	const char *input;      /* -i: a file, "-" for stdin, NULL */
	const char *output;     /* -o: a file, "-" for stdout */
	int format;
	bool overwrite, resume, dedupe, dry_run;
	const char *errors;
	double fail_under;      /* percent */

	long concurrency, per_host;
	bool concurrency_given;
	struct fetch_rate rate, rate_per_host;
	bool adaptive;
	long max_host_errors;

	cio_duration timeout, connect_timeout, total_time, retry_max_time;
	long retries;
	short retry_on[STATUSES_MAX]; /* ends with 0 */
	bool retry_on_given;
	unsigned retry_errors;  /* bits 1u << CIO_HTTP_ERROR_... */
	bool retry_unsafe;
	size_t max_size;

	cio_http_header headers[HEADERS_MAX];
	int header_count;
	bool has_method;
	cio_http_method method;
	bool head;
	cio_buf data;           /* -d, joined with & */
	bool has_data, is_form, is_json, data_is_stdin;
	const char *user_agent;
	cio_http_auth auth;
	bool has_digest, has_bearer;
	cio_buf user;           /* what auth points to */
	bool compressed, location;
	long max_redirects;
	const char *cookie_jar;

	cio_tls_options tls;
	const char *pins[PINS_MAX]; /* what tls points to; ends with NULL */
	cio_http_resolve resolve[RESOLVES_MAX];
	int resolve_count;
	const char *unix_socket, *local_address;
	bool allow_private;

	int body;               /* BODY_...; UNSAID until it is checked */
	const char *dir, *name;
	bool with_headers;

	cio_duration load_time;
	long load_count;

	bool quiet, verbose, no_color, histogram;
	int progress;           /* PROGRESS_...; likewise */
	int summary;            /* SUMMARY_...; likewise */
};
enum { UNSAID = -1, SUMMARY_TEXT = 0, SUMMARY_JSON, SUMMARY_NONE };

static inline bool fetch_is_load(const struct fetch_options *o)
{
	return o->load_time > 0 || o->load_count > 0;
}

/* ---- the table ---- */

enum option_kind { OPTION_FLAG, OPTION_NUMBER, OPTION_TEXT, OPTION_TIME,
	OPTION_SIZE, OPTION_CHOICE, OPTION_OTHER, OPTION_TITLE };

struct option {
	char letter;           /* 0: none */
	const char *name;      /* of a title: its text */
	const char *argument;  /* FILE, a|b|c, ...; NULL for flags */
	const char *help;      /* whole sentences */
	enum option_kind kind;
	size_t at;             /* of the field in struct fetch_options */
	long least, most;      /* numbers; for choices the first is 0 */
	/* OPTION_OTHER: false: it cannot be; may have told by cio_fail. */
	bool (*set)(struct fetch_options *o, const char *value);
};
extern const struct option fetch_table[];
extern const int fetch_table_size;

/* ---- values (fetch_values.c): false: not one ---- */

bool value_number(const char *value, long least, long most, long *out);
bool value_time(const char *value, cio_duration *out);  /* 30, 1.5, 500ms, 5m */
bool value_size(const char *value, size_t *out);        /* 100, 64k, 64M, 2G */
bool value_rate(const char *value, struct fetch_rate *out); /* 50, 50/s, 5/15s */
bool value_choice(const char *choices, const char *value, int *out);

bool set_fail_under(struct fetch_options *o, const char *value);
bool set_concurrency(struct fetch_options *o, const char *value);
bool set_rate(struct fetch_options *o, const char *value);
bool set_rate_per_host(struct fetch_options *o, const char *value);
bool set_retry_on(struct fetch_options *o, const char *value);
bool set_header(struct fetch_options *o, const char *value);
bool set_method(struct fetch_options *o, const char *value);
bool set_data(struct fetch_options *o, const char *value);
bool set_data_binary(struct fetch_options *o, const char *value);
bool set_json(struct fetch_options *o, const char *value);
bool set_user(struct fetch_options *o, const char *value);
bool set_digest(struct fetch_options *o, const char *value);
bool set_bearer(struct fetch_options *o, const char *value);
bool set_resolve(struct fetch_options *o, const char *value);
bool set_interface(struct fetch_options *o, const char *value);
bool set_dir(struct fetch_options *o, const char *value);
bool set_input(struct fetch_options *o, const char *value);
bool set_user_agent(struct fetch_options *o, const char *value);
bool set_pins(struct fetch_options *o, const char *value);

/* One that nobody can give: it decides where a message ends. */
bool header_is_ours(cio_str name);
/* -H has one of this name. */
bool fetch_has_header(const struct fetch_options *o, cio_str name);

/* "GET" ...: false: not one that we can send. */
bool method_of(cio_str name, cio_http_method *out);

/* ---- the parts ---- */

/* 0, or the exit code after a line on stderr; -1: done (--help). */
int fetch_options_parse(struct fetch_options *o, int argc, char **argv);
/* What cannot go together: as above (fetch_check.c). */
int fetch_options_check(struct fetch_options *o);
/* The library's texts name our options from now on (fetch_names.c). */
void fetch_names_use(void);
/* What to say of an option that other programs have, and we have not or call
 * otherwise; NULL: unknown. `word` is "-x" or "--proxy" (fetch_foreign.c). */
const char *fetch_foreign(const char *word);
/* "; did you mean --x" or "". */
const char *fetch_suggest(const char *word, char *room, size_t n);

void fetch_help_text(FILE *to);
void fetch_help_man(FILE *to); /* the OPTIONS of cio-fetch(1) */
int fetch_completion(FILE *to, const char *shell); /* -1: no such shell */

#endif
