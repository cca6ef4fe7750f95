/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * tools.c - do the tools see what goes wrong in a task?
 *
 * A green run proves nothing if the tool that watches it lost sight at the
 * switch of stacks. So bugs are planted: this program runs itself with one of
 * them, and the report must name the kind and the task's function. Which bugs
 * there are depends on how it was built: with ASan, with TSan, or plain, where
 * valgrind is asked if it is installed.
 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio.h>

#include "arch/annotate.h"
#include "unit/io/pair.h"

#define NOINLINE __attribute__((noinline))

/* A test of one build is unused in the others. */
#pragma GCC diagnostic ignored "-Wunused-function"

static volatile int sink;

/* ---- bugs for ASan ---- */

static NOINLINE int writes_past_its_array(const int *n)
{
	char local[16] = {0};
	char *volatile p = local; /* the compiler shall not see it */
	int err = cio_sleep(CIO_US(5)); /* away, and back */
	p[*n] = 1;
	sink = p[0];
	return err;
}

static int stack_overflow(void *arg)
{
	(void)arg;
	return cio_await(cio_spawn(writes_past_its_array, &(int){16}));
}

static NOINLINE volatile int *address_of_a_local(int value)
{
	volatile int local = value;
	volatile int *volatile p = &local;
	return p;
}

static NOINLINE int reads_a_dead_local(const int *n)
{
	volatile int *p = address_of_a_local(*n);
	int err = cio_yield();
	sink = *p;
	return err;
}

static int use_after_return(void *arg)
{
	(void)arg;
	return cio_await(cio_spawn(reads_a_dead_local, &(int){7}));
}

static NOINLINE int reads_the_freed(int *const *p)
{
	int err = cio_sleep(CIO_US(5));
	sink = **p;
	return err;
}

static int use_after_free(void *arg)
{
	(void)arg;
	int *p = calloc(1, sizeof *p);
	cio_task *t = cio_spawn(reads_the_freed, &p);
	int err = cio_yield();
	free(p);
	return err < 0 ? err : cio_await(t);
}

struct into {
	cio_stream *s;
	char *p;
	size_t n;
};

static NOINLINE int receives(const struct into *in)
{
	return cio_stream_read_exactly(in->s, in->p, in->n, NULL);
}

/* More than fits: for uring, seen when it is asked for. */
static int receive_past_the_end(void *arg)
{
	(void)arg;
	struct pair p;
	static char text[30000];
	int err = pair_open(&p);
	if (err < 0)
		return err;
	char *small = malloc(20000);
	cio_task *t = cio_spawn(receives,
		&(struct into){p.b, small, sizeof text});
	err = cio_yield();
	if (err == 0)
		err = cio_stream_write(p.a, text, sizeof text, NULL);
	int result = cio_await(t);
	free(small);
	pair_close(&p);
	return err < 0 ? err : result;
}

/* Freed while the kernel may write to it: seen when that has happened. */
static int receive_into_the_freed(void *arg)
{
	(void)arg;
	struct pair p;
	static char text[20000];
	int err = pair_open(&p);
	if (err < 0)
		return err;
	char *block = malloc(20000);
	cio_task *t = cio_spawn(receives, &(struct into){p.b, block, 20000});
	for (int i = 0; i < 3 && err == 0; i++)
		err = cio_yield();
	free(block);
	if (err == 0)
		err = cio_stream_write(p.a, text, sizeof text, NULL);
	int result = cio_await(t);
	pair_close(&p);
	return err < 0 ? err : result;
}

/* ---- bugs for TSan ---- */

static int shared; /* nobody guards it */

static NOINLINE int counts_in_a_task(const int *n)
{
	int err = 0;
	for (int i = 0; i < *n && err == 0; i++) {
		shared++;
		err = cio_sleep(CIO_US(5));
	}
	return err;
}

static NOINLINE void *counts_in_a_thread(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		shared++;
		usleep(5);
	}
	return NULL;
}

static int race(void *arg)
{
	pthread_t thread;
	int n = 200;
	(void)arg;
	if (pthread_create(&thread, NULL, counts_in_a_thread, &n) != 0)
		return -EAGAIN;
	int err = cio_await(cio_spawn(counts_in_a_task, &n));
	pthread_join(thread, NULL);
	return err;
}

static NOINLINE int counts_in_a_job(void *arg)
{
	return counts_in_a_thread(arg) == NULL ? 0 : -1;
}

static int race_with_a_job(void *arg)
{
	int n = 200;
	(void)arg;
	cio_task *t = cio_spawn(counts_in_a_task, &n);
	int err = cio_to_thread(counts_in_a_job, &n);
	int result = cio_await(t);
	return err < 0 ? err : result;
}

/* ---- a bug for valgrind ---- */

static NOINLINE int looks_at_nothing(const int *n)
{
	int *volatile p = malloc(sizeof *p * 4);
	int err = cio_sleep(CIO_US(5));
	if (p[*n] == 4711)
		sink = 1;
	free(p);
	return err;
}

static int uninitialised(void *arg)
{
	(void)arg;
	return cio_await(cio_spawn(looks_at_nothing, &(int){2}));
}

static int nothing_wrong(void *arg)
{
	int n = 3;
	(void)arg;
	return cio_await(cio_spawn(counts_in_a_task, &n));
}

/* ---- running one ---- */

struct planted {
	const char *name;
	int (*fn)(void *);
	const char *kind;  /* in the report; NULL: there is none */
	const char *where; /* a function in it */
};

static const struct planted all[] = {
	{"nothing wrong", nothing_wrong, NULL, NULL},
#if defined(CIO__ASAN)
	{"stack overflow", stack_overflow,
		"AddressSanitizer: stack-buffer-overflow",
		"writes_past_its_array"},
	{"use after return", use_after_return,
		"AddressSanitizer: stack-use-after-return",
		"reads_a_dead_local"},
	{"use after free", use_after_free,
		"AddressSanitizer: heap-use-after-free", "reads_the_freed"},
	{"receive past the end", receive_past_the_end,
		"AddressSanitizer: heap-buffer-overflow", "receive"},
	{"receive into the freed", receive_into_the_freed,
		"AddressSanitizer: heap-use-after-free", "receive"},
#elif defined(CIO__TSAN)
	{"race", race, "ThreadSanitizer: data race", "counts_in_a_task"},
	{"race with a job", race_with_a_job, "ThreadSanitizer: data race",
		"counts_in_a_task"},
#else
	{"uninitialised", uninitialised, "uninitialised", "looks_at_nothing"},
#endif
};

#if defined(CIO__ASAN) || defined(CIO__TSAN)
enum { BY_VALGRIND = 0 };
#else
enum { BY_VALGRIND = 1 };
#endif

static char said[256 * 1024];

static void add_option(const char *name, const char *option)
{
	const char *before = getenv(name);
	char text[1024];
	snprintf(text, sizeof text, "%s%s%s", before != NULL ? before : "",
		before != NULL ? ":" : "", option);
	setenv(name, text, 1);
}

static _Noreturn void become(const char *name)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n <= 0)
		_exit(97);
	self[n] = '\0';
	add_option("ASAN_OPTIONS", "detect_stack_use_after_return=1:color=never");
	add_option("TSAN_OPTIONS", "halt_on_error=1:color=never");
	if (BY_VALGRIND) {
		setenv("CIO_GUARD", "mprotect", 1);
		execlp("valgrind", "valgrind", "-q", "--error-exitcode=99",
			self, "--planted", name, (char *)NULL);
	} else {
		execl(self, self, "--planted", name, (char *)NULL);
	}
	_exit(98);
}

/* The program's exit status; what it said is in `said`. */
static int run_planted(const char *name)
{
	int ends[2], status = 0;
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		become(name);
	}
	close(ends[1]);
	size_t n = 0;
	ssize_t got;
	while ((got = read(ends[0], said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void must_say(const char *text)
{
	if (strstr(said, text) == NULL)
		fail_msg("the report does not have '%s': %s", text, said);
}

static void is_seen(void **state)
{
	const struct planted *p = *state;
	int status = run_planted(p->name);
	if (BY_VALGRIND && status == 98)
		check_skip("valgrind is not installed");
	if (p->kind == NULL) {
		if (status != 0)
			fail_msg("status %d: %s", status, said);
		return;
	}
	assert_int_not_equal(status, 0);
	must_say(p->kind);
	must_say(p->where);
}

/* What valgrind says of a task on uring is not to be trusted. */
static bool can_be_asked(void)
{
	const char *driver = check_driver();
	return !BY_VALGRIND || strcmp(driver, "uring") != 0;
}

static void not_on_uring(void **state)
{
	(void)state;
	check_skip("valgrind does not know io_uring");
}

int main(int argc, char **argv)
{
	enum { N = sizeof all / sizeof *all };
	struct CMUnitTest tests[N] = {{0}};
	if (argc == 3 && strcmp(argv[1], "--planted") == 0) {
		for (size_t i = 0; i < N; i++)
			if (strcmp(all[i].name, argv[2]) == 0)
				return cio_run(all[i].fn, NULL) < 0;
		return 96;
	}
	for (size_t i = 0; i < N; i++)
		tests[i] = (struct CMUnitTest){.name = all[i].name,
			.test_func = can_be_asked() ? is_seen : not_on_uring,
			.initial_state = (void *)(uintptr_t)&all[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
