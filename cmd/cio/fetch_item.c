/* SPDX-License-Identifier: MIT */
/*
 * fetch_item.c - a line of the list as a request
 *
 * A line is a URL, or a JSON object:
 *
 *	{"url": "https://example.org/", "method": "POST",
 *	 "headers": {"X-Id": "7"}, "body": {"any": "JSON"}}
 *
 * A `body` that is a string is sent as its text, any other value as JSON. What an
 * object does not say is as on the command line. A member that we do not know is
 * an error: a misspelt one would be lost otherwise.
 */
#include <errno.h>

#include "base/mem.h"
#include "fetch.h"
#include "json_read.h"
#include "wire/http1.h"

cio_str fetch_host_of(cio_str url)
{
	const char *at = memmem(url.p, url.n, "://", 3);
	if (at == NULL)
		return (cio_str){0};
	at += 3;
	size_t left = (size_t)(url.p + url.n - at), n = 0;
	while (n < left && at[n] != '/' && at[n] != '?' && at[n] != '#')
		n++;
	const char *user = memrchr(at, '@', n);
	if (user != NULL) {
		n -= (size_t)(user + 1 - at);
		at = user + 1;
	}
	return (cio_str){at, n};
}

/* Into the memory that was reserved: it does not move. No NUL inside. */
static const char *keep(struct fetch_item *item, cio_str s)
{
	char *to = item->memory.p + item->memory.n;
	for (size_t i = 0; i < s.n; i++)
		to[i] = s.p[i] != '\0' ? s.p[i] : ' '; /* no URL has either */
	to[s.n] = '\0';
	item->memory.n += s.n + 1;
	return to;
}

static int refuse(struct fetch_item *item, const char *why, size_t at)
{
	item->wrong = why;
	item->wrong_at = at;
	return -EINVAL;
}

/* A string's text, which is never longer than the string; NULL: broken. */
static const char *keep_text(struct fetch_item *item, cio_str value)
{
	const char *to = item->memory.p + item->memory.n;
	if (json_text(&item->memory, value) < 0)
		return NULL;
	/* appending none of it has put no NUL there */
	item->memory.p[item->memory.n++] = '\0';
	return to;
}

/* ---- members ---- */

/* Their number is known by the colons. */
static int make_headers(const struct fetch_options *o, struct fetch_item *item,
	cio_str value)
{
	size_t most = (size_t)o->header_count + 1;
	for (size_t i = 0; i < value.n; i++)
		most += value.p[i] == ':';
	cio__free(item->headers);
	item->headers = cio__zalloc(most * sizeof *item->headers);
	return item->headers != NULL ? 0 : -ENOMEM;
}

static bool has(const cio_http_header *h, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (cio_str_equal_nocase(cio_str_of(h[i].name), cio_str_of(name)))
			return true;
	return false;
}

static int add_headers(const struct fetch_options *o, struct fetch_item *item,
	const struct json_member *m)
{
	struct json_reader r;
	struct json_member h;
	size_t n = 0;
	int more, err = make_headers(o, item, m->value);
	if (err < 0)
		return err;
	json_open(&r, m->value);
	while ((more = json_next(&r, &h)) > 0) {
		if (h.kind != JSON_STRING)
			return refuse(item, "a header's value is a string", 0);
		/* a name has no escapes: those are no token */
		if (!cio__http1_is_token(h.name))
			return refuse(item, "a header's name has other bytes", 0);
		if (header_is_ours(h.name))
			return refuse(item, "Content-Length, Transfer-Encoding, "
				"Connection and Expect are set by cio itself", 0);
		const char *name = keep(item, h.name);
		const char *value = keep_text(item, h.value);
		if (value == NULL || !cio__http1_is_value(cio_str_of(value)))
			return refuse(item, "a header's value has other bytes", 0);
		item->headers[n++] = (cio_http_header){name, value};
	}
	if (more < 0)
		return refuse(item, r.wrong, 0);
	size_t own = n;
	for (int i = 0; i < o->header_count; i++)
		if (!has(item->headers, own, o->headers[i].name))
			item->headers[n++] = o->headers[i];
	return 0;
}

static int set_body(struct fetch_item *item, const struct json_member *m)
{
	if (m->kind == JSON_STRING) {
		item->body = keep_text(item, m->value);
		if (item->body == NULL)
			return refuse(item, "the body has text that is not UTF-8",
				0);
		item->body_size = strlen(item->body);
		return 0;
	}
	item->body = keep(item, m->value);
	item->body_size = m->value.n;
	item->is_json = true;
	return 0;
}

static int set_member(const struct fetch_options *o, struct fetch_item *item,
	const struct json_member *m)
{
	if (json_named(m, "headers"))
		return m->kind == JSON_OBJECT ? add_headers(o, item, m) :
			refuse(item, "`headers` is an object", 0);
	if (json_named(m, "body"))
		return set_body(item, m);
	bool is_url = json_named(m, "url");
	if (!is_url && !json_named(m, "method"))
		return refuse(item, "a member other than url, method, headers, "
			"body", 0);
	if (m->kind != JSON_STRING)
		return refuse(item, "url and method are strings", 0);
	const char *text = keep_text(item, m->value);
	if (text == NULL)
		return refuse(item, "text that is not UTF-8", 0);
	if (is_url) {
		item->url = text;
		return 0;
	}
	item->has_method = true;
	return method_of(cio_str_of(text), &item->method) ? 0 :
		refuse(item, "no such method", 0);
}

static int parse_object(const struct fetch_options *o, struct fetch_item *item,
	cio_str line)
{
	struct json_reader r;
	struct json_member m;
	int more, err;
	json_open(&r, line);
	while ((more = json_next(&r, &m)) > 0) {
		err = set_member(o, item, &m);
		if (err < 0)
			return err;
	}
	if (more < 0)
		return refuse(item, r.wrong, r.at + 1);
	if (item->url[0] == '\0')
		return refuse(item, "`url` is missing", 0);
	if (item->body != NULL && !item->has_method)
		item->method = CIO_POST;
	item->has_method |= item->body != NULL;
	return 0;
}

struct fetch_item *fetch_item_new(const struct fetch_options *o, cio_str line)
{
	bool object = line.n > 0 && line.p[0] == '{';
	/* the line, and its texts, each with a NUL in the place of a quote */
	size_t room = object ? 3 * line.n + 16 : line.n + 1;
	struct fetch_item *item = cio__alloc(sizeof *item + room);
	if (item == NULL)
		return NULL;
	*item = (struct fetch_item){
		.memory = {.p = (char *)(item + 1), .cap = room}};
	item->url = item->text = keep(item, line);
	if (object) {
		item->url = "";
		if (parse_object(o, item, line) == -ENOMEM) {
			fetch_item_free(item);
			return NULL;
		}
	}
	item->host = fetch_host_of(cio_str_of(item->url));
	if (item->wrong == NULL && item->host.n > 0 && item->host.p[-1] == '@')
		(void)refuse(item, "a name and password in the URL are not sent: "
			"use -u, or `headers` of the line", 0);
	return item;
}

void fetch_item_free(struct fetch_item *item)
{
	if (item == NULL)
		return;
	cio__free(item->headers);
	cio__free(item);
}
