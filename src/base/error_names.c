/* SPDX-License-Identifier: MIT */
/*
 * error_names.c - what an error is called
 *
 * libc's texts, but for our own numbers and for the few errors that mean
 * something wider here than the text says (ETIMEDOUT is any limit of time, not
 * only a connection's).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strerrordesc_np: no locale, no shared buffer */
#endif
#include <cio/base.h>

#include <errno.h>
#include <limits.h>

static const struct {
	int number;
	const char *text;
} names[] = {
	{0, "success"},
	{ETIMEDOUT, "timed out"},
	{ECANCELED, "cancelled"},
	{ENOMEM, "out of memory"},
	{EDEADLK, "would wait forever"},
	{ESHUTDOWN, "shut down"},
	{CIO_EDNS, "name not resolved"},
	{CIO_EPROTOCOL, "protocol error by the peer"},
	{CIO_ETOOLARGE, "too large"},
	{CIO_EURL, "bad URL"},
	{CIO_EEOF, "unexpected end of the stream"},
	{CIO_ETLS, "TLS failed"},
	{CIO_ESTATUS, "unwelcome HTTP status"},
	{CIO_EBROKEN, "broken barrier"},
};

const char *cio_strerror(int err)
{
	int number = err == INT_MIN ? INT_MAX : err < 0 ? -err : err;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].number == number)
			return names[i].text;
	}
	const char *text = strerrordesc_np(number);
	return text != NULL ? text : "unknown error";
}
