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

bool fetch_has_header(const struct fetch_options *o, cio_str name)
{
	for (int i = 0; i < o->header_count; i++)
		if (cio_str_equal_nocase(cio_str_of(o->headers[i].name), name))
			return true;
	return false;
}

bool header_is_ours(cio_str name)
{
	static const char *const ours[] = {"Content-Length",
		"Transfer-Encoding", "Connection", "Expect"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (cio_str_equal_nocase(name, cio_str_of(ours[i])))
			return true;
	return false;
}

/* "Name: value", or "Name;" for an empty one. */
bool set_header(struct fetch_options *o, const char *value)
{
	size_t n = strcspn(value, ":;");
	cio_str name = {value, n};
	if (value[n] == '\0' || (value[n] == ';' && value[n + 1] != '\0'))
		return refuse("a header is \"Name: value\"");
	if (!cio__http1_is_token(name))
		return refuse("a header's name is of letters, digits and -");
	if (header_is_ours(name))
		return refuse("this header is set by cio itself");
	if ((cio_str_equal_nocase(name, cio_str_of("Host")) ||
		    cio_str_equal_nocase(name, cio_str_of("Range"))) &&
		fetch_has_header(o, name))
		return refuse("a request has one of these at most");
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
	errno = 0;
	while (err == 0 && (n = fread(block, 1, sizeof block, f)) > 0) {
		for (size_t i = 0; i < n && err == 0; i++)
			if (with_ends || strchr("\r\n", block[i]) == NULL)
				err = cio_buf_append(b, block + i, 1);
	}
	if (f != NULL && ferror(f))
		err = errno > 0 ? -errno : -EIO;
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
	if (strcmp(value, "@-") == 0 && o->data_is_stdin)
		return refuse("stdin is read already");
	o->data_is_stdin |= strcmp(value, "@-") == 0;
	if (value[0] == '@')
		return read_file(&o->data, value + 1, with_ends);
	return cio_buf_puts(&o->data, value) == 0 || refuse("no memory");
}

bool set_data(struct fetch_options *o, const char *value)
{
	o->is_form = true;
	return add_data(o, value, false, "&");
}

bool set_data_binary(struct fetch_options *o, const char *value)
{
	o->is_form = true;
	return add_data(o, value, true, "&");
}

bool set_json(struct fetch_options *o, const char *value)
{
	o->is_json = true;
	if (!fetch_has_header(o, cio_str_of("Accept")) &&
		!add_header(o, "Accept", "application/json"))
		return false;
	return add_data(o, value, true, "");
}

/* ---- who ---- */

static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

bool set_user_agent(struct fetch_options *o, const char *value)
{
	if (!cio__http1_is_value(cio_str_of(value)))
		return refuse("no control bytes, and no blanks at an end");
	o->user_agent = value;
	return *value != '\0' ||
		refuse("-H 'User-Agent;' sends an empty one");
}

bool set_user(struct fetch_options *o, const char *value)
{
	size_t n = strcspn(value, ":");
	if (value[n] == '\0')
		return refuse("a name and a password, with : between");
	if (!is_plain(value))
		return refuse("control bytes cannot be sent");
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
	o->has_digest = true;
	return true;
}

bool set_bearer(struct fetch_options *o, const char *value)
{
	if (strchr(value, ' ') != NULL || !is_plain(value))
		return refuse("a token has neither blanks nor control bytes");
	o->auth.kind = CIO_HTTP_AUTH_BEARER;
	o->auth.password = value;
	o->has_bearer = true;
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
	return *value != '\0';
}

bool set_input(struct fetch_options *o, const char *value)
{
	if (o->input != NULL)
		return refuse("a second list: put both into one, as by "
			"`cat A B | cio fetch`");
	o->input = value;
	return *value != '\0';
}

/* sha256//BASE64;sha256//BASE64 */
bool set_pins(struct fetch_options *o, const char *value)
{
	static const char head[] = "sha256//";
	int count = 0;
	while (o->pins[count] != NULL)
		count++;
	for (;;) {
		size_t n = strcspn(value, ";");
		if (strncmp(value, head, strlen(head)) != 0)
			return refuse("sha256//BASE64 of the public key, several "
				"with ; between");
		if (count == PINS_MAX - 1)
			return refuse("too many");
		o->pins[count] = kept(value, n);
		if (o->pins[count++] == NULL)
			return refuse("no memory");
		o->tls.pin_sha256 = o->pins;
		if (value[n] == '\0')
			return true;
		value += n + 1;
	}
}
