/* SPDX-License-Identifier: MIT */
/*
 * fetch_text.c - rows as JSON lines and as CSV (RFC 4180)
 *
 * When a write fails, the file is cut back to its last whole row.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch.h"
#include "wire/chars.h"
#include "wire/json_text.h"

enum { TEXT_BATCH = 1000 };

/* ---- files of lines ---- */

int text_file_open(struct text_file *t, const char *name, bool append)
{
	*t = (struct text_file){.name = name, .file = -1};
	if (strcmp(name, "-") == 0) {
		t->name = "stdout";
		t->file = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		t->file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC |
				(append ? O_APPEND : O_TRUNC),
			0666);
	}
	struct stat st;
	if (t->file < 0 || fstat(t->file, &st) < 0) {
		int err = -errno;
		(void)fprintf(stderr, "cio fetch: cannot write %s: %s\n",
			t->name, cio_strerror(err));
		if (t->file >= 0)
			(void)close(t->file);
		t->file = -1;
		return err;
	}
	t->regular = S_ISREG(st.st_mode);
	/* with >> the place is said by nothing but the file's end */
	append = (fcntl(t->file, F_GETFL) & O_APPEND) != 0;
	if (t->regular)
		t->whole = lseek(t->file, 0, append ? SEEK_END : SEEK_CUR);
	return 0;
}

/* Whoever shares our stdout may have made it non-blocking. */
static bool may_go_on(int file, int err)
{
	struct pollfd p = {.fd = file, .events = POLLOUT};
	if (err == EAGAIN)
		return poll(&p, 1, -1) >= 0 || errno == EINTR;
	return err == EINTR;
}

/* `left` of the bytes did not go out: where is the end of a line? */
static int cut_back(struct text_file *t, cio_str bytes, size_t left, int err)
{
	size_t done = bytes.n - left;
	while (done > 0 && bytes.p[done - 1] != '\n')
		done--;
	if (t->regular && ftruncate(t->file, t->whole + (off_t)done) < 0)
		err = -errno;
	return err;
}

int text_file_write(struct text_file *t, cio_str bytes)
{
	const char *p = bytes.p;
	size_t left = bytes.n;
	while (left > 0) {
		ssize_t n = write(t->file, p, left);
		if (n < 0 && may_go_on(t->file, errno))
			continue;
		if (n < 0)
			return cut_back(t, bytes, left, -errno);
		p += n;
		left -= (size_t)n;
	}
	t->whole += (off_t)bytes.n;
	return 0;
}

int text_file_cut(const char *name)
{
	int file = open(name, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? 0 : -errno;
	off_t end = lseek(file, 0, SEEK_END);
	char c = '\n';
	int err = end < 0 ? -errno : 0;
	while (err == 0 && end > 0) {
		ssize_t n = pread(file, &c, 1, end - 1);
		err = n < 0 ? -errno : 0;
		if (n != 1 || c == '\n')
			break;
		end--;
	}
	if (err == 0 && ftruncate(file, end) < 0)
		err = -errno;
	(void)close(file);
	return err;
}

/* ---- what both forms do ---- */

static int open_text(struct fetch_output *out)
{
	return text_file_open(&out->text, out->name, out->options->resume);
}

static int write_text(struct fetch_output *out)
{
	return text_file_write(&out->text, cio_buf_view(&out->writing));
}

static int close_text(struct fetch_output *out)
{
	int file = out->text.file;
	out->text.file = -1;
	/* some file systems tell of a full disk only now */
	return file >= 0 && close(file) < 0 ? -errno : 0;
}

static const void *field(const struct fetch_row *row, const struct column *c)
{
	return (const char *)row + c->at;
}

/* ---- JSON lines ---- */

/* With a point before the last `decimals` digits. */
static int put_number(cio_buf *b, int64_t number, int decimals)
{
	char text[24], *p = text + sizeof text;
	uint64_t u = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	for (int n = 0; u > 0 || n <= decimals; n++) {
		if (n == decimals && n > 0)
			*--p = '.';
		*--p = (char)('0' + u % 10);
		u /= 10;
	}
	if (number < 0)
		*--p = '-';
	return cio_buf_append(b, p, (size_t)(text + sizeof text - p));
}

static int64_t microseconds(cio_duration d)
{
	return (d + (d < 0 ? -500 : 500)) / 1000;
}

static int json_value(cio_buf *b, const struct fetch_row *row,
	const struct column *c)
{
	const void *at = field(row, c);
	const cio_str *text = at;
	switch (c->kind) {
	case COLUMN_INTEGER:
		return put_number(b, *(const int64_t *)at, 0);
	case COLUMN_SECONDS:
		return put_number(b, microseconds(*(const cio_duration *)at), 6);
	case COLUMN_BOOL:
		return cio_buf_puts(b, *(const bool *)at ? "true" : "false");
	case COLUMN_JSON:
		return text->n == 0 ? cio_buf_puts(b, "null") :
				      cio_buf_append(b, text->p, text->n);
	case COLUMN_TEXT: break;
	}
	bool none = text->p == NULL || (text->n == 0 && c->option == 0);
	return none ? cio_buf_puts(b, "null") : cio__json_string(b, *text);
}

static int encode_json(struct fetch_output *out, cio_buf *b,
	const struct fetch_row *row)
{
	int err = cio_buf_puts(b, "{");
	for (int i = 0; i < fetch_column_count && err == 0; i++) {
		const struct column *c = &fetch_columns[i];
		if (!fetch_column_wanted(out->options, c))
			continue;
		cio_str key = cio__after(c->key, i == 0);
		err = cio_buf_append(b, key.p, key.n);
		err = err < 0 ? err : json_value(b, row, c);
	}
	return err < 0 ? err : cio_buf_puts(b, "}\n");
}

const struct fetch_form fetch_jsonl = {open_text, encode_json, write_text,
	close_text, TEXT_BATCH, CIO_MS(100)};

/* ---- CSV ---- */

int fetch_csv_head(const struct fetch_options *o, cio_buf *b)
{
	int err = 0;
	for (int i = 0; i < fetch_column_count && err == 0; i++)
		if (fetch_column_wanted(o, &fetch_columns[i]))
			err = cio_buf_printf(b, "%s%s", i > 0 ? "," : "",
				fetch_columns[i].name);
	return err < 0 ? err : cio_buf_puts(b, "\n");
}

int fetch_characters(cio_buf *b, cio_str s)
{
	int err = 0;
	for (size_t n; s.n > 0 && err == 0; s = cio__after(s, n)) {
		size_t good = 0;
		while ((n = cio__utf8_length(cio__after(s, good))) > 0)
			good += n;
		err = cio_buf_append(b, s.p, good);
		if (err == 0 && good < s.n)
			err = cio_buf_puts(b, CIO__NO_CHARACTER);
		n = good < s.n ? good + 1 : good;
	}
	return err;
}

static int open_csv(struct fetch_output *out)
{
	int err = open_text(out);
	if (err == 0 && (!out->text.regular || out->text.whole == 0))
		err = fetch_csv_head(out->options, &out->rows);
	return err;
}

/* Quoted where it must be. A field that a spreadsheet would take for a formula
 * stays what it is: this is data. */
static int csv_text(cio_buf *b, cio_str s)
{
	bool quoted = false;
	for (size_t i = 0; i < s.n && !quoted; i++)
		quoted = s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' ||
			s.p[i] == '\r';
	if (!quoted)
		return fetch_characters(b, s);
	int err = cio_buf_puts(b, "\"");
	for (size_t n; s.n > 0 && err == 0; s = cio__after(s, n)) {
		const char *quote = memchr(s.p, '"', s.n);
		n = quote != NULL ? (size_t)(quote - s.p) + 1 : s.n;
		err = fetch_characters(b, (cio_str){s.p, n});
		if (err == 0 && quote != NULL)
			err = cio_buf_puts(b, "\"");
	}
	return err < 0 ? err : cio_buf_puts(b, "\"");
}

static int encode_csv(struct fetch_output *out, cio_buf *b,
	const struct fetch_row *row)
{
	int err = 0;
	for (int i = 0; i < fetch_column_count && err == 0; i++) {
		const struct column *c = &fetch_columns[i];
		const cio_str *text = field(row, c);
		if (!fetch_column_wanted(out->options, c))
			continue;
		if (i > 0)
			err = cio_buf_puts(b, ",");
		if (err == 0 && (c->kind == COLUMN_TEXT || c->kind == COLUMN_JSON))
			err = text->n > 0 ? csv_text(b, *text) : 0;
		else if (err == 0)
			err = json_value(b, row, c);
	}
	return err < 0 ? err : cio_buf_puts(b, "\n");
}

const struct fetch_form fetch_csv = {open_csv, encode_csv, write_text,
	close_text, TEXT_BATCH, CIO_MS(100)};
