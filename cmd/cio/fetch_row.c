/* SPDX-License-Identifier: MIT */
/*
 * fetch_row.c - the columns of a row: one table for every form of output
 *
 * The names are those of curl's --write-out where it has one.
 */
#include <stdio.h>

#include "fetch.h"
#include "wire/base64.h"
#include "wire/json_text.h"

#define COLUMN(name, kind, option) \
	{#name, {",\"" #name "\":", sizeof #name + 3}, COLUMN_##kind, \
		offsetof(struct fetch_row, name), option}
const struct column fetch_columns[] = {
	COLUMN(seq, INTEGER, COLUMN_ALWAYS),
	COLUMN(url, TEXT, COLUMN_ALWAYS),
	COLUMN(effective_url, TEXT, COLUMN_ALWAYS),
	COLUMN(http_code, INTEGER, COLUMN_ALWAYS),
	COLUMN(ok, BOOL, COLUMN_ALWAYS),
	COLUMN(error_kind, TEXT, COLUMN_ALWAYS),
	COLUMN(error, TEXT, COLUMN_ALWAYS),
	COLUMN(attempts, INTEGER, COLUMN_ALWAYS),
	COLUMN(http_version, TEXT, COLUMN_ALWAYS),
	COLUMN(remote_ip, TEXT, COLUMN_ALWAYS),
	COLUMN(num_redirects, INTEGER, COLUMN_ALWAYS),
	COLUMN(size_download, INTEGER, COLUMN_ALWAYS),
	COLUMN(size_wire, INTEGER, COLUMN_ALWAYS),
	COLUMN(content_type, TEXT, COLUMN_ALWAYS),
	COLUMN(time_namelookup, SECONDS, COLUMN_ALWAYS),
	COLUMN(time_connect, SECONDS, COLUMN_ALWAYS),
	COLUMN(time_appconnect, SECONDS, COLUMN_ALWAYS),
	COLUMN(time_starttransfer, SECONDS, COLUMN_ALWAYS),
	COLUMN(time_total, SECONDS, COLUMN_ALWAYS),
	COLUMN(ts, TEXT, COLUMN_ALWAYS),
	COLUMN(headers, JSON, COLUMN_OF_HEADERS),
	COLUMN(body, TEXT, COLUMN_OF_INLINE),
	COLUMN(body_base64, TEXT, COLUMN_OF_INLINE),
	COLUMN(body_file, TEXT, COLUMN_OF_FILE),
	COLUMN(sha256, TEXT, COLUMN_OF_HASH),
};
const int fetch_column_count = sizeof fetch_columns / sizeof *fetch_columns;

bool fetch_column_wanted(const struct fetch_options *o, const struct column *c)
{
	switch (c->option) {
	case COLUMN_OF_HEADERS: return o->with_headers;
	case COLUMN_OF_INLINE: return o->body == BODY_INLINE;
	case COLUMN_OF_FILE: return o->body == BODY_FILE;
	case COLUMN_OF_HASH: return o->body >= BODY_FILE;
	default: return true;
	}
}

bool fetch_good(const cio_http_response *r)
{
	return r->error == CIO_HTTP_OK && r->status >= 200 && r->status < 400;
}

/* ---- pieces ---- */

static void set_ip(struct fetch_row *row, struct fetch *f, const cio_address *a)
{
	if (a->len == 0)
		return;
	if (f->last.address.len != a->len ||
		memcmp(&f->last.address.storage, &a->storage, a->len) != 0) {
		f->last.address = *a;
		(void)cio_address_text(a, f->last.ip);
	}
	char *p = row->ip;
	memcpy(p, f->last.ip, sizeof row->ip);
	char *colon = strrchr(p, ':');
	if (colon == NULL || strncmp(p, "unix:", 5) == 0)
		return;
	*colon = '\0';
	if (p[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		p++;
	}
	row->remote_ip = cio_str_of(p);
}

/* When the request began: "2026-01-31T12:00:00.123Z". */
static void set_time(struct fetch_row *row, struct fetch *f, cio_duration ago)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t at = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 -
		ago / CIO_MS(1);
	time_t second = (time_t)(at / 1000);
	if (second != f->last.second || f->last.time[0] == '\0') {
		struct tm t;
		(void)gmtime_r(&second, &t);
		(void)strftime(f->last.time, sizeof f->last.time,
			"%Y-%m-%dT%H:%M:%S", &t);
		f->last.second = second;
	}
	size_t n = strlen(f->last.time);
	int ms = (int)(at % 1000);
	char rest[] = {'.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10),
		(char)('0' + ms % 10), 'Z'};
	memcpy(row->time, f->last.time, n);
	memcpy(row->time + n, rest, sizeof rest);
	row->ts = (cio_str){row->time, n + sizeof rest};
}

static bool seen_before(const cio_http_response *r, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (cio_str_equal_nocase(r->headers[j].name, r->headers[i].name))
			return true;
	return false;
}

/* As curl's header_json: {"name":["value", ...], ...}. */
static int write_headers(cio_buf *b, const cio_http_response *r)
{
	int err = cio_buf_puts(b, "{");
	for (size_t i = 0; i < r->header_count && err == 0; i++) {
		cio_str name = r->headers[i].name;
		if (seen_before(r, i))
			continue;
		err = cio_buf_puts(b, b->p[b->n - 1] == '{' ? "" : ",");
		size_t from = b->n;
		err = err < 0 ? err : cio__json_string(b, name);
		for (size_t j = from; err == 0 && j < b->n; j++)
			if (b->p[j] >= 'A' && b->p[j] <= 'Z')
				b->p[j] |= 0x20;
		err = err < 0 ? err : cio_buf_puts(b, ":[");
		for (size_t j = i; j < r->header_count && err == 0; j++) {
			if (!cio_str_equal_nocase(r->headers[j].name, name))
				continue;
			err = cio_buf_puts(b, j == i ? "" : ",");
			err = err < 0 ? err :
				cio__json_string(b, r->headers[j].value);
		}
		err = err < 0 ? err : cio_buf_puts(b, "]");
	}
	return err < 0 ? err : cio_buf_puts(b, "}");
}

/* ---- the whole ---- */

int fetch_row_of(struct fetch_row *row, const struct fetch_item *item,
	const cio_http_response *r, const char *detail, cio_duration total)
{
	row->item = item;
	row->seq = (int64_t)item->seq;
	row->url = cio_str_of(item->url[0] != '\0' ? item->url : item->text);
	row->effective_url = r->url.n > 0 ? cio_buf_view(&r->url) : row->url;
	row->http_code = r->status > 0 ? r->status : r->failed_status;
	row->ok = fetch_good(r);
	row->error_kind = cio_str_of(cio_http_error_name(r->error));
	row->error = cio_str_of(detail);
	row->attempts = r->attempts - r->redirects; /* each hop was one */
	row->num_redirects = r->redirects;
	row->size_download = (int64_t)r->body_size;
	row->size_wire = (int64_t)r->wire_size;
	row->time_namelookup = r->time_namelookup;
	row->time_connect = r->time_connect;
	row->time_appconnect = r->time_appconnect;
	row->time_starttransfer = r->time_starttransfer;
	row->time_total = total;
	set_ip(row, item->fetch, &r->remote);
	set_time(row, item->fetch, total);
	if (row->http_code > 0) {
		row->http_version = cio_str_of("1.1");
		row->content_type = cio_http_response_header(r, "Content-Type");
	}
	if (!item->fetch->options.with_headers || r->status == 0)
		return 0;
	int err = write_headers(&row->memory, r);
	row->headers = cio_buf_view(&row->memory);
	return err;
}

int fetch_row_inline(struct fetch_row *row, const cio_http_response *r)
{
	cio_str body = cio_buf_view(&r->body), rest = body;
	if (r->status == 0)
		return 0;
	while (rest.n > 0) {
		size_t n = rest.p[0] != '\0' ? cio__utf8_length(rest) : 0;
		if (n == 0)
			break;
		rest.p += n;
		rest.n -= n;
	}
	if (rest.n == 0) {
		row->body = body.n > 0 ? body : (cio_str){"", 0};
		return 0;
	}
	int err = cio__base64_write(&row->file, body);
	row->body_base64 = cio_buf_view(&row->file);
	return err;
}

void fetch_row_finish(struct fetch_row *row)
{
	cio_buf_finish(&row->memory);
	cio_buf_finish(&row->file);
}
