/* SPDX-License-Identifier: MIT */
/*
 * json_read.h - read one JSON object from a line (RFC 8259), strictly
 *
 * Members are told one after another, values as views of the line: what is inside
 * an object or array was checked, and stands as it is. No memory but what the
 * caller's buf gives a string's text.
 */
#ifndef CMD_JSON_READ_H
#define CMD_JSON_READ_H

#include <cio/base.h>
#include <cio/buf.h>

enum json_kind { JSON_NULL, JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_STRING,
	JSON_OBJECT, JSON_ARRAY };

struct json_member {
	cio_str name;        /* between the quotes, not unescaped */
	enum json_kind kind;
	cio_str value;       /* as it stands, with its quotes or brackets */
};

struct json_reader {
	const char *p, *end; /* private */
	bool begun;
	const char *wrong;   /* after -1: what is wrong, static */
	size_t at;           /* and where, in bytes from the start */
	const char *start;
};

void json_open(struct json_reader *r, cio_str object);
/* The next member: 1; after the last, and nothing but blanks behind it: 0; -1. */
int json_next(struct json_reader *r, struct json_member *m);
/* Append the text of a string value (with its quotes): 0, -ENOMEM; -EINVAL for
 * half a surrogate pair or a NUL. */
int json_text(cio_buf *b, cio_str value);
/* Is the name this word? */
bool json_named(const struct json_member *m, const char *name);

#endif
