/* SPDX-License-Identifier: MIT */
/* watch_fd.c - a descriptor that is no socket: news of a folder from inotify */
#include <cio.h>
#include <cio/stream.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

static int make_file(const char *const *dir)
{
	char path[64];
	int err = cio_sleep(CIO_MS(1));
	if (err < 0)
		return err;
	snprintf(path, sizeof path, "%s/news", *dir);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : close(fd);
}

/* The name of the next file that appears. */
static int wait_for_file(int number, cio_fd fd, char *name, size_t size)
{
	_Alignas(struct inotify_event) char events[1024];
	int err = cio_fd_wait(fd, POLLIN);
	if (err < 0)
		return err;
	ssize_t n = read(number, events, sizeof events);
	if (n <= 0)
		return n < 0 ? -errno : -CIO_EEOF;
	snprintf(name, size, "%.60s", ((struct inotify_event *)events)->name);
	return 0;
}

static int watch(const char *dir)
{
	char name[64] = "";
	cio_fd fd;
	int number = inotify_init1(IN_CLOEXEC), err = 0;
	if (number < 0 || inotify_add_watch(number, dir, IN_CREATE) < 0)
		return -errno;
	err = cio_fd_adopt(number, &fd); /* the loop's, from now on */
	if (err < 0) {
		close(number);
		return err;
	}
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, make_file, &dir);
		if (err == 0)
			err = wait_for_file(number, fd, name, sizeof name);
	}
	cio_fd_close(fd);
	printf("new: %s\n", name);
	return err < 0 ? err : strcmp(name, "news") == 0 ? 0 : -1;
}

static int app(void *arg)
{
	(void)arg;
	char dir[] = "/tmp/watch-XXXXXX", path[64];
	if (mkdtemp(dir) == NULL)
		return -errno;
	int err = watch(dir);
	snprintf(path, sizeof path, "%s/news", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
