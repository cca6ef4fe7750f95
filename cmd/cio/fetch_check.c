/* SPDX-License-Identifier: MIT */
/*
 * fetch_check.c - options that cannot go together, or not without another
 */
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "fetch_options.h"

static int conflict(const char *text)
{
	(void)fprintf(stderr, "cio fetch: %s\n", text);
	return EXIT_USAGE;
}

/* By whatever names; stdin and stdout, "-", are none. */
static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;
	if (a == NULL || b == NULL)
		return false;
	if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
		return false;
	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
		S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev &&
		sa.st_ino == sb.st_ino;
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
		return "-D is for --body file";
	if (o->name != NULL && o->dir == NULL)
		return "--name is for the files of -D DIR";
	if (o->name != NULL && (o->name[0] == '\0' || o->name[0] == '.' ||
				       strchr(o->name, '/') != NULL))
		return "--name is a name, without / and no . in front";
	if (o->name != NULL && strstr(o->name, "{seq}") == NULL &&
		strstr(o->name, "{sha256}") == NULL)
		return "--name needs {seq} or {sha256}, else files take each "
		       "other's place";
	if (same_file(o->errors, o->output))
		return "--errors and -o are one file";
	if (same_file(o->input, o->output))
		return "-i and -o are one file";
	if (same_file(o->input, o->errors))
		return "-i and --errors are one file: the list would be lost";
	if (o->quiet && o->verbose)
		return "-q and -v: give one of them";
	return NULL;
}

static const char *requests(const struct fetch_options *o)
{
	if (o->has_data && o->head)
		return "-I asks for the head of an answer and sends no body: "
		       "leave out -d or -I";
	if (o->head && o->has_method && o->method != CIO_HEAD)
		return "-I and -X: give one of them";
	if (o->tls.key_file != NULL && o->tls.certificate_file == NULL)
		return "--key is the key of --cert: give that, too";
	if (o->auth.kind == CIO_HTTP_AUTH_DIGEST && o->auth.user == NULL)
		return "--digest needs -u USER:PASSWORD";
	if (o->auth.kind == CIO_HTTP_AUTH_BEARER && o->auth.user != NULL)
		return "-u and --oauth2-bearer: give one of them";
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
	const char *why = outputs(o);
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
	if (o->connect_timeout > o->timeout)
		o->connect_timeout = o->timeout;
	if (o->head)
		o->method = CIO_HEAD;
	else if (o->has_data && !o->has_method)
		o->method = CIO_POST;
	return 0;
}
