/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - `cio fetch`: many URLs at once with one thread
 *
 * The main task reads the list and gives each line to a task of one group; the
 * session bounds the connections. As long as one of these is free, the group may
 * hold a few times more tasks than requests in flight, so that URLs that wait for
 * a slow host do not hold up the others; a task that waits costs no connection.
 */
#include "fetch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/list.h"
#include "cmd.h"

enum { AHEAD = 4, PER_HOST_DEFAULT = 8, SPARE_DESCRIPTORS = 32 };
#define LOOK_AGAIN CIO_MS(20)

/* ---- the list ---- */

/* Without -c and --per-host, one host alone may have all that is in flight. */
static void watch_hosts(struct fetch *f, const struct fetch_item *item)
{
	cio_str host = item->host;
	if (f->many_hosts || host.n == 0 || host.n > sizeof f->host)
		return;
	if (f->only_host.n == 0) {
		memcpy(f->host, host.p, host.n);
		f->only_host = (cio_str){f->host, host.n};
	} else if (!cio_str_equal_nocase(host, f->only_host)) {
		f->many_hosts = true;
		if (!f->options.concurrency_given && f->options.per_host == 0)
			cio_http_session_set_limit_per_host(f->http,
				PER_HOST_DEFAULT);
	}
}

/* Need it not be fetched? 1, 0, or -ENOMEM. */
static int passed(struct fetch *f, const struct fetch_item *item)
{
	int seen = f->options.dedupe ? fetch_seen_add(&f->seen, item) : 0;
	if (fetch_done_has(&f->done, item->seq)) {
		cio_str url = cio_str_of(item->url[0] != '\0' ? item->url :
								item->text);
		f->met += fetch_done_hash(item->seq, url);
		f->summary.already++;
		return seen < 0 ? seen : 1;
	}
	f->summary.duplicates += seen > 0;
	return seen;
}

/* Every connection is taken, or will be by those that have just been started. */
static bool all_taken(const struct fetch *f)
{
	cio_http_session_figures now = cio_http_session_get_figures(f->http);
	return (uint64_t)now.connections.in_use + f->starting >=
		(uint64_t)f->options.concurrency;
}

/* One more would only wait for a connection, or for room for its row, and its
 * stack grow cold: it starts when there is one. Those that wait for something else
 * (a host's turn, a pause before another attempt) take none, so that others go on
 * beside them. */
static int hold_back(struct fetch *f)
{
	int err = fetch_output_await_room(&f->output);
	while (err == 0 && all_taken(f)) {
		if (f->starting > 0) {
			err = cio_yield();
			continue;
		}
		cio_event_clear(&f->ended);
		CIO_TIMEOUT(LOOK_AGAIN, &err) {
			err = cio_event_wait(&f->ended);
		}
		if (err == -ETIMEDOUT) /* a pause says nothing when it begins */
			err = 0;
	}
	return err;
}

static int start_one(struct fetch *f, cio_group *g, cio_str line)
{
	struct fetch_one one = {fetch_item_new(&f->options, line)};
	if (one.item == NULL)
		return -ENOMEM;
	one.item->fetch = f;
	one.item->seq = ++f->seq;
	one.item->line = f->input.line;
	int err = passed(f, one.item);
	if (err == 0) {
		watch_hosts(f, one.item);
		err = hold_back(f);
	}
	if (err == 0) {
		err = cio_group_spawn(g, fetch_one, &one);
		f->started += err == 0;
		f->starting += err == 0;
		if (err == 0)
			return 0;
	}
	fetch_item_free(one.item);
	return err < 0 ? err : 0;
}

int fetch_list(struct fetch *f, cio_group *g)
{
	cio_str line;
	int err, more = 0;
	for (int n = 1; (more = fetch_input_next(&f->input, &line)) > 0; n++) {
		err = start_one(f, g, line);
		if (err == 0 && n % 256 == 0)
			err = cio_checkpoint(); /* when all have rows already */
		if (err < 0)
			return err;
	}
	return more;
}

/* ---- --resume ---- */

static int cannot_resume(const struct fetch *f, const char *why)
{
	(void)fprintf(stderr, "cio fetch: cannot resume %s: %s\n",
		f->options.output, why);
	return EXIT_OUTPUT;
}

/* Go through the list once without fetching: are the lines that have rows still
 * where they were? Only of a file: a pipe can be read but once. */
static int same_list(struct fetch *f)
{
	struct fetch_input in;
	uint64_t seq = 0, sum = 0;
	cio_str line;
	int more = fetch_input_open(&in, &f->options);
	if (more == 0 && in.file >= 0 && !in.regular) {
		fetch_input_close(&in);
		return 0;
	}
	while (more >= 0 && (more = fetch_input_next(&in, &line)) > 0) {
		if (!fetch_done_has(&f->done, ++seq))
			continue;
		struct fetch_item *item = fetch_item_new(&f->options, line);
		if (item == NULL)
			more = -ENOMEM;
		else
			sum += fetch_done_hash(seq, cio_str_of(item->url[0] != '\0' ?
						item->url : item->text));
		fetch_item_free(item);
	}
	fetch_input_close(&in);
	if (more < 0)
		return EXIT_NOTHING;
	return sum == f->done.sum ? 0 : cannot_resume(f, "its rows are not of "
		"this list, or the list has changed before its end: give the same "
		"list, or another -o");
}

static int read_done(struct fetch *f)
{
	cio_buf head = {0};
	if (!f->options.resume)
		return 0;
	struct fetch_rows_job job = {.name = f->options.output,
		.format = fetch_output_format(&f->options), .done = &f->done};
	int err = fetch_csv_head(&f->options, &head);
	job.head = head.p;
	err = err < 0 ? err : cio_to_thread(fetch_rows_read, &job);
	cio_buf_finish(&head);
	if (err < 0)
		return cannot_resume(f, job.why[0] != '\0' ? job.why :
							     cio_strerror(err));
	/* of stdin, the beginning is read here and gone: it is checked at the end */
	bool pipe = f->options.input != NULL && strcmp(f->options.input, "-") == 0;
	return f->done.count == 0 || pipe ? 0 : same_list(f);
}

/* ---- all of them ---- */

/* Every URL failed before it reached a server. */
static bool nothing_started(const struct fetch_summary *s)
{
	return s->total > 0 && s->already == 0 &&
		s->by_error[CIO_HTTP_ERROR_DNS] +
			s->by_error[CIO_HTTP_ERROR_CONNECT] +
			s->by_error[CIO_HTTP_ERROR_URL] == s->total;
}

static int exit_code(struct fetch *f, int fed)
{
	const struct fetch_summary *s = &f->summary;
	if (f->output.error != 0)
		return EXIT_OUTPUT;
	if (cio_refused() < 0)
		return EXIT_INTERRUPTED;
	if (nothing_started(s) || (fed < 0 && s->total == 0))
		return EXIT_NOTHING;
	/* those of the runs before count as well */
	double all = (double)(s->total + f->done.count);
	double ok = (double)(s->ok + f->done.ok);
	if (fed < 0 || (all > 0 && 100 * ok / all < f->options.fail_under))
		return EXIT_SOME_FAILED;
	return EXIT_OK;
}

static void tell(struct fetch *f)
{
	const struct fetch_options *o = &f->options;
	cio_duration wall = cio_now() - f->summary.start;
	if (f->code == EXIT_INTERRUPTED && fetch_is_load(o))
		(void)fputs("cio fetch: interrupted\n", stderr);
	else if (f->code == EXIT_INTERRUPTED && strcmp(o->output, "-") != 0)
		(void)fprintf(stderr, "cio fetch: interrupted; %s has whole rows: "
			"the same command with --resume goes on\n", o->output);
	else if (f->code == EXIT_INTERRUPTED)
		(void)fputs("cio fetch: interrupted; the rows written are whole. "
			"With -o FILE, --resume could go on\n", stderr);
	if (o->quiet || o->summary == SUMMARY_NONE)
		return;
	if (o->summary == SUMMARY_JSON)
		fetch_summary_json(f, wall);
	else
		fetch_summary_print(f, wall);
}

static void fetch_all(struct fetch *f)
{
	cio_task *progress = fetch_progress_start(f);
	long tasks = f->options.concurrency *
		(fetch_is_load(&f->options) ? 1 : AHEAD);
	int err = 0, fed = 0;
	CIO_GROUP(g, &err, .limit = (uint32_t)tasks) {
		f->output.stop = &g.scope;
		err = fed = fetch_is_load(&f->options) ? fetch_load(f, &g) :
							 fetch_list(f, &g);
	}
	f->output.stop = NULL;
	fetch_progress_stop(progress);
	f->output.complete = fed == 0 && f->output.error == 0 &&
		cio_refused() == 0;
	if (fetch_output_close(&f->output) == 0 && fed < 0 &&
		cio_refused() == 0 && !f->input.told)
		(void)fprintf(stderr, "cio fetch: stopped: %s\n",
			cio_strerror(fed));
	f->code = exit_code(f, fed);
	if (f->output.complete && f->met != f->done.sum)
		f->code = cannot_resume(f, "its rows are not of this list: other "
			"URLs than those that have rows were passed over");
	tell(f);
}

static int open_rest(struct fetch *f)
{
	const struct fetch_options *o = &f->options;
	if (!o->quiet || o->max_host_errors > 0)
		if (fetch_hosts_open(&f->hosts) < 0)
			return EXIT_NOTHING;
	if (fetch_body_prepare(o) < 0)
		return EXIT_OUTPUT;
	int code = read_done(f);
	if (code != 0)
		return code;
	code = fetch_session_open(f);
	if (code != 0)
		return code;
	return fetch_output_open(&f->output, o) < 0 ? EXIT_OUTPUT : 0;
}

static void run(struct fetch *f)
{
	f->code = open_rest(f);
	if (f->code != 0)
		return;
	int err = fetch_output_start(&f->output);
	if (err == 0) {
		fetch_all(f);
		return;
	}
	(void)fprintf(stderr, "cio fetch: cannot start: %s\n", cio_strerror(err));
	(void)fetch_output_close(&f->output);
	f->code = EXIT_NOTHING;
}

static int app(void *arg)
{
	struct fetch *f = arg;
	f->summary.start = cio_now();
	list_init(&f->asking);
	f->code = EXIT_NOTHING;
	if (fetch_input_open(&f->input, &f->options) == 0) {
		if (f->options.dry_run)
			f->code = fetch_dry_run(f);
		else
			run(f);
		if (f->code == 0 && cio_refused() < 0)
			f->code = EXIT_INTERRUPTED; /* before it began */
	}
	fetch_session_close(f);
	fetch_input_close(&f->input);
	fetch_hosts_close(&f->hosts);
	fetch_seen_finish(&f->seen);
	fetch_done_finish(&f->done);
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
	rlim_t spare = SPARE_DESCRIPTORS;
	if (o->body == BODY_FILE) /* a file for each that is being read */
		spare += r.rlim_cur / 2;
	uint64_t fits = r.rlim_cur > spare + 1 ? r.rlim_cur - spare : 1;
	if ((uint64_t)o->concurrency <= fits)
		return;
	(void)fprintf(stderr, "cio fetch: %ld in flight need more descriptors than "
		"the limit of %llu: %llu at once, the rest waits (ulimit -n)\n",
		o->concurrency, (unsigned long long)r.rlim_cur,
		(unsigned long long)fits);
	o->concurrency = (long)fits;
}

/* Its clock does not wait for servers. */
static bool driver_is_sim(void)
{
	const char *name = getenv("CIO_DRIVER");
	if (name == NULL || strcmp(name, "sim") != 0)
		return false;
	(void)fputs("cio fetch: cannot start: CIO_DRIVER=sim is for tests of "
		    "programs, and no network: epoll or uring\n", stderr);
	return true;
}

int cmd_fetch(int argc, char **argv)
{
	static struct fetch f; /* 30 KiB of counts: not for a stack */
	int code = fetch_options_parse(&f.options, argc, argv);
	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	fetch_names_use();
	if (driver_is_sim())
		return EXIT_NOTHING;
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
