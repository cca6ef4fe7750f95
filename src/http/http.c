/* SPDX-License-Identifier: MIT */
/*
 * http.c - names that client and server share
 */
#include <cio/http.h>

#include "wire/http1_write.h"

const char *cio_http_method_name(cio_http_method m)
{
	static const char *const names[CIO_METHODS] = {
		[CIO_GET] = "GET",
		[CIO_HEAD] = "HEAD",
		[CIO_POST] = "POST",
		[CIO_PUT] = "PUT",
		[CIO_DELETE] = "DELETE",
		[CIO_PATCH] = "PATCH",
		[CIO_OPTIONS] = "OPTIONS",
	};
	return (unsigned)m < CIO_METHODS ? names[m] : "?";
}

const char *cio_http_reason(int status)
{
	return cio__http1_reason(status);
}
