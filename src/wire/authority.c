/* SPDX-License-Identifier: MIT */
/*
 * authority.c - "host[:port]"
 *
 * The host is cut off first (up to ']' or ':'), then judged by its kind. No
 * resolver may see a name that this file has not passed.
 */
#include "wire/authority.h"

#include <arpa/inet.h>
#include <errno.h>

#include "wire/chars.h"

enum { HOST_BYTES = 253, LABEL_BYTES = 63 };

/* inet_pton wants a terminated string; the longest IPv6 text has 45 bytes. */
static bool is_address(int family, cio_str s)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (s.n == 0 || s.n >= sizeof text || memchr(s.p, 0, s.n) != NULL)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, bytes) == 1;
}

/* The last label decides whether a host is a number (as in the WHATWG URL
 * standard): no top-level domain is all digits, or hexadecimal with 0x. */
static bool ends_in_number(cio_str host)
{
	size_t i = host.n;
	while (i > 0 && host.p[i - 1] != '.')
		i--;
	cio_str last = cio__after(host, i);
	if (last.n >= 2 && last.p[0] == '0' && (last.p[1] | 0x20) == 'x')
		return cio__all(cio__after(last, 2), CHAR_HEX);
	return cio__all(last, CHAR_DIGIT);
}

static const char *check_name(cio_str host)
{
	size_t label = 0;

	for (size_t i = 0; i < host.n; i++) {
		if ((unsigned char)host.p[i] >= 0x80)
			return "host needs IDNA (not built in): write it "
			       "as xn--...";
		if (!cio__char_is(host.p[i], CHAR_NAME))
			return "forbidden byte in host";
		if (host.p[i] != '.')
			label++;
		else if (label == 0)
			return "empty label in host";
		else
			label = 0;
		if (label > LABEL_BYTES)
			return "label of the host is longer than 63 bytes";
	}
	return NULL;
}

/* A name or IPv4. `host` may end in one dot, which is not judged. */
static const char *check_host(struct authority *a)
{
	cio_str host = a->host;
	bool dot = host.n > 1 && host.p[host.n - 1] == '.';

	if (host.n == 0)
		return "empty host";
	if (dot)
		host.n--;
	if (host.n > HOST_BYTES)
		return "host is longer than 253 bytes";
	const char *why = check_name(host);
	if (why != NULL)
		return why;
	if (host.p[host.n - 1] == '.')
		return "empty label in host";
	a->kind = AUTHORITY_NAME;
	if (!ends_in_number(host))
		return NULL;
	if (dot || !is_address(AF_INET, host))
		return "IPv4 address must be four decimal numbers 0-255";
	a->kind = AUTHORITY_IPV4;
	return NULL;
}

static const char *check_port(struct authority *a, cio_str digits)
{
	if (digits.n == 0)
		return "empty port";
	if (digits.n > 5 || !cio__all(digits, CHAR_DIGIT))
		return "port must be a number 0-65535";
	int port = 0;
	for (size_t i = 0; i < digits.n; i++)
		port = port * 10 + (digits.p[i] - '0');
	if (port > 65535)
		return "port must be a number 0-65535";
	a->port = port;
	return NULL;
}

/* Cut `text` into a->host and what follows it. */
static const char *cut_host(struct authority *a, cio_str text, cio_str *rest)
{
	bool bracket = text.n > 0 && text.p[0] == '[';
	const char *end =
		text.n > 0 ? memchr(text.p, bracket ? ']' : ':', text.n) : NULL;

	if (!bracket) {
		size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
		a->host = (cio_str){text.p, n};
		*rest = cio__after(text, n);
		return check_host(a);
	}
	if (end == NULL)
		return "IPv6 address without closing bracket";
	a->host = (cio_str){text.p + 1, (size_t)(end - text.p) - 1};
	a->kind = AUTHORITY_IPV6;
	*rest = cio__after(text, a->host.n + 2);
	return is_address(AF_INET6, a->host) ? NULL : "bad IPv6 address";
}

int cio__authority_parse(struct authority *a, cio_str text, const char **why)
{
	struct authority found = {.port = -1};
	cio_str rest = {0};

	const char *bad = cut_host(&found, text, &rest);
	if (bad == NULL && rest.n > 0) {
		bad = rest.p[0] != ':'
			      ? "only a port may follow the host"
			      : check_port(&found, cio__after(rest, 1));
	}
	if (bad != NULL) {
		*why = bad;
		return -EINVAL;
	}
	*a = found;
	return 0;
}
