/* SPDX-License-Identifier: MIT */
/*
 * http1_write.c - the printing half of HTTP/1.1
 *
 * Check first, then reserve room for the whole line, then append: so a line is
 * either there or not, and the appends after the reserve cannot fail.
 */
#include "wire/http1_write.h"

#include <errno.h>
#include <stdio.h>

#include "wire/chars.h"
#include "wire/http1.h"

static int append_all(cio_buf *b, const cio_str *parts, size_t n)
{
	size_t total = 0;
	for (size_t i = 0; i < n; i++)
		total += parts[i].n;
	int err = cio_buf_reserve(b, total);
	for (size_t i = 0; err >= 0 && i < n; i++)
		err = cio_buf_append(b, parts[i].p, parts[i].n);
	return err < 0 ? err : 0;
}

int cio__http1_write_request(cio_buf *b, cio_str method, cio_str target)
{
	if (!cio__http1_is_token(method) || method.n > HTTP1_METHOD_BYTES ||
	    target.n == 0 || !cio__all(target, CHAR_TARGET))
		return -EINVAL;
	const cio_str parts[] = {method, cio_str_of(" "), target,
				 cio_str_of(" HTTP/1.1\r\n")};
	return append_all(b, parts, 4);
}

int cio__http1_write_status(cio_buf *b, int status, cio_str reason)
{
	char digits[16];

	if (status < 100 || status > 999 || !cio__all(reason, CHAR_VALUE))
		return -EINVAL;
	if (reason.n == 0)
		reason = cio_str_of(cio__http1_reason(status));
	snprintf(digits, sizeof digits, "%d ", status);
	const cio_str parts[] = {cio_str_of("HTTP/1.1 "), cio_str_of(digits),
				 reason, cio_str_of("\r\n")};
	return append_all(b, parts, 4);
}

int cio__http1_write_header(cio_buf *b, cio_str name, cio_str value)
{
	if (!cio__http1_is_token(name) || !cio__http1_is_value(value))
		return -EINVAL;
	const cio_str parts[] = {name, cio_str_of(": "), value,
				 cio_str_of("\r\n")};
	return append_all(b, parts, 4);
}

int cio__http1_write_length(cio_buf *b, uint64_t n)
{
	return cio_buf_printf(b, "Content-Length: %llu\r\n",
			      (unsigned long long)n);
}

int cio__http1_write_chunked(cio_buf *b)
{
	return cio_buf_puts(b, "Transfer-Encoding: chunked\r\n");
}

int cio__http1_write_end(cio_buf *b)
{
	return cio_buf_puts(b, "\r\n");
}

int cio__http1_write_chunk_begin(cio_buf *b, uint64_t n)
{
	if (n == 0) /* that would end the body */
		return -EINVAL;
	return cio_buf_printf(b, "%llx\r\n", (unsigned long long)n);
}

int cio__http1_write_chunk_end(cio_buf *b)
{
	return cio_buf_puts(b, "\r\n");
}

int cio__http1_write_last_chunk(cio_buf *b)
{
	return cio_buf_puts(b, "0\r\n\r\n");
}

/* The registered ones (RFC 9110 15 and the IANA list). */
const char *cio__http1_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} table[] = {
		{100, "Continue"},
		{101, "Switching Protocols"},
		{102, "Processing"},
		{103, "Early Hints"},
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{203, "Non-Authoritative Information"},
		{204, "No Content"},
		{205, "Reset Content"},
		{206, "Partial Content"},
		{207, "Multi-Status"},
		{208, "Already Reported"},
		{226, "IM Used"},
		{300, "Multiple Choices"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{303, "See Other"},
		{304, "Not Modified"},
		{305, "Use Proxy"},
		{307, "Temporary Redirect"},
		{308, "Permanent Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{402, "Payment Required"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{407, "Proxy Authentication Required"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{410, "Gone"},
		{411, "Length Required"},
		{412, "Precondition Failed"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"},
		{417, "Expectation Failed"},
		{421, "Misdirected Request"},
		{422, "Unprocessable Content"},
		{423, "Locked"},
		{424, "Failed Dependency"},
		{425, "Too Early"},
		{426, "Upgrade Required"},
		{428, "Precondition Required"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{451, "Unavailable For Legal Reasons"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
		{506, "Variant Also Negotiates"},
		{507, "Insufficient Storage"},
		{508, "Loop Detected"},
		{511, "Network Authentication Required"},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (table[i].status == status)
			return table[i].reason;
	}
	return "";
}
