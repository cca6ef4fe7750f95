/* SPDX-License-Identifier: MIT */
/*
 * json_fixture.h - just enough JSON to read test data of others
 *
 * A cursor over the text; the caller knows the shape and asks for it. The data
 * is trusted to be well-formed: anything odd fails the test.
 */
#ifndef CIO_TEST_JSON_FIXTURE_H
#define CIO_TEST_JSON_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include <cio/buf.h>

struct json {
	const char *p; /* terminated */
};

/* The file of that name in $CIO_CORPORA; an empty buf if there is none. */
static inline cio_buf json_corpus(const char *name)
{
	const char *folder = getenv("CIO_CORPORA");
	cio_buf path = {0}, text = {0};
	FILE *f = NULL;

	if (folder != NULL) {
		assert_int_equal(
			cio_buf_printf(&path, "%s/%s", folder, name), 0);
		f = fopen(path.p, "rb");
	}
	cio_buf_finish(&path);
	if (f == NULL) {
		print_message("# skip: no corpora ($CIO_CORPORA/%s)\n", name);
		return text;
	}
	char piece[4096];
	for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
		assert_int_equal(cio_buf_append(&text, piece, n), 0);
	fclose(f);
	return text;
}

static inline char json_peek(struct json *j)
{
	while (*j->p != '\0' && strchr(" \t\r\n", *j->p) != NULL)
		j->p++;
	return *j->p;
}

/* Take that byte if it comes next. */
static inline bool json_take(struct json *j, char c)
{
	if (json_peek(j) != c)
		return false;
	j->p++;
	return true;
}

static inline unsigned json_hex4(struct json *j)
{
	char digits[5] = {0};
	char *end;

	strncpy(digits, j->p, 4);
	unsigned code = (unsigned)strtoul(digits, &end, 16);
	assert_ptr_equal(end, digits + 4);
	j->p += 4;
	return code;
}

static inline void json_code(struct json *j, cio_buf *b)
{
	unsigned c = json_hex4(j);
	char u[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;

	if (c >= 0xd800 && c < 0xdc00 && j->p[0] == '\\' && j->p[1] == 'u') {
		j->p += 2;
		c = 0x10000 + ((c - 0xd800) << 10) + (json_hex4(j) - 0xdc00);
		n = 4;
	}
	static const unsigned first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = n; i-- > 1; c >>= 6)
		u[i] = (char)(0x80 | (c & 0x3f));
	u[0] = (char)(first[n] | c);
	assert_int_equal(cio_buf_append(b, u, n), 0);
}

/* A string, decoded, in the place of what the buf had. */
static inline void json_string(struct json *j, cio_buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	cio_buf_clear(b);
	assert_true(json_take(j, '"'));
	while (*j->p != '"') {
		assert_int_not_equal(*j->p, '\0');
		char c = *j->p++;
		if (c == '\\' && *j->p == 'u') {
			j->p++;
			json_code(j, b);
			continue;
		}
		if (c == '\\') {
			const char *at = strchr(from, *j->p++);
			assert_non_null(at);
			c = to[at - from];
		}
		assert_int_equal(cio_buf_append(b, &c, 1), 0);
	}
	j->p++;
}

/* Pass over any value. */
static inline void json_skip(struct json *j)
{
	cio_buf unused = {0};
	int depth = 0;

	do {
		char c = json_peek(j);
		assert_int_not_equal(c, '\0');
		if (c == '"') {
			json_string(j, &unused);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		if (c == '}' || c == ']')
			depth--;
		if (strchr("{}[],:", c) != NULL)
			j->p++;
		else
			j->p += strcspn(j->p, "{}[],: \t\r\n");
	} while (depth > 0);
	cio_buf_finish(&unused);
}

#endif
