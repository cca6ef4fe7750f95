/* SPDX-License-Identifier: MIT */
/*
 * fetch_one.c - one item: the request, and its row
 *
 * An item that was cut by an interrupt has no row: --resume will fetch it.
 */
#include <stdio.h>

#include "base/list.h"
#include "fetch.h"

/* ---- the request ---- */

static void make_request(const struct fetch_item *item,
	cio_http_request_options *rq)
{
	const struct fetch_options *o = &item->fetch->options;
	bool own = item->body != NULL;
	*rq = (cio_http_request_options){
		.method = item->has_method ? item->method : o->method,
		.url = item->url,
		.headers = item->headers,
		.retry_unsafe = o->retry_unsafe,
	};
	rq->auth = o->auth;
	/* a line that says GET wants no -d; a GET with -X and -d is wanted so */
	bool plain = (rq->method == CIO_GET || rq->method == CIO_HEAD) &&
		(item->has_method || !o->has_method);
	if (!own && (!o->has_data || plain))
		return;
	rq->body = own ? item->body : o->data.p;
	rq->body_size = own ? item->body_size : o->data.n;
}

static bool has_type(const cio_http_header *h)
{
	for (; h != NULL && h->name != NULL; h++)
		if (cio_str_equal_nocase(cio_str_of(h->name),
			    cio_str_of("Content-Type")))
			return true;
	return false;
}

/* Content-Type as curl would send it, unless somebody says another: `more` has
 * room for the list with one in front. */
static int add_type(const struct fetch_item *item, cio_http_request_options *rq,
	cio_buf *more)
{
	const struct fetch_options *o = &item->fetch->options;
	const cio_http_header *own = item->headers;
	if (rq->body_size == 0 || has_type(own) || has_type(o->headers))
		return 0;
	bool json = item->body != NULL ? item->is_json : o->is_json;
	cio_http_header type = {"Content-Type", json ? "application/json" :
		"application/x-www-form-urlencoded"};
	if (item->body != NULL && !json)
		type.value = "text/plain; charset=utf-8";
	int err = cio_buf_append(more, &type, sizeof type);
	/* the request's own list holds the session's too if there is one */
	for (; err == 0 && own != NULL && own->name != NULL; own++)
		err = cio_buf_append(more, own, sizeof *own);
	type = (cio_http_header){0};
	err = err < 0 ? err : cio_buf_append(more, &type, sizeof type);
	rq->headers = (const void *)more->p;
	return err;
}

/* ---- its row ---- */

static const char *detail_of(const struct fetch_item *item,
	const cio_http_response *r, char *room, size_t n)
{
	if (r->error == CIO_HTTP_OK)
		return "";
	if (item->wrong != NULL) {
		int k = snprintf(room, n, "%s %llu is no request: %s",
			item->line > 0 ? "line" : "argument",
			(unsigned long long)(item->line > 0 ? item->line :
							      item->seq),
			item->wrong);
		if (item->wrong_at > 0 && k > 0 && (size_t)k < n)
			(void)snprintf(room + k, n - (size_t)k, ", at byte %zu",
				item->wrong_at);
		return room;
	}
	if (r->error != CIO_HTTP_ERROR_STATUS)
		return cio_error_text();
	(void)snprintf(room, n, "%d %s", r->status, cio_http_reason(r->status));
	return room;
}

static int write_row(struct fetch *f, const struct fetch_item *item,
	const cio_http_response *r, struct fetch_row *row)
{
	char room[256];
	cio_duration took = item->due > 0 ? cio_now() - item->due : r->time_total;
	fetch_summary_count(&f->summary, r, took);
	if (f->hosts.all != NULL)
		fetch_hosts_count(&f->hosts, item->host, r);
	int err = fetch_row_of(row, item, r,
		detail_of(item, r, room, sizeof room), took);
	if (err == 0 && f->options.body == BODY_INLINE)
		err = fetch_row_inline(row, r);
	if (err == 0)
		err = fetch_output_row(&f->output, row);
	return err;
}

int fetch_row_without(struct fetch *f, struct fetch_item *item,
	cio_http_error error, const char *detail)
{
	cio_http_response r = {.error = error};
	struct fetch_row row = {0};
	cio_fail(0, "%s", detail);
	int err = write_row(f, item, &r, &row);
	fetch_row_finish(&row);
	return err;
}

/* ---- hosts that are given up ---- */

static const char gave_up[] = "the host was given up: too many errors in a row "
			      "(--max-host-errors)";

static struct fetch_host *host_of(struct fetch *f, const struct fetch_item *item)
{
	return f->options.max_host_errors == 0 || item->host.n == 0 ? NULL :
		fetch_hosts_find(&f->hosts, item->host);
}

/* After an error: is it enough? Then those that ask or wait end, too. */
static void consider(struct fetch *f, const struct fetch_item *item)
{
	struct fetch_host *host = host_of(f, item);
	if (host == NULL || host->given_up ||
		host->in_a_row < (uint64_t)f->options.max_host_errors)
		return;
	host->given_up = true;
	for (cio_link *l = f->asking.next; l != &f->asking; l = l->next) {
		struct fetch_item *other = container_of(l, struct fetch_item, link);
		if (host_of(f, other) != host)
			continue;
		other->given_up = true;
		cio_scope_cancel(&other->scope, "the host was given up");
	}
}

/* ---- the task ---- */

static void ask(struct fetch *f, struct fetch_item *item,
	const cio_http_request_options *rq, cio_http_response *r,
	struct fetch_row *row)
{
	if (f->options.max_host_errors > 0) {
		cio_scope_begin(&item->scope, CIO_NEVER);
		list_push(&f->asking, &item->link);
	}
	int err = f->options.body >= BODY_FILE ?
		fetch_body_do(f, rq, r, item, row) :
		cio_http_request_do(f->http, rq, r);
	if (f->options.max_host_errors > 0) {
		list_remove(&item->link);
		(void)cio_scope_end(&item->scope, err < 0 ? err : 0);
	}
}

static int request(struct fetch *f, struct fetch_item *item)
{
	cio_http_response r = {.keep_body = f->options.body == BODY_INLINE};
	cio_http_request_options rq;
	struct fetch_row row = {0};
	cio_buf headers = {0};
	make_request(item, &rq);
	int err = add_type(item, &rq, &headers);
	if (err == 0)
		ask(f, item, &rq, &r, &row);
	if (r.error == CIO_HTTP_ERROR_CANCELLED && item->given_up &&
		cio_refused() == 0) {
		r.error = CIO_HTTP_ERROR_BLOCKED;
		cio_fail(0, "%s", gave_up);
	}
	if (r.error == CIO_HTTP_ERROR_CANCELLED) {
		f->summary.unfinished++;
	} else if (err == 0) {
		err = write_row(f, item, &r, &row);
		consider(f, item);
	}
	fetch_row_finish(&row);
	cio_http_response_finish(&r);
	cio_buf_finish(&headers);
	return err;
}

int fetch_one(const struct fetch_one *one)
{
	struct fetch_item *item = one->item;
	struct fetch *f = item->fetch;
	f->starting--;
	const struct fetch_host *host = host_of(f, item);
	if (item->wrong != NULL)
		(void)fetch_row_without(f, item, CIO_HTTP_ERROR_URL, "");
	else if (host != NULL && host->given_up)
		(void)fetch_row_without(f, item, CIO_HTTP_ERROR_BLOCKED, gave_up);
	else
		(void)request(f, item);
	/* what could not be written was told by the writer, which ends the rest */
	fetch_item_free(item);
	cio_event_set(&f->ended);
	return 0;
}
