/* SPDX-License-Identifier: MIT */
/* an error in what the loop calls is reported, and the loop carries on */
/* drivers: epoll uring */
#define PARITY_RUNS
#include "parity.h"

#include <poll.h>
#include <sys/socket.h>

/* The text that the error was given is the end of the report. */
static void tell_report(void *arg, cio_level level, const char *text)
{
	const char *end = strrchr(text, ':');
	(void)arg;
	(void)level;
	say("reported: %s", end != NULL ? end + 2 : text);
}

static int fail_with(void *text)
{
	return raise_error(text);
}

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int watch(const cio_fd *fd)
{
	int ready = cio_fd_wait(*fd, POLLIN);
	return ready < 0 ? ready : raise_error("watch");
}

static int value(const int *unused)
{
	(void)unused;
	int err = cio_yield();
	return err < 0 ? err : 7;
}

static void on_done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	say("other done callback runs");
}

static int watch_fails(void)
{
	int pair[2];
	cio_fd fd;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
		cio_fd_adopt(pair[0], &fd) < 0)
		return -EIO;
	cio_detach(cio_spawn(watch, &fd), NULL);
	ssize_t n = write(pair[1], "x", 1);
	int err = cio_sleep(T);
	cio_op close_op = {.kind = CIO_OP_CLOSE, .fd = fd};
	(void)cio_perform_settled(&close_op);
	close(pair[1]);
	return n == 1 ? err : -EIO;
}

static int app(void *arg)
{
	cio_call bad = {0}, next = {0};
	cio_done_callback done = {.fn = on_done};
	(void)arg;
	cio_call_soon(&bad, fail_with, "callback");
	cio_call_soon(&next, tell, "next callback runs");
	int err = cio_sleep(T);
	cio_call_later(&bad, T, fail_with, "timer");
	if (err == 0)
		err = cio_sleep(2 * T);
	if (err == 0)
		err = watch_fails();
	cio_task *t = cio_spawn(value, NOTHING);
	(void)cio_task_add_done_callback(t, &done);
	say("task result: %s", cio_await(t) == 7 ? "value" : "?");
	say("loop survived");
	return err;
}

static void runs(void)
{
	int err = cio_run_with(&(cio_run_options){.report = tell_report}, app,
		NULL);
	assert_int_equal(err, 0);
}
