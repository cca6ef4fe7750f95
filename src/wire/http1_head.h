/* SPDX-License-Identifier: MIT */
/*
 * http1_head.h - the head of a message, line by line (part of http1.c)
 *
 * Until the head is complete the caller's buffer may move, so the views of
 * the parser hold offsets instead of pointers (`http1_at`, in the pointer's
 * place); cio__http1_conclude turns them into pointers.
 */
#ifndef CIO_WIRE_HTTP1_HEAD_H
#define CIO_WIRE_HTTP1_HEAD_H

#include "wire/http1.h"

/* Put the parser into its error state; always false. */
bool cio__http1_refuse(struct http1_parser *p, int status, const char *text);

/* One line without its CRLF, `at` being its offset in the buffer. False: the
 * message was refused. */
bool cio__http1_first_line(struct http1_parser *p, cio_str line, size_t at);
bool cio__http1_header_line(struct http1_parser *p, cio_str line, size_t at);

/* Split "name: value" and check both. */
bool cio__http1_split(struct http1_parser *p, cio_str line,
		      struct http1_header *h);

/* All lines are there: judge them together and decide about the body. */
bool cio__http1_conclude(struct http1_parser *p, const char *in);

#endif
