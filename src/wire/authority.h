/* SPDX-License-Identifier: MIT */
/*
 * authority.h - "host[:port]" as in URLs, request targets and Host headers
 *
 * One grammar for all three, so that they cannot disagree about which host is
 * meant. A name is letters, digits, '-', '.', '_', '~' with labels of 1 to 63
 * bytes and perhaps a dot at the end. A host that ends in a number must be an
 * IPv4 address of four plain decimal numbers: 127.1, 0177.0.0.1 and
 * 2130706433 mean different machines to different programs and are refused.
 * IPv6 stands in brackets, without a zone.
 */
#ifndef CIO_WIRE_AUTHORITY_H
#define CIO_WIRE_AUTHORITY_H

#include <cio/base.h>

enum authority_kind { AUTHORITY_NAME, AUTHORITY_IPV4, AUTHORITY_IPV6 };

struct authority {
	enum authority_kind kind;
	cio_str host; /* view; without brackets, case as written */
	int port;     /* 0-65535, or -1 if none was written */
};

/* 0, or -EINVAL with a static reason in `*why`. Writes `*a` on success only. */
CIO_MUST_CHECK int cio__authority_parse(struct authority *a, cio_str text,
					const char **why);

#endif
