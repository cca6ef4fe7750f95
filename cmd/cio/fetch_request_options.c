/* SPDX-License-Identifier: MIT */
/*
 * fetch_request_options.c - options that say what is sent, and where to
 */
#include <errno.h>

#include <cio/dns.h>

#include "base/mem.h"
#include "fetch_options.h"
#include "wire/http1.h"

/* A copy that lives as long as the program. */
static char *kept(const char *p, size_t n)
{
	char *copy = cio__alloc(n + 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

static bool refuse(const char *why)
{
	cio_fail(-EINVAL, "%s", why);
	return false;
}

/* ---- headers ---- */

static bool add_header(struct fetch_options *o, const char *name,
	const char *value)
{
	if (name == NULL || value == NULL)
		return refuse("no memory");
	if (o->header_count == HEADERS_MAX - 1)
		return refuse("too many headers");
	o->headers[o->header_count++] = (cio_http_header){name, value};
	return true;
}

static bool has_header(const struct fetch_options *o, const char *name)
{
	for (int i = 0; i < o->header_count; i++)
		if (cio_str_equal_nocase(cio_str_of(o->headers[i].name),
			    cio_str_of(name)))
			return true;
	return false;
}

/* "Name: value", or "Name;" for an empty one. */
bool set_header(struct fetch_options *o, const char *value)
{
	static const char *const ours[] = {"Content-Length",
		"Transfer-Encoding", "Connection", "Expect"};
	size_t n = strcspn(value, ":;");
	cio_str name = {value, n};
	if (value[n] == '\0' || (value[n] == ';' && value[n + 1] != '\0'))
		return refuse("a header is \"Name: value\"");
	if (!cio__http1_is_token(name))
		return refuse("a header's name is of letters, digits and -");
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (cio_str_equal_nocase(name, cio_str_of(ours[i])))
			return refuse("this header is set by cio itself");
	const char *text = value + n + 1;
	text += strspn(text, " \t");
	size_t rest = strlen(text);
	while (rest > 0 && (text[rest - 1] == ' ' || text[rest - 1] == '\t'))
		rest--;
	if (rest == 0 && value[n] == ':')
		return refuse("the value is missing; \"Name;\" sends an empty one");
	if (!cio__http1_is_value((cio_str){text, rest}))
		return refuse("a header's value cannot have control bytes");
	return add_header(o, kept(value, n), kept(text, rest));
}

bool method_of(cio_str name, cio_http_method *out)
{
	for (int i = 0; i < CIO_METHODS; i++) {
		cio_http_method m = (cio_http_method)i;
		if (cio_str_equal(name, cio_str_of(cio_http_method_name(m)))) {
			*out = m;
			return true;
		}
	}
	return false;
}

bool set_method(struct fetch_options *o, const char *value)
{
	o->has_method = true;
	return method_of(cio_str_of(value), &o->method) ||
		refuse("GET, HEAD, POST, PUT, DELETE, PATCH or OPTIONS");
}

/* ---- the body ---- */

static bool read_file(cio_buf *b, const char *path, bool with_ends)
{
	char block[4096];
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	int err = f == NULL ? -errno : 0;
	size_t n = 0;
	while (err == 0 && (n = fread(block, 1, sizeof block, f)) > 0) {
		for (size_t i = 0; i < n && err == 0; i++)
			if (with_ends || strchr("\r\n", block[i]) == NULL)
				err = cio_buf_append(b, block + i, 1);
	}
	if (f != NULL && ferror(f))
		err = -EIO;
	if (f != NULL && !is_stdin)
		(void)fclose(f);
	if (err < 0)
		cio_fail(err, "cannot read %s: %s", path, cio_strerror(err));
	return err == 0;
}

static bool add_data(struct fetch_options *o, const char *value, bool with_ends,
	const char *join)
{
	if (o->has_data && cio_buf_puts(&o->data, join) < 0)
		return refuse("no memory");
	o->has_data = true;
	if (value[0] == '@')
		return read_file(&o->data, value + 1, with_ends);
	return cio_buf_puts(&o->data, value) == 0 || refuse("no memory");
}

bool set_data(struct fetch_options *o, const char *value)
{
	return add_data(o, value, false, "&");
}

bool set_data_binary(struct fetch_options *o, const char *value)
{
	return add_data(o, value, true, "&");
}

bool set_json(struct fetch_options *o, const char *value)
{
	o->is_json = true;
	if (!has_header(o, "Accept") &&
		!add_header(o, "Accept", "application/json"))
		return false;
	return add_data(o, value, true, "");
}

/* ---- who ---- */

bool set_user(struct fetch_options *o, const char *value)
{
	size_t n = strcspn(value, ":");
	if (value[n] == '\0')
		return refuse("a name and a password, with : between");
	o->auth.user = kept(value, n);
	o->auth.password = kept(value + n + 1, strlen(value + n + 1));
	if (o->auth.kind == CIO_HTTP_AUTH_NONE)
		o->auth.kind = CIO_HTTP_AUTH_BASIC;
	return o->auth.user != NULL && o->auth.password != NULL;
}

bool set_digest(struct fetch_options *o, const char *value)
{
	(void)value;
	o->auth.kind = CIO_HTTP_AUTH_DIGEST;
	return true;
}

bool set_bearer(struct fetch_options *o, const char *value)
{
	o->auth.kind = CIO_HTTP_AUTH_BEARER;
	o->auth.password = value;
	return *value != '\0';
}

/* ---- where ---- */

/* HOST:PORT:ADDRESS, a leading + as curl has it; ADDRESS may be in []. */
bool set_resolve(struct fetch_options *o, const char *value)
{
	cio_address probe;
	value += *value == '+';
	const char *port = strchr(value, ':');
	const char *address = port != NULL ? strchr(port + 1, ':') : NULL;
	long number;
	if (address == NULL || port == value)
		return false;
	if (o->resolve_count == RESOLVES_MAX - 1)
		return refuse("too many");
	char *name = kept(value, (size_t)(address - value));
	if (name == NULL)
		return refuse("no memory");
	const char *number_text = name + (port + 1 - value);
	if (strcmp(number_text, "*") != 0 &&
		!value_number(number_text, 1, 65535, &number))
		return false;
	if (cio_address_parse(address + 1, 1, &probe) < 0)
		return refuse("the last part is an address, as 127.0.0.1");
	o->resolve[o->resolve_count++] =
		(cio_http_resolve){name, address + 1};
	return true;
}

bool set_interface(struct fetch_options *o, const char *value)
{
	cio_address probe;
	if (cio_address_parse(value, 1, &probe) < 0)
		return refuse("an address of this machine, as 192.0.2.1");
	o->local_address = value;
	return true;
}

bool set_dir(struct fetch_options *o, const char *value)
{
	o->dir = value;
	o->body = BODY_FILE;
	return *value != '\0';
}
