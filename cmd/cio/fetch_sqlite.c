/* SPDX-License-Identifier: MIT */
/*
 * fetch_sqlite.c - rows into SQLite
 *
 *	runs     one row for each run: when it began and ended
 *	results  the rows, each with its run
 *
 * The loop puts a row's values one after another into a buffer; a thread takes
 * them out again and inserts them, at most 500 rows or a second in one
 * transaction. With write-ahead logging readers see what was committed while it
 * goes on, and a killed run leaves no half of a transaction.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "fetch.h"
#include "fetch_sqlite.h"

#ifndef CIO_HAVE_SQLITE

static int open_none(struct fetch_output *out)
{
	(void)fprintf(stderr, "cio fetch: cannot write %s: this cio was built "
		"without SQLite (install libsqlite3-dev, build again), or use "
		"--format jsonl\n", out->name);
	return -ENOTSUP;
}

static int encode_none(struct fetch_output *out, cio_buf *b,
	const struct fetch_row *row)
{
	(void)out, (void)b, (void)row;
	return -ENOTSUP;
}

static int end_none(struct fetch_output *out)
{
	(void)out;
	return 0;
}

const struct fetch_form fetch_sqlite = {open_none, encode_none, end_none,
	end_none, 0, 0};

int fetch_sqlite_read(struct fetch_rows_job *job)
{
	(void)snprintf(job->why, sizeof job->why, "built without SQLite");
	return -ENOTSUP;
}

const char *fetch_sqlite_version(void)
{
	return NULL;
}

#else

#include <sqlite3.h>

#include "base/mem.h"

struct database {
	sqlite3 *db;
	sqlite3_stmt *insert;
	int64_t run;
};

const char *fetch_sqlite_version(void)
{
	return sqlite3_libversion();
}

static int error_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW: return 0;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_READONLY: return -EROFS;
	case SQLITE_CANTOPEN: return -EACCES;
	default: return -EIO;
	}
}

/* ---- opening ---- */

static int make_schema(cio_buf *b)
{
	int err = cio_buf_puts(b, "create table if not exists runs("
		"run integer primary key, started text not null, ended text, "
		"version text not null);"
		"create table if not exists results(run integer not null");
	static const char *const types[] = {
		[COLUMN_INTEGER] = "integer",
		[COLUMN_SECONDS] = "real",
		[COLUMN_TEXT] = "text",
		[COLUMN_BOOL] = "integer",
		[COLUMN_JSON] = "text",
	};
	for (int i = 0; i < fetch_column_count && err == 0; i++)
		err = cio_buf_printf(b, ", %s %s", fetch_columns[i].name,
			types[fetch_columns[i].kind]);
	return err < 0 ? err : cio_buf_puts(b, ", primary key(run, seq));");
}

static int make_insert(const struct fetch_options *o, cio_buf *b)
{
	int n = 1, err = cio_buf_puts(b, "insert into results(run");
	for (int i = 0; i < fetch_column_count && err == 0; i++, n++) {
		if (!fetch_column_wanted(o, &fetch_columns[i]))
			n--;
		else
			err = cio_buf_printf(b, ", %s", fetch_columns[i].name);
	}
	err = err < 0 ? err : cio_buf_puts(b, ") values(?");
	for (; n > 1 && err == 0; n--)
		err = cio_buf_puts(b, ", ?");
	return err < 0 ? err : cio_buf_puts(b, ")");
}

static int64_t one_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return n;
}

#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ','now')"

/* --resume goes on with the last run. */
static int begin_run(struct fetch_output *out, struct database *d)
{
	if (out->options->resume)
		d->run = one_number(d->db, "select max(run) from runs");
	int code = SQLITE_OK;
	if (d->run == 0) {
		code = sqlite3_exec(d->db, "insert into runs(started, version) "
			"values(" NOW ", '" CIO_VERSION "')", NULL, NULL, NULL);
		d->run = sqlite3_last_insert_rowid(d->db);
	}
	return code;
}

static int prepare(struct fetch_output *out, struct database *d)
{
	cio_buf sql = {0};
	int code = SQLITE_NOMEM;
	if (make_schema(&sql) == 0)
		code = sqlite3_exec(d->db, "pragma journal_mode=wal; "
			"pragma synchronous=normal", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(d->db, sql.p, NULL, NULL, NULL);
	cio_buf_clear(&sql);
	if (code == SQLITE_OK)
		code = begin_run(out, d);
	if (code == SQLITE_OK)
		code = make_insert(out->options, &sql) < 0 ? SQLITE_NOMEM :
			sqlite3_prepare_v2(d->db, sql.p, -1, &d->insert, NULL);
	cio_buf_finish(&sql);
	return code;
}

static void remove_old(const char *name)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char path[4096];
		int n = snprintf(path, sizeof path, "%s%s", name, ends[i]);
		if (n > 0 && n < (int)sizeof path)
			(void)unlink(path);
	}
}

static int close_database(struct database *d)
{
	(void)sqlite3_finalize(d->insert);
	int code = sqlite3_close(d->db);
	cio__free(d);
	return error_of(code);
}

static int open_sqlite(struct fetch_output *out)
{
	struct database *d = cio__zalloc(sizeof *d);
	if (d == NULL)
		return -ENOMEM;
	if (out->options->overwrite)
		remove_old(out->name);
	int code = sqlite3_open_v2(out->name, &d->db, SQLITE_OPEN_READWRITE |
			SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL);
	if (code == SQLITE_OK) {
		(void)sqlite3_busy_timeout(d->db, 10000);
		code = prepare(out, d);
	}
	if (code != SQLITE_OK) {
		(void)fprintf(stderr, "cio fetch: cannot write %s: %s\n",
			out->name, sqlite3_errmsg(d->db));
		(void)close_database(d);
		return error_of(code);
	}
	out->database = d;
	return 0;
}

/* ---- a row as bytes, and back ---- */

static int put(cio_buf *b, char kind, const void *p, size_t n)
{
	int err = cio_buf_append(b, &kind, 1);
	return err < 0 ? err : cio_buf_append(b, p, n);
}

static int put_text(cio_buf *b, cio_str s)
{
	uint64_t n = 0;
	if (s.p == NULL)
		return put(b, 'N', "", 0);
	int err = put(b, 'T', &n, sizeof n);
	size_t at = b->n;
	if (err == 0)
		err = fetch_characters(b, s);
	n = b->n - at; /* known only now */
	if (err == 0)
		memcpy(b->p + at - sizeof n, &n, sizeof n);
	return err;
}

static int encode_sqlite(struct fetch_output *out, cio_buf *b,
	const struct fetch_row *row)
{
	int err = 0;
	for (int i = 0; i < fetch_column_count && err == 0; i++) {
		const struct column *c = &fetch_columns[i];
		const void *at = (const char *)row + c->at;
		if (!fetch_column_wanted(out->options, c))
			continue;
		if (c->kind == COLUMN_INTEGER) {
			err = put(b, 'I', at, sizeof(int64_t));
		} else if (c->kind == COLUMN_BOOL) {
			int64_t yes = *(const bool *)at;
			err = put(b, 'I', &yes, sizeof yes);
		} else if (c->kind == COLUMN_SECONDS) {
			double d = (double)*(const cio_duration *)at / 1e9;
			err = put(b, 'R', &d, sizeof d);
		} else {
			const cio_str *s = at;
			bool none = s->n == 0 && c->option != COLUMN_OF_INLINE;
			err = put_text(b, none ? (cio_str){0} : *s);
		}
	}
	return err;
}

/* The next value's bytes, which stay ours until the row was inserted. */
static const char *bind_next(sqlite3_stmt *s, int i, const char *p)
{
	int64_t whole;
	double real;
	uint64_t n;
	switch (*p++) {
	case 'I':
		memcpy(&whole, p, sizeof whole);
		(void)sqlite3_bind_int64(s, i, whole);
		return p + sizeof whole;
	case 'R':
		memcpy(&real, p, sizeof real);
		(void)sqlite3_bind_double(s, i, real);
		return p + sizeof real;
	case 'T':
		memcpy(&n, p, sizeof n);
		p += sizeof n;
		(void)sqlite3_bind_text64(s, i, p, n, SQLITE_STATIC, SQLITE_UTF8);
		return p + n;
	default: (void)sqlite3_bind_null(s, i); return p;
	}
}

static int insert_all(struct database *d, const char *p, const char *end)
{
	int columns = sqlite3_bind_parameter_count(d->insert);
	int code = SQLITE_DONE;
	while (p < end && code == SQLITE_DONE) {
		(void)sqlite3_bind_int64(d->insert, 1, d->run);
		for (int i = 2; i <= columns; i++)
			p = bind_next(d->insert, i, p);
		code = sqlite3_step(d->insert);
		(void)sqlite3_reset(d->insert);
	}
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int write_sqlite(struct fetch_output *out)
{
	struct database *d = out->database;
	int code = sqlite3_exec(d->db, "begin", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = insert_all(d, out->writing.p,
			out->writing.p + out->writing.n);
	if (code == SQLITE_OK)
		code = sqlite3_exec(d->db, "commit", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		(void)sqlite3_exec(d->db, "rollback", NULL, NULL, NULL);
	return error_of(code);
}

static int close_sqlite(struct fetch_output *out)
{
	struct database *d = out->database;
	char sql[120];
	if (d == NULL)
		return 0;
	out->database = NULL;
	int code = SQLITE_OK;
	if (out->complete) {
		(void)snprintf(sql, sizeof sql, "update runs set ended = %s "
			"where run = %lld", NOW, (long long)d->run);
		code = sqlite3_exec(d->db, sql, NULL, NULL, NULL);
	}
	int err = close_database(d);
	return code != SQLITE_OK ? error_of(code) : err;
}

const struct fetch_form fetch_sqlite = {open_sqlite, encode_sqlite,
	write_sqlite, close_sqlite, 500, CIO_S(1)};

/* ---- an earlier run ---- */

static int read_rows(sqlite3 *db, sqlite3_stmt *s, struct fetch_done *done)
{
	int code;
	(void)db;
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		cio_str url = cio_str_of((const char *)sqlite3_column_text(s, 1));
		int err = fetch_done_add(done,
			(uint64_t)sqlite3_column_int64(s, 0), url,
			sqlite3_column_int(s, 2) != 0);
		if (err < 0 && err != -EEXIST)
			return err;
	}
	return error_of(code);
}

int fetch_sqlite_read(struct fetch_rows_job *job)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	if (access(job->name, F_OK) < 0)
		return 0;
	int code = sqlite3_open_v2(job->name, &db, SQLITE_OPEN_READWRITE, NULL);
	bool any = code == SQLITE_OK && one_number(db, "select count(*) from "
		"sqlite_master where name = 'results'") > 0;
	if (any)
		code = sqlite3_prepare_v2(db, "select seq, url, ok from results where "
			"run = (select max(run) from runs)", -1, &s, NULL);
	int err = code == SQLITE_OK && any ? read_rows(db, s, job->done) :
					     error_of(code);
	if (err < 0)
		(void)snprintf(job->why, sizeof job->why, "%s",
			sqlite3_errmsg(db));
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return err;
}

#endif
