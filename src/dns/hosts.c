/* SPDX-License-Identifier: MIT */
/*
 * hosts.c - the file of hosts (hosts(5)), and which texts are names
 *
 * The file is kept as text and searched line by line: it has a few lines on
 * most machines. One that is very large (lists of blocked sites) is left to
 * getaddrinfo, which reads it too.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_CLOEXEC */
#endif
#include "dns/dns.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { LARGEST = 1 << 20, NAME_MAX_BYTES = 253, LABEL_MAX_BYTES = 63 };

/* ---- the file ---- */

static bool is_same(const struct hosts *h, const struct stat *st)
{
	return h->changed.tv_sec == st->st_mtim.tv_sec &&
		h->changed.tv_nsec == st->st_mtim.tv_nsec &&
		h->size == st->st_size && h->inode == st->st_ino;
}

static int read_all(int fd, const struct stat *st, struct hosts *out)
{
	size_t room = (size_t)st->st_size, n = 0;
	char *text = cio__alloc(room);
	if (text == NULL)
		return -ENOMEM;
	while (n < room) {
		ssize_t got = read(fd, text + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out->text = text;
	out->n = n;
	return 0;
}

static int read_open(struct hosts *h, int fd)
{
	struct stat st;
	struct hosts fresh = {0};
	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (is_same(h, &st))
			return 0;
		fresh.changed = st.st_mtim;
		fresh.size = st.st_size;
		fresh.inode = st.st_ino;
		if (S_ISREG(st.st_mode) && st.st_size <= LARGEST &&
			read_all(fd, &st, &fresh) < 0)
			return -ENOMEM;
	}
	cio__hosts_finish(h);
	*h = fresh;
	return 1;
}

int cio__hosts_read(struct hosts *h, const char *path)
{
	/* A FIFO in its place must not hold the thread for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r = read_open(h, fd);
	if (fd >= 0)
		close(fd);
	return r;
}

void cio__hosts_finish(struct hosts *h)
{
	cio__free(h->text);
	*h = (struct hosts){0};
}

/* ---- its lines ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line, taken off; empty at its end or at a comment. */
static cio_str next_word(cio_str *line)
{
	size_t at = 0;
	while (at < line->n && is_space(line->p[at]))
		at++;
	size_t end = at;
	while (end < line->n && !is_space(line->p[end]) && line->p[end] != '#')
		end++;
	cio_str word = {line->p + at, end - at};
	*line = (cio_str){line->p + end, line->n - end};
	return word;
}

static cio_str next_line(cio_str *text)
{
	const char *end = memchr(text->p, '\n', text->n);
	size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
	cio_str line = {text->p, n};
	size_t skip = end != NULL ? n + 1 : n;
	*text = (cio_str){text->p + skip, text->n - skip};
	return line;
}

static bool names(cio_str line, cio_str name)
{
	for (;;) {
		cio_str word = next_word(&line);
		if (word.n == 0)
			return false;
		if (cio_str_equal_nocase(word, name))
			return true;
	}
}

static bool parse(cio_str word, uint16_t port, cio_address *out)
{
	char text[CIO_ADDRESS_TEXT];
	if (word.n >= sizeof text)
		return false;
	memcpy(text, word.p, word.n);
	text[word.n] = '\0';
	return cio_address_parse(text, port, out) == 0;
}

static bool is_among(const cio_address *a, const cio_address *all, int n)
{
	for (int i = 0; i < n; i++) {
		if (all[i].len == a->len &&
			memcmp(&all[i].storage, &a->storage, a->len) == 0)
			return true;
	}
	return false;
}

int cio__hosts_find(const struct hosts *h, const char *name, uint16_t port,
	cio_address *out, int max)
{
	cio_str text = {h->text, h->n};
	cio_str wanted = cio_str_of(name);
	if (wanted.n > 0 && name[wanted.n - 1] == '.')
		wanted.n--; /* "host." is host, from the root */
	int n = 0;
	while (text.n > 0 && n < max) {
		cio_str line = next_line(&text);
		cio_str address = next_word(&line);
		if (address.n == 0 || !names(line, wanted))
			continue;
		cio_address a;
		if (parse(address, port, &a) && !is_among(&a, out, n))
			out[n++] = a;
	}
	return n;
}

/* ---- names ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		is_digit(c) || c == '-' || c == '_';
}

/* getaddrinfo would read "127.1" and "0x7f000001" as addresses: a text whose
 * last label is a number means one, and it was none that we take. */
static bool is_number(const char *label, size_t n)
{
	size_t i = 0;
	if (n >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
		return true;
	while (i < n && is_digit(label[i]))
		i++;
	return i == n;
}

static const char *char_fault(char c)
{
	if (c == ' ' || c == '\t')
		return "it has a space in it";
	if ((unsigned char)c >= 0x80)
		return "it is not ASCII: write it in its xn-- form";
	return "it has a character in it that no name has";
}

const char *cio__name_fault(const char *name)
{
	size_t n = strlen(name);
	if (n > 0 && name[n - 1] == '.')
		n--;
	if (n == 0)
		return "it is empty";
	if (n > NAME_MAX_BYTES)
		return "it is longer than 253 bytes";
	size_t label = 0;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && name[i] != '.') {
			if (!is_name_char(name[i]))
				return char_fault(name[i]);
			continue;
		}
		if (i == label)
			return "a part of it is empty";
		if (i - label > LABEL_MAX_BYTES)
			return "a part of it is longer than 63 bytes";
		if (i == n && is_number(name + label, n - label))
			return "IPv4 addresses are four decimal numbers";
		label = i + 1;
	}
	return NULL;
}
