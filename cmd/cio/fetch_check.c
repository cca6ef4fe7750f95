/* SPDX-License-Identifier: MIT */
/*
 * fetch_check.c - options that cannot go together, or not without another
 */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd.h"
#include "fetch_options.h"

static int conflict(const char *text)
{
	(void)fprintf(stderr, "cio fetch: %s\n", text);
	return EXIT_USAGE;
}

/* Where a file that is not there yet will be. */
static bool place(const char *name, char out[PATH_MAX])
{
	char folder[PATH_MAX];
	const char *slash = strrchr(name, '/');
	size_t n = slash != NULL ? (size_t)(slash - name) : 0;
	if (n >= sizeof folder)
		return false;
	(void)snprintf(folder, sizeof folder, "%.*s",
		slash == NULL || n == 0 ? 1 : (int)n,
		slash == NULL ? "." : name);
	char *real = realpath(folder, NULL);
	int k = real != NULL ? snprintf(out, PATH_MAX, "%s/%s", real,
		slash != NULL ? slash + 1 : name) : -1;
	free(real);
	return k > 0 && k < PATH_MAX;
}

/* By whatever names. `stdio`: both being "-" is one file, too. */
static bool same_file(const char *a, const char *b, bool stdio)
{
	struct stat sa, sb;
	char pa[PATH_MAX], pb[PATH_MAX];
	if (a == NULL || b == NULL)
		return false;
	if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
		return stdio && strcmp(a, b) == 0;
	if (stat(a, &sa) == 0 && stat(b, &sb) == 0)
		return S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev &&
			sa.st_ino == sb.st_ino;
	return place(a, pa) && place(b, pb) && strcmp(pa, pb) == 0;
}

/* What follows the { at p has a meaning: how long it can become; 0: none. */
static size_t widest(const char *p)
{
	return strncmp(p, "{seq}", 5) == 0 ? 20 :
		strncmp(p, "{host}", 6) == 0 ? 100 :
		strncmp(p, "{sha256}", 8) == 0 ? 64 : 0;
}

static const char *body_name(const char *name)
{
	size_t n = 0;
	if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
		return "--name is a name, without / and no . in front";
	if (strstr(name, "{seq}") == NULL && strstr(name, "{sha256}") == NULL)
		return "--name needs {seq} or {sha256}, else files take each "
		       "other's place";
	for (const char *p = name; *p != '\0'; p++) {
		if (*p != '{') {
			n++;
			continue;
		}
		if (widest(p) == 0)
			return "--name knows {seq}, {host} and {sha256} only";
		n += widest(p);
		p = strchr(p, '}');
	}
	return n <= NAME_MAX ? NULL : "--name is too long for a file's name";
}

static const char *outputs(const struct fetch_options *o)
{
	bool to_stdout = strcmp(o->output, "-") == 0;
	if (o->resume && to_stdout)
		return "--resume goes on with a file: name it with -o FILE";
	if (o->resume && o->overwrite)
		return "--resume keeps the rows that --overwrite throws away: "
		       "give one of them";
	if (o->format == FORMAT_SQLITE && to_stdout)
		return "SQLite needs a file: name it with -o FILE.db";
	if (o->body == BODY_FILE && o->dir == NULL)
		return "--body file needs a place: -D DIR";
	if (o->dir != NULL && o->body != BODY_FILE)
		return "-D is for --body file: leave out -D or the other --body";
	if (o->name != NULL && o->dir == NULL)
		return "--name is for the files of -D DIR";
	if (o->name != NULL && body_name(o->name) != NULL)
		return body_name(o->name);
	if (same_file(o->errors, o->output, true))
		return "--errors and -o are one file: give two";
	if (same_file(o->input, o->output, false))
		return "-i and -o are one file: the list would be lost";
	if (same_file(o->input, o->errors, false))
		return "-i and --errors are one file: the list would be lost";
	if (same_file(o->cookie_jar, o->output, false) ||
		same_file(o->cookie_jar, o->errors, false) ||
		same_file(o->cookie_jar, o->input, false))
		return "--cookie-jar needs a file of its own";
	return NULL;
}

static const char *words(const struct fetch_options *o)
{
	if (o->quiet && o->verbose)
		return "-q and -v: give one of them";
	if (o->quiet && o->summary != UNSAID && o->summary != SUMMARY_NONE)
		return "-q says no summary: leave out -q or --summary (for that "
		       "alone: --progress never)";
	if (o->quiet && o->progress == PROGRESS_ALWAYS)
		return "-q shows no progress: leave out -q or --progress";
	if (o->histogram && (o->quiet || o->summary == SUMMARY_NONE ||
				    o->summary == SUMMARY_JSON))
		return "--histogram is a part of the summary as text: leave out "
		       "-q or --summary";
	if (o->dry_run && o->resume)
		return "--dry-run shows the whole list and --resume passes over "
		       "what has rows: give one of them";
	return NULL;
}

static bool has_header(const struct fetch_options *o, const char *name)
{
	return fetch_has_header(o, cio_str_of(name));
}

static bool list_is_stdin(const struct fetch_options *o)
{
	return o->input != NULL ? strcmp(o->input, "-") == 0 :
				  o->url_count == 0;
}

static const char *requests(const struct fetch_options *o)
{
	if (o->is_form && o->is_json)
		return "-d sends a form and --json JSON: give one of them";
	if (o->data_is_stdin && list_is_stdin(o))
		return "-d @- and the list are both stdin: name one of them as a "
		       "file";
	if (o->has_data && o->head)
		return "-I asks for the head of an answer and sends no body: "
		       "leave out -d or -I";
	if (o->head && o->has_method && o->method != CIO_HEAD)
		return "-I and -X: give one of them";
	if (o->tls.key_file != NULL && o->tls.certificate_file == NULL)
		return "--key is the key of --cert: give that, too";
	if (o->head && o->body != BODY_NONE)
		return "-I asks for heads, which have no body: leave out -I, or "
		       "-D and --body";
	if (o->tls.insecure && o->tls.ca_file != NULL)
		return "-k accepts any certificate and --cacert those of one CA: "
		       "give one of them";
	if (o->has_bearer && (o->auth.user != NULL || o->has_digest))
		return "-u and --oauth2-bearer: give one of them";
	if (o->has_digest && o->auth.user == NULL)
		return "--digest needs -u USER:PASSWORD";
	if ((o->has_bearer || o->auth.user != NULL) &&
		has_header(o, "Authorization"))
		return "-H 'Authorization: ...' and -u or --oauth2-bearer: give "
		       "one of them";
	if (o->user_agent != NULL && has_header(o, "User-Agent"))
		return "-A and -H 'User-Agent: ...': give one of them";
	struct sockaddr_un un;
	if (o->unix_socket != NULL && strlen(o->unix_socket) >= sizeof un.sun_path)
		return "--unix-socket: such a path has at most 107 bytes";
	for (int i = 0; i < o->url_count; i++)
		if (strcmp(o->urls[i], "-") == 0)
			return "- is no URL: -i - reads the list from stdin";
	if (o->unix_socket != NULL && o->local_address != NULL)
		return "--unix-socket and --interface: give one of them";
	return NULL;
}

static const char *load(const struct fetch_options *o)
{
	if (!fetch_is_load(o))
		return NULL;
	if (o->input != NULL || o->url_count == 0)
		return "-z and -n take their URLs from the command line";
	if (o->resume || o->dedupe || o->errors != NULL || o->dry_run)
		return "-z and -n repeat the same URLs: --resume, --dedupe, "
		       "--errors and --dry-run have no meaning there";
	return NULL;
}

int fetch_options_check(struct fetch_options *o)
{
	if (o->body == UNSAID)
		o->body = o->dir != NULL ? BODY_FILE : BODY_NONE;
	const char *why = outputs(o);
	why = why != NULL ? why : words(o);
	why = why != NULL ? why : requests(o);
	why = why != NULL ? why : load(o);
	if (why != NULL)
		return conflict(why);
	if (o->url_count == 0 && o->input == NULL) {
		if (isatty(STDIN_FILENO))
			return conflict("no URLs: give them as arguments, with "
					"-i FILE, or on stdin");
		o->input = "-";
	}
	if (o->connect_timeout == 0)
		o->connect_timeout = CIO_S(10);
	o->progress = o->progress == UNSAID ? PROGRESS_AUTO : o->progress;
	o->summary = o->summary == UNSAID ? SUMMARY_TEXT : o->summary;
	if (o->head)
		o->method = CIO_HEAD;
	else if (o->has_data && !o->has_method)
		o->method = CIO_POST;
	return 0;
}
