/* SPDX-License-Identifier: MIT */
/*
 * fetch_output.c - rows to their file, whole and off the loop
 *
 * Tasks append rows to `rows`; a writer task swaps that buffer with `writing`
 * and has a thread write it. The lines of --errors go first, so that no row says
 * of a failure what that file does not know. When a write fails, the fetch is
 * told to stop, and later rows are refused.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch.h"

enum {
	ROWS_ENOUGH = 1 << 18, /* bytes that wait for no more to come */
	ROWS_MAX = 1 << 19,    /* bytes that may wait for the file */
};

/* ---- which form ---- */

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);
	return n > k && strcmp(name + n - k, end) == 0;
}

int fetch_output_format(const struct fetch_options *o)
{
	if (o->format != FORMAT_AUTO)
		return o->format;
	if (ends_in(o->output, ".csv"))
		return FORMAT_CSV;
	if (ends_in(o->output, ".db") || ends_in(o->output, ".sqlite") ||
		ends_in(o->output, ".sqlite3"))
		return FORMAT_SQLITE;
	return FORMAT_JSONL;
}

/* ---- opening ---- */

/* A file with rows is not emptied unless somebody says so. */
static int may_write(const struct fetch_options *o, const char *name)
{
	struct stat st;
	if (o->overwrite || o->resume || strcmp(name, "-") == 0 ||
		stat(name, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	(void)fprintf(stderr, "cio fetch: %s exists and is not empty: --resume "
		"goes on with it, --overwrite empties it\n", name);
	return -EEXIST;
}

static int open_errors(struct fetch_output *out, const struct fetch_options *o)
{
	if (o->errors == NULL)
		return 0;
	int err = may_write(o, o->errors);
	if (err == 0 && o->resume && text_file_cut(o->errors) < 0)
		(void)0; /* the open tells what is wrong */
	return err < 0 ? err :
			 text_file_open(&out->errors, o->errors, o->resume);
}

int fetch_output_open(struct fetch_output *out, const struct fetch_options *o)
{
	static const struct fetch_form *const forms[] = {
		[FORMAT_JSONL] = &fetch_jsonl,
		[FORMAT_CSV] = &fetch_csv,
		[FORMAT_SQLITE] = &fetch_sqlite,
	};
	int format = fetch_output_format(o);
	*out = (struct fetch_output){.options = o, .name = o->output,
		.text = {.file = -1}, .errors = {.file = -1}};
	if (fetch_is_load(o) && strcmp(o->output, "-") == 0)
		return 0;
	out->form = forms[format];
	int err = format == FORMAT_SQLITE && !o->overwrite ? 0 :
		may_write(o, o->output);
	err = err < 0 ? err : open_errors(out, o);
	err = err < 0 ? err : out->form->open(out);
	/* who reads a pipe or a terminal need not wait for a batch */
	bool stream = out->text.file >= 0 && !out->text.regular;
	out->batch = stream ? 0 : out->form->batch;
	if (strcmp(out->name, "-") == 0)
		out->name = "stdout";
	return err;
}

/* ---- writing ---- */

/* In a thread. */
static int write_all(void *arg)
{
	struct fetch_output *out = arg;
	int err = 0;
	if (out->failed_writing.n > 0)
		err = text_file_write(&out->errors,
			cio_buf_view(&out->failed_writing));
	if (err < 0)
		out->failing = out->errors.name;
	return err < 0 ? err : out->form->write(out);
}

static int close_all(void *arg)
{
	struct fetch_output *out = arg;
	int err = out->form->close(out);
	if (out->errors.file >= 0 && close(out->errors.file) < 0 && err == 0)
		err = -errno;
	out->errors.file = -1;
	return err;
}

static void failed(struct fetch_output *out, int err)
{
	out->error = err;
	fetch_progress_clear();
	(void)fprintf(stderr, "cio fetch: cannot write %s: %s; stopping%s\n",
		out->failing != NULL ? out->failing : out->name,
		cio_strerror(err), out->name == out->options->output ?
			fetch_after_full_disk(out->options, err) : "");
	if (out->stop != NULL)
		cio_scope_cancel(out->stop, "the results cannot be written");
}

static void swap(cio_buf *a, cio_buf *b)
{
	cio_buf c = *a;
	*a = *b;
	*b = c;
}

static void write_waiting(struct fetch_output *out)
{
	swap(&out->rows, &out->writing);
	swap(&out->failed, &out->failed_writing);
	out->with_thread = out->count;
	out->count = 0;
	cio_event_set(&out->room);
	cio_event_clear(&out->room);
	int err = cio_to_thread(write_all, out);
	cio_buf_clear(&out->writing);
	cio_buf_clear(&out->failed_writing);
	if (err == 0)
		out->written += out->with_thread;
	else if (out->error == 0)
		failed(out, err);
}

static bool enough(const struct fetch_output *out)
{
	return out->count >= out->batch || out->rows.n >= ROWS_ENOUGH;
}

/* Until there are enough for a batch, or its time is over. */
static int await_batch(struct fetch_output *out)
{
	int err = 0;
	cio_time until = cio_now() + out->form->wait;
	while (err == 0 && !out->ending && out->error == 0 &&
		!enough(out) && cio_now() < until) {
		cio_event_clear(&out->changed);
		CIO_TIMEOUT(until - cio_now(), &err) {
			err = cio_event_wait(&out->changed);
		}
	}
	return err == -ETIMEDOUT ? 0 : err;
}

/* Ends when all is written: an interrupt of the program does not end it. */
static int writer(struct fetch_output *const *self)
{
	struct fetch_output *out = *self;
	int err = 0;
	CIO_SHIELD(CIO_NEVER, &err) {
		while (err == 0 && (!out->ending || out->rows.n > 0)) {
			if (out->rows.n > 0)
				err = await_batch(out);
			cio_event_clear(&out->changed);
			if (out->rows.n > 0 && out->error == 0)
				write_waiting(out);
			else if (out->error != 0)
				cio_buf_clear(&out->rows);
			if (out->rows.n == 0 && !out->ending && err == 0)
				err = cio_event_wait(&out->changed);
		}
		int closed = cio_to_thread(close_all, out);
		err = err < 0 ? err : closed;
	}
	return err;
}

int fetch_output_start(struct fetch_output *out)
{
	if (out->form == NULL)
		return 0;
	out->writer = cio_spawn(writer, &out);
	return out->writer != NULL ? 0 : -ENOMEM;
}

int fetch_output_close(struct fetch_output *out)
{
	out->ending = true;
	cio_event_set(&out->changed);
	int err = 0;
	if (out->writer != NULL)
		err = cio_await(out->writer);
	else if (out->form != NULL)
		err = close_all(out);
	if (err < 0 && out->error == 0)
		failed(out, err);
	cio_buf_finish(&out->rows);
	cio_buf_finish(&out->writing);
	cio_buf_finish(&out->failed);
	cio_buf_finish(&out->failed_writing);
	return out->error;
}

/* ---- rows ---- */

static int append(struct fetch_output *out, const struct fetch_row *row)
{
	size_t rows = out->rows.n, failures = out->failed.n;
	int err = out->form->encode(out, &out->rows, row);
	if (err == 0 && !row->ok && out->errors.file >= 0) {
		err = cio_buf_puts(&out->failed, row->item->text);
		err = err < 0 ? err : cio_buf_puts(&out->failed, "\n");
	}
	if (err < 0) { /* never half a row, nor one missing */
		out->rows.n = rows;
		out->failed.n = failures;
	}
	return err;
}

int fetch_output_await_room(struct fetch_output *out)
{
	int err = 0;
	while (err == 0 && out->rows.n > ROWS_MAX && out->error == 0)
		err = cio_event_wait(&out->room);
	return err;
}

int fetch_output_row(struct fetch_output *out, const struct fetch_row *row)
{
	if (out->form == NULL)
		return 0;
	/* refused: this row is the last of its task */
	(void)fetch_output_await_room(out);
	if (out->error != 0)
		return out->error;
	int err = append(out, row);
	if (err < 0) {
		failed(out, err);
		return err;
	}
	out->count++;
	if (out->count == 1 || enough(out))
		cio_event_set(&out->changed);
	return 0;
}
