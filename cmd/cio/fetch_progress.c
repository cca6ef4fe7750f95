/* SPDX-License-Identifier: MIT */
/*
 * fetch_progress.c - how far it is: a line that changes on a terminal, else a
 * plain line now and then
 */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fetch.h"

static const cio_duration on_terminal = CIO_MS(200), elsewhere = CIO_S(10);

static bool line_shown; /* the terminal's last line is ours */

void fetch_progress_clear(void)
{
	if (line_shown)
		(void)fputs("\r\033[K", stderr);
	line_shown = false;
}

/* A line that is wider than the terminal cannot be gone over. */
static int terminal_width(void)
{
	struct winsize w;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return 80;
	return w.ws_col;
}

/* What is left to do, in seconds; -1: not known. */
static double left(const struct fetch *f, double seconds)
{
	const struct fetch_options *o = &f->options;
	double part = fetch_input_part(&f->input);
	double done = (double)f->summary.total;
	if (o->load_time > 0)
		return (double)o->load_time / 1e9 - seconds;
	if (o->load_count > 0)
		part = done / (double)o->load_count;
	else if (f->started > 0 && part > 0)
		part *= done / (double)f->started;
	return part > 0 && done > 0 ? seconds * (1 - part) / part : -1;
}

static void print(const struct fetch *f, bool terminal)
{
	const struct fetch_summary *s = &f->summary;
	double seconds = (double)(cio_now() - s->start) / 1e9;
	const struct fetch_host *slow;
	char line[256];
	int n = snprintf(line, sizeof line, "%llu done, %llu in flight, %.1f %% ok, "
		"%.0f req/s", (unsigned long long)s->total,
		(unsigned long long)cio_http_session_get_figures(f->http)
			.connections.in_use,
		fetch_summary_percent(s),
		seconds > 0 ? (double)s->total / seconds : 0);
	double eta = left(f, seconds);
	if (eta >= 0 && n > 0 && (size_t)n < sizeof line)
		n += snprintf(line + n, sizeof line - (size_t)n,
			", %.0f:%02d left", (eta - (double)((int64_t)eta % 60)) / 60,
			(int)((int64_t)eta % 60));
	if (f->many_hosts && n > 0 && (size_t)n < sizeof line &&
		fetch_hosts_slowest(&f->hosts, &slow, 1) > 0)
		(void)snprintf(line + n, sizeof line - (size_t)n,
			", slowest %.30s", slow->name);
	(void)fprintf(stderr, terminal ? "\r%.*s\033[K" : "%.*s\n",
		terminal ? terminal_width() - 1 : 255, line);
	(void)fflush(stderr);
	line_shown = terminal;
}

static int show(struct fetch *const *self)
{
	struct fetch *f = *self;
	bool terminal = isatty(STDERR_FILENO);
	int err = terminal ? 0 : cio_sleep(elsewhere);
	while (err == 0) {
		print(f, terminal);
		err = cio_sleep(terminal ? on_terminal : elsewhere);
	}
	fetch_progress_clear();
	return 0;
}

cio_task *fetch_progress_start(struct fetch *f)
{
	const struct fetch_options *o = &f->options;
	/* rows and progress on one terminal would write over each other */
	bool both = f->output.form != NULL && strcmp(o->output, "-") == 0 &&
		isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
	if (o->quiet || o->progress == PROGRESS_NEVER ||
		(o->progress == PROGRESS_AUTO && both))
		return NULL;
	return cio_spawn(show, &f);
}

void fetch_progress_stop(cio_task *t)
{
	if (t == NULL)
		return;
	cio_task_cancel(t, "done");
	(void)cio_await(t);
}
