/* SPDX-License-Identifier: MIT */
/*
 * session.c - the client's shared object: its options and figures
 *
 * No connection whose exchange did not end well goes back to the pool, so
 * neither a cancel nor a timeout can leave half an answer to the next request.
 */
#include <cio/http_session.h>

#include <errno.h>

#include <cio/run.h>

#include "base/list.h"
#include "base/mem.h"
#include "http/auth.h"
#include "http/session.h"

/* ---- what the options point to ---- */

/* One copied thing, in a list until the close. */
struct kept {
	struct kept *next;
	max_align_t bytes[];
};

static void *keep(cio_http_session *s, const void *p, size_t n)
{
	struct kept *k = cio__alloc(sizeof *k + n);
	if (k == NULL)
		return NULL;
	k->next = s->kept;
	s->kept = k;
	return memcpy(k->bytes, p, n);
}

/* Copy the string that `*text` is; NULL stays, or stands for no memory. */
static void keep_text(cio_http_session *s, const char **text)
{
	if (*text != NULL)
		*text = keep(s, *text, strlen(*text) + 1);
}

static int keep_strings(cio_http_session *s)
{
	const char **texts[] = {&s->o.base_url, &s->o.user_agent,
		&s->o.auth.user, &s->o.auth.password, &s->o.netrc,
		&s->o.local_address, &s->o.unix_socket};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		bool given = *texts[i] != NULL;
		keep_text(s, texts[i]);
		if (given && *texts[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int keep_headers(cio_http_session *s)
{
	size_t n = 0;
	if (s->o.headers == NULL)
		return 0;
	while (s->o.headers[n].name != NULL)
		n++;
	cio_http_header *h = keep(s, s->o.headers, (n + 1) * sizeof *h);
	s->o.headers = h;
	for (size_t i = 0; h != NULL && i < n; i++) {
		keep_text(s, &h[i].name);
		keep_text(s, &h[i].value);
		if (h[i].name == NULL)
			return -ENOMEM;
	}
	return h != NULL ? 0 : -ENOMEM;
}

static int keep_resolve(cio_http_session *s)
{
	size_t n = 0;
	if (s->o.resolve == NULL)
		return 0;
	while (s->o.resolve[n].name != NULL)
		n++;
	cio_http_resolve *r = keep(s, s->o.resolve, (n + 1) * sizeof *r);
	s->o.resolve = r;
	for (size_t i = 0; r != NULL && i < n; i++) {
		keep_text(s, &r[i].name);
		keep_text(s, &r[i].address);
		if (r[i].name == NULL)
			return -ENOMEM;
	}
	return r != NULL ? 0 : -ENOMEM;
}

static int keep_lists(cio_http_session *s)
{
	static const short passing[] = {408, 429, 500, 502, 503, 504, 0};
	size_t n = 0;
	if (keep_resolve(s) < 0)
		return -ENOMEM;
	if (s->o.retry_on == NULL)
		s->o.retry_on = passing;
	while (s->o.retry_on[n] != 0)
		n++;
	s->o.retry_on = keep(s, s->o.retry_on, (n + 1) * sizeof(short));
	if (s->o.retry_on == NULL)
		return -ENOMEM;
	if (s->o.middleware == NULL)
		return 0;
	for (n = 0; s->o.middleware[n].fn != NULL;)
		n++;
	s->o.middleware = keep(s, s->o.middleware,
		(n + 1) * sizeof *s->o.middleware);
	return s->o.middleware != NULL ? 0 : -ENOMEM;
}

/* ---- open, close ---- */

#define DEFAULT(field, value) ((field) = (field) > 0 ? (field) : (value))

static void fill_in(cio_http_session_options *o)
{
	DEFAULT(o->timeout, CIO_S(300));
	DEFAULT(o->connect_timeout, CIO_S(30));
	DEFAULT(o->tls_timeout, CIO_S(10));
	DEFAULT(o->expect_timeout, CIO_S(1));
	DEFAULT(o->backoff, CIO_MS(200));
	DEFAULT(o->backoff_max, CIO_S(30));
	DEFAULT(o->rate_per, CIO_S(1));
	DEFAULT(o->rate_per_host_per, o->rate_per);
	DEFAULT(o->limit, 100);
	DEFAULT(o->max_body, (size_t)64 * 1024 * 1024);
	DEFAULT(o->max_wire, o->max_body);
	DEFAULT(o->max_head, HTTP1_HEAD_BYTES);
	if (o->retries < 0)
		o->retries = 0;
	if (o->retry_errors == 0)
		o->retry_errors = 1u << CIO_HTTP_ERROR_DNS |
			1u << CIO_HTTP_ERROR_CONNECT |
			1u << CIO_HTTP_ERROR_RESET |
			1u << CIO_HTTP_ERROR_TIMEOUT;
	if (o->max_redirects == 0)
		o->max_redirects = 10;
	if (o->user_agent == NULL)
		o->user_agent = "cio/" CIO_VERSION;
}

static int check_base_url(cio_http_session *s)
{
	char shown[SHOWN_URL];
	const char *why = NULL;
	if (s->o.base_url == NULL)
		return 0;
	int err = cio__url_parse(&s->base, cio_str_of(s->o.base_url), &why);
	if (err == 0 && s->base.userinfo.n > 0)
		why = "a name and password in it are not sent: give them as "
		      "`auth`";
	return why == NULL ? 0 : cio_fail(-EINVAL, "base_url %s: %s",
		session_show_url(s->o.base_url, shown), why);
}

static int check_options(cio_http_session *s)
{
	const char *why;
	int err = check_base_url(s);
	if (err < 0)
		return err;
	if (s->o.base_url == NULL && s->o.auth.kind != CIO_HTTP_AUTH_NONE)
		return cio_fail(-EINVAL, "a session's auth is for the origin "
			"of its base_url: set that, or give auth with each request");
	why = session_auth_wrong(&s->o.auth);
	if (why != NULL)
		return cio_fail(-EINVAL, "%s", why);
	if (!cio__http1_is_value(cio_str_of(s->o.user_agent)))
		return cio_fail(-EINVAL, "user_agent has control bytes or "
			"blanks at an end");
	return 0;
}

static int open_pool(cio_http_session *s)
{
	return cio__pool_open(NULL, &s->pool,
		&(cio_pool_options){.limit = s->o.limit,
			.limit_per_key = s->o.limit_per_host,
			.idle_timeout = s->o.keep_alive,
			.max_lifetime = s->o.max_lifetime,
			.acquire_timeout = s->o.acquire_timeout,
			.open = session_connect,
			.close = session_disconnect,
			.check = session_reusable,
			.arg = s});
}

/* Without TLS in the build, https fails when it is asked for. */
static int open_tls(cio_http_session *s)
{
	cio_tls_options o = {0};
	if (s->o.tls != NULL)
		o = *s->o.tls;
	/* one limit, and it is ours: the shorter of the two */
	if (o.handshake_timeout > 0 && o.handshake_timeout < s->o.tls_timeout)
		s->o.tls_timeout = o.handshake_timeout;
	o.handshake_timeout = CIO_NEVER;
	int err = cio_tls_config_open(&s->tls, &o);
	return err == -CIO_ETLS ? 0 : err;
}

static int set_up(cio_http_session *s)
{
	int err = keep_strings(s);
	err = err < 0 ? err : keep_headers(s);
	err = err < 0 ? err : keep_lists(s);
	err = err < 0 ? err : check_options(s);
	err = err < 0 ? err : open_tls(s);
	err = err < 0 ? err : hosts_open(&s->hosts, &s->o);
	return err < 0 ? err : open_pool(s);
}

static void tear_down(cio_http_session *s)
{
	hosts_close(s->hosts);
	cio_tls_config_close(s->tls);
	cio_resolver_close(s->names);
	digest_unref(s->digest);
	cio_buf_finish(&s->netrc);
	cio__free(s->table);
	for (struct kept *k = s->kept, *next; k != NULL; k = next) {
		next = k->next;
		cio__free(k);
	}
	cio__free(s);
}

static void close_left(cio_handle *h)
{
	cio_http_session_close(container_of(h, cio_http_session, handle));
}

cio_http_session *cio__http_session_open(const char *site,
	const cio_http_session_options *options)
{
	static const cio_handle_kind kind = {"http session", NULL, close_left};
	cio_http_session *s = cio__zalloc(sizeof *s);
	if (s == NULL)
		return NULL;
	if (options != NULL)
		s->o = *options;
	fill_in(&s->o);
	s->budget = 1000; /* ten */
	/* a simulated run is to be the same each time */
	bool sim = strcmp(cio_driver_name(), "sim") == 0;
	s->random.state = sim ? 1 : cio__random_seed();
	if (set_up(s) < 0) {
		tear_down(s);
		return NULL;
	}
	cio_handle_note(&s->handle, &kind, site);
	return s;
}

void cio_http_session_close(cio_http_session *s)
{
	if (s == NULL)
		return;
	if (cio_pool_close(s->pool) < 0) {
		cio_report(CIO_LEVEL_ERROR,
			"an HTTP session was closed while "
			"requests were running, and is left open: await them first");
		return;
	}
	cio_handle_forget(&s->handle);
	tear_down(s);
}

void cio_http_session_set_limit_per_host(cio_http_session *s, uint32_t limit)
{
	s->o.limit_per_host = limit;
	cio_pool_set_limit_per_key(s->pool, limit);
}

cio_http_session_figures cio_http_session_get_figures(const cio_http_session *s)
{
	cio_http_session_figures f = s->figures;
	f.connections = cio_pool_get_figures(s->pool);
	f.breaker_open = s->hosts != NULL ? s->hosts->breaker_open : 0;
	return f;
}
