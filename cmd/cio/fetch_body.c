/* SPDX-License-Identifier: MIT */
/*
 * fetch_body.c - bodies that become files or hashes, as they come
 *
 * At most a block of a body is held. A file is written under a name of its own,
 * ".cio-PID-SEQ.part", and gets its real one when it is whole; what failed or
 * was interrupted is removed, and what a killed run left is removed by the next.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "fetch.h"

enum { BLOCK = 64 * 1024 };

/* ---- the folder ---- */

/* Of a process that is no more. */
static bool is_left_over(const char *name)
{
	char *end;
	if (strncmp(name, ".cio-", 5) != 0)
		return false;
	long pid = strtol(name + 5, &end, 10);
	size_t n = strlen(end);
	return end != name + 5 && n > 5 && strcmp(end + n - 5, ".part") == 0 &&
		pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

int fetch_body_prepare(const struct fetch_options *o)
{
	if (o->body != BODY_FILE)
		return 0;
	if (mkdir(o->dir, 0777) < 0 && errno != EEXIST) {
		int err = -errno;
		(void)fprintf(stderr, "cio fetch: cannot make %s: %s\n", o->dir,
			cio_strerror(err));
		return err;
	}
	DIR *d = opendir(o->dir);
	if (d == NULL || access(o->dir, W_OK) < 0) {
		int err = -errno;
		(void)fprintf(stderr, "cio fetch: cannot write into %s: %s\n",
			o->dir, cio_strerror(err));
		if (d != NULL)
			(void)closedir(d);
		return err;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (is_left_over(e->d_name))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	return 0;
}

/* ---- one body ---- */

struct sink {
	struct fetch *fetch;
	struct sha256 hash;
	int file;       /* -1: not open */
	bool to_file;
	cio_buf temporary, final;
	char *block;
	size_t used;
	bool last;      /* no more comes: give it its name */
};

/* In a thread: what is in the block, and the end. */
static int flush(void *arg)
{
	struct sink *s = arg;
	const char *p = s->block;
	if (s->file < 0)
		s->file = open(s->temporary.p, O_WRONLY | O_CREAT | O_TRUNC |
				O_CLOEXEC, 0666);
	if (s->file < 0)
		return -errno;
	while (s->used > 0) {
		ssize_t n = write(s->file, p, s->used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		s->used -= (size_t)n;
	}
	if (!s->last)
		return 0;
	int file = s->file;
	s->file = -1;
	if (close(file) < 0 || rename(s->temporary.p, s->final.p) < 0)
		return -errno;
	return 0;
}

static int discard(void *arg)
{
	struct sink *s = arg;
	if (s->file >= 0)
		(void)close(s->file);
	s->file = -1;
	(void)unlink(s->temporary.p);
	return 0;
}

/* The host as part of a file's name. */
static int put_host(cio_buf *b, cio_str host)
{
	int err = 0;
	for (size_t i = 0; i < host.n && i < 100 && err == 0; i++) {
		char c = host.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (c == '.' && i > 0) || c == '-';
		err = cio_buf_append(b, plain ? &c : "_", 1);
	}
	return err;
}

static int put_name(struct sink *s, const struct fetch_item *item,
	const char *hash)
{
	const struct fetch_options *o = &s->fetch->options;
	const char *p = o->name != NULL ? o->name : "{seq}-{host}";
	int err = cio_buf_printf(&s->final, "%s/", o->dir);
	while (*p != '\0' && err == 0) {
		if (strncmp(p, "{seq}", 5) == 0) {
			err = cio_buf_printf(&s->final, "%llu",
				(unsigned long long)item->seq);
			p += 5;
		} else if (strncmp(p, "{host}", 6) == 0) {
			err = put_host(&s->final,
				fetch_host_of(cio_str_of(item->url)));
			p += 6;
		} else if (strncmp(p, "{sha256}", 8) == 0) {
			err = cio_buf_puts(&s->final, hash);
			p += 8;
		} else {
			err = cio_buf_append(&s->final, p++, 1);
		}
	}
	return err;
}

static int open_sink(struct sink *s, struct fetch *f,
	const struct fetch_item *item)
{
	*s = (struct sink){.fetch = f, .file = -1,
		.to_file = f->options.body == BODY_FILE};
	s->block = cio__alloc(BLOCK);
	int err = s->block != NULL ? 0 : -ENOMEM;
	if (err == 0 && s->to_file)
		err = cio_buf_printf(&s->temporary, "%s/.cio-%ld-%llu.part",
			f->options.dir, (long)getpid(),
			(unsigned long long)item->seq);
	return err;
}

/* A shield: an interrupt must not leave the file there. */
static void close_sink(struct sink *s, bool whole)
{
	int err = 0;
	if (s->to_file && !whole && s->temporary.p != NULL) {
		CIO_SHIELD(CIO_NEVER, &err) {
			err = cio_to_thread(discard, s);
		}
	}
	cio_buf_finish(&s->temporary);
	cio_buf_finish(&s->final);
	cio__free(s->block);
}

static int take(struct sink *s, cio_http_reader *in)
{
	ssize_t n;
	cio__sha256_init(&s->hash);
	while ((n = cio_http_reader_read(in, s->block + s->used,
			BLOCK - s->used)) > 0) {
		cio__sha256_add(&s->hash, s->block + s->used, (size_t)n);
		s->used += s->to_file ? (size_t)n : 0;
		if (s->used < BLOCK)
			continue;
		int err = cio_to_thread(flush, s);
		if (err < 0)
			return err;
	}
	return (int)n;
}

/* The disk, not the server, is to blame. */
const char *fetch_after_full_disk(const struct fetch_options *o, int err)
{
	bool full = err == -ENOSPC || err == -EDQUOT || err == -EFBIG;
	return full && strcmp(o->output, "-") != 0 ?
		": make room, then --resume goes on" : "";
}

static void cannot_write(struct fetch *f, struct sink *s, int err)
{
	if (cio_refused() < 0 || f->output.error != 0)
		return;
	f->output.error = err;
	fetch_progress_clear();
	(void)fprintf(stderr, "cio fetch: cannot write %s: %s; stopping%s\n",
		s->final.n > 0 ? s->final.p : s->temporary.p,
		cio_strerror(err), fetch_after_full_disk(&f->options, err));
	if (f->output.stop != NULL)
		cio_scope_cancel(f->output.stop, "a body cannot be written");
}

static int finish(struct sink *s, struct fetch_item *item,
	struct fetch_row *row)
{
	unsigned char digest[SHA256_BYTES];
	cio__sha256_end(&s->hash, digest);
	for (int i = 0; i < SHA256_BYTES; i++)
		(void)snprintf(row->hash + 2 * i, 3, "%02x", digest[i]);
	row->sha256 = cio_str_of(row->hash);
	if (!s->to_file)
		return 0;
	s->last = true;
	int err = put_name(s, item, row->hash);
	err = err < 0 ? err : cio_to_thread(flush, s);
	if (err < 0)
		return err;
	err = cio_buf_append(&row->file, s->final.p, s->final.n);
	row->body_file = cio_buf_view(&row->file);
	return err;
}

/* An answer of which a part came may be asked for again, as any other that
 * failed. */
static bool again(const struct fetch *f, const cio_http_request_options *rq,
	const cio_http_response *r, int failures)
{
	return failures <= f->options.retries && cio_refused() == 0 &&
		f->output.error == 0 &&
		(f->options.retry_errors >> r->error & 1) != 0 &&
		((rq->method != CIO_POST && rq->method != CIO_PATCH) ||
			rq->retry_unsafe);
}

static int once(struct fetch *f, const cio_http_request_options *rq,
	cio_http_response *r, struct fetch_item *item, struct fetch_row *row,
	bool *in_body)
{
	struct sink s;
	cio_http_reader *in = NULL;
	int err = open_sink(&s, f, item);
	int status = err < 0 ? err : cio_http_reader_open(&in, f->http, rq, r);
	*in_body = status >= 0;
	if (status >= 0) {
		err = take(&s, in);
		if (err == 0)
			err = finish(&s, item, row);
		if (err < 0 && r->error == CIO_HTTP_OK && cio_refused() == 0)
			cannot_write(f, &s, err);
		if (err < 0 && (cio_refused() < 0 || f->output.error != 0))
			r->error = CIO_HTTP_ERROR_CANCELLED;
	}
	cio_http_reader_close(in);
	close_sink(&s, status >= 0 && err == 0);
	return err < 0 ? err : status;
}

int fetch_body_do(struct fetch *f, const cio_http_request_options *request,
	cio_http_response *r, struct fetch_item *item, struct fetch_row *row)
{
	int attempts = 0, failures = 0;
	cio_time begun = cio_now();
	for (;;) {
		bool in_body;
		int status = once(f, request, r, item, row, &in_body);
		r->attempts += attempts;
		if (status >= 0 || !in_body ||
			!again(f, request, r, ++failures)) {
			if (in_body)
				r->time_total = cio_now() - begun - r->time_wait;
			return status;
		}
		attempts = r->attempts;
		if (cio_sleep(CIO_MS(200) << (failures < 7 ? failures : 7)) < 0)
			r->error = CIO_HTTP_ERROR_CANCELLED;
	}
}
