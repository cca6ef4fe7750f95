/* SPDX-License-Identifier: MIT */
/*
 * fetch_rows.c - the rows of an interrupted run, read for --resume
 *
 * Read a block at a time. What stands behind the last whole row is cut; a whole
 * row that is none of ours is an error, and nothing is cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch.h"
#include "fetch_sqlite.h"
#include "json_read.h"

enum { BLOCK = 256 * 1024 };

static bool number(cio_str s, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || i > 17)
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0;
}

/* ---- one row: 0, -EINVAL, -ENOMEM ---- */

static int add(struct fetch_done *done, uint64_t seq, cio_str url, bool ok)
{
	int err = fetch_done_add(done, seq, url, ok);
	return err == -EEXIST ? 0 : err;
}

static int read_json(struct fetch_rows_job *job, cio_str line)
{
	struct json_reader r;
	struct json_member m;
	cio_buf url = {0};
	uint64_t seq = 0;
	bool ok = false;
	int more = 0, err = 0;
	json_open(&r, line);
	while (err == 0 && (more = json_next(&r, &m)) > 0) {
		if (json_named(&m, "seq") && !number(m.value, &seq))
			err = -EINVAL;
		else if (json_named(&m, "url") && m.kind == JSON_STRING)
			err = json_text(&url, m.value);
		else if (json_named(&m, "ok"))
			ok = m.kind == JSON_TRUE;
	}
	if (err == 0)
		err = more < 0 ? -EINVAL :
				 add(job->done, seq, cio_buf_view(&url), ok);
	cio_buf_finish(&url);
	return err;
}

/* Append the text of the field at *p, which moves behind its comma. */
static int csv_field(cio_buf *b, const char **p, const char *end)
{
	bool quoted = *p < end && **p == '"';
	int err = 0;
	for (*p += quoted; err == 0 && *p < end; ++*p) {
		if (quoted && **p == '"') {
			if (*p + 1 == end || (*p)[1] != '"')
				quoted = false;
			if (!quoted)
				continue;
			++*p;
		} else if (!quoted && **p == ',') {
			++*p;
			break;
		}
		err = cio_buf_append(b, *p, 1);
	}
	return err;
}

static int read_csv(struct fetch_rows_job *job, cio_str line)
{
	cio_buf url = {0}, other = {0};
	const char *p = line.p, *end = line.p + line.n;
	uint64_t seq = 0;
	bool ok = false;
	int err = 0;
	for (int i = 0; err == 0 && i < fetch_column_count; i++) {
		const char *name = fetch_columns[i].name;
		bool is_url = strcmp(name, "url") == 0;
		cio_buf_clear(&other);
		err = csv_field(is_url ? &url : &other, &p, end);
		if (err == 0 && strcmp(name, "seq") == 0 &&
			!number(cio_buf_view(&other), &seq))
			err = -EINVAL;
		if (strcmp(name, "ok") == 0) {
			ok = cio_str_equal(cio_buf_view(&other),
				cio_str_of("true"));
			break;
		}
	}
	err = err < 0 ? err : add(job->done, seq, cio_buf_view(&url), ok);
	cio_buf_finish(&url);
	cio_buf_finish(&other);
	return err;
}

/* ---- all of them ---- */

struct reading {
	struct fetch_rows_job *job;
	cio_buf bytes;
	uint64_t line;
	off_t whole; /* bytes of rows that were read */
};

/* Where the row at the beginning ends; in CSV quotes may hold line ends. */
static size_t row_end(const struct reading *r)
{
	bool quoted = false, csv = r->job->format == FORMAT_CSV;
	for (size_t i = 0; i < r->bytes.n; i++) {
		char c = r->bytes.p[i];
		if (csv && c == '"')
			quoted = !quoted;
		else if (c == '\n' && !quoted)
			return i + 1;
	}
	return 0;
}

static int take_row(struct reading *r, cio_str line)
{
	struct fetch_rows_job *job = r->job;
	int err = 0;
	r->line++;
	if (job->format == FORMAT_JSONL)
		err = read_json(job, line);
	else if (r->line > 1)
		err = read_csv(job, line);
	else if (!cio_str_equal(line, cio_str_of(job->head)))
		err = -EINVAL;
	if (err == -EINVAL)
		(void)snprintf(job->why, sizeof job->why, "line %llu is not a row "
			"that this command would write",
			(unsigned long long)r->line);
	return err;
}

static int take_rows(struct reading *r)
{
	size_t used = 0;
	int err = 0;
	struct reading rest = *r;
	while (err == 0 && used < r->bytes.n) {
		rest.bytes.p = r->bytes.p + used;
		rest.bytes.n = r->bytes.n - used;
		size_t n = row_end(&rest);
		if (n == 0)
			break;
		err = take_row(r, (cio_str){rest.bytes.p,
			r->job->format == FORMAT_CSV && r->line == 0 ? n : n - 1});
		used += n;
	}
	cio_buf_consume(&r->bytes, used);
	r->whole += (off_t)used;
	return err;
}

static int read_file(struct reading *r, int file)
{
	int err = 0;
	for (;;) {
		err = cio_buf_reserve(&r->bytes, BLOCK);
		if (err < 0)
			return err;
		ssize_t n = read(file, r->bytes.p + r->bytes.n, BLOCK);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r->bytes.n += (size_t)n;
		err = take_rows(r);
		if (err < 0)
			return err;
	}
}

int fetch_rows_read(void *arg)
{
	struct fetch_rows_job *job = arg;
	if (job->format == FORMAT_SQLITE)
		return fetch_sqlite_read(job);
	int file = open(job->name, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? 0 : -errno;
	struct reading r = {.job = job};
	struct stat st;
	int err = fstat(file, &st) < 0 ? -errno : 0;
	if (err == 0 && !S_ISREG(st.st_mode)) { /* a pipe would be waited for */
		(void)snprintf(job->why, sizeof job->why, "it is no file that "
			"holds rows");
		err = -EINVAL;
	}
	err = err < 0 ? err : read_file(&r, file);
	if (err == 0 && r.bytes.n > 0 && ftruncate(file, r.whole) < 0)
		err = -errno;
	cio_buf_finish(&r.bytes);
	(void)close(file);
	return err;
}
