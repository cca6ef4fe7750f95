/* SPDX-License-Identifier: MIT */
/*
 * unix.c - sockets of this machine, by path or abstract name
 *
 * A path's file outlives its server when that ends without closing, and then
 * keeps the next one from binding. So who finds the path taken connects to it:
 * only if nobody listens there is the file removed. In return a close removes
 * only the very file that its bind made, while the descriptor is still open:
 * until then nobody else takes the file for dead and replaces it.
 *
 * The driver sim has names in memory and makes no file; one that happens to be
 * there is not ours.
 */
#include <cio/net.h>

#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cio/time.h>

#include "net/net.h"

#define LONGEST_PAUSE CIO_MS(50)

_Static_assert(SOCKET_PATH_SIZE == sizeof((struct sockaddr_un *)0)->sun_path,
	"every path has room");

/* ---- names ---- */

static bool is_abstract(const char *path)
{
	return path[0] == '@';
}

static int set_name(cio_address *out, const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	if (n == 0 || strcmp(path, "@") == 0)
		return cio_fail(-EINVAL, "a Unix socket needs a path, or a name "
			"after the \"@\"");
	if (n >= sizeof un.sun_path)
		return cio_fail(-ENAMETOOLONG, "%s: the path of a Unix socket "
			"has at most %zu bytes", path, sizeof un.sun_path - 1);
	memcpy(un.sun_path, path, n);
	if (is_abstract(path))
		un.sun_path[0] = '\0';
	else
		n++; /* the NUL belongs to a path */
	n += offsetof(struct sockaddr_un, sun_path);
	*out = (cio_address){.len = (socklen_t)n};
	memcpy(&out->storage, &un, sizeof un);
	return 0;
}

/* ---- connect ---- */

static int explain_connect(int err, const char *path)
{
	switch (-err) {
	case ENOENT:
		return cio_fail(err, "%s: there is no such socket: is its "
			"server running?", path);
	case ECONNREFUSED:
		return cio_fail(err, "%s: nobody listens: its server has ended",
			path);
	default:
		return cio_fail(err, "%s: %s", path, cio_strerror(err));
	}
}

/* The kernel does not wait for room in a local backlog, and has no event for
 * it. */
static int connect_patiently(const char *site, cio_stream **out,
	const cio_address *to)
{
	cio_duration pause = CIO_MS(1);
	int err;
	while ((err = cio__connect(site, out, to)) == -EAGAIN) {
		err = cio_sleep(pause);
		if (err < 0)
			return err;
		pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
	}
	return err;
}

int cio__unix_connect(const char *site, cio_stream **out, const char *path)
{
	cio_address to;
	int err = set_name(&to, path);
	if (err < 0)
		return err;
	err = connect_patiently(site, out, &to);
	return err < 0 && cio_refused() == 0 ? explain_connect(err, path) : err;
}

/* ---- the file ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A bind has succeeded: the file is ours, if it was not there before. */
void cio__net_file_made(struct socket_file *f)
{
	struct stat now;
	if (f->path[0] == '\0' || lstat(f->path, &now) < 0 ||
		!S_ISSOCK(now.st_mode))
		return;
	f->made = !f->was_there || !same_file(&f->id, &now);
	f->id = now;
}

void cio__net_file_remove(struct socket_file *f)
{
	struct stat now;
	if (f->made && lstat(f->path, &now) == 0 && same_file(&f->id, &now))
		(void)unlink(f->path); /* a close has nobody to tell */
	f->made = false;
}

static void look_at_file(struct socket_file *f, const char *path)
{
	*f = (struct socket_file){.made = false};
	if (is_abstract(path))
		return;
	memcpy(f->path, path, strlen(path) + 1);
	f->was_there = lstat(path, &f->id) == 0;
}

/* ---- listen ---- */

/* Connect and hang up: 0 if somebody listens, or what a connect says. */
static int probe(const cio_address *a)
{
	cio_stream *s;
	int err = cio__connect(NULL, &s, a);
	if (err == 0)
		cio_stream_close(s);
	return err;
}

static int remove_dead(const struct socket_file *f)
{
	struct stat now;
	if (lstat(f->path, &now) < 0 || !same_file(&f->id, &now))
		return 0; /* another has done it: the next bind will tell */
	if (unlink(f->path) == 0 || errno == ENOENT)
		return 0;
	int err = -errno;
	return cio_fail(err, "%s is left from a server that has ended, and "
		"cannot be removed: %s", f->path, cio_strerror(err));
}

/* The name is taken. 0: by a dead file, which is gone now. */
static int clear_name(const cio_address *a, const char *path,
	struct socket_file *f)
{
	look_at_file(f, path);
	if (f->was_there && !S_ISSOCK(f->id.st_mode))
		return cio_fail(-EADDRINUSE, "%s is a file and no socket: "
			"choose another path", path);
	int err = f->was_there ? probe(a) : 0;
	switch (-err) {
	case ECONNREFUSED:
		return remove_dead(f);
	case ENOENT:
		return 0;
	case 0:
	case EAGAIN:     /* its backlog is full */
	case EACCES:
	case EPERM:
	case EPROTOTYPE: /* a socket for packets */
		return cio_fail(-EADDRINUSE, "%s is in use: a server listens "
			"there; stop it or choose another path", path);
	default:
		return err;
	}
}

static int explain_listen(int err, const char *path)
{
	switch (-err) {
	case EADDRINUSE:
		return cio_fail(err, "%s is in use: another server took it just "
			"now", path);
	case ENOENT:
		return cio_fail(err, "%s: its folder does not exist", path);
	case EACCES:
		return cio_fail(err, "%s: its folder may not be written", path);
	default:
		return cio_fail(err, "%s: %s", path, cio_strerror(err));
	}
}

static int open_path(const char *site, cio_listener **out,
	const cio_address *a, const char *path, const cio_listen_options *o)
{
	struct socket_file f;
	cio_address own = *a;
	look_at_file(&f, path);
	int err = cio__net_listen(site, out, &own, o, &f);
	return err < 0 && cio_refused() == 0 ? explain_listen(err, path) : err;
}

int cio__unix_listen(const char *site, cio_listener **out, const char *path,
	const cio_listen_options *options)
{
	cio_listen_options o = {0};
	if (options != NULL)
		o = *options;
	if (o.reuse_port)
		return cio_fail(-EINVAL, "%s: a Unix socket has no port to share",
			path);
	cio_address a;
	struct socket_file f;
	int err = set_name(&a, path);
	if (err < 0)
		return err;
	err = open_path(site, out, &a, path, &o);
	if (err != -EADDRINUSE)
		return err;
	err = clear_name(&a, path, &f);
	return err < 0 ? err : open_path(site, out, &a, path, &o);
}
