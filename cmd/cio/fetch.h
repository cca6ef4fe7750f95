/* SPDX-License-Identifier: MIT */
/*
 * fetch.h - the parts of `cio fetch`
 *
 * input   reads URLs, one at a time      (fetch_input.c)
 * fetch   requests them, bounded         (fetch.c)
 * output  writes a row for each, whole   (fetch_output.c)
 * summary counts, and tells at the end   (fetch_summary.c)
 */
#ifndef CMD_FETCH_H
#define CMD_FETCH_H

#include <cio.h>
#include <cio/impl.h>
#include <cio/http_session.h>

#include "base/histogram.h"

struct fetch_options {
	char **urls;            /* arguments; `url_count` of them */
	int url_count;
	const char *input;      /* -i: a file, "-" for stdin, NULL */
	const char *output;     /* -o: a file, "-" for stdout */
	uint32_t concurrency;
	bool concurrency_given; /* by -c */
	uint32_t per_host;      /* 0: not given */
	int retries;
	cio_duration timeout;   /* of one attempt */
};

/* 0, or the exit code after a line on stderr; -1: done (--help). */
int fetch_options_parse(struct fetch_options *o, int argc, char **argv);

/* ---- input ---- */

struct fetch_input {
	const struct fetch_options *options;
	int next_url;
	bool opened, regular, at_end;
	int file;
	cio_fd fd;        /* a pipe or a terminal: the loop waits for it */
	cio_buf bytes;    /* read; the first `used` are the last line */
	size_t used;
	uint64_t line;    /* of the last URL */
};

/* 0 or -errno after a line on stderr. */
int fetch_input_open(struct fetch_input *in, const struct fetch_options *o);
/* The next URL, valid until the next call: 1; at the end 0; -errno after a line
 * on stderr; a refusal. Blank lines and lines that begin with # are passed. */
int fetch_input_next(struct fetch_input *in, cio_str *url);
void fetch_input_close(struct fetch_input *in);

/* ---- output ---- */

struct fetch_output {
	const char *name;
	int file;
	off_t whole;            /* bytes in the file that are whole rows */
	bool regular;
	cio_buf rows, writing;  /* waiting; with the thread */
	cio_event changed, room;
	bool ending;
	int error;              /* -errno of a failed write; nothing more is written */
	cio_task *writer;
	cio_scope *stop;        /* to cancel when writing fails */
};

int fetch_output_open(struct fetch_output *out, const char *name);
/* Begin to write in the background. */
int fetch_output_start(struct fetch_output *out);
/* Queue a row; waits while too many wait. 0, -errno of the file, or -ENOMEM. */
int fetch_output_row(struct fetch_output *out, cio_str url,
	const cio_http_response *r, const char *detail);
/* Write what waits, close. 0, or -errno after a line on stderr. */
int fetch_output_close(struct fetch_output *out);

/* ---- summary ---- */

struct fetch_summary {
	uint64_t total, ok, retries, bytes;
	uint64_t by_error[CIO_HTTP_ERRORS];
	uint64_t by_status[600];
	cio_time start;
	struct histogram latency;
};

void fetch_summary_count(struct fetch_summary *s, const cio_http_response *r);
void fetch_summary_print(const struct fetch_summary *s, cio_duration wall);
/* The line that a terminal shows while it goes on. */
void fetch_summary_progress(const struct fetch_summary *s, cio_duration wall,
	uint64_t in_flight);

bool fetch_row_ok(const cio_http_response *r);

#endif
