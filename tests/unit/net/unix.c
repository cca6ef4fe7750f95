/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * unix.c - Unix sockets: paths, abstract names, files that stay behind
 *
 * The driver sim has its names in memory: what is about files is not for it.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit/io/pair.h"

static char folder[] = "/tmp/cio-unix-XXXXXX";
static char path[64];

static bool is_sim(void)
{
	return strcmp(check_driver(), "sim") == 0;
}

static bool there(void)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

static bool said(const char *text)
{
	return strstr(cio_error_text(), text) != NULL;
}

/* A socket file, or a plain one, that nobody serves. */
static void leave_dead_socket(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(un.sun_path, path, strlen(path) + 1);
	CHECK_INT(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	close(fd);
}

static void leave_file(void)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
}

/* A line to whoever listens there and to `l`, which is to be him. */
static int talk(cio_listener *l, const char *name)
{
	cio_stream *s, *t;
	cio_str line;
	int err = cio_unix_connect(&s, name);
	if (err < 0)
		return err;
	err = cio_listener_accept(l, &t);
	if (err == 0) {
		err = cio_stream_write(s, "hello\n", 6, NULL);
		if (err == 0)
			err = cio_stream_readline(t, &line);
		if (err > 0)
			err = CHECK(cio_str_equal(line, cio_str_of("hello")))
				? 0 : -1;
		cio_stream_close(t);
	}
	cio_stream_close(s);
	return err;
}

/* ---- what works ---- */

static int by_path(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s = NULL;
	char text[128];
	CHECK_INT(cio_unix_connect(&s, path), -ENOENT);
	snprintf(text, sizeof text, "%s: there is no such socket", path);
	CHECK(said(text));
	if (!CHECK_INT(cio_unix_listen(&l, path, NULL), 0))
		return -1;
	CHECK_INT(cio_listener_port(l), 0);
	CHECK(there() == !is_sim());
	for (int i = 0; i < 2; i++)
		CHECK_INT(talk(l, path), 0);
	cio_listener_close(l);
	CHECK(!there());
	CHECK_INT(cio_unix_connect(&s, path), -ENOENT);
	CHECK(s == NULL);
	return 0;
}

static int by_name(void *arg)
{
	(void)arg;
	cio_listener *l, *m = NULL;
	cio_stream *s;
	char name[40];
	snprintf(name, sizeof name, "@cio-test-%d", (int)getpid());
	if (!CHECK_INT(cio_unix_listen(&l, name, NULL), 0))
		return -1;
	CHECK(access(name, F_OK) < 0); /* no file, here or anywhere */
	CHECK_INT(talk(l, name), 0);
	CHECK_INT(cio_unix_listen(&m, name, NULL), -EADDRINUSE);
	CHECK(said("a server listens there"));
	cio_listener_close(l);
	CHECK_INT(cio_unix_connect(&s, name), is_sim() ? -ENOENT : -ECONNREFUSED);
	CHECK_INT(cio_unix_listen(&l, name, NULL), 0);
	cio_listener_close(l);
	return 0;
}

/* ---- what is in the way ---- */

static int live_server(void *arg)
{
	(void)arg;
	cio_listener *l, *m = NULL;
	cio_stream *s;
	if (!CHECK_INT(cio_unix_listen(&l, path, NULL), 0))
		return -1;
	CHECK_INT(cio_unix_listen(&m, path, NULL), -EADDRINUSE);
	CHECK(said("a server listens there; stop it or choose another path"));
	CHECK(m == NULL);
	if (!is_sim()) { /* it sees a caller hang up */
		char c;
		CHECK_INT(cio_listener_accept(l, &s), 0);
		CHECK_INT(cio_stream_read(s, &c, 1), 0);
		cio_stream_close(s);
	}
	CHECK_INT(talk(l, path), 0);
	cio_listener_close(l);
	CHECK(!there());
	return 0;
}

static int dead_socket(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s;
	leave_dead_socket();
	CHECK_INT(cio_unix_connect(&s, path), -ECONNREFUSED);
	CHECK(said("nobody listens"));
	if (!CHECK_INT(cio_unix_listen(&l, path, NULL), 0))
		return -1;
	CHECK_INT(talk(l, path), 0);
	cio_listener_close(l);
	CHECK(!there());
	return 0;
}

static int other_file(void *arg)
{
	(void)arg;
	cio_listener *l;
	leave_file();
	CHECK_INT(cio_unix_listen(&l, path, NULL), -EADDRINUSE);
	CHECK(said("is a file and no socket"));
	CHECK(there());
	unlink(path);
	return 0;
}

/* A file that has taken the place of ours is not removed. Under sim we have
 * none. */
static int replaced_file(void *arg)
{
	(void)arg;
	cio_listener *l;
	if (is_sim())
		leave_file();
	if (!CHECK_INT(cio_unix_listen(&l, path, NULL), 0))
		return -1;
	if (!is_sim()) {
		unlink(path);
		leave_file();
	}
	cio_listener_close(l);
	CHECK(there());
	unlink(path);
	return 0;
}

static int bad_names(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s;
	char name[109] = "";
	CHECK_INT(cio_unix_listen(&l, "", NULL), -EINVAL);
	CHECK_INT(cio_unix_connect(&s, "@"), -EINVAL);
	CHECK_INT(cio_unix_listen(&l, path,
		&(cio_listen_options){.reuse_port = true}), -EINVAL);
	memset(name, 'x', 108);
	CHECK_INT(cio_unix_connect(&s, name), -ENAMETOOLONG);
	CHECK(said("at most 107 bytes"));
	CHECK_INT(cio_unix_listen(&l, name, NULL), -ENAMETOOLONG);
	name[0] = '@';
	name[107] = '\0'; /* the longest */
	CHECK_INT(cio_unix_listen(&l, name, NULL), 0);
	CHECK_INT(talk(l, name), 0);
	cio_listener_close(l);
	if (is_sim())
		return 0;
	snprintf(name, sizeof name, "%s/none/socket", folder);
	CHECK_INT(cio_unix_listen(&l, name, NULL), -ENOENT);
	CHECK(said("its folder does not exist"));
	return 0;
}

/* ---- a full backlog ---- */

static int connect_late(cio_stream **const *out)
{
	return cio_unix_connect(*out, path);
}

static int full(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_stream *s[4] = {0}, **last = &s[3], *t;
	int err = 0, n = 0;
	if (!CHECK_INT(cio_unix_listen(&l, path,
		&(cio_listen_options){.backlog = 1}), 0))
		return -1;
	while (n < 3 && err == 0) {
		CIO_TIMEOUT(CIO_MS(30), &err) {
			err = cio_unix_connect(&s[n++], path);
		}
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(n, 3);
	err = 0;
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_group_spawn(&g, connect_late, &last), 0);
		(void)cio_sleep(CIO_MS(5));
		for (int i = 0; i < 3; i++) {
			CHECK_INT(cio_listener_accept(l, &t), 0);
			cio_stream_close(t);
		}
	}
	CHECK_INT(err, 0);
	CHECK(s[3] != NULL);
	for (int i = 0; i < 4; i++)
		cio_stream_close(s[i]);
	cio_listener_close(l);
	return 0;
}

/* ---- cut anywhere ---- */

static int call(const int *unused)
{
	(void)unused;
	cio_stream *s;
	int err = cio_unix_connect(&s, path);
	if (err < 0)
		return err;
	err = cio_stream_write(s, "hello\n", 6, NULL);
	cio_stream_close(s);
	return err;
}

static int serve(cio_listener *l)
{
	cio_stream *s;
	cio_str line;
	int err = cio_listener_accept(l, &s);
	if (err < 0)
		return err;
	while ((err = cio_stream_readline(s, &line)) > 0)
		CHECK(cio_str_equal(line, cio_str_of("hello")));
	cio_stream_close(s);
	return err;
}

static int whole(void *arg)
{
	bool *dead = arg;
	cio_listener *l;
	CHECK(!there());
	if (*dead)
		leave_dead_socket();
	int err = cio_unix_listen(&l, path, NULL);
	if (err == 0) {
		CIO_GROUP(g, &err) {
			err = cio_group_spawn(&g, call, &(int){0});
			if (err == 0)
				err = serve(l);
		}
		cio_listener_close(l);
	}
	if (*dead && err < 0)
		unlink(path); /* maybe it did not get that far */
	CHECK(!there());
	return err;
}

#define RUNS(test, fn, needs_files) \
	static void test(void **state) \
	{ \
		(void)state; \
		if ((needs_files) && is_sim()) \
			check_skip("names in memory have no files"); \
		assert_int_equal(run_closing(fn, NULL), 0); \
	}

RUNS(paths_are_served, by_path, false)
RUNS(abstract_names_are_served, by_name, false)
RUNS(live_servers_are_left_alone, live_server, false)
RUNS(dead_sockets_are_replaced, dead_socket, true)
RUNS(other_files_are_left_alone, other_file, true)
RUNS(only_our_file_is_removed, replaced_file, false)
RUNS(bad_names_are_told, bad_names, false)
RUNS(a_full_backlog_is_waited_for, full, false)

static void disturbed(void **state)
{
	(void)state;
	disturb(whole, &(bool){false}, "unix");
	if (!is_sim())
		disturb(whole, &(bool){true}, "unix, dead file");
}

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/socket", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* fails if anything is left in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_served),
		cmocka_unit_test(abstract_names_are_served),
		cmocka_unit_test(live_servers_are_left_alone),
		cmocka_unit_test(dead_sockets_are_replaced),
		cmocka_unit_test(other_files_are_left_alone),
		cmocka_unit_test(only_our_file_is_removed),
		cmocka_unit_test(bad_names_are_told),
		cmocka_unit_test(a_full_backlog_is_waited_for),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
