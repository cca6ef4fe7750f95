/* SPDX-License-Identifier: MIT */
/*
 * cookie.c - fuzz Set-Cookie, its dates, and lines of cookie files
 *
 * Properties: the views lie within the input, and have no bytes that could split
 * a header or a line; an accepted cookie goes through a file unchanged; so does
 * an accepted line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire/cookie.h"
#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

static void check_within(cio_str view, cio_str text)
{
	CHECK(view.n == 0 ||
		(view.p >= text.p && view.p + view.n <= text.p + text.n));
}

static void check_view(cio_str view, cio_str text)
{
	check_within(view, text);
	CHECK(view.n == 0 || cio__http1_is_value(view));
}

static void through_file(const struct cookie *c)
{
	cio_buf line = {0}, again = {0};
	struct cookie read;
	const char *why;

	CHECK(cio__cookie_line_write(&line, c) == 0);
	CHECK(line.p[line.n - 1] == '\n');
	CHECK(memchr(line.p, '\n', line.n) == line.p + line.n - 1);
	CHECK(cio__cookie_line_parse(&read,
		(cio_str){line.p, line.n - 1}, &why) == 1);
	CHECK(cio_str_equal(read.name, c->name));
	CHECK(cio_str_equal(read.value, c->value));
	CHECK(cio_str_equal(read.domain, c->domain));
	CHECK(cio_str_equal(read.path, c->path));
	CHECK(read.secure == c->secure && read.http_only == c->http_only);
	CHECK(read.host_only == c->host_only);
	CHECK(cio__cookie_line_write(&again, &read) == 0);
	CHECK(cio_str_equal(cio_buf_view(&line), cio_buf_view(&again)));
	cio_buf_finish(&line);
	cio_buf_finish(&again);
}

static void check_header(cio_str text)
{
	struct cookie c;
	const char *why = NULL;

	if (cio__cookie_parse(&c, text, &why) < 0) {
		CHECK(why != NULL && why[0] != '\0');
		return;
	}
	check_view(c.name, text);
	check_view(c.value, text);
	check_within(c.domain, text); /* only compared with hosts */
	check_view(c.path, text);
	CHECK(c.name.n > 0 && c.name.n + c.value.n <= COOKIE_BYTES);
	CHECK(c.path.n == 0 || c.path.p[0] == '/');
	CHECK(cio__cookie_path_matches(c.path, c.path) || c.path.n == 0);
	c.domain = cio_str_of("example.org"); /* the jar checks that */
	c.path = c.path.n > 0 ? c.path : cio_str_of("/");
	c.host_only = text.n % 2 == 1;
	if (c.has_expires && c.expires < 0)
		c.expires = 1;
	through_file(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cio_str text = {(const char *)data, n};
	struct cookie c;
	const char *why;
	int64_t seconds;

	check_header(text);
	if (cio__cookie_date(text, &seconds) == 0)
		CHECK(seconds >= -11644473600 && seconds <= 253402300799);
	if (n == 0 || memchr(data, '\n', n) == NULL)
		if (cio__cookie_line_parse(&c, text, &why) == 1)
			through_file(&c);
	cio_str path = cio__cookie_default_path(text);
	CHECK(path.n > 0);
	return 0;
}
