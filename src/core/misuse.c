/* SPDX-License-Identifier: MIT */
/*
 * misuse.c - calls from where they cannot work
 *
 * A call that can give an error gives -EDEADLK, with a text; one that cannot ends
 * the process, with one line that says what to do instead.
 */
#include "core/core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES = 256 };

static _Noreturn void die(const char *call, const char *why)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof line, "cio: %s %s\n", call, why);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		abort();
	abort();
}

#define OUTSIDE \
	"outside a loop: only what cio_run runs may call it; other threads have " \
	"cio_call_threadsafe and cio_run_threadsafe"
#define NO_TASK \
	"in a callback, which cannot wait: spawn a task that calls it"

_Noreturn void misuse_no_loop(const char *call)
{
	die(call, OUTSIDE);
}

_Noreturn void misuse_no_task(const char *call)
{
	die(call, cio__loop == NULL ? OUTSIDE : NO_TASK);
}

int misuse_refuse(void)
{
	return cio_fail(-EDEADLK, "a blocking call %s",
		cio__loop == NULL ? OUTSIDE : NO_TASK);
}
