/* SPDX-License-Identifier: MIT */
/*
 * body_form.c - application/x-www-form-urlencoded (WHATWG URL 5.2)
 */
#include <cio/http_body.h>

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '*' || c == '-' || c == '.' ||
		c == '_';
}

static char *escape(char *to, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (is_plain(c) || c == ' ') {
			*to++ = c == ' ' ? '+' : (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return to;
}

int cio_http_form_add(cio_buf *form, const char *name, const char *value)
{
	size_t most = 3 * (strlen(name) + strlen(value)) + 2;
	int err = cio_buf_reserve(form, most);
	if (err < 0)
		return err;
	char *to = form->p + form->n;
	if (form->n > 0)
		*to++ = '&';
	to = escape(to, name);
	*to++ = '=';
	to = escape(to, value);
	*to = '\0';
	form->n = (size_t)(to - form->p);
	return 0;
}
