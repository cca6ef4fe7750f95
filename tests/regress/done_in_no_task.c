/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * done_in_no_task.c - an operation that ends at once when it is cancelled
 *
 * Its done() ran in the task that cancelled. There it could wait, or start an
 * eager task, and so leave the stack in the middle of a cancel that walks the
 * tree of scopes.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct watched {
	cio_op op;
	bool done, in_task, started, started_in_done;
	int wait;
};

static int starts(struct watched *const *w)
{
	(*w)->started = true;
	return 0;
}

static void on_done(cio_op *op)
{
	static const cio_task_options eager = {.eager = true};
	struct watched *w = (struct watched *)(void *)op;
	w->done = true;
	w->in_task = cio_current_task() != NULL;
	w->wait = cio_sleep(1);
	cio_detach(cio_spawn_with(&eager, starts, &w), NULL);
	w->started_in_done = w->started;
}

static void check(const struct watched *w)
{
	CHECK(w->done);
	CHECK_INT(w->op.res, -ECANCELED);
	CHECK(!w->in_task);
	CHECK_INT(w->wait, -EDEADLK);
	CHECK(!w->started_in_done);
}

static int cancels_both_ways(void *arg)
{
	(void)arg;
	int ends[2];
	char byte;
	cio_fd fd;
	if (!CHECK_INT(pipe2(ends, O_CLOEXEC), 0) ||
		!CHECK_INT(cio_fd_adopt(ends[0], &fd), 0))
		return -EIO;
	struct watched w = {.op = {.kind = CIO_OP_READ, .fd = fd, .buf = &byte,
				    .len = 1, .off = -1, .done = on_done}};
	CHECK_INT(cio_submit(&w.op), CIO_PENDING);
	cio_op_cancel(&w.op);
	while (!w.started)
		CHECK_INT(cio_sleep(1), 0);
	check(&w);

	int err = 0;
	CIO_GROUP (g, &err) {
		w = (struct watched){.op = {.kind = CIO_OP_READ, .fd = fd,
					     .buf = &byte, .len = 1, .off = -1,
					     .done = on_done, .group = &g}};
		CHECK_INT(cio_submit(&w.op), CIO_PENDING);
		cio_group_cancel(&g, "test");
		CHECK(cio_current_task() != NULL);
	}
	check(&w);
	while (!w.started)
		CHECK_INT(cio_yield(), 0);
	cio_op close_fd = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&close_fd), 0);
	close(ends[1]);
	return 0;
}

static void in_no_task(void **state)
{
	(void)state;
	assert_int_equal(check_run(cancels_both_ways, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_no_task),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
