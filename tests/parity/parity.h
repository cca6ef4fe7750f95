/* SPDX-License-Identifier: MIT */
/*
 * parity.h - a scenario of asyncio, told by cio, and its output compared
 *
 *	#include "parity.h"
 *
 *	static int scenario(void *arg)
 *	{
 *		say("main yields");
 *		return cio_yield();
 *	}
 *
 * The program's one test runs `scenario` under check_run and compares what it
 * said with NAME.expected, which stands beside NAME.c. Where cio differs from
 * asyncio on purpose, the first line of that file is "# differs: RULE" and the
 * rest is cio's own; without it the lines are asyncio's to the letter.
 *
 * Before the include, PARITY_REPORTS says that the run is meant to report
 * something, and PARITY_RUNS that the file has `static void runs(void)`, which
 * calls check_run by itself, instead of `scenario`.
 */
#ifndef CIO_TESTS_PARITY_H
#define CIO_TESTS_PARITY_H

#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <cio.h>
#include <cio/impl.h>
#include <cio/queue.h>
#include <cio/sim.h>
#include <cio/wait.h>

#define MAYBE_UNUSED __attribute__((unused))

/* The scenarios' unit of time: virtual under sim, and on the real drivers long
 * enough to tell two of them apart on a busy machine. */
#define T CIO_MS(100)
#define LONG (1000 * T)

/* For a task without argument: `int job(const int *unused)`. */
#define NOTHING (&(const int){0})

#ifdef PARITY_RUNS
static void runs(void);
#else
static int scenario(void *arg);
#endif

/* ---- what was said ---- */

static char parity_said[32 * 1024];
static size_t parity_n;
static pthread_mutex_t parity_guard = PTHREAD_MUTEX_INITIALIZER;

static void parity_put(const char *format, va_list ap, const char *end)
{
	pthread_mutex_lock(&parity_guard);
	size_t room = sizeof parity_said - parity_n;
	int n = vsnprintf(parity_said + parity_n, room, format, ap);
	size_t size = n < 0 ? 0 : (size_t)n;
	if (size + 2 < room) {
		strcpy(parity_said + parity_n + size, end);
		parity_n += size + strlen(end);
	}
	pthread_mutex_unlock(&parity_guard);
}

/* A line of the scenario's output. From any thread. */
MAYBE_UNUSED CIO_PRINTF(1, 2) static void say(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	parity_put(format, ap, "\n");
	va_end(ap);
}

/* A piece of a line, which the next `say` ends. */
MAYBE_UNUSED CIO_PRINTF(1, 2) static void add(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	parity_put(format, ap, "");
	va_end(ap);
}

/* ---- words that scenarios share ---- */

/* How a call ended, in the scenarios' words. */
MAYBE_UNUSED static const char *outcome(int err)
{
	static char text[300];
	if (err >= 0)
		return "ok";
	if (err == -ETIMEDOUT)
		return "timeout";
	if (err == -ECANCELED)
		return "cancelled";
	snprintf(text, sizeof text, "error: %s",
		cio_error_text()[0] ? cio_error_text() : cio_strerror(err));
	return text;
}

/* An error of the program's own. */
MAYBE_UNUSED static int raise_error(const char *text)
{
	return cio_fail(-EIO, "%s", text);
}

/* A cleanup that waits although its task is cancelled. */
MAYBE_UNUSED static void clean_for(cio_duration d)
{
	CIO_SHIELD (d + LONG)
		(void)cio_sleep(d);
}

/* Does a cancel stand against the calling task? */
MAYBE_UNUSED static int refused_now(void)
{
	return cio_cancel_reason()[0] != 0;
}

/* Wait for tasks to end; their handles stay. */
MAYBE_UNUSED static void wait_all(cio_task *const tasks[], size_t n)
{
	CHECK_INT(cio_wait(tasks, n, CIO_ALL_COMPLETED, CIO_NEVER), (int)n);
}

/* Wait for them at most `d`: how many have ended. */
MAYBE_UNUSED static int ended_within(cio_task *const tasks[], size_t n,
	cio_duration d)
{
	int done = cio_wait(tasks, n, CIO_ALL_COMPLETED, d);
	return done < 0 ? 0 : done;
}

/* ---- the comparison ---- */

static char *parity_load(const char *source)
{
	char path[512];
	int stem = (int)strlen(source) - 2;
	snprintf(path, sizeof path, "%.*s.expected", stem, source);
	FILE *f = fopen(path, "r");
	if (f == NULL)
		fail_msg("there is no %s", path);
	static char text[sizeof parity_said];
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = 0;
	if (text[0] == '#')
		return strchr(text, '\n') + 1;
	return text;
}

static char *parity_next(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');
	if (*line == 0)
		return NULL;
	*rest = end != NULL ? end + 1 : line + strlen(line);
	if (end != NULL)
		*end = 0;
	return line;
}

static bool parity_compare(char *want, char *got)
{
	bool same = true;
	for (;;) {
		char *w = parity_next(&want), *g = parity_next(&got);
		if (w == NULL && g == NULL)
			return same;
		if (w != NULL && g != NULL && strcmp(w, g) == 0) {
			printf("#   %s\n", g);
			continue;
		}
		same = false;
		if (w != NULL)
			printf("# - %s\n", w);
		if (g != NULL)
			printf("# + %s\n", g);
	}
}

static void parity(void **state)
{
	(void)state;
#ifdef PARITY_RUNS
	runs();
#else
	assert_int_equal(check_run(scenario, NULL), 0);
#endif
#ifndef PARITY_REPORTS
	assert_string_equal(check_reports(), "");
#endif
	if (!parity_compare(parity_load(__BASE_FILE__), parity_said))
		fail_msg("the lines are not those of the .expected file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parity)};
	return cmocka_run_group_tests_name("parity", tests, NULL, NULL);
}

#endif
