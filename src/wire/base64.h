/* SPDX-License-Identifier: MIT */
/*
 * base64.h - bytes as text (RFC 4648 4)
 */
#ifndef CIO_WIRE_BASE64_H
#define CIO_WIRE_BASE64_H

#include <cio/base.h>
#include <cio/buf.h>

/* Append the bytes in base64, padded. 0 or -ENOMEM (nothing is appended). */
CIO_MUST_CHECK int cio__base64_write(cio_buf *b, cio_str bytes);

#endif
