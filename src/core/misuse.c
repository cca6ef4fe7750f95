/* SPDX-License-Identifier: MIT */
/*
 * misuse.c - calls from where they cannot work
 *
 * A call that can give an error gives one, with a text; one that cannot ends the
 * process, with one line that says who did what, and what to do instead.
 */
#include "core/core.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES = 1024, WHY_BYTES = 512 };

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
#define IN_CHILD "call exec or _exit in the child, or run a new loop"

/* ---- after a fork ---- */

/* The thread stands in a copy of what ran in a loop of the parent's. */
static _Thread_local struct {
	bool so;
	const char *task, *site; /* NULL: a callback */
} forked;

void misuse_forked(const cio_task *t)
{
	forked.so = true;
	forked.task = t != NULL ? t->name : NULL;
	forked.site = t != NULL ? t->site : NULL;
}

/* Why there is no loop; `why` has room for WHY_BYTES. */
static const char *outside(char *why)
{
	if (!forked.so)
		return OUTSIDE;
	if (forked.task != NULL)
		(void)snprintf(why, WHY_BYTES, "in a forked child: this process "
			"was forked inside task %s (spawned at %s): " IN_CHILD,
			forked.task, forked.site);
	else
		(void)snprintf(why, WHY_BYTES, "in a forked child: this process "
			"was forked inside a callback: " IN_CHILD);
	return why;
}

_Noreturn void misuse_in_child(const char *what)
{
	char why[WHY_BYTES];
	die(what, outside(why));
}

_Noreturn void misuse_parents_loop(const char *call)
{
	die(call, "in a forked child, to a loop of its parent's: " IN_CHILD);
}

/* ---- no loop, no task ---- */

_Noreturn void misuse_no_loop(const char *call)
{
	char why[WHY_BYTES];
	die(call, outside(why));
}

_Noreturn void misuse_no_task(const char *call)
{
	char why[WHY_BYTES];
	die(call, cio__loop == NULL ? outside(why) : NO_TASK);
}

/* ---- what is not the caller's to use ---- */

void cio__misuse(const char *format, ...)
{
	char what[WHY_BYTES], who[LINE_BYTES - WHY_BYTES - sizeof "cio:  \n"];
	const cio_task *t = cio_current_task();
	va_list args;
	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (t != NULL)
		(void)snprintf(who, sizeof who, "task %s (spawned at %s)",
			t->name, t->site);
	else
		(void)snprintf(who, sizeof who, "%s", cio__loop != NULL ?
			"a callback" : "a thread outside any loop");
	die(who, what);
}

#define OTHER_LOOP \
	"of another loop: between loops go channels, cio_call_threadsafe and " \
	"cio_run_threadsafe"

_Noreturn void misuse_other_loop(const char *call)
{
	cio__misuse("calls %s for what is " OTHER_LOOP, call);
}

_Noreturn void misuse_wake(const cio_task *t)
{
	cio__misuse("wakes task %s (spawned at %s) " OTHER_LOOP, t->name,
		t->site);
}

void cio__handle_misuse(const cio_handle *h, const char *call)
{
	char text[CIO_HANDLE_TEXT], what[WHY_BYTES];
	(void)snprintf(what, sizeof what, "%s of %s", call,
		cio__handle_text(h, text));
	if (cio__loop == NULL)
		misuse_no_loop(what);
	cio__misuse("calls %s, " OTHER_LOOP, what);
}

void cio__handle_closed(const cio_handle *h, const char *does)
{
	char text[CIO_HANDLE_TEXT];
	cio__misuse("%s %s, which is closed", does, cio__handle_text(h, text));
}

/* ---- errors ---- */

int misuse_refuse_other(const char *what)
{
	return cio_fail(-EINVAL, "%s " OTHER_LOOP, what);
}

int misuse_refuse(void)
{
	char why[WHY_BYTES];
	return cio_fail(-EDEADLK, "a blocking call %s",
		cio__loop == NULL ? outside(why) : NO_TASK);
}

int cio__handle_refuse(const cio_handle *h)
{
	char text[CIO_HANDLE_TEXT];
	return cio__loop == NULL ? misuse_refuse_wait() :
		misuse_refuse_other(cio__handle_text(h, text));
}

int misuse_refuse_wait(void)
{
	if (cio__loop == NULL && forked.so)
		misuse_in_child("a wait");
	return misuse_refuse();
}
