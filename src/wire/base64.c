/* SPDX-License-Identifier: MIT */
/* base64.c - three bytes, four letters */
#include "wire/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789+/";

int cio__base64_write(cio_buf *b, cio_str bytes)
{
	int err = cio_buf_reserve(b, (bytes.n + 2) / 3 * 4);
	if (err < 0)
		return err;
	char *to = b->p + b->n;
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		unsigned v = (unsigned)(unsigned char)bytes.p[i] << 16;
		if (left > 1)
			v |= (unsigned)(unsigned char)bytes.p[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)bytes.p[i + 2];
		*to++ = letters[v >> 18];
		*to++ = letters[v >> 12 & 63];
		*to++ = left > 1 ? letters[v >> 6 & 63] : '=';
		*to++ = left > 2 ? letters[v & 63] : '=';
	}
	*to = '\0';
	b->n = (size_t)(to - b->p);
	return 0;
}
