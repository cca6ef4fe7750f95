/* SPDX-License-Identifier: MIT */
/*
 * fetch_session.c - the HTTP session as the command line wants it
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cmd.h"
#include "fetch.h"

static int cannot(const char *what, int err)
{
	const char *why = cio_error_text();
	(void)fprintf(stderr, "cio fetch: %s%s\n", what,
		why[0] != '\0' ? why : cio_strerror(err));
	return EXIT_NOTHING;
}

/* Certificates that cannot be read are told once, not for each URL. */
static int check_tls(const cio_tls_options *o)
{
	cio_tls_config *c;
	if (o->ca_file == NULL && o->certificate_file == NULL &&
		o->pin_sha256 == NULL)
		return 0;
	int err = cio_tls_config_open(&c, o);
	if (err < 0)
		return cannot("", err);
	err = cio_tls_config_load(c);
	cio_tls_config_close(c);
	return err < 0 ? cannot("", err) : 0;
}

static int jar_failed(const struct fetch *f, int err)
{
	char what[PATH_MAX + 32];
	const char *name = f->options.cookie_jar;
	bool named = strncmp(cio_error_text(), name, strlen(name)) == 0;
	(void)snprintf(what, sizeof what, "--cookie-jar %s%s",
		named ? "" : name, named ? "" : ": ");
	return cannot(what, err);
}

static int open_jar(struct fetch *f)
{
	const char *name = f->options.cookie_jar;
	if (name == NULL)
		return 0;
	int err = cio_cookie_jar_open(&f->jar, NULL);
	struct stat st;
	bool exists = stat(name, &st) == 0;
	if (exists && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		err = cio_fail(-EINVAL, "not a plain file");
	if (err == 0 && exists)
		err = cio_cookie_jar_load(f->jar, name);
	if (err < 0)
		return jar_failed(f, err);
	/* what was read is written at once: to know now that it can be */
	err = cio_cookie_jar_save(f->jar, name);
	return err < 0 ? (jar_failed(f, err), EXIT_OUTPUT) : 0;
}

static uint32_t whole(cio_duration per, uint32_t count, cio_duration *out)
{
	if (count == 0)
		return 0;
	*out = per / count; /* one at a time: evenly */
	return 1;
}

/* --max-redirs 0: the first one is an error. */
static int redirects(const struct fetch_options *o)
{
	if (!o->location)
		return -1;
	return o->max_redirects > 0 ? (int)o->max_redirects : -2;
}

int fetch_session_open(struct fetch *f)
{
	const struct fetch_options *o = &f->options;
	long per_host = o->per_host;
	if (per_host == 0 && (o->concurrency_given || fetch_is_load(o)))
		per_host = o->concurrency;
	int code = check_tls(&o->tls);
	code = code != 0 ? code : open_jar(f);
	if (code != 0)
		return code;
	cio_http_session_options s = {
		.limit = (uint32_t)o->concurrency,
		.limit_per_host = (uint32_t)per_host,
		.adaptive = o->adaptive,
		.timeout = o->timeout,
		.total_timeout = o->total_time,
		.connect_timeout = o->connect_timeout,
		.tls_timeout = o->connect_timeout,
		.retries = (int)o->retries,
		.retry_max_time = o->retry_max_time,
		.retry_on = o->retry_on_given ? o->retry_on : NULL,
		.retry_errors = o->retry_errors,
		.max_redirects = redirects(o),
		.max_body = o->max_size,
		.headers = o->header_count > 0 ? o->headers : NULL,
		.user_agent = o->user_agent != NULL ? o->user_agent :
						      "cio-fetch/" CIO_VERSION,
		.cookies = f->jar,
		.no_decode = !o->compressed,
		.tls = &o->tls,
		.no_private_redirects = !o->allow_private,
		.resolve = o->resolve_count > 0 ? o->resolve : NULL,
		.local_address = o->local_address,
		.unix_socket = o->unix_socket,
		.trace = o->verbose ? fetch_trace : NULL,
	};
	if (!fetch_is_load(o)) /* that has its own clock */
		s.rate = whole(o->rate.per, o->rate.count, &s.rate_per);
	s.rate_per_host = whole(o->rate_per_host.per, o->rate_per_host.count,
		&s.rate_per_host_per);
	f->http = cio_http_session_open(&s);
	return f->http != NULL ? 0 : cannot("cannot start: ", -ENOMEM);
}

/* After the session, which uses the jar; an interrupt does not lose cookies. */
static void save_jar(struct fetch *f)
{
	int err = 0;
	CIO_SHIELD(CIO_S(10), &err) {
		err = cio_cookie_jar_save(f->jar, f->options.cookie_jar);
	}
	if (err < 0) {
		(void)jar_failed(f, err);
		f->code = EXIT_OUTPUT;
	}
}

void fetch_session_close(struct fetch *f)
{
	cio_http_session_close(f->http);
	if (f->jar != NULL && f->http != NULL)
		save_jar(f);
	cio_cookie_jar_close(f->jar);
}

/* ---- -v ---- */

void fetch_trace(void *arg, const cio_http_trace *e)
{
	(void)arg;
	if (e->event == CIO_HTTP_EVENT_FAILED ||
		e->event == CIO_HTTP_EVENT_RETRY ||
		e->event == CIO_HTTP_EVENT_REDIRECT)
		fetch_progress_clear();
	if (e->event == CIO_HTTP_EVENT_FAILED)
		(void)fprintf(stderr, "cio fetch: %s %s: attempt %d failed: %s\n",
			e->method, e->url, e->attempt, cio_strerror(e->err));
	else if (e->event == CIO_HTTP_EVENT_RETRY && e->status > 0)
		(void)fprintf(stderr, "cio fetch: %s %s: again in %.3f s, after %d\n",
			e->method, e->url, (double)e->pause / 1e9, e->status);
	else if (e->event == CIO_HTTP_EVENT_RETRY)
		(void)fprintf(stderr, "cio fetch: %s %s: again in %.3f s\n",
			e->method, e->url, (double)e->pause / 1e9);
	else if (e->event == CIO_HTTP_EVENT_REDIRECT)
		(void)fprintf(stderr, "cio fetch: redirected to %s\n", e->url);
}
