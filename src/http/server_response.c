/* SPDX-License-Identifier: MIT */
/*
 * server_response.c - the answer, gathered first and printed afterwards
 *
 * Nothing is sent while the handler runs; so an answer is whole or it does not
 * exist, and an error that comes late can still become a 500. Framing is the
 * server's alone: a handler cannot name Content-Length and its like.
 */
#include "http/server.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "wire/chars.h"
#include "wire/http1_write.h"
#include "wire/http_date.h"

/* ---- for the handler ---- */

/* Fields that say how the message is framed, or that the server writes. */
static bool is_ours(cio_str name)
{
	static const char *const ours[] = {"Content-Length",
		"Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade",
		"Trailer", "Date"};
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (cio__is(name, ours[i]))
			return true;
	return false;
}

int cio_response_header(cio_response *res, const char *name, const char *value)
{
	cio_str n = cio_str_of(name), v = cio_str_of(value);
	if (res->status != 0)
		return cio_fail(-EALREADY, "the answer was given already");
	if (cio__is(n, "Connection") && cio__is(v, "close")) {
		res->close = true;
		return 0;
	}
	if (is_ours(n))
		return cio_fail(-EINVAL, "header %s is written by the server",
			name);
	int err = cio__http1_write_header(&res->fields, n, v);
	if (err == -EINVAL)
		return cio_fail(err, "header %s: the name is not a token, "
			"or the value has controls or blanks at its ends",
			cio__http1_is_token(n) ? name : "(bad)");
	return err;
}

static bool has_no_body(int status)
{
	return status == 204 || status == 304;
}

/* May this answer be given, and its fields written? */
static int begin(cio_response *res, int status, const char *type, size_t n)
{
	if (res->status != 0)
		return cio_fail(-EALREADY, "the answer was given already");
	if (status < 200 || status > 599)
		return cio_fail(-EINVAL, "status %d is not in 200-599", status);
	if (n > 0 && has_no_body(status))
		return cio_fail(-EINVAL, "an answer %d has no body", status);
	if (type == NULL)
		return 0;
	int err = cio__http1_write_header(&res->fields,
		cio_str_of("Content-Type"), cio_str_of(type));
	return err == -EINVAL ? cio_fail(err, "this is no media type") : err;
}

int cio_respond_bytes(cio_response *res, int status, const char *type,
	const void *p, size_t n)
{
	size_t fields = res->fields.n;
	int err = begin(res, status, type, n);
	if (err < 0)
		return err;
	err = cio_buf_append(&res->body, p, n);
	if (err < 0) {
		res->fields.n = fields;
		return err;
	}
	res->status = status;
	return 0;
}

int cio_respond(cio_response *res, int status, const char *type,
	const char *text)
{
	cio_str s = cio_str_of(text);
	return cio_respond_bytes(res, status, type, s.p, s.n);
}

/* Print behind what the body holds, which is nothing. */
static int print_body(cio_buf *b, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int err = cio_buf_reserve(b, 256);
	int n = err < 0 ? 0 : vsnprintf(b->p, 257, format, args);
	if (n < 0)
		err = -EINVAL;
	if (err == 0 && n > 256) {
		err = cio_buf_reserve(b, (size_t)n);
		if (err == 0)
			n = vsnprintf(b->p, (size_t)n + 1, format, again);
	}
	va_end(again);
	if (err == 0)
		b->n = (size_t)n;
	else
		cio_buf_clear(b);
	return err;
}

int cio_respond_format(cio_response *res, int status, const char *type,
	const char *format, ...)
{
	if (res->status != 0)
		return cio_fail(-EALREADY, "the answer was given already");
	va_list args;
	va_start(args, format);
	int err = print_body(&res->body, format, args);
	va_end(args);
	if (err == 0)
		err = begin(res, status, type, res->body.n);
	if (err < 0) {
		cio_buf_clear(&res->body);
		return err;
	}
	res->status = status;
	return 0;
}

/* ---- for the server ---- */

void cio__response_clear(struct cio_response *res)
{
	cio__buf_trim(&res->fields);
	cio__buf_trim(&res->body);
	res->status = 0;
	res->close = false;
}

int cio__response_status(struct cio_response *res, int status,
	const char *detail)
{
	bool close = res->close;
	cio__response_clear(res);
	res->close = close;
	const char *reason = cio__http1_reason(status);
	if (detail == NULL)
		return cio_respond_format(res, status, "text/plain", "%s\n",
			reason);
	return cio_respond_format(res, status, "text/plain", "%s: %s\n", reason,
		detail);
}

/* The line is made once a second; the wall clock may jump, also backwards. */
static cio_str date_line(cio_http_server *s)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec != s->date_of) {
		char text[HTTP_DATE_BYTES];
		cio__http_date_format(text, now.tv_sec);
		(void)snprintf(s->date, sizeof s->date, "Date: %s\r\n", text);
		s->date_of = now.tv_sec;
	}
	return cio_str_of(s->date);
}

static int print_head(const struct cio_response *res, cio_http_server *s,
	const char *connection, cio_buf *out)
{
	cio_str date = date_line(s);
	int err = cio__http1_write_status(out, res->status, (cio_str){0});
	if (err == 0)
		err = cio_buf_append(out, date.p, date.n);
	if (err == 0 && !has_no_body(res->status))
		err = cio__http1_write_length(out, res->body.n);
	if (err == 0)
		err = cio_buf_append(out, res->fields.p, res->fields.n);
	if (err == 0 && connection != NULL)
		err = cio__http1_write_header(out, cio_str_of("Connection"),
			cio_str_of(connection));
	return err == 0 ? cio__http1_write_end(out) : err;
}

int cio__response_print(const struct cio_response *res, cio_http_server *s,
	bool head_only, const char *connection, cio_buf *out)
{
	assert(res->status != 0);
	bool small = !head_only && res->body.n <= SMALL_BODY;
	cio_buf_clear(out);
	int err = cio_buf_reserve(out,
		256 + res->fields.n + (small ? res->body.n : 0));
	if (err == 0)
		err = print_head(res, s, connection, out);
	if (err == 0 && small)
		err = cio_buf_append(out, res->body.p, res->body.n);
	return err;
}
