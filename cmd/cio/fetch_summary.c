/* SPDX-License-Identifier: MIT */
/*
 * fetch_summary.c - what came of it, on stderr: for people, or as JSON
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fetch.h"
#include "wire/json_text.h"

enum { SLOWEST = 5 };

void fetch_summary_count(struct fetch_summary *s, const cio_http_response *r,
	cio_duration took)
{
	s->total++;
	s->ok += fetch_good(r);
	s->by_error[r->error]++;
	if (r->status > 0 && r->status < 600)
		s->by_status[r->status]++;
	if (r->attempts > r->redirects + 1)
		s->retries += (uint64_t)(r->attempts - r->redirects - 1);
	s->bytes += r->body_size;
	s->wire += r->wire_size;
	if (r->status > 0)
		cio__histogram_record(&s->latency, (uint64_t)took);
}

double fetch_summary_percent(const struct fetch_summary *s)
{
	return s->total > 0 ? 100.0 * (double)s->ok / (double)s->total : 100.0;
}

static double milliseconds(const struct fetch_summary *s, double percent)
{
	return (double)cio__histogram_percentile(&s->latency, percent) / 1e6;
}

double fetch_peak_megabytes(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_maxrss / 1024;
}

bool fetch_colors(const struct fetch_options *o)
{
	const char *no = getenv("NO_COLOR");
	return !o->no_color && (no == NULL || no[0] == '\0') &&
		isatty(STDERR_FILENO);
}

/* ---- text ---- */

static void print_statuses(const struct fetch_summary *s)
{
	const char *before = "  status   ";
	for (int i = 0; i < 600; i++) {
		if (s->by_status[i] == 0)
			continue;
		(void)fprintf(stderr, "%s%d: %llu", before, i,
			(unsigned long long)s->by_status[i]);
		before = ", ";
	}
	if (before[0] == ',')
		(void)fputc('\n', stderr);
}

static void print_errors(const struct fetch_summary *s)
{
	const char *before = "  errors   ";
	for (int i = CIO_HTTP_OK + 1; i < CIO_HTTP_ERRORS; i++) {
		if (s->by_error[i] == 0)
			continue;
		(void)fprintf(stderr, "%s%s: %llu", before,
			cio_http_error_name((cio_http_error)i),
			(unsigned long long)s->by_error[i]);
		before = ", ";
	}
	if (before[0] == ',')
		(void)fputc('\n', stderr);
}

static void print_passed(const struct fetch *f)
{
	const struct fetch_summary *s = &f->summary;
	if (s->already > 0)
		(void)fprintf(stderr, "  resumed  %llu had their rows already, "
			"%llu of them ok\n", (unsigned long long)s->already,
			(unsigned long long)f->done.ok);
	if (s->duplicates > 0)
		(void)fprintf(stderr, "  dedupe   %llu were there before\n",
			(unsigned long long)s->duplicates);
}

static void print_slowest(const struct fetch *f)
{
	const struct fetch_host *slow[SLOWEST];
	int n = fetch_hosts_slowest(&f->hosts, slow, SLOWEST);
	if (n < 2)
		return;
	for (int i = 0; i < n; i++)
		(void)fprintf(stderr, "%s%s: %.1f ms in the mean, %llu of %llu "
			"without an answer\n",
			i == 0 ? "  slowest  " : "           ", slow[i]->name,
			(double)slow[i]->sum / 1e6 / (double)slow[i]->answers,
			(unsigned long long)slow[i]->errors,
			(unsigned long long)slow[i]->answers);
}

void fetch_histogram_print(const struct histogram *h)
{
	enum { ROWS = 11, BAR = 40 };
	uint64_t most = 0, counts[ROWS] = {0};
	double from = (double)h->min, step = ((double)h->max - from) / ROWS;
	if (h->count == 0 || step <= 0)
		return;
	/* what lies below an edge, by bisection of the percentiles */
	uint64_t below = 0;
	for (int i = 0; i < ROWS; i++) {
		double low = 0, high = 100, edge = from + step * (i + 1);
		for (int k = 0; k < 40; k++) {
			double middle = (low + high) / 2;
			if ((double)cio__histogram_percentile(h, middle) <= edge)
				low = middle;
			else
				high = middle;
		}
		uint64_t n = i == ROWS - 1 ? h->count :
			(uint64_t)(low / 100 * (double)h->count + 0.5);
		counts[i] = n > below ? n - below : 0;
		below = n > below ? n : below;
		most = counts[i] > most ? counts[i] : most;
	}
	for (int i = 0; i < ROWS; i++) {
		int bar = most > 0 ? (int)(counts[i] * BAR / most) : 0;
		(void)fprintf(stderr, "  %9.1f ms %8llu ", (from + step * (i + 1)) /
			1e6, (unsigned long long)counts[i]);
		for (int k = 0; k < bar; k++)
			(void)fputc('#', stderr);
		(void)fputc('\n', stderr);
	}
}

void fetch_summary_print(const struct fetch *f, cio_duration wall)
{
	const struct fetch_summary *s = &f->summary;
	double seconds = (double)wall / 1e9;
	uint64_t bad = s->total - s->ok;
	bool red = bad > 0 && fetch_colors(&f->options);
	(void)fprintf(stderr,
		"%llu URLs in %.2f s: %llu ok (%.1f %%), %s%llu failed%s\n",
		(unsigned long long)s->total, seconds, (unsigned long long)s->ok,
		fetch_summary_percent(s), red ? "\033[31m" : "",
		(unsigned long long)bad, red ? "\033[0m" : "");
	print_statuses(s);
	print_errors(s);
	print_passed(f);
	(void)fprintf(stderr,
		"  retries  %llu\n"
		"  bytes    %llu\n"
		"  rate     %.1f req/s\n"
		"  latency  p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, "
		"p99.9 %.1f ms, max %.1f ms%s\n",
		(unsigned long long)s->retries, (unsigned long long)s->bytes,
		seconds > 0 ? (double)s->total / seconds : 0,
		milliseconds(s, 50), milliseconds(s, 90), milliseconds(s, 99),
		milliseconds(s, 99.9), (double)s->latency.max / 1e6,
		fetch_is_load(&f->options) && f->options.rate.count > 0 ?
			" (from when each was due)" : "");
	print_slowest(f);
	(void)fprintf(stderr, "  memory   %.1f MB at the peak\n",
		fetch_peak_megabytes());
	if (f->options.histogram || fetch_is_load(&f->options))
		fetch_histogram_print(&s->latency);
}

/* ---- JSON ---- */

static void json_counts(const struct fetch_summary *s)
{
	const char *comma = "";
	(void)fputs(",\"status\":{", stderr);
	for (int i = 0; i < 600; i++) {
		if (s->by_status[i] == 0)
			continue;
		(void)fprintf(stderr, "%s\"%d\":%llu", comma, i,
			(unsigned long long)s->by_status[i]);
		comma = ",";
	}
	(void)fputs("},\"errors\":{", stderr);
	comma = "";
	for (int i = CIO_HTTP_OK + 1; i < CIO_HTTP_ERRORS; i++) {
		if (s->by_error[i] == 0)
			continue;
		(void)fprintf(stderr, "%s\"%s\":%llu", comma,
			cio_http_error_name((cio_http_error)i),
			(unsigned long long)s->by_error[i]);
		comma = ",";
	}
	(void)fputc('}', stderr);
}

static void json_slowest(const struct fetch *f)
{
	const struct fetch_host *slow[SLOWEST];
	int n = fetch_hosts_slowest(&f->hosts, slow, SLOWEST);
	(void)fputs(",\"slowest\":[", stderr);
	for (int i = 0; i < n; i++) {
		cio_buf name = {0};
		if (cio__json_string(&name, cio_str_of(slow[i]->name)) == 0)
			(void)fprintf(stderr, "%s{\"host\":%s,\"mean\":%.6f,"
				"\"requests\":%llu,\"errors\":%llu}",
				i > 0 ? "," : "", name.p,
				(double)slow[i]->sum / 1e9 /
					(double)slow[i]->answers,
				(unsigned long long)slow[i]->answers,
				(unsigned long long)slow[i]->errors);
		cio_buf_finish(&name);
	}
	(void)fputc(']', stderr);
}

void fetch_summary_json(const struct fetch *f, cio_duration wall)
{
	static const double percents[] = {50, 90, 95, 99, 99.9};
	const struct fetch_summary *s = &f->summary;
	double seconds = (double)wall / 1e9;
	(void)fprintf(stderr, "{\"total\":%llu,\"ok\":%llu,\"failed\":%llu,"
		"\"ok_percent\":%.3f,\"seconds\":%.3f,\"rate\":%.3f,"
		"\"retries\":%llu,\"bytes\":%llu,\"wire_bytes\":%llu,"
		"\"already\":%llu,\"duplicates\":%llu,\"unfinished\":%llu,"
		"\"exit\":%d",
		(unsigned long long)s->total, (unsigned long long)s->ok,
		(unsigned long long)(s->total - s->ok), fetch_summary_percent(s),
		seconds, seconds > 0 ? (double)s->total / seconds : 0,
		(unsigned long long)s->retries, (unsigned long long)s->bytes,
		(unsigned long long)s->wire, (unsigned long long)s->already,
		(unsigned long long)s->duplicates,
		(unsigned long long)s->unfinished, f->code);
	json_counts(s);
	(void)fputs(",\"latency\":{", stderr);
	for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
		(void)fprintf(stderr, "\"p%g\":%.6f,", percents[i],
			milliseconds(s, percents[i]) / 1e3);
	(void)fprintf(stderr, "\"max\":%.6f}", (double)s->latency.max / 1e9);
	json_slowest(f);
	(void)fprintf(stderr, ",\"memory_mb\":%.1f}\n", fetch_peak_megabytes());
}
