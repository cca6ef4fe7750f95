/* SPDX-License-Identifier: MIT */
/*
 * fetch_output.c - rows, written whole and off the loop
 *
 * Tasks append rows to `rows`; a writer task swaps that buffer with `writing`
 * and has a thread write it. When a write fails, the file is cut back to its
 * last whole row, the fetch is told to stop, and later rows are refused.
 */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/json_text.h"

enum { ROWS_MAX = 1 << 20 }; /* bytes that may wait for the file */

int fetch_output_open(struct fetch_output *out, const char *name)
{
	*out = (struct fetch_output){.name = name, .file = -1};
	if (strcmp(name, "-") == 0) {
		out->name = "stdout";
		out->file = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		out->file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0666);
	}
	struct stat st;
	if (out->file < 0 || fstat(out->file, &st) < 0) {
		int err = -errno;
		(void)fprintf(stderr, "cio fetch: cannot write %s: %s\n",
			out->name, cio_strerror(err));
		if (out->file >= 0)
			(void)close(out->file);
		return err;
	}
	out->regular = S_ISREG(st.st_mode);
	/* with >> the place is said by nothing but the file's end */
	bool append = (fcntl(out->file, F_GETFL) & O_APPEND) != 0;
	if (out->regular)
		out->whole = lseek(out->file, 0, append ? SEEK_END : SEEK_CUR);
	return 0;
}

/* ---- writing ---- */

/* Whoever shares our stdout may have made it non-blocking. */
static bool may_go_on(int file, int err)
{
	struct pollfd p = {.fd = file, .events = POLLOUT};
	if (err == EAGAIN)
		return poll(&p, 1, -1) >= 0 || errno == EINTR;
	return err == EINTR;
}

/* In a thread: all of `writing`, or -errno with the file cut back. */
static int write_rows(void *arg)
{
	struct fetch_output *out = arg;
	const char *p = out->writing.p;
	size_t left = out->writing.n;
	while (left > 0) {
		ssize_t n = write(out->file, p, left);
		if (n < 0 && may_go_on(out->file, errno))
			continue;
		if (n < 0) {
			int err = -errno;
			size_t done = out->writing.n - left;
			while (done > 0 && out->writing.p[done - 1] != '\n')
				done--;
			if (out->regular && ftruncate(out->file,
						    out->whole + (off_t)done) < 0)
				err = -errno;
			return err;
		}
		p += n;
		left -= (size_t)n;
	}
	out->whole += (off_t)out->writing.n;
	return 0;
}

static void failed(struct fetch_output *out, int err)
{
	out->error = err;
	(void)fprintf(stderr, "cio fetch: cannot write %s: %s; stopping\n",
		out->name, cio_strerror(err));
	if (out->stop != NULL)
		cio_scope_cancel(out->stop, "the results cannot be written");
}

static void write_waiting(struct fetch_output *out)
{
	cio_buf swap = out->writing;
	out->writing = out->rows;
	out->rows = swap;
	cio_event_set(&out->room);
	cio_event_clear(&out->room);
	int err = cio_to_thread(write_rows, out);
	cio_buf_clear(&out->writing);
	if (err < 0 && out->error == 0)
		failed(out, err);
}

/* Ends when all is written: an interrupt of the program does not end it. */
static int writer(struct fetch_output *const *self)
{
	struct fetch_output *out = *self;
	int err = 0;
	CIO_SHIELD(CIO_NEVER, &err) {
		while (err == 0 && (!out->ending || out->rows.n > 0)) {
			cio_event_clear(&out->changed);
			if (out->rows.n > 0 && out->error == 0)
				write_waiting(out);
			else if (out->error != 0)
				cio_buf_clear(&out->rows);
			if (out->rows.n == 0 && !out->ending)
				err = cio_event_wait(&out->changed);
		}
	}
	return err;
}

int fetch_output_start(struct fetch_output *out)
{
	out->writer = cio_spawn(writer, &out);
	return out->writer != NULL ? 0 : -ENOMEM;
}

int fetch_output_close(struct fetch_output *out)
{
	out->ending = true;
	cio_event_set(&out->changed);
	if (out->writer != NULL) {
		int err = cio_await(out->writer);
		if (err < 0 && out->error == 0)
			failed(out, err);
	}
	/* some file systems tell of a full disk only now */
	if (out->file >= 0 && close(out->file) < 0 && out->error == 0)
		failed(out, -errno);
	cio_buf_finish(&out->rows);
	cio_buf_finish(&out->writing);
	return out->error;
}

/* ---- rows ---- */

static int seconds(cio_buf *b, const char *name, cio_duration d)
{
	return cio_buf_printf(b, ",\"%s\":%.6f", name, (double)d / 1e9);
}

static int text(cio_buf *b, const char *name, cio_str value)
{
	int err = cio_buf_printf(b, ",\"%s\":", name);
	if (err == 0 && value.n == 0)
		return cio_buf_puts(b, "null");
	return err < 0 ? err : cio__json_string(b, value);
}

static int append_row(cio_buf *b, cio_str url, const cio_http_response *r,
	const char *detail)
{
	int err = cio_buf_puts(b, "{\"url\":");
	if (err == 0)
		err = cio__json_string(b, url);
	if (err == 0)
		err = cio_buf_printf(b, ",\"http_code\":%d,\"ok\":%s,\"attempts\":%d",
			r->status, fetch_row_ok(r) ? "true" : "false",
			r->attempts);
	if (err == 0)
		err = text(b, "error_kind", cio_str_of(cio_http_error_name(r->error)));
	if (err == 0)
		err = text(b, "error", cio_str_of(detail));
	if (err == 0)
		err = cio_buf_printf(b, ",\"size_download\":%llu",
			(unsigned long long)r->body_size);
	if (err == 0)
		err = seconds(b, "time_connect", r->time_connect);
	if (err == 0)
		err = seconds(b, "time_starttransfer", r->time_starttransfer);
	if (err == 0)
		err = seconds(b, "time_total", r->time_total);
	return err < 0 ? err : cio_buf_puts(b, "}\n");
}

int fetch_output_row(struct fetch_output *out, cio_str url,
	const cio_http_response *r, const char *detail)
{
	while (out->rows.n > ROWS_MAX && out->error == 0) {
		int err = cio_event_wait(&out->room);
		if (err < 0)
			break; /* ended: this row is the last of its task */
	}
	if (out->error != 0)
		return out->error;
	size_t before = out->rows.n;
	int err = append_row(&out->rows, url, r, detail);
	if (err < 0) {
		out->rows.n = before; /* never half a row, nor one missing */
		failed(out, err);
		return err;
	}
	cio_event_set(&out->changed);
	return 0;
}
