/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * soon_amid_events.c - a call for soon, asked for in a turn that has due calls
 *
 * Who asks and then yields finds it made. But in such a turn the tasks that got
 * events run by themselves, before the due calls; whoever yielded there went on
 * with the other tasks, before the calls for soon.
 */
#include "check.h"

#include <cio.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

static int made, due_made;

static int note(void *arg)
{
	++*(int *)arg;
	return 0;
}

static int asks_and_yields(const cio_fd *fd)
{
	static cio_call soon;
	CHECK(cio_fd_wait(*fd, POLLIN) > 0);
	made = 0;
	cio_call_soon(&soon, note, &made);
	int err = cio_yield();
	CHECK_INT(made, 1);
	CHECK_INT(due_made, 1);
	return err;
}

static int main_task(void *arg)
{
	(void)arg;
	int ends[2];
	cio_fd fd;
	cio_call due = {0};
	if (pipe(ends) < 0)
		return -errno;
	int err = cio_fd_adopt(ends[0], &fd);
	cio_task *t = cio_spawn(asks_and_yields, &fd);
	for (int i = 0; i < 3 && err == 0; i++)
		err = cio_yield();
	CHECK_INT(write(ends[1], "x", 1), 1);
	cio_call_at(&due, cio_now(), note, &due_made);
	CHECK_INT(cio_await(t), 0);
	cio_fd_close(fd);
	close(ends[1]);
	return err;
}

static void who_asks_and_yields_finds_it_made(void **state)
{
	(void)state;
	assert_int_equal(check_run(main_task, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_and_yields_finds_it_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
