/* SPDX-License-Identifier: MIT */
/*
 * netrc.c - names and passwords by host, in the file that ftp made known
 *
 *	machine example.org login me password "two words"
 *	default login anonymous password x
 *
 * Words with blanks or line ends between; in double quotes \n, \r, \t, \" and \\
 * have the meaning of C. "account" and its word, a "macdef" up to an empty line,
 * and what follows a "#" where a key might stand, are passed over.
 */
#include "http/auth.h"

#include <errno.h>

#include "wire/chars.h"

struct reader {
	cio_str left;
	cio_buf word;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char take(struct reader *r)
{
	char c = r->left.p[0];
	r->left = cio__after(r->left, 1);
	return c;
}

static char unescaped(char c)
{
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

static int read_quoted(struct reader *r)
{
	int err = 0;
	take(r);
	while (err == 0 && r->left.n > 0) {
		char c = take(r);
		if (c == '"')
			return 1;
		if (c == '\\' && r->left.n > 0)
			c = unescaped(take(r));
		err = cio_buf_append(&r->word, &c, 1);
	}
	return err < 0 ? err : -EINVAL;
}

/* The next word: 1, 0 at the end, < 0. */
static int read_word(struct reader *r)
{
	int err = 0;
	cio_buf_clear(&r->word);
	while (r->left.n > 0 && is_blank(r->left.p[0]))
		take(r);
	if (r->left.n == 0)
		return 0;
	if (r->left.p[0] == '"')
		return read_quoted(r);
	while (err == 0 && r->left.n > 0 && !is_blank(r->left.p[0])) {
		char c = take(r);
		err = cio_buf_append(&r->word, &c, 1);
	}
	return err < 0 ? err : 1;
}

static bool is(const struct reader *r, const char *word)
{
	return cio__is(cio_buf_view(&r->word), word);
}

/* Drop lines up to one that is empty, or all. */
static void skip_macro(struct reader *r)
{
	bool empty = false;
	while (r->left.n > 0) {
		char c = take(r);
		if (c == '\n' && empty)
			return;
		if (c == '\n')
			empty = true;
		else if (c != '\r')
			empty = false;
	}
}

static void skip_line(struct reader *r)
{
	while (r->left.n > 0 && r->left.p[0] != '\n')
		take(r);
}

/* A word that must be there, into `to` if it is wanted. */
static int read_value(struct reader *r, cio_buf *to)
{
	int more = read_word(r);
	if (more <= 0)
		return more < 0 ? more : -EINVAL;
	return to != NULL ? cio_buf_append(to, r->word.p, r->word.n) : 0;
}

/* What a key has behind it, and what that means for us. */
static int take_key(struct reader *r, const char *host, bool *ours,
	cio_buf *user, cio_buf *password)
{
	int err;
	if (is(r, "machine")) {
		err = read_value(r, NULL);
		*ours = err == 0 && is(r, host);
		return err;
	}
	if (is(r, "default")) {
		*ours = true;
		return 0;
	}
	if (is(r, "login"))
		return read_value(r, *ours ? user : NULL);
	if (is(r, "password"))
		return read_value(r, *ours ? password : NULL);
	if (is(r, "account"))
		return read_value(r, NULL);
	if (is(r, "macdef")) {
		skip_macro(r);
		return 0;
	}
	return -EINVAL;
}

int netrc_find(cio_str text, const char *host, cio_buf *user, cio_buf *password)
{
	struct reader r = {.left = text};
	bool ours = false;
	int more;
	while ((more = read_word(&r)) > 0) {
		if (r.word.n > 0 && r.word.p[0] == '#') {
			skip_line(&r);
			continue;
		}
		bool next = is(&r, "machine") || is(&r, "default");
		if (ours && next)
			break;
		int err = take_key(&r, host, &ours, user, password);
		if (err < 0) {
			more = err;
			break;
		}
	}
	cio_buf_finish(&r.word);
	return more < 0 ? more : ours;
}
