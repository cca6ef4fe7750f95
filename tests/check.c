/* SPDX-License-Identifier: MIT */
/*
 * check.c - runs that must leave nothing behind
 *
 * A leak is measured from outside, by counting before and after a whole run, so
 * that no test can forget to look. Nothing here allocates through cio between
 * the two counts.
 */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <cio/buf.h>
#include <cio/run.h>
#include <cio/sim.h>

/* A run with more points than this does not get shorter as it should. */
#define MOST_POINTS 100000

static char reports[16 * 1024];
static size_t reports_n;
static _Atomic int failures; /* of CHECKs, since the run began */

/* ---- CHECK ---- */

bool check_that(int holds, const char *text, const char *file, int line)
{
	if (!holds) {
		printf("# %s:%d: not so: %s\n", file, line, text);
		atomic_fetch_add(&failures, 1);
	}
	return holds;
}

bool check_equal(long long got, long long want, const char *text,
	const char *file, int line)
{
	if (got != want) {
		printf("# %s:%d: %s is %lld, not %lld\n", file, line, text, got,
			want);
		atomic_fetch_add(&failures, 1);
	}
	return got == want;
}

void check_skip_reason(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fputs("# skip: ", stdout);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
}

/* ---- descriptors ---- */

/* Count the open descriptors; with `show`, name each. */
static int scan_fds(bool show)
{
	DIR *dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return -1;
	int n = 0;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		int fd = atoi(e->d_name);
		if (e->d_name[0] == '.' || fd == dirfd(dir))
			continue;
		n++;
		if (!show)
			continue;
		char path[64], target[256];
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		ssize_t len = readlink(path, target, sizeof target);
		printf("#   fd %d: %.*s\n", fd, len < 0 ? 0 : (int)len, target);
	}
	closedir(dir);
	return n;
}

int check_open_fds(void)
{
	return scan_fds(false);
}

/* ---- runs ---- */

static void collect(void *arg, cio_level level, const char *text)
{
	static const char *const names[] = {"debug", "info", "warning", "error"};
	(void)arg;
	printf("# report: %s: %s\n", names[level], text);
	int n = snprintf(reports + reports_n, sizeof reports - reports_n,
		"%s: %s\n", names[level], text);
	if (n > 0 && (size_t)n < sizeof reports - reports_n)
		reports_n += (size_t)n;
}

const char *check_reports(void)
{
	return reports;
}

bool check_wrapped(void)
{
	return getenv("CHECK_WRAP") != NULL;
}

const char *check_driver(void)
{
	const char *name = getenv("CIO_DRIVER");
	return name != NULL ? name : "";
}

int check_run_as(int (*fn)(void *), void *arg, uint64_t seed, const char *when)
{
	reports_n = 0;
	reports[0] = 0;
	atomic_store(&failures, 0);

	int fds = check_open_fds();
	uint64_t blocks = cio_sim_blocks();
	int result = cio_run_with(&(cio_run_options){.report = collect,
			.seed = seed}, fn, arg);
	uint64_t blocks_after = cio_sim_blocks();
	int fds_after = check_open_fds();

	if (fds_after != fds) {
		scan_fds(true);
		fail_msg("%sthe run began with %d descriptors and left %d", when,
			fds, fds_after);
	}
	if (blocks_after != blocks)
		fail_msg("%sthe run began with %llu heap blocks and left %llu",
			when, (unsigned long long)blocks,
			(unsigned long long)blocks_after);
	int failed = atomic_load(&failures);
	if (failed > 0)
		fail_msg("%s%d CHECKs failed", when, failed);
	return result;
}

int check_run(int (*fn)(void *), void *arg)
{
	return check_run_as(fn, arg, 0, "");
}

uint64_t check_cancel_everywhere(int (*fn)(void *), void *arg,
	const char *name)
{
	uint64_t k = 1;
	for (;; k++) {
		char when[160];
		snprintf(when, sizeof when, "%s, cancelled at suspension %llu: ",
			name, (unsigned long long)k);
		cio_sim_cancel_at(k);
		check_run_as(fn, arg, 0, when);
		if (cio_sim_suspensions() < k)
			break;
		if (k == MOST_POINTS)
			fail_msg("%sthere is no end to it", when);
	}
	cio_sim_cancel_at(0);
	printf("# cancel-everywhere %s: %llu points\n", name,
		(unsigned long long)(k - 1));
	if (k == 1)
		fail_msg("%s never suspends: nothing was tried", name);
	return k - 1;
}

/* Is a failure ordered from cio_sim_fail_allocation still to come? It is looked
 * for a little way ahead, since runs may differ by a few allocations. */
static bool failure_is_left(void)
{
	bool left = false;
	for (int i = 0; i < 64 && !left; i++) {
		cio_buf b = {0};
		left = cio_buf_puts(&b, "x") == -ENOMEM;
		cio_buf_finish(&b);
	}
	cio_sim_fail_allocation(0);
	return left;
}

uint64_t check_fail_allocations(int (*fn)(void *), void *arg,
	const char *name)
{
	uint64_t n = 1;
	for (;; n++) {
		char when[160];
		snprintf(when, sizeof when, "%s, allocation %llu failing: ", name,
			(unsigned long long)n);
		cio_sim_fail_allocation(n);
		check_run_as(fn, arg, 0, when);
		if (failure_is_left())
			break;
		if (n == MOST_POINTS)
			fail_msg("%sthere is no end to it", when);
	}
	printf("# fail-allocations %s: %llu points\n", name,
		(unsigned long long)(n - 1));
	if (n == 1)
		fail_msg("%s never allocates: nothing was tried", name);
	return n - 1;
}

/* ---- the limit on hanging ---- */

static void say(const char *s)
{
	if (write(STDERR_FILENO, s, strlen(s)) < 0)
		return; /* nobody is left to be told */
}

static void hung(int sig)
{
	void *frames[64];
	(void)sig;
	say("\n# HANG: ");
	say(program_invocation_name);
	say(" did not end in time on driver '");
	say(check_driver());
	say("'; it was here:\n");
	backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
	signal(SIGABRT, SIG_DFL);
	abort();
}

__attribute__((constructor)) static void limit_hanging(void)
{
	const char *text = getenv("CHECK_SECONDS");
	int seconds = text != NULL ? atoi(text) : 100;
	void *frame[1];

	/* A program that dies must not take its last lines with it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	backtrace(frame, 1); /* loads the unwinder now, not in the handler */
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = hung}, NULL);
	alarm(seconds > 0 ? (unsigned)seconds : 100);
	if (getenv("CHECK_ONLY") != NULL)
		cmocka_set_test_filter(getenv("CHECK_ONLY"));
}
