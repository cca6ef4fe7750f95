/* SPDX-License-Identifier: MIT */
/*
 * body_file.c - a file as the body of a request
 */
#include "http/body.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cio/thread.h>

#include "base/list.h"

/* ---- in a thread ---- */

struct opening {
	const char *path;
	int fd;
	int64_t size;
};

static int open_in_thread(void *arg)
{
	struct opening *o = arg;
	struct stat st;
	o->fd = open(o->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (o->fd < 0)
		return -errno;
	int err = fstat(o->fd, &st) < 0 ? -errno :
		S_ISDIR(st.st_mode)     ? -EISDIR :
		S_ISREG(st.st_mode)     ? 0 :
					  -EINVAL;
	if (err < 0) {
		close(o->fd);
		return err;
	}
	o->size = st.st_size;
	return 0;
}

struct reading {
	int fd;
	void *buf;
	size_t n;
	int64_t off;
};

static int read_in_thread(void *arg)
{
	struct reading *r = arg;
	ssize_t n;
	do
		n = pread(r->fd, r->buf, r->n, r->off);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int)n;
}

int body_open_file(const char *path, int64_t *size)
{
	struct opening o = {.path = path, .fd = -1};
	int err = cio_to_thread(open_in_thread, &o);
	if (err == -EINVAL)
		return cio_fail(err, "%s is not a regular file", path);
	if (err < 0)
		return cio_fail(err, "%s: %s", path, cio_strerror(err));
	*size = o.size;
	return o.fd;
}

ssize_t body_read_file(int fd, void *buf, size_t n, int64_t off)
{
	struct reading r = {fd, buf, n < INT32_MAX ? n : INT32_MAX, off};
	return cio_to_thread(read_in_thread, &r);
}

void body_close_file(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* ---- the body ---- */

static ssize_t read_file(cio_http_body *body, void *buf, size_t n)
{
	cio_http_file_body *b = container_of(body, cio_http_file_body, body);
	ssize_t k = body_read_file(b->fd, buf, n, b->at);
	if (k > 0)
		b->at += k;
	return k;
}

static int rewind_file(cio_http_body *body)
{
	container_of(body, cio_http_file_body, body)->at = 0;
	return 0;
}

int cio_http_file_body_open(cio_http_file_body *b, const char *path,
	const char *type)
{
	int64_t size;
	int fd = body_open_file(path, &size);
	if (fd < 0)
		return fd;
	*b = (cio_http_file_body){.fd = fd,
		.body = {.size = size, .type = type, .read = read_file,
			.rewind = rewind_file}};
	return 0;
}

void cio_http_file_body_close(cio_http_file_body *b)
{
	body_close_file(b->fd);
	b->fd = -1;
}
