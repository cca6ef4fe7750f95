/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - `cio fetch`: many URLs at once with one thread
 *
 * The main task reads URLs and gives each to a task of one group; the session
 * bounds the connections. The group holds a few times more tasks than requests
 * in flight, so that URLs that wait for a slow host do not hold up the others;
 * a task that waits costs no connection.
 */
#include "fetch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd.h"

enum { AHEAD = 4, PER_HOST_DEFAULT = 8, SPARE_DESCRIPTORS = 32 };

struct fetch {
	struct fetch_options options;
	struct fetch_input input;
	struct fetch_output output;
	struct fetch_summary summary;
	cio_http_session *http;
	cio_str only_host; /* while the list has shown one host: its copy */
	char host[256];
	bool many_hosts;
	int code;
};

/* ---- one URL ---- */

struct fetch_one {
	struct fetch *fetch;
	char *url; /* ours to free */
};

static const char *detail_of(const cio_http_response *r, char *room, size_t n)
{
	if (r->error == CIO_HTTP_OK)
		return "";
	if (r->error != CIO_HTTP_ERROR_STATUS)
		return cio_error_text();
	(void)snprintf(room, n, "%d %s", r->status, cio_http_reason(r->status));
	return room;
}

static int fetch_one(const struct fetch_one *one)
{
	struct fetch *f = one->fetch;
	cio_http_response r = {0};
	char room[64];
	(void)cio_http_request_do(f->http,
		&(cio_http_request_options){.url = one->url}, &r);
	fetch_summary_count(&f->summary, &r);
	int err = fetch_output_row(&f->output, cio_str_of(one->url), &r,
		detail_of(&r, room, sizeof room));
	cio_http_response_finish(&r);
	cio__free(one->url);
	(void)err; /* the writer has told, and ended the rest */
	return 0;
}

/* ---- the list ---- */

static cio_str host_of(cio_str url)
{
	const char *at = memmem(url.p, url.n, "://", 3);
	if (at == NULL)
		return (cio_str){0};
	at += 3;
	size_t left = (size_t)(url.p + url.n - at), n = 0;
	while (n < left && strchr("/?#", at[n]) == NULL)
		n++;
	return (cio_str){at, n};
}

/* Without -c and --per-host, one host alone may have all that is in flight. */
static void watch_hosts(struct fetch *f, cio_str url)
{
	cio_str host = host_of(url);
	if (f->many_hosts || host.n == 0 || host.n > sizeof f->host ||
		f->options.concurrency_given || f->options.per_host > 0)
		return;
	if (f->only_host.n == 0) {
		memcpy(f->host, host.p, host.n);
		f->only_host = (cio_str){f->host, host.n};
	} else if (!cio_str_equal_nocase(host, f->only_host)) {
		f->many_hosts = true;
		cio_http_session_set_limit_per_host(f->http, PER_HOST_DEFAULT);
	}
}

static char *copy_of(cio_str s)
{
	char *p = cio__alloc(s.n + 1);
	if (p == NULL)
		return NULL;
	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] != '\0' ? s.p[i] : ' '; /* no URL has either */
	p[s.n] = '\0';
	return p;
}

static int start_one(struct fetch *f, cio_group *g, cio_str url)
{
	struct fetch_one one = {f, copy_of(url)};
	if (one.url == NULL)
		return -ENOMEM;
	watch_hosts(f, url);
	int err = cio_group_spawn(g, fetch_one, &one);
	if (err < 0)
		cio__free(one.url);
	return err;
}

static int feed(struct fetch *f, cio_group *g)
{
	cio_str url;
	int err;
	while ((err = fetch_input_next(&f->input, &url)) > 0) {
		err = start_one(f, g, url);
		if (err < 0)
			return err;
	}
	return err;
}

/* ---- the line on a terminal ---- */

static int show_progress(struct fetch *const *self)
{
	struct fetch *f = *self;
	int err = 0;
	while (err == 0) {
		fetch_summary_progress(&f->summary, cio_now() - f->summary.start,
			cio_http_session_get_figures(f->http).connections.in_use);
		err = cio_sleep(CIO_MS(200));
	}
	(void)fputs("\r\033[K", stderr);
	return 0;
}

static cio_task *start_progress(struct fetch *f)
{
	bool shown = isatty(STDERR_FILENO) &&
		!(strcmp(f->options.output, "-") == 0 && isatty(STDOUT_FILENO));
	return shown ? cio_spawn(show_progress, &f) : NULL;
}

static void stop_progress(cio_task *t)
{
	if (t == NULL)
		return;
	cio_task_cancel(t, "done");
	(void)cio_await(t);
}

/* ---- all of them ---- */

static int open_session(struct fetch *f)
{
	const struct fetch_options *o = &f->options;
	uint32_t per_host = o->per_host;
	if (per_host == 0 && o->concurrency_given)
		per_host = o->concurrency;
	f->http = cio_http_session_open(&(cio_http_session_options){
		.limit = o->concurrency,
		.limit_per_host = per_host,
		.timeout = o->timeout,
		.connect_timeout = o->timeout,
		.retries = o->retries,
		.user_agent = "cio-fetch/" CIO_VERSION,
		.max_redirects = -1,
		.no_decode = true,
	});
	return f->http != NULL ? 0 : -ENOMEM;
}

/* Every URL failed before it reached a server. */
static bool nothing_started(const struct fetch_summary *s)
{
	return s->total > 0 && s->by_error[CIO_HTTP_ERROR_DNS] +
			s->by_error[CIO_HTTP_ERROR_CONNECT] +
			s->by_error[CIO_HTTP_ERROR_URL] == s->total;
}

static int exit_code(struct fetch *f, int fed)
{
	if (f->output.error != 0)
		return EXIT_OUTPUT;
	if (cio_refused() < 0)
		return EXIT_INTERRUPTED;
	if (nothing_started(&f->summary) || (fed < 0 && f->summary.total == 0))
		return EXIT_NOTHING;
	if (fed < 0 || f->summary.ok < f->summary.total)
		return EXIT_SOME_FAILED;
	return EXIT_OK;
}

static void fetch_all(struct fetch *f)
{
	cio_task *progress = start_progress(f);
	int err = 0, fed = 0;
	CIO_GROUP(g, &err, .limit = f->options.concurrency * AHEAD) {
		f->output.stop = &g.scope;
		err = fed = feed(f, &g);
	}
	f->output.stop = NULL;
	stop_progress(progress);
	if (fetch_output_close(&f->output) == 0 && fed < 0 && cio_refused() == 0)
		(void)fprintf(stderr, "cio fetch: stopped: %s\n",
			cio_strerror(fed));
	f->code = exit_code(f, fed);
	fetch_summary_print(&f->summary, cio_now() - f->summary.start);
	if (f->code == EXIT_INTERRUPTED)
		(void)fputs("cio fetch: interrupted; the rows written are whole\n",
			stderr);
}

static void give_up(struct fetch *f, int err)
{
	(void)fprintf(stderr, "cio fetch: cannot start: %s\n", cio_strerror(err));
	(void)fetch_output_close(&f->output);
	f->code = EXIT_NOTHING;
}

static int app(void *arg)
{
	struct fetch *f = arg;
	f->summary.start = cio_now();
	f->code = EXIT_NOTHING;
	if (fetch_input_open(&f->input, &f->options) == 0) {
		f->code = EXIT_OUTPUT;
		if (fetch_output_open(&f->output, f->options.output) == 0) {
			int err = open_session(f);
			if (err == 0)
				err = fetch_output_start(&f->output);
			if (err == 0)
				fetch_all(f);
			else
				give_up(f, err);
			cio_http_session_close(f->http);
		}
	}
	fetch_input_close(&f->input);
	return 0;
}

/* ---- before the loop ---- */

/* As many descriptors as we may have; what does not fit waits its turn. */
static void fit_descriptors(struct fetch_options *o)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	(void)getrlimit(RLIMIT_NOFILE, &r);
	uint64_t fits = r.rlim_cur > SPARE_DESCRIPTORS + 1 ?
		r.rlim_cur - SPARE_DESCRIPTORS : 1;
	if (o->concurrency <= fits)
		return;
	(void)fprintf(stderr, "cio fetch: %u in flight need more descriptors than "
		"the limit of %llu: %llu at once, the rest waits (ulimit -n)\n",
		o->concurrency, (unsigned long long)r.rlim_cur,
		(unsigned long long)fits);
	o->concurrency = (uint32_t)fits;
}

int cmd_fetch(int argc, char **argv)
{
	static struct fetch f; /* 30 KiB of counts: not for a stack */
	int code = fetch_options_parse(&f.options, argc, argv);
	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	if (f.options.url_count == 0 && f.options.input == NULL) {
		if (isatty(STDIN_FILENO)) {
			(void)fputs("cio fetch: no URLs: give them as arguments, "
				"with -i FILE, or on stdin\n", stderr);
			return EXIT_USAGE;
		}
		f.options.input = "-";
	}
	(void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write, */
	(void)signal(SIGXFSZ, SIG_IGN); /* and so is a file at its limit */
	fit_descriptors(&f.options);
	int err = cio_run_with(&(cio_run_options){.signals = true}, app, &f);
	if (err < 0) {
		(void)fprintf(stderr, "cio fetch: cannot start: %s\n",
			cio_error_text()[0] != '\0' ? cio_error_text() :
						      cio_strerror(err));
		return EXIT_NOTHING;
	}
	return f.code;
}
