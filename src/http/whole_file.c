/* SPDX-License-Identifier: MIT */
/*
 * whole_file.c - small files, read and replaced as a whole, by a thread
 *
 * A file is replaced by renaming another one over it that is complete and on the
 * disk, so that neither a crash nor a full disk leaves half of it.
 */
#include "http/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cio/thread.h>

/* ---- in a thread ---- */

struct reading {
	const char *path;
	cio_buf *out;
};

static int read_all(int fd, cio_buf *out)
{
	enum { PIECE = 16 * 1024 };
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	for (;;) {
		int err = cio_buf_reserve(out, PIECE);
		if (err < 0)
			return err;
		ssize_t n = read(fd, out->p + out->n, PIECE);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		out->n += n > 0 ? (size_t)n : 0;
		out->p[out->n] = '\0';
		if (out->n > WHOLE_FILE_MOST)
			return -EFBIG;
	}
}

static int read_file(void *arg)
{
	struct reading *r = arg;
	int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	int err = read_all(fd, r->out);
	close(fd);
	return err;
}

struct writing {
	const char *path;
	char *beside; /* the template of the other file's name */
	cio_str text;
};

static int write_all(int fd, cio_str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno != EINTR)
			return -errno;
		text.p += n > 0 ? n : 0;
		text.n -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_file(void *arg)
{
	struct writing *w = arg;
	int fd = mkostemp(w->beside, O_CLOEXEC); /* with mode 0600 */
	if (fd < 0)
		return -errno;
	int err = write_all(fd, w->text);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0 && rename(w->beside, w->path) < 0)
		err = -errno;
	if (err < 0)
		unlink(w->beside);
	return err;
}

/* ---- in a task ---- */

static int name_file(int err, const char *path)
{
	return err < 0 ? cio_fail(err, "%s: %s", path, cio_strerror(err)) : 0;
}

int whole_file_read(const char *path, cio_buf *out)
{
	struct reading r = {path, out};
	return name_file(cio_to_thread(read_file, &r), path);
}

int whole_file_write(const char *path, cio_str text)
{
	cio_buf beside = {0};
	int err = cio_buf_printf(&beside, "%s.XXXXXX", path);
	if (err == 0) {
		struct writing w = {path, beside.p, text};
		err = cio_to_thread(write_file, &w);
	}
	cio_buf_finish(&beside);
	return name_file(err, path);
}
