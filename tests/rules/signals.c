/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * signals.c - rules K and F: signals, and a process that forks
 */
#include "rules/rules.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static const char *driver_or_best(void)
{
	return check_driver()[0] != '\0' ? check_driver() : NULL;
}

static int run_with_signals(int (*fn)(void *), void *arg)
{
	return cio_run_with(&(cio_run_options){.signals = true,
				    .quiet = true,
				    .driver = driver_or_best()},
		fn, arg);
}

static int waitpid_status(pid_t child)
{
	int status = -1;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* ---- K-01 ---- */

static int waits_for_ever(void *arg)
{
	const int *ready = arg;
	cio_event never = {0};
	CHECK_INT(write(*ready, "x", 1), 1);
	return cio_event_wait(&never);
}

/* Until the kernel says that it sleeps. */
static void wait_until_asleep(pid_t child)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
	for (char state = '?'; state != 'S';) {
		FILE *f = fopen(path, "r");
		assert_non_null(f);
		assert_non_null(fgets(line, sizeof line, f));
		fclose(f);
		state = strrchr(line, ')')[2];
		assert_int_not_equal(state, 'Z');
	}
}

/* A child of this process, whose main task waits in a sleeping loop; `heard`
 * reads what it writes. */
static pid_t child_that_waits(int (*fn)(void *), int *heard)
{
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(run_with_signals(fn, &ready[1]) == -ECANCELED ? 7 : 8);
	assert_true(child > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	wait_until_asleep(child);
	*heard = ready[0];
	return child;
}

static void k_01_the_first_interrupt_wakes_the_loop_and_cancels_main(
	void **state)
{
	(void)state;
	int heard;
	pid_t child = child_that_waits(waits_for_ever, &heard);
	assert_int_equal(kill(child, SIGINT), 0);
	int status = waitpid_status(child);
	close(heard);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static int ignores_the_first(void *arg)
{
	int err = waits_for_ever(arg);
	CHECK_INT(write(*(const int *)arg, "y", 1), 1);
	while (err < 0) /* stuck: it never lets the loop see the second */
		continue;
	return 0;
}

static void k_01_the_second_interrupt_ends_even_a_stuck_process(void **state)
{
	(void)state;
	int heard;
	char byte = 0;
	pid_t child = child_that_waits(ignores_the_first, &heard);
	assert_int_equal(kill(child, SIGINT), 0);
	assert_int_equal(read(heard, &byte, 1), 1); /* it has met the first */
	assert_int_equal(byte, 'y');
	assert_int_equal(kill(child, SIGINT), 0);
	int status = waitpid_status(child);
	close(heard);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

/* ---- K-02 ---- */

static volatile sig_atomic_t mine;

static void my_handler(int signo)
{
	mine = signo;
}

static int interrupts_the_host(void *arg)
{
	struct sigaction now;
	(void)arg;
	CHECK_INT(raise(SIGINT), 0);
	CHECK_INT(mine, SIGINT);
	CHECK_INT(sigaction(SIGINT, NULL, &now), 0);
	CHECK(now.sa_handler == my_handler);
	CHECK_INT(cio_yield(), 0);
	return cio_checkpoint();
}

static void k_02_unasked_the_hosts_handlers_are_left_alone(void **state)
{
	(void)state;
	mine = 0;
	signal(SIGINT, my_handler);
	assert_int_equal(check_run(interrupts_the_host, NULL), 0);
	signal(SIGINT, SIG_DFL);
}

/* ---- K-03 ---- */

static int raises_at_its_end(void *arg)
{
	(void)arg;
	raise(SIGINT);
	return 3;
}

static void k_03_an_interrupt_at_the_end_of_main_changes_nothing(void **state)
{
	struct sigaction after;
	(void)state;
	signal(SIGINT, my_handler);
	for (int i = 0; i < 3; i++) { /* and does not count in the next run */
		mine = 0;
		assert_int_equal(run_with_signals(raises_at_its_end, NULL), 3);
		assert_int_equal(mine, 0);
	}
	assert_int_equal(sigaction(SIGINT, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, my_handler);
	signal(SIGINT, SIG_DFL);
}

/* ---- F-01 ---- */

/* How many descriptors above the standard ones would survive an exec here? */
static int inherited(void)
{
	int n = 0;
	for (int fd = 3; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);
		n += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return n;
}

static int counts_inherited(void *arg)
{
	cio_listener *l;
	cio_stream *s = NULL, *t = NULL;
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	err = cio_tcp_connect(&s, "127.0.0.1", cio_listener_port(l), NULL);
	if (err == 0)
		err = cio_listener_accept(l, &t);
	CHECK_INT(inherited(), *(int *)arg);
	cio_stream_close(s);
	cio_stream_close(t);
	cio_listener_close(l);
	return err;
}

static void f_01_no_descriptor_of_a_loop_is_inherited_by_a_program(void **state)
{
	int before = inherited();
	(void)state;
	assert_int_equal(check_run(counts_inherited, &before), 0);
}

static int reads_a_byte(const cio_fd *fd)
{
	char byte;
	cio_op op = {.kind = CIO_OP_RECV, .fd = *fd, .buf = &byte, .len = 1};
	return cio_perform(&op);
}

RULE(f_01_a_fork_that_ends_leaves_the_parents_loop_whole)
{
	cio_fd ours;
	int theirs;
	if (!open_pair(&ours, &theirs))
		return -EIO;
	cio_task *t = cio_spawn(reads_a_byte, &ours);
	CHECK_INT(cio_yield(), 0); /* the kernel has it now */
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	CHECK(child > 0);
	CHECK_INT(waitpid_status(child), 0);
	CHECK(!cio_task_done(t));
	CHECK_INT(write(theirs, "x", 1), 1);
	CHECK_INT(cio_await(t), 1);
	close_handle(ours);
	close(theirs);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(k_01_the_first_interrupt_wakes_the_loop_and_cancels_main),
		cmocka_unit_test(k_01_the_second_interrupt_ends_even_a_stuck_process),
		cmocka_unit_test(k_02_unasked_the_hosts_handlers_are_left_alone),
		cmocka_unit_test(k_03_an_interrupt_at_the_end_of_main_changes_nothing),
		cmocka_unit_test(f_01_no_descriptor_of_a_loop_is_inherited_by_a_program),
		cmocka_unit_test(f_01_a_fork_that_ends_leaves_the_parents_loop_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
