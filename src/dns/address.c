/* SPDX-License-Identifier: MIT */
/*
 * address.c - addresses and their text
 *
 * IPv4 is four decimal numbers and nothing else: what inet_aton would also take
 * ("127.1", "0x7f000001") is no literal here, so that two programs which read
 * the same text mean the same host.
 */
#include <cio/dns.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

#include "dns/dns.h"

static int parse4(const char *text, uint16_t port, cio_address *out)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		return -EINVAL;
	*out = (cio_address){.len = sizeof a};
	memcpy(&out->storage, &a, sizeof a);
	return 0;
}

/* RFC 4007: "%" and the interface, by number or by name. */
static int parse_scope(const char *text, uint32_t *out)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0')
		*out = errno == 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
	else
		*out = if_nametoindex(text);
	return *out > 0 ? 0 : -EINVAL;
}

static int parse6(const char *text, size_t n, uint16_t port, cio_address *out)
{
	char copy[CIO_ADDRESS_TEXT];
	if (n >= sizeof copy)
		return -EINVAL;
	memcpy(copy, text, n);
	copy[n] = '\0';
	struct sockaddr_in6 a = {.sin6_family = AF_INET6,
		.sin6_port = htons(port)};
	char *scope = strchr(copy, '%');
	if (scope != NULL) {
		*scope = '\0';
		if (parse_scope(scope + 1, &a.sin6_scope_id) < 0)
			return -EINVAL;
	}
	if (inet_pton(AF_INET6, copy, &a.sin6_addr) != 1)
		return -EINVAL;
	*out = (cio_address){.len = sizeof a};
	memcpy(&out->storage, &a, sizeof a);
	return 0;
}

int cio_address_parse(const char *literal, uint16_t port, cio_address *out)
{
	if (literal == NULL)
		return -EINVAL;
	size_t n = strlen(literal);
	if (n >= 2 && literal[0] == '[' && literal[n - 1] == ']')
		return parse6(literal + 1, n - 2, port, out);
	if (strchr(literal, ':') != NULL)
		return parse6(literal, n, port, out);
	return parse4(literal, port, out);
}

void cio_address_set_port(cio_address *a, uint16_t port)
{
	if (a->storage.ss_family == AF_INET)
		((struct sockaddr_in *)&a->storage)->sin_port = htons(port);
	else if (a->storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&a->storage)->sin6_port = htons(port);
}

uint16_t cio_address_port(const cio_address *a)
{
	if (a->storage.ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)&a->storage)->sin_port);
	if (a->storage.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&a->storage)->sin6_port);
	return 0;
}

static void print6(const struct sockaddr_in6 *a, char *text)
{
	char host[INET6_ADDRSTRLEN], scope[16] = "";
	inet_ntop(AF_INET6, &a->sin6_addr, host, sizeof host);
	if (a->sin6_scope_id != 0)
		snprintf(scope, sizeof scope, "%%%u", a->sin6_scope_id);
	snprintf(text, CIO_ADDRESS_TEXT, "[%s%s]:%u", host, scope,
		ntohs(a->sin6_port));
}

/* An abstract name begins with a NUL, which is shown as "@". A path that is
 * too long for the room is cut. */
static void print_unix(const struct sockaddr_un *a, size_t len, char *text)
{
	size_t at = offsetof(struct sockaddr_un, sun_path);
	size_t n = len > at ? len - at : 0;
	bool abstract = n > 0 && a->sun_path[0] == '\0';
	if (n > sizeof a->sun_path)
		n = sizeof a->sun_path;
	snprintf(text, CIO_ADDRESS_TEXT, "unix:%s%.*s", abstract ? "@" : "",
		(int)(abstract ? n - 1 : n), a->sun_path + (abstract ? 1 : 0));
}

const char *cio_address_text(const cio_address *a, char text[CIO_ADDRESS_TEXT])
{
	const void *p = &a->storage;
	if (a->storage.ss_family == AF_INET) {
		const struct sockaddr_in *in = p;
		char host[INET_ADDRSTRLEN];
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
		snprintf(text, CIO_ADDRESS_TEXT, "%s:%u", host,
			ntohs(in->sin_port));
	} else if (a->storage.ss_family == AF_INET6) {
		print6(p, text);
	} else if (a->storage.ss_family == AF_UNIX) {
		print_unix(p, a->len, text);
	} else {
		snprintf(text, CIO_ADDRESS_TEXT, "(no address)");
	}
	return text;
}
