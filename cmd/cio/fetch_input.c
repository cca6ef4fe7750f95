/* SPDX-License-Identifier: MIT */
/*
 * fetch_input.c - the list, read lazily
 *
 * A file is read in a thread, 64 KiB at a time; a pipe or a terminal is watched
 * by the loop, so that Ctrl-C ends a wait for input. At any time at most one
 * block and one line are held, however long the list is.
 */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 65536, LINE_MAX_BYTES = 1 << 20 };

static const char *name_of(const struct fetch_input *in)
{
	return strcmp(in->options->input, "-") == 0 ? "stdin" :
						      in->options->input;
}

static int complain(struct fetch_input *in, int err)
{
	(void)fprintf(stderr, "cio fetch: cannot read %s: %s\n", name_of(in),
		cio_strerror(err));
	in->told = true;
	return err;
}

int fetch_input_open(struct fetch_input *in, const struct fetch_options *o)
{
	*in = (struct fetch_input){.options = o, .file = -1};
	if (o->input == NULL) {
		in->at_end = true;
		return 0;
	}
	/* by its name, stdin is opened anew where it can be: the loop makes its
	 * descriptors non-blocking, and ours is shared with the shell */
	bool is_stdin = strcmp(o->input, "-") == 0;
	if (is_stdin && (fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_WRONLY)
		return complain(in, -EBADF); /* anew it would be another file */
	in->file = open(is_stdin ? "/proc/self/fd/0" : o->input,
		O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->file < 0 && is_stdin)
		in->file = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (in->file < 0)
		return complain(in, -errno);
	struct stat st;
	if (fstat(in->file, &st) < 0)
		return complain(in, -errno);
	if (S_ISDIR(st.st_mode))
		return complain(in, -EISDIR);
	in->regular = S_ISREG(st.st_mode);
	in->size = (uint64_t)st.st_size;
	int err = in->regular ? 0 : cio_fd_adopt(in->file, &in->fd);
	return err < 0 ? complain(in, err) : 0;
}

void fetch_input_close(struct fetch_input *in)
{
	if (cio_fd_open(in->fd)) {
		cio_op op = {.kind = CIO_OP_CLOSE, .fd = in->fd};
		(void)cio_perform_settled(&op);
	} else if (in->file >= 0) {
		(void)close(in->file);
	}
	cio_buf_finish(&in->bytes);
}

/* ---- blocks ---- */

struct block {
	int file;
	char *p;
};

static int read_block(void *arg)
{
	struct block *b = arg;
	ssize_t n = read(b->file, b->p, BLOCK);
	return n < 0 ? -errno : (int)n;
}

static int fill(struct fetch_input *in)
{
	cio_buf_consume(&in->bytes, in->used);
	in->used = 0;
	int n = cio_buf_reserve(&in->bytes, BLOCK);
	if (n < 0)
		return n;
	char *room = in->bytes.p + in->bytes.n;
	if (in->regular) {
		struct block b = {in->file, room};
		n = cio_to_thread(read_block, &b);
	} else {
		cio_op op = {.kind = CIO_OP_READ, .fd = in->fd, .buf = room,
			.len = BLOCK, .off = -1};
		n = cio_perform(&op);
	}
	if (n < 0)
		return n;
	if (!in->looked) {
		in->looked = true;
		if (n >= 3 && memcmp(room, "\xef\xbb\xbf", 3) == 0)
			memset(room, ' ', 3); /* a byte order mark */
		if (memchr(room, '\0', (size_t)n) != NULL)
			return -EILSEQ;
	}
	in->bytes.n += (size_t)n;
	in->taken += (size_t)n;
	in->at_end = n == 0;
	return 0;
}

/* ---- lines ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static cio_str trimmed(cio_str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Lines are used in place. What lies before the next one goes with the next
 * block, so that no byte moves more than once. */
static int next_line(struct fetch_input *in, cio_str *line)
{
	size_t looked = 0;
	for (;;) {
		char *start = in->bytes.p + in->used;
		size_t left = in->bytes.n - in->used;
		char *end = left > looked ?
			memchr(start + looked, '\n', left - looked) : NULL;
		if (end != NULL || (in->at_end && left > 0)) {
			line->p = start;
			line->n = end != NULL ? (size_t)(end - start) : left;
			in->used += line->n + (end != NULL);
			in->line++;
			return 1;
		}
		if (in->at_end)
			return 0;
		looked = left;
		if (looked > LINE_MAX_BYTES) {
			(void)fprintf(stderr, "cio fetch: %s: line %llu is over "
				"%d bytes: not a list of URLs\n",
				name_of(in),
				(unsigned long long)in->line + 1, LINE_MAX_BYTES);
			in->told = true;
			return -EINVAL;
		}
		int err = fill(in);
		if (err == -ECANCELED)
			return err;
		if (err == -EILSEQ) {
			(void)fprintf(stderr, "cio fetch: %s is binary: not a list "
				"of URLs, one a line, in UTF-8\n",
				name_of(in));
			in->told = true;
			return err;
		}
		if (err < 0)
			return complain(in, err);
	}
}

int fetch_input_next(struct fetch_input *in, cio_str *line)
{
	if (in->next_url < in->options->url_count) {
		*line = cio_str_of(in->options->urls[in->next_url++]);
		return 1;
	}
	if (in->file < 0)
		return 0;
	for (;;) {
		int more = next_line(in, line);
		if (more <= 0)
			return more;
		*line = trimmed(*line);
		if (line->n > 0 && line->p[0] != '#')
			return 1;
	}
}

double fetch_input_part(const struct fetch_input *in)
{
	if (in->file < 0)
		return in->options->url_count > 0 ?
			(double)in->next_url / in->options->url_count : 1;
	if (!in->regular || in->size == 0)
		return -1;
	double part = (double)(in->taken - (in->bytes.n - in->used)) /
		(double)in->size;
	return part < 1 ? part : 1;
}
