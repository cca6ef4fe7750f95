/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * fork.c - rule F-01: a child has nothing of its parent's loops
 *
 * In a child a failed check cannot be noted: it ends with a status that says
 * which step went wrong.
 */
#include "rules/rules.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int status_of(pid_t child)
{
	int status = -1;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* A child that a mistake would let hang ends all the same. */
static pid_t forks(void)
{
	pid_t child = fork();
	if (child == 0)
		(void)alarm(30);
	CHECK(child >= 0);
	return child;
}

static void need(bool so, int step)
{
	if (!so)
		_exit(step);
}

static cio_run_options quiet(bool signals)
{
	return (cio_run_options){.quiet = true,
		.signals = signals,
		.driver = check_driver()[0] != '\0' ? check_driver() : NULL};
}

static int run_quietly(int (*fn)(void *), void *arg)
{
	cio_run_options o = quiet(false);
	return cio_run_with(&o, fn, arg);
}

/* ---- a child that goes on ---- */

static int reads_a_byte(const cio_fd *fd)
{
	char byte;
	cio_op op = {.kind = CIO_OP_RECV, .fd = *fd, .buf = &byte, .len = 1};
	return cio_perform(&op);
}

static int adds(void *n)
{
	return ++*(int *)n;
}

/* Tasks, a timer, the kernel and a thread. */
static int uses_everything(void *arg)
{
	cio_fd ours;
	int theirs, n = 1;
	bool threads = strcmp(check_driver(), "sim") != 0 && arg != NULL;
	if (!open_pair(&ours, &theirs))
		return -EIO;
	cio_task *t = cio_spawn(reads_a_byte, &ours);
	int err = cio_sleep(CIO_MS(1));
	if (err == 0 && write(theirs, "x", 1) != 1)
		err = -EPIPE;
	err = err < 0 ? err : cio_await(t);
	if (err == 1 && threads)
		err = cio_to_thread(adds, &n) == 2 ? 1 : -EIO;
	close_handle(ours);
	close(theirs);
	return err;
}

static _Noreturn void goes_on(cio_fd parents)
{
	cio_op op = {.kind = CIO_OP_RECV, .fd = parents};
	need(cio_current_loop() == NULL && cio_current_task() == NULL, 1);
	need(cio_submit(&op) == -EDEADLK, 2);
	need(strstr(cio_error_text(), "forked inside task main") != NULL, 3);
	need(cio_run_get_figures().tasks_alive == 0, 4);
	for (int i = 0; i < 2; i++)
		need(run_quietly(uses_everything, NULL) == 1, 5);
	need(cio_current_loop() == NULL, 6);
	_exit(0);
}

RULE(f_01_a_child_runs_a_loop_of_its_own)
{
	cio_fd ours;
	int theirs;
	if (!open_pair(&ours, &theirs))
		return -EIO;
	cio_task *t = cio_spawn(reads_a_byte, &ours);
	CHECK_INT(cio_yield(), 0); /* the kernel has it now */
	pid_t child = forks();
	if (child == 0)
		goes_on(ours);
	CHECK_INT(status_of(child), 0);
	CHECK(!cio_task_done(t));
	CHECK_INT(write(theirs, "x", 1), 1);
	CHECK_INT(cio_await(t), 1);
	close_handle(ours);
	close(theirs);
	CHECK_INT(uses_everything(NULL), 1);
	return 0;
}

/* ---- a child that does not ---- */

/* Fork, do `fn` in the child and return from here in it; what it wrote to
 * stderr. The child must die of an abort. */
static void dies_saying(void (*fn)(void), const char *line)
{
	int out[2], status;
	char said[1024];
	size_t n = 0;
	ssize_t got;
	if (!CHECK_INT(pipe(out), 0))
		return;
	pid_t child = forks();
	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		(void)dup2(out[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		if (fn != NULL)
			fn();
		return;
	}
	close(out[1]);
	while ((got = read(out[0], said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(out[0]);
	status = status_of(child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	if (!CHECK(strstr(said, line) != NULL))
		printf("# it says '%s'\n", said);
	CHECK(count(said, "\n") == 1);
}

static void waits(void)
{
	(void)cio_sleep(CIO_MS(1));
	_exit(0);
}

static void has_run(void)
{
	need(run_quietly(uses_everything, NULL) == 1, 5);
}

static int forks_and_waits(const int *unused)
{
	(void)unused;
	dies_saying(waits, "cio: a wait in a forked child: this process was "
		"forked inside task forks_and_waits (spawned at ");
	return 0;
}

static int forks_and_returns(const int *unused)
{
	(void)unused;
	dies_saying(NULL, "cio: the end of the task in a forked child: this "
		"process was forked inside task forks_and_returns (spawned at ");
	return 0;
}

static int forks_runs_and_returns(const int *unused)
{
	(void)unused;
	dies_saying(has_run, ": call exec or _exit in the child, or run a new "
		"loop\n");
	return 0;
}

RULE(f_01_a_task_that_waits_or_returns_in_a_child_ends_it_with_one_line)
{
	CHECK_INT(cio_await(cio_spawn(forks_and_waits, &(int){0})), 0);
	CHECK_INT(cio_await(cio_spawn(forks_and_returns, &(int){0})), 0);
	CHECK_INT(cio_await(cio_spawn(forks_runs_and_returns, &(int){0})), 0);
	return 0;
}

static void in_callback(void *arg)
{
	(void)arg;
	dies_saying(NULL, "cio: the end of a callback in a forked child: this "
		"process was forked inside a callback: ");
}

static void fires(cio_timer *t)
{
	in_callback(t);
}

static void completes(cio_op *op)
{
	in_callback(op);
}

static void ended(cio_done_callback *c, cio_task *t)
{
	(void)t;
	in_callback(c);
}

static int yields(const int *unused)
{
	(void)unused;
	return cio_yield();
}

RULE(f_01_so_does_a_callback)
{
	cio_timer timer = {.fire = fires};
	cio_timer_arm(&timer, cio_now());
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);

	cio_done_callback c = {.fn = ended};
	cio_task *t = cio_spawn(yields, &(int){0});
	CHECK_INT(cio_task_add_done_callback(t, &c), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0); /* an awaiter's callback were next */
	CHECK_INT(cio_await(t), 0);

	/* of two that are ready together the child must not take the other */
	cio_fd ours[2];
	int theirs[2];
	char byte[2];
	cio_op op[2];
	for (int i = 0; i < 2; i++) {
		if (!open_pair(&ours[i], &theirs[i]))
			return -EIO;
		op[i] = (cio_op){.kind = CIO_OP_RECV, .fd = ours[i],
			.buf = &byte[i], .len = 1, .done = completes};
		CHECK_INT(cio_submit(&op[i]), CIO_PENDING);
		op[i].res = 0;
	}
	for (int i = 0; i < 2; i++)
		CHECK_INT(write(theirs[i], "x", 1), 1);
	while (op[0].res != 1 || op[1].res != 1)
		CHECK_INT(cio_yield(), 0);
	for (int i = 0; i < 2; i++) {
		close_handle(ours[i]);
		close(theirs[i]);
	}
	return 0;
}

/* ---- signals ---- */

static int waits_for_ever(void *arg)
{
	cio_event never = {0};
	(void)raise(*(int *)arg);
	return cio_event_wait(&never);
}

/* A signal that came to the child is not the parent's, nor is it lost. */
static int forks_under_signals(void *arg)
{
	cio_signals s;
	(void)arg;
	if (cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)) < 0)
		return 1;
	pid_t child = forks();
	if (child == 0) {
		(void)raise(SIGUSR1); /* as it was before the loop: it kills */
		_exit(0);
	}
	int status = status_of(child);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGUSR1)
		return 2;
	child = forks();
	if (child == 0) {
		cio_run_options o = quiet(true);
		int signo = SIGTERM;
		_exit(cio_run_with(&o, waits_for_ever, &signo) == -ECANCELED ?
				0 : 1);
	}
	if (status_of(child) != 0)
		return 3;
	for (int i = 0; i < 300; i++)
		if (cio_yield() < 0)
			return 4;
	cio_signals_close(&s);
	return s.arrived == 0 ? 0 : 5;
}

static void f_01_a_signal_to_a_child_is_not_its_parents(void **state)
{
	cio_run_options o = quiet(true);
	(void)state;
	assert_int_equal(cio_run_with(&o, forks_under_signals, NULL), 0);
}

/* ---- threads ---- */

static int forks_in_thread(void *arg)
{
	(void)arg;
	dies_saying(NULL, "cio: cio_loop_post in a forked child, to a loop of "
		"its parent's: ");
	return 7;
}

RULE(f_01_a_fork_beside_threads_and_inside_one)
{
	int n = 1;
	CHECK_INT(cio_to_thread(adds, &n), 2); /* its thread stays */
	pid_t child = forks();
	if (child == 0)
		_exit(run_quietly(uses_everything, &n) == 1 ? 0 : 1);
	CHECK_INT(status_of(child), 0);
	CHECK_INT(cio_to_thread(adds, &n), 3);
	CHECK_INT(cio_to_thread(forks_in_thread, &n), 7);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f_01_a_child_runs_a_loop_of_its_own),
		cmocka_unit_test(
			f_01_a_task_that_waits_or_returns_in_a_child_ends_it_with_one_line),
		cmocka_unit_test(f_01_so_does_a_callback),
		cmocka_unit_test(f_01_a_signal_to_a_child_is_not_its_parents),
		cmocka_unit_test(f_01_a_fork_beside_threads_and_inside_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
