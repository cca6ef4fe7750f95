/* SPDX-License-Identifier: MIT */
/*
 * fetch_summary.c - what came of it, for people, on stderr
 */
#include "fetch.h"

#include <stdio.h>
#include <sys/resource.h>

bool fetch_row_ok(const cio_http_response *r)
{
	return r->error == CIO_HTTP_OK && r->status >= 200 && r->status < 400;
}

void fetch_summary_count(struct fetch_summary *s, const cio_http_response *r)
{
	s->total++;
	s->ok += fetch_row_ok(r);
	s->by_error[r->error]++;
	if (r->status > 0 && r->status < 600)
		s->by_status[r->status]++;
	if (r->attempts > 1)
		s->retries += (uint64_t)r->attempts - 1;
	s->bytes += r->body_size;
	if (r->status > 0)
		cio__histogram_record(&s->latency, (uint64_t)r->time_total);
}

static double percent_ok(const struct fetch_summary *s)
{
	return s->total > 0 ? 100.0 * (double)s->ok / (double)s->total : 100.0;
}

static double milliseconds(const struct fetch_summary *s, double percent)
{
	return (double)cio__histogram_percentile(&s->latency, percent) / 1e6;
}

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

static double peak_megabytes(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_maxrss / 1024;
}

void fetch_summary_print(const struct fetch_summary *s, cio_duration wall)
{
	double seconds = (double)wall / 1e9;
	(void)fprintf(stderr, "%llu URLs in %.2f s: %llu ok (%.1f %%), %llu failed\n",
		(unsigned long long)s->total, seconds,
		(unsigned long long)s->ok, percent_ok(s),
		(unsigned long long)(s->total - s->ok));
	print_statuses(s);
	print_errors(s);
	(void)fprintf(stderr,
		"  retries  %llu\n"
		"  bytes    %llu\n"
		"  rate     %.1f req/s\n"
		"  latency  p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms\n"
		"  memory   %.1f MB at the peak\n",
		(unsigned long long)s->retries, (unsigned long long)s->bytes,
		seconds > 0 ? (double)s->total / seconds : 0,
		milliseconds(s, 50), milliseconds(s, 90), milliseconds(s, 99),
		(double)s->latency.max / 1e6, peak_megabytes());
}

void fetch_summary_progress(const struct fetch_summary *s, cio_duration wall,
	uint64_t in_flight)
{
	double seconds = (double)wall / 1e9;
	(void)fprintf(stderr, "\r%llu done, %llu in flight, %.1f %% ok, %.0f req/s\033[K",
		(unsigned long long)s->total, (unsigned long long)in_flight,
		percent_ok(s), seconds > 0 ? (double)s->total / seconds : 0);
	(void)fflush(stderr);
}
