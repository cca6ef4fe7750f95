/* SPDX-License-Identifier: MIT */
/*
 * fetch.h - the parts of `cio fetch`
 *
 *	fetch_options.h   the command line, its words (names, foreign)
 *	fetch_input.c     lines of the list, one at a time
 *	fetch_item.c      a line as a request
 *	fetch_seen.c      what need not be fetched: --dedupe, --resume
 *	fetch_rows.c      rows of an earlier run, for --resume
 *	fetch.c           the program: from the list to the exit code
 *	fetch_one.c       one request and its row
 *	fetch_body.c      bodies that become files or hashes
 *	fetch_load.c      -z and -n
 *	fetch_hosts.c     what is known of each host
 *	fetch_row.c       the columns of a row
 *	fetch_output.c    rows to their file, whole and off the loop, by
 *	fetch_text.c      JSON lines and CSV,
 *	fetch_sqlite.c    SQLite
 *	fetch_summary.c   counts, what is told at the end
 *	fetch_progress.c  what is told meanwhile
 */
#ifndef CMD_FETCH_H
#define CMD_FETCH_H

#include <time.h>

#include <cio.h>
#include <cio/dns.h>
#include <cio/http_session.h>
#include <cio/impl.h>

#include "base/histogram.h"
#include "fetch_options.h"

struct fetch;

/* ---- input ---- */

struct fetch_input {
	const struct fetch_options *options;
	int next_url;
	bool opened, regular, at_end, looked;
	bool told; /* a line on stderr said why it ended */
	int file;
	uint64_t size, taken; /* of a regular file: bytes, and those read */
	cio_fd fd;        /* a pipe or a terminal: the loop waits for it */
	cio_buf bytes;    /* read; the first `used` are of lines given out */
	size_t used;
	uint64_t line;    /* of the last URL; 0: an argument */
};

/* 0 or -errno after a line on stderr. */
int fetch_input_open(struct fetch_input *in, const struct fetch_options *o);
/* The next line that counts, valid until the next call: 1; at the end 0; -errno
 * after a line on stderr; a refusal. */
int fetch_input_next(struct fetch_input *in, cio_str *line);
void fetch_input_close(struct fetch_input *in);
/* The part of the list that was given out, 0 to 1; -1: not known. */
double fetch_input_part(const struct fetch_input *in);

/* ---- a line as a request ---- */

struct fetch_item {
	struct fetch *fetch;
	uint64_t seq;       /* 1, 2, ... in the list */
	uint64_t line;      /* of the file; 0: an argument */
	cio_time due;       /* load: when it was to begin; 0: whenever */
	const char *text;   /* as it stood in the list */
	const char *url;    /* "": the line has none */
	cio_str host;       /* in the URL, as fetch_host_of has it */
	const char *wrong;  /* static; the line cannot be a request */
	size_t wrong_at;
	bool has_method;
	cio_http_method method;
	cio_http_header *headers; /* its own, then those of the command line; NULL */
	const char *body;         /* NULL: that of the command line */
	size_t body_size;
	bool is_json;
	cio_link link;      /* in the fetch's `asking` */
	cio_scope scope;    /* what is asked, while it is in that list */
	bool given_up;
	cio_buf memory;     /* of its texts, behind this record: it never grows */
};

/* NULL: no memory. A line that is no request has `wrong`. */
struct fetch_item *fetch_item_new(const struct fetch_options *o, cio_str line);
void fetch_item_free(struct fetch_item *item);
/* "host:port" as the URL has it, without name and password. */
cio_str fetch_host_of(cio_str url);

/* ---- what need not be fetched ---- */

struct fetch_seen {
	struct seen_shard {
		uint64_t *hashes; /* 0: free */
		size_t size, count;
	} shards[256];
	uint64_t seed;
};
/* 1: it was there; 0: it is now; -ENOMEM. */
int fetch_seen_add(struct fetch_seen *s, const struct fetch_item *item);
void fetch_seen_finish(struct fetch_seen *s);

/* A bit for each line that has a row, and a sum over these, by which a list
 * that is another one is found out. */
struct fetch_done {
	unsigned char *bits;
	uint64_t bytes, count;
	uint64_t ok; /* of these rows */
	uint64_t sum;
};
/* 0; -EINVAL for no such line; -EEXIST, and nothing is counted twice; -ENOMEM. */
int fetch_done_add(struct fetch_done *d, uint64_t seq, cio_str url, bool ok);
bool fetch_done_has(const struct fetch_done *d, uint64_t seq);
uint64_t fetch_done_hash(uint64_t seq, cio_str url);
void fetch_done_finish(struct fetch_done *d);

/* Read the rows of an output and cut what is not whole. In a thread. 0, or
 * -errno with a text of cio_fail in `why`. */
struct fetch_rows_job {
	const char *name;
	int format;
	const char *head; /* CSV: the first line that it must have */
	struct fetch_done *done;
	char why[200];
};
int fetch_rows_read(void *job);

/* ---- rows ---- */

enum column_kind { COLUMN_INTEGER, COLUMN_SECONDS, COLUMN_TEXT, COLUMN_BOOL,
	COLUMN_JSON };

struct fetch_row {
	const struct fetch_item *item;
	bool ok;
	int64_t seq, http_code, attempts, num_redirects, size_download, size_wire;
	cio_str url, effective_url, error_kind, error, http_version, remote_ip,
		content_type, ts, headers, body, body_base64, body_file, sha256;
	cio_duration time_namelookup, time_connect, time_appconnect,
		time_starttransfer, time_total;
	/* what the views are of */
	char ip[CIO_ADDRESS_TEXT], time[40], hash[65];
	cio_buf memory, file;
};

struct column {
	const char *name;
	cio_str key; /* as JSON has it: ,"name": */
	enum column_kind kind;
	size_t at;
	int option; /* 0: always; else COLUMN_OF_... */
};
enum { COLUMN_ALWAYS, COLUMN_OF_HEADERS, COLUMN_OF_INLINE, COLUMN_OF_FILE,
	COLUMN_OF_HASH };
extern const struct column fetch_columns[];
extern const int fetch_column_count;
bool fetch_column_wanted(const struct fetch_options *o, const struct column *c);

/* Fill in all but what concerns the body. 0 or -ENOMEM. */
int fetch_row_of(struct fetch_row *row, const struct fetch_item *item,
	const cio_http_response *r, const char *detail, cio_duration total);
/* The body into the row as text, or base64 if it is not UTF-8. */
int fetch_row_inline(struct fetch_row *row, const cio_http_response *r);
void fetch_row_finish(struct fetch_row *row);
/* A request's end counts as good: 2xx, 3xx. */
bool fetch_good(const cio_http_response *r);

/* ---- output ---- */

struct fetch_output;

/* How rows are written: one of these for each form. */
struct fetch_form {
	/* On the loop's thread, before it is busy. 0, -errno after a line. */
	int (*open)(struct fetch_output *out);
	/* Append a row's bytes. 0 or -ENOMEM. */
	int (*encode)(struct fetch_output *out, cio_buf *b,
		const struct fetch_row *row);
	/* In a thread: all of `writing`, or -errno and what stands there ends with
	 * a whole row. */
	int (*write)(struct fetch_output *out);
	/* In a thread, after the last: 0 or -errno. */
	int (*close)(struct fetch_output *out);
	uint32_t batch; /* rows that are waited for, */
	cio_duration wait; /* at most so long: a killed run loses these */
};
extern const struct fetch_form fetch_jsonl, fetch_csv, fetch_sqlite;

struct text_file {
	const char *name;
	int file;
	off_t whole; /* bytes of it that are whole lines */
	bool regular;
};
/* Open to be appended to, or emptied; 0 or -errno after a line on stderr. */
int text_file_open(struct text_file *t, const char *name, bool append);
int text_file_write(struct text_file *t, cio_str bytes);
/* Cut a last line that has no end, and go to the end: 0 or -errno. */
int text_file_cut(const char *name);

struct fetch_output {
	const struct fetch_options *options;
	const struct fetch_form *form; /* NULL: no rows are written */
	uint32_t batch; /* of the form; 0: whoever reads has each row at once */
	const char *name;
	struct text_file text, errors; /* file -1: none */
	void *database;
	cio_buf rows, writing;         /* waiting; with the thread */
	cio_buf failed, failed_writing;
	uint64_t count, written; /* rows that wait; that are in the file */
	uint64_t with_thread;
	cio_event changed, room;
	bool ending;
	bool complete;     /* the whole list has its rows */
	const char *failing; /* the file that cannot be written; NULL: `name` */
	int error;         /* -errno of a failed write; nothing more is written */
	cio_task *writer;
	cio_scope *stop;   /* to cancel when writing fails */
};

int fetch_output_format(const struct fetch_options *o); /* FORMAT_..., not AUTO */
int fetch_output_open(struct fetch_output *out, const struct fetch_options *o);
/* Begin to write in the background. */
int fetch_output_start(struct fetch_output *out);
/* Wait while too many rows wait. 0, at once if the file has failed; or a refusal. */
int fetch_output_await_room(struct fetch_output *out);
/* Queue a row; waits while too many wait. 0, -errno of the file, or -ENOMEM. */
int fetch_output_row(struct fetch_output *out, const struct fetch_row *row);
/* Write what waits, close. 0, or -errno after a line on stderr. */
int fetch_output_close(struct fetch_output *out);
/* CSV's first line; to be freed. */
int fetch_csv_head(const struct fetch_options *o, cio_buf *b);

/* Append the text as characters: each byte that is part of none becomes U+FFFD, as
 * in JSON. 0 or -ENOMEM. */
int fetch_characters(cio_buf *b, cio_str s);

/* ---- hosts ---- */

enum { HOST_SETS = 512, HOST_WAYS = 8, HOST_NAME = 80 };

/* Those asked most recently; a list of any length has room in it. */
struct fetch_host {
	uint64_t hash, used; /* used: by a clock of lookups; 0: free */
	uint64_t answers;
	cio_duration sum;
	uint64_t errors;
	uint32_t in_a_row;
	bool given_up;
	char name[HOST_NAME];
};
struct fetch_hosts {
	struct fetch_host *all; /* HOST_SETS * HOST_WAYS; NULL: not needed */
	uint64_t clock;
};
int fetch_hosts_open(struct fetch_hosts *h);
struct fetch_host *fetch_hosts_find(struct fetch_hosts *h, cio_str host);
void fetch_hosts_count(struct fetch_hosts *h, cio_str host,
	const cio_http_response *r);
/* The slowest ones by the mean: how many were filled in. */
int fetch_hosts_slowest(const struct fetch_hosts *h,
	const struct fetch_host *out[], int room);
void fetch_hosts_close(struct fetch_hosts *h);

/* ---- summary ---- */

struct fetch_summary {
	uint64_t total, ok, retries, bytes, wire;
	uint64_t duplicates, already; /* not fetched: --dedupe, --resume */
	uint64_t unfinished;          /* interrupted */
	uint64_t by_error[CIO_HTTP_ERRORS];
	uint64_t by_status[600];
	cio_time start;
	struct histogram latency;
};
void fetch_summary_count(struct fetch_summary *s, const cio_http_response *r,
	cio_duration took);
double fetch_summary_percent(const struct fetch_summary *s);
void fetch_summary_print(const struct fetch *f, cio_duration wall);
void fetch_summary_json(const struct fetch *f, cio_duration wall);
void fetch_histogram_print(const struct histogram *h);
double fetch_peak_megabytes(void);

/* ---- the whole ---- */

struct fetch {
	struct fetch_options options;
	struct fetch_input input;
	struct fetch_output output;
	struct fetch_summary summary;
	struct fetch_hosts hosts;
	struct fetch_seen seen;
	struct fetch_done done;
	uint64_t seq;       /* of the last line */
	uint64_t started;
	uint32_t starting;  /* tasks that have not run yet */
	cio_event ended;    /* a task has; for who reads the list */
	cio_link asking;    /* --max-host-errors: items whose request goes on */
	uint64_t met;       /* --resume: sum over the lines that have rows */
	cio_http_session *http;
	cio_cookie_jar *jar;
	cio_str only_host;  /* while the list has shown one host: its copy */
	char host[256];
	bool many_hosts;
	struct {            /* what the last row said: the next may say the same */
		time_t second;
		char time[24];
		cio_address address;
		char ip[CIO_ADDRESS_TEXT];
	} last;
	int code;
};

/* fetch_session.c: 0, or an exit code after a line on stderr. */
int fetch_session_open(struct fetch *f);
void fetch_session_close(struct fetch *f);

/* fetch_one.c: the task of one item, which it frees. */
struct fetch_one {
	struct fetch_item *item;
};
int fetch_one(const struct fetch_one *one);
/* A row for what was not tried. */
int fetch_row_without(struct fetch *f, struct fetch_item *item,
	cio_http_error error, const char *detail);

/* fetch_body.c: as cio_http_request_do, the body becoming a file or a hash; what
 * it became is in `row`. */
int fetch_body_do(struct fetch *f, const cio_http_request_options *request,
	cio_http_response *r, struct fetch_item *item, struct fetch_row *row);
/* What can be done after this error of writing; "" if nothing. */
const char *fetch_after_full_disk(const struct fetch_options *o, int err);
/* Make DIR, remove what killed runs left there. 0, -errno after a line. */
int fetch_body_prepare(const struct fetch_options *o);

int fetch_list(struct fetch *f, cio_group *g);  /* fetch.c */
int fetch_load(struct fetch *f, cio_group *g);  /* fetch_load.c */
int fetch_dry_run(struct fetch *f);             /* an exit code */

cio_task *fetch_progress_start(struct fetch *f);
void fetch_progress_stop(cio_task *t);
/* Before another line on stderr: it is not to end up behind the progress. */
void fetch_progress_clear(void);
bool fetch_colors(const struct fetch_options *o);
void fetch_trace(void *arg, const cio_http_trace *event);

#endif
