/* SPDX-License-Identifier: MIT */
/*
 * cookie_file.c - a jar on the disk
 *
 * The text is made and read in the loop, where the jar lives; threads only move
 * bytes. A file is taken as a whole or not at all: its cookies are collected
 * first, and put in when the last line was good.
 */
#include "http/cookie.h"

#include <errno.h>
#include <time.h>

#include "base/list.h"
#include "base/mem.h"
#include "http/whole_file.h"
#include "wire/chars.h"

/* ---- saving ---- */

static const char head[] =
	"# Netscape HTTP Cookie File\n"
	"# Written by cio. Whoever can read it can be you: keep it so.\n\n";

/* Within a list, which is all that is told together, in the order of sending. */
static int write_jar(const cio_cookie_jar *jar, cio_buf *b)
{
	int err = cio_buf_puts(b, head);
	for (size_t i = 0; i < COOKIE_SITES; i++) {
		const cio_link *list = &jar->sites[i];
		const cio_link *at = list_empty(list) ? list : list->next;
		for (; err == 0 && at != list; at = at->next)
			err = cio__cookie_line_write(b,
				&container_of(at, struct cookie_entry, link)->c);
	}
	return err;
}

int cio_cookie_jar_save(cio_cookie_jar *jar, const char *path)
{
	cio_buf text = {0};
	cookies_expire(jar, time(NULL));
	int err = write_jar(jar, &text);
	err = err < 0 ? err : whole_file_write(path, cio_buf_view(&text));
	cio_buf_finish(&text);
	return err;
}

/* ---- loading ---- */

static const char *check(struct cookie_entry *e)
{
	struct cookie *c = &e->c;
	if (cookie_is_address(c->domain))
		c->host_only = true; /* nothing lies under an address */
	if (!c->host_only && cookie_is_public_suffix(c->domain.p))
		return "the domain is a public suffix, and the cookie for all "
		       "under it";
	return cookie_refused(c);
}

/* One line into `list`: 0, -ENOMEM, or -EINVAL with *why. */
static int load_line(cio_link *list, cio_str line, int64_t now,
	const char **why)
{
	struct cookie c;
	int n = cio__cookie_line_parse(&c, line, why);
	if (n <= 0)
		return n;
	struct cookie_entry *e = cookie_entry_new(&c, now);
	if (e == NULL)
		return -ENOMEM;
	list_push(list, &e->link);
	*why = check(e);
	return *why != NULL ? -EINVAL : 0;
}

static int load_lines(cio_link *list, cio_str text, const char *path,
	int64_t now)
{
	const char *why;
	int err = 0;
	for (size_t n = 1; err == 0 && text.n > 0; n++) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t k = end != NULL ? (size_t)(end - text.p) : text.n;
		cio_str line = {text.p, k};
		if (k > 0 && line.p[k - 1] == '\r')
			line.n--;
		err = load_line(list, line, now, &why);
		if (err == -EINVAL)
			return cio_fail(err, "%s:%zu: %s", path, n, why);
		text = cio__after(text, end != NULL ? k + 1 : k);
	}
	return err;
}

static struct cookie_entry *pop(cio_link *list)
{
	cio_link *link = list_pop(list);
	return link != NULL ? container_of(link, struct cookie_entry, link) :
			      NULL;
}

int cio_cookie_jar_load(cio_cookie_jar *jar, const char *path)
{
	cio_buf text = {0};
	cio_link list = {0};
	struct cookie_entry *e;
	int64_t now = time(NULL);
	int count = 0;
	int err = whole_file_read(path, &text);
	err = err < 0 ? err : load_lines(&list, cio_buf_view(&text), path, now);
	cio_buf_finish(&text);
	while ((e = pop(&list)) != NULL) {
		if (err < 0 || !cookie_lives(&e->c, now)) {
			cio__free(e);
			continue;
		}
		cookies_put(jar, e, now);
		count++;
	}
	return err < 0 ? err : count;
}
