/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * real_faults.c - what a real kernel refuses, by real means
 *
 * Limits of the process, tiny buffers, signals in the middle, and a filter that
 * makes system calls fail. What sim makes up elsewhere is seen here with the
 * drivers that programs run on.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio.h>

#include "arch/annotate.h"
#include "base/list.h"
#include "unit/io/pair.h"

#if defined(CIO__ASAN) || defined(CIO__TSAN)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* ---- no descriptors left ---- */

/* The lowest free number becomes the limit: nothing can be opened. */
static struct rlimit forbid_descriptors(void)
{
	struct rlimit before, now;
	int lowest = dup(STDOUT_FILENO);
	getrlimit(RLIMIT_NOFILE, &before);
	now = before;
	now.rlim_cur = (rlim_t)lowest;
	close(lowest);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static void allow_descriptors(const struct rlimit *before)
{
	CHECK_INT(setrlimit(RLIMIT_NOFILE, before), 0);
}

static int without_descriptors(void *arg)
{
	cio_listener *l;
	cio_stream *c = NULL, *s = NULL;
	(void)arg;
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	uint16_t port = cio_listener_port(l);
	struct rlimit before = forbid_descriptors();
	CHECK_INT(cio_tcp_connect(&c, "127.0.0.1", port, NULL), -EMFILE);
	allow_descriptors(&before);

	CHECK_INT(cio_tcp_connect(&c, "127.0.0.1", port, NULL), 0);
	before = forbid_descriptors();
	CHECK_INT(cio_listener_accept(l, &s), -EMFILE);
	CHECK_INT(cio_stream_write(c, "x", 1, NULL), 0);
	allow_descriptors(&before);

	char byte = 0; /* it has waited in the backlog */
	CHECK_INT(cio_listener_accept(l, &s), 0);
	CHECK_INT(cio_stream_read(s, &byte, 1), 1);
	CHECK_INT(byte, 'x');
	cio_stream_close(c);
	cio_stream_close(s);
	cio_listener_close(l);
	return 0;
}

/* ---- a peer that does not read, and hardly any room ---- */

struct slow {
	struct pair p;
	size_t out;
	int err;
};

static int set_buffer(cio_fd fd, int name)
{
	int size = 1; /* the kernel makes its least of it */
	cio_op op = {.kind = CIO_OP_SOCKOPT, .fd = fd, .buf = &size,
		.len = sizeof size, .off = (int64_t)SOL_SOCKET << 32 | name};
	return cio_perform(&op);
}

/* A pair of Unix sockets that hold next to nothing. */
static int tight_pair(struct pair *p)
{
	int fd[2];
	cio_fd a, b;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	CHECK_INT(cio_fd_adopt(fd[0], &a), 0);
	CHECK_INT(cio_fd_adopt(fd[1], &b), 0);
	CHECK_INT(set_buffer(a, SO_SNDBUF), 0);
	CHECK_INT(set_buffer(b, SO_RCVBUF), 0);
	CHECK_INT(cio_stream_from_fd(&p->a, a), 0);
	CHECK_INT(cio_stream_from_fd(&p->b, b), 0);
	return 0;
}

enum { LOAD = 100000 };

static int writes_slowly(struct slow *const *slow)
{
	static char text[LOAD];
	struct slow *s = *slow;
	memset(text, 'x', sizeof text);
	s->err = cio_stream_write(s->p.a, text, sizeof text, &s->out);
	return s->err;
}

static size_t read_all(cio_stream *s)
{
	char buf[1000];
	size_t sum = 0;
	ssize_t n;
	while ((n = cio_stream_read(s, buf, sizeof buf)) > 0)
		sum += (size_t)n;
	CHECK_INT(n, 0);
	return sum;
}

static int nobody_reads(void *arg)
{
	struct slow s = {.out = 0}, *slow = &s;
	(void)arg;
	CHECK_INT(tight_pair(&s.p), 0);
	cio_task *t = cio_spawn(writes_slowly, &slow);
	CHECK_INT(cio_wait_for(t, CIO_MS(5)), -ETIMEDOUT);
	CHECK(s.err == -ECANCELED && s.out > 0 && s.out < LOAD);
	CHECK(cio_stream_torn(s.p.a));
	CHECK_INT(cio_stream_shutdown(s.p.a), 0);
	CHECK_INT(read_all(s.p.b), s.out);
	pair_close(&s.p);
	return 0;
}

/* ---- signals all the time ---- */

static volatile sig_atomic_t rings;

static void ring(int sig)
{
	(void)sig;
	rings++;
}

static int under_signals(void *arg)
{
	struct slow s = {.out = 0}, *slow = &s;
	size_t sum = 0;
	(void)arg;
	struct sigaction before, now = {.sa_handler = ring}; /* no SA_RESTART */
	struct itimerval every = {{0, 200}, {0, 200}}, none = {{0, 0}, {0, 0}};
	sigaction(SIGVTALRM, &now, &before);
	CHECK_INT(tight_pair(&s.p), 0);
	CHECK_INT(setitimer(ITIMER_VIRTUAL, &every, NULL), 0);
	for (int i = 0; i < 10000 && rings < 5; i++) {
		cio_task *t = cio_spawn(writes_slowly, &slow);
		char buf[1000];
		for (sum = 0; sum < LOAD;) {
			ssize_t n = cio_stream_read(s.p.b, buf, sizeof buf);
			if (n <= 0)
				break;
			sum += (size_t)n;
			raise(SIGVTALRM);
		}
		CHECK_INT(cio_await(t), 0);
		CHECK_INT(sum, LOAD);
	}
	CHECK_INT(setitimer(ITIMER_VIRTUAL, &none, NULL), 0);
	sigaction(SIGVTALRM, &before, NULL);
	CHECK(rings >= 5);
	pair_close(&s.p);
	return 0;
}

static pthread_t loop_thread;
static _Atomic int stop_knocking;

static void *knock(void *arg)
{
	(void)arg;
	while (!stop_knocking) {
		pthread_kill(loop_thread, SIGUSR2);
		usleep(300);
	}
	return NULL;
}

/* While it waits in the driver: EINTR is no end of the wait, and no busy loop. */
static int knocked_at(void *arg)
{
	pthread_t thread;
	struct sigaction before, now = {.sa_handler = ring};
	(void)arg;
	rings = 0;
	stop_knocking = 0;
	loop_thread = pthread_self();
	sigaction(SIGUSR2, &now, &before);
	CHECK_INT(pthread_create(&thread, NULL, knock, NULL), 0);
	cio_time start = cio_now();
	for (int i = 0; rings < 5 && i < 1000; i++)
		CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	CHECK(cio_now() >= start + CIO_MS(2)); /* none was cut short */
	stop_knocking = 1;
	pthread_join(thread, NULL);
	sigaction(SIGUSR2, &before, NULL);
	return 0;
}

/* ---- all pooled buffers held ---- */

enum { HOLDERS = 80 }; /* more than the ring of buffers has */

static int fills_one(cio_stream *const *s)
{
	ssize_t n = cio_stream_fill(*s); /* and keeps it */
	return n == 1 ? 0 : n < 0 ? (int)n : -CIO_EEOF;
}

/* Who waits for bytes gets them though others hold every buffer. */
static int buffers_held(void *arg)
{
	static struct pair p[HOLDERS];
	static cio_task *t[HOLDERS];
	(void)arg;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < HOLDERS; i++) {
			CHECK_INT(pair_open(&p[i]), 0);
			t[i] = cio_spawn(fills_one, &p[i].b);
		}
		CHECK_INT(cio_yield(), 0); /* all of them wait now */
		for (int i = 0; i < HOLDERS; i++)
			CHECK_INT(cio_stream_write(p[i].a, "x", 1, NULL), 0);
		for (int i = 0; i < HOLDERS; i++)
			CHECK_INT(cio_await(t[i]), 0);
		for (int i = 0; i < HOLDERS; i++) {
			CHECK_INT(cio_stream_peek(p[i].b).p[0], 'x');
			pair_close(&p[i]);
		}
	}
	return 0;
}

/* ---- no address space for stacks ---- */

static int naps(const int *n)
{
	return cio_sleep(CIO_US(*n));
}

static size_t address_space(void)
{
	size_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (f == NULL || fscanf(f, "%zu", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

enum { MANY = 400 }; /* more than one arena has stacks */

static int spawn_many(cio_task *t[MANY])
{
	int made = 0;
	for (int i = 0; i < MANY; i++) {
		t[i] = cio_spawn(naps, &(int){50});
		made += t[i] != NULL;
	}
	for (int i = 0; i < MANY; i++)
		CHECK_INT(cio_await(t[i]), t[i] != NULL ? 0 : -ENOMEM);
	return made;
}

static int without_address_space(void *arg)
{
	static cio_task *t[MANY];
	struct rlimit before, now;
	(void)arg;
	CHECK_INT(cio_await(cio_spawn(naps, &(int){1})), 0); /* an arena */
	getrlimit(RLIMIT_AS, &before);
	now = before;
	now.rlim_cur = address_space() + (16u << 20); /* an arena has 64 MiB */
	CHECK_INT(setrlimit(RLIMIT_AS, &now), 0);
	int made = spawn_many(t);
	CHECK_INT(setrlimit(RLIMIT_AS, &before), 0);
	CHECK(made > 100 && made < MANY);
	CHECK_INT(spawn_many(t), MANY);
	return 0;
}

/* ---- system calls that fail ---- */

/* From now on, and for good, this call fails with that error. */
static int forbid(unsigned number, unsigned error)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {.len = sizeof f / sizeof *f, .filter = f};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0)
		return -errno;
	return 0;
}

enum { CANNOT_FILTER = 77 };

static int sends_fail(void *arg)
{
	struct pair p;
	size_t done = 9;
	(void)arg;
	CHECK_INT(pair_open(&p), 0);
	if (forbid(SYS_sendmsg, ENOBUFS) < 0 || forbid(SYS_sendto, ENOBUFS) < 0)
		return CANNOT_FILTER;
	CHECK_INT(cio_stream_write(p.a, "x", 1, &done), -ENOBUFS);
	CHECK_INT(done, 0);
	CHECK_INT(cio_stream_torn(p.a), false); /* nothing has gone out */
	pair_close(&p);
	return 0;
}

static int table_is_full(void *arg)
{
	cio_listener *l;
	cio_stream *s, *c;
	(void)arg;
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	uint16_t port = cio_listener_port(l);
	CHECK_INT(cio_tcp_connect(&c, "127.0.0.1", port, NULL), 0);
	if (forbid(SYS_accept4, ENFILE) < 0 || forbid(SYS_socket, ENFILE) < 0)
		return CANNOT_FILTER;
	CHECK_INT(cio_listener_accept(l, &s), -ENFILE);
	CHECK_INT(cio_tcp_connect(&s, "127.0.0.1", port, NULL), -ENFILE);
	cio_stream_close(c);
	cio_listener_close(l);
	return 0;
}

static int stacks_fail(void *arg)
{
	static cio_task *t[MANY];
	(void)arg;
	CHECK_INT(cio_await(cio_spawn(naps, &(int){1})), 0); /* an arena */
	if (forbid(SYS_mmap, ENOMEM) < 0)
		return CANNOT_FILTER;
	int made = spawn_many(t);
	CHECK(made > 100 && made < MANY);
	return 0;
}

/* No guard can be had, by either way: said once, and it goes on. */
static int guards_fail(void *arg)
{
	static cio_task *t[MANY];
	(void)arg;
	if (forbid(SYS_mprotect, ENOMEM) < 0 || forbid(SYS_madvise, ENOMEM) < 0)
		return CANNOT_FILTER;
	CHECK_INT(spawn_many(t), MANY);
	return 0;
}

/* ---- the tests ---- */

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		if (check_wrapped()) \
			check_skip("the tool stands between us and the kernel"); \
		assert_int_equal(run_closing(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

RUNS(without_descriptors)
RUNS(nobody_reads)
RUNS(under_signals)
RUNS(knocked_at)
RUNS(buffers_held)

static void run_without_address_space(void **state)
{
	(void)state;
	if (SANITIZED || check_wrapped())
		check_skip("the tool needs all the address space");
	assert_int_equal(run_closing(without_address_space, NULL), 0);
}

static int (*filtered)(void *);

static void in_the_child(void **state)
{
	(void)state;
	int err = run_closing(filtered, NULL);
	if (err == CANNOT_FILTER)
		_exit(CANNOT_FILTER);
	assert_int_equal(err, 0);
}

/* In a process of its own: a filter stays. */
static void run_filtered(void **state)
{
	const struct CMUnitTest tests[] = {
		{.name = "in a child", .test_func = in_the_child},
	};
	int status = 0;
	filtered = (int (*)(void *))(uintptr_t)*state;
	bool maps = filtered == stacks_fail || filtered == guards_fail;
	if (check_wrapped() || (SANITIZED && maps))
		check_skip("the tool maps memory itself, or makes calls of its own");
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		setenv("CMOCKA_MESSAGE_OUTPUT", "STDOUT", 1); /* no TAP */
		alarm(30); /* not inherited */
		_exit(cmocka_run_group_tests(tests, NULL, NULL));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT_FILTER)
		check_skip("system calls cannot be filtered here");
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define FILTERED(f) \
	{ \
		.name = #f, .test_func = run_filtered, \
		.initial_state = (void *)(uintptr_t)(f) \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_without_descriptors),
		cmocka_unit_test(run_nobody_reads),
		cmocka_unit_test(run_under_signals),
		cmocka_unit_test(run_knocked_at),
		cmocka_unit_test(run_buffers_held),
		cmocka_unit_test(run_without_address_space),
		FILTERED(sends_fail),
		FILTERED(table_is_full),
		FILTERED(stacks_fail),
		FILTERED(guards_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
