/* SPDX-License-Identifier: MIT */
/*
 * body_multipart.c - multipart/form-data (RFC 7578)
 *
 * Each part is its head, its content and CRLF; the last boundary follows. What
 * is sent next is a place in that row: the part and an offset in it. Content is
 * bytes of ours or a file, open only while it is being sent.
 */
#include "http/body.h"

#include <errno.h>
#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/random.h"

struct cio_http_part {
	cio_buf head;  /* with the boundary before it */
	cio_buf bytes; /* the content, if there is no path */
	char *path;
	uint64_t size; /* of the content */
};

/* ---- adding ---- */

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* WHATWG HTML 4.10.21.8: a quote is written as %22. */
static int write_quoted(cio_buf *b, const char *text)
{
	int err = cio_buf_puts(b, "\"");
	for (; err == 0 && *text != '\0'; text++)
		err = *text == '"' ? cio_buf_puts(b, "%22") :
				     cio_buf_append(b, text, 1);
	return err < 0 ? err : cio_buf_puts(b, "\"");
}

static void make_boundary(cio_http_multipart *m)
{
	static const char hex[] = "0123456789abcdef";
	struct random r = {.state = cio__random_seed()};
	for (size_t i = 0; i < 32; i++)
		m->boundary[i] = hex[cio__random_below(&r, 16)];
	m->fd = -1;
}

static int write_head(cio_http_multipart *m, cio_buf *b, const char *name,
	const char *filename, const char *type)
{
	int err = cio_buf_printf(b,
		"--%s\r\nContent-Disposition: form-data; name=", m->boundary);
	err = err < 0 ? err : write_quoted(b, name);
	if (filename != NULL) {
		err = err < 0 ? err : cio_buf_puts(b, "; filename=");
		err = err < 0 ? err : write_quoted(b, filename);
	}
	if (type != NULL)
		err = err < 0 ? err :
				cio_buf_printf(b, "\r\nContent-Type: %s", type);
	return err < 0 ? err : cio_buf_puts(b, "\r\n\r\n");
}

static void finish_part(struct cio_http_part *p)
{
	cio_buf_finish(&p->head);
	cio_buf_finish(&p->bytes);
	cio__free(p->path);
}

static int add(cio_http_multipart *m, struct cio_http_part *p, const char *name,
	const char *filename, const char *type)
{
	if (m->begun)
		return -EALREADY;
	if (has_control(name) || (filename != NULL && has_control(filename)) ||
		(type != NULL && has_control(type)))
		return cio_fail(-EINVAL,
			"a part's name or type has control bytes");
	if (m->boundary[0] == '\0')
		make_boundary(m);
	int err = write_head(m, &p->head, name, filename, type);
	if (err < 0)
		return err;
	struct cio_http_part *parts = cio__realloc(m->parts,
		(m->count + 1) * sizeof *parts);
	if (parts == NULL)
		return -ENOMEM;
	m->parts = parts;
	parts[m->count++] = *p;
	return 0;
}

int cio_http_multipart_bytes(cio_http_multipart *m, const char *name,
	const char *filename, const char *type, const void *bytes, size_t n)
{
	struct cio_http_part p = {.size = n};
	int err = cio_buf_append(&p.bytes, bytes, n);
	err = err < 0 ? err : add(m, &p, name, filename, type);
	if (err < 0)
		finish_part(&p);
	return err;
}

int cio_http_multipart_text(cio_http_multipart *m, const char *name,
	const char *value)
{
	return cio_http_multipart_bytes(m, name, NULL, NULL, value,
		strlen(value));
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

int cio_http_multipart_file(cio_http_multipart *m, const char *name,
	const char *path, const char *type)
{
	struct cio_http_part p = {0};
	int64_t size;
	int fd = body_open_file(path, &size);
	if (fd < 0)
		return fd;
	body_close_file(fd);
	p.size = (uint64_t)size;
	p.path = cio__alloc(strlen(path) + 1);
	int err = p.path != NULL ? 0 : -ENOMEM;
	if (err == 0) {
		memcpy(p.path, path, strlen(path) + 1);
		err = add(m, &p, name, last_name(path),
			type != NULL ? type : "application/octet-stream");
	}
	if (err < 0)
		finish_part(&p);
	return err;
}

/* ---- sending ---- */

static ssize_t read_content(cio_http_multipart *m, struct cio_http_part *p,
	void *buf, size_t n)
{
	uint64_t at = m->at - p->head.n;
	if (n > p->size - at)
		n = (size_t)(p->size - at);
	if (p->path == NULL) {
		memcpy(buf, p->bytes.p + at, n);
		return (ssize_t)n;
	}
	int64_t size;
	if (m->fd < 0) {
		m->fd = body_open_file(p->path, &size);
		if (m->fd < 0)
			return m->fd;
	}
	ssize_t k = body_read_file(m->fd, buf, n, (int64_t)at);
	if (k == 0)
		return cio_fail(-EIO, "%s has become shorter", p->path);
	return k;
}

static ssize_t copy_from(const char *text, size_t size, uint64_t at, void *buf,
	size_t n)
{
	n = n < size - at ? n : (size_t)(size - at);
	memcpy(buf, text + at, n);
	return (ssize_t)n;
}

static void next_part(cio_http_multipart *m)
{
	body_close_file(m->fd);
	m->fd = -1;
	m->part++;
	m->at = 0;
}

static ssize_t read_part(cio_http_multipart *m, struct cio_http_part *p,
	void *buf, size_t n)
{
	uint64_t end = p->head.n + p->size;
	if (m->at < p->head.n)
		return copy_from(p->head.p, p->head.n, m->at, buf, n);
	if (m->at < end)
		return read_content(m, p, buf, n);
	return copy_from("\r\n", 2, m->at - end, buf, n);
}

static ssize_t read_multipart(cio_http_body *body, void *buf, size_t n)
{
	cio_http_multipart *m = container_of(body, cio_http_multipart, body);
	ssize_t k;
	if (m->part < m->count) {
		struct cio_http_part *p = &m->parts[m->part];
		k = read_part(m, p, buf, n);
		if (k > 0)
			m->at += (uint64_t)k;
		if (m->at == p->head.n + p->size + 2)
			next_part(m);
		return k;
	}
	char last[48];
	size_t size = (size_t)snprintf(last, sizeof last, "--%s--\r\n",
		m->boundary);
	k = copy_from(last, size, m->at, buf, n);
	m->at += (uint64_t)k;
	return k;
}

static int rewind_multipart(cio_http_body *body)
{
	cio_http_multipart *m = container_of(body, cio_http_multipart, body);
	next_part(m);
	m->part = 0;
	return 0;
}

cio_http_body *cio_http_multipart_body(cio_http_multipart *m)
{
	if (m->boundary[0] == '\0')
		make_boundary(m);
	uint64_t size = strlen(m->boundary) + 6;
	for (size_t i = 0; i < m->count; i++)
		size += m->parts[i].head.n + m->parts[i].size + 2;
	(void)snprintf(m->type, sizeof m->type,
		"multipart/form-data; boundary=%s", m->boundary);
	m->body = (cio_http_body){.size = (int64_t)size, .type = m->type,
		.read = read_multipart, .rewind = rewind_multipart};
	m->begun = true;
	rewind_multipart(&m->body);
	return &m->body;
}

void cio_http_multipart_finish(cio_http_multipart *m)
{
	if (m->boundary[0] != '\0')
		body_close_file(m->fd);
	for (size_t i = 0; i < m->count; i++)
		finish_part(&m->parts[i]);
	cio__free(m->parts);
	*m = (cio_http_multipart){0};
}
