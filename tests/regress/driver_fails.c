/* SPDX-License-Identifier: MIT */
/* drivers: sim epoll */
/*
 * driver_fails.c - a driver that cannot be asked any more
 *
 * The loop said so at every turn, as fast as it could, and went on for ever: no
 * task that waited for the kernel was ever woken, nor did the run end.
 */
#include <cio.h>
#include <cio/impl.h>
#include <cio/sim.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/list.h"
#include "check.h"

static bool on_sim(void)
{
	return strcmp(check_driver(), "sim") == 0;
}

static int reports(const char *what)
{
	int n = 0;
	const char *at = check_reports();
	for (; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* ---- for a while ---- */

static int sees_it_pass(void *arg)
{
	cio_time begun = cio_now();
	(void)arg;
	CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){.failed_turns = 900}), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_now() - begun < CIO_MS(100));
	CHECK_INT(cio_sleep(CIO_MS(2000)), 0);
	CHECK_INT(cio_sim_get_figures().struck, 900);
	/* and it counts anew */
	CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){.failed_turns = 900}), 0);
	return cio_sleep(CIO_MS(2000));
}

static void an_accident_is_told_and_passes(void **state)
{
	(void)state;
	if (!on_sim())
		check_skip("only sim fails when it is asked to");
	assert_int_equal(check_run(sees_it_pass, NULL), 0);
	assert_int_equal(reports("error: the driver failed: "), 2);
}

/* ---- for good ---- */

static int receives(const cio_fd *fd)
{
	char byte;
	cio_op op = {.kind = CIO_OP_RECV, .fd = *fd, .buf = &byte, .len = 1};
	return cio_perform(&op);
}

/* The driver's own: the epoll instance of this process. */
static void break_driver(void)
{
	if (on_sim()) {
		CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){
			.failed_turns = UINT32_MAX}), 0);
		return;
	}
	char path[64], target[64];
	int broken = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (int fd = 3; fd < 256; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		ssize_t n = readlink(path, target, sizeof target - 1);
		if (n > 0 && memmem(target, (size_t)n, "[eventpoll]", 11))
			CHECK(dup2(broken, fd) == fd); /* -EINVAL from now on */
	}
	close(broken);
}

static int waits_for_ever(void *arg)
{
	int fds[2];
	cio_fd ours;
	(void)arg;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	CHECK_INT(cio_fd_adopt(fds[0], &ours), 0);
	cio_task *t = cio_spawn(receives, &ours);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	break_driver();
	cio_event never = {0};
	int err = cio_event_wait(&never); /* no timer: it must not be missed */
	CHECK_INT(err, -ECANCELED);
	CHECK(strcmp(cio_cancel_reason(), "the driver has failed") == 0);
	close(fds[1]);
	CHECK_INT(cio_await(t), -ECANCELED);
	return cio_perform_settled(&(cio_op){.kind = CIO_OP_CLOSE, .fd = ours});
}

static void for_good_it_ends_the_run(void **state)
{
	(void)state;
	int err = check_run(waits_for_ever, NULL);
	assert_int_equal(err, on_sim() ? -EIO : -EINVAL);
	assert_true(reports("error: the driver failed: ") < 12);
	assert_non_null(strstr(cio_error_text(), "turn after turn"));
}

/* ---- and the main task does not end ---- */

static char said[4096];

static void hear(void *arg, cio_level level, const char *text)
{
	size_t n = strlen(said);
	(void)arg;
	(void)level;
	(void)snprintf(said + n, sizeof said - n, "%s\n", text);
}

static int cannot_be_woken(void *arg)
{
	cio_waiter w;
	(void)arg;
	cio_loop_hold(); /* so somebody will */
	break_driver();
	cio_settle(&w, NULL, "what never comes", NULL, NULL);
	return 0;
}

/* What such a run keeps is not to be seen as a leak of this process. */
static void a_stuck_main_is_named_and_left(void **state)
{
	int status = -1;
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		int err = cio_run_with(&(cio_run_options){.report = hear,
					       .driver = check_driver(),
					       .drain = CIO_MS(50)},
			cannot_be_woken, NULL);
		_exit(err != (on_sim() ? -EIO : -EINVAL) ? 1
			: strstr(said, "task main, spawned at cio_run, did not "
				"end in time: it waits for what never comes") ==
				NULL ? 2 : cio_current_loop() != NULL ? 3 : 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_accident_is_told_and_passes),
		cmocka_unit_test(for_good_it_ends_the_run),
		cmocka_unit_test(a_stuck_main_is_named_and_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
