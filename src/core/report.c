/* SPDX-License-Identifier: MIT */
/*
 * report.c - what the runtime has to say, and the tasks' error texts
 *
 * The library prints nothing by itself; `cio_run`'s default hook does, one line
 * in one write, so that lines of several loops do not mix.
 */
#include "core/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

enum { REPORT_BYTES = 512, TEXT_BYTES = 256 };

/* ---- reports ---- */

static void to_stderr(cio_level level, const char *text)
{
	if (level < CIO_LEVEL_WARNING)
		return;
	char line[REPORT_BYTES + 32];
	int n = snprintf(line, sizeof line, "cio: %s: %s\n",
		level == CIO_LEVEL_WARNING ? "warning" : "error", text);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nobody left to tell */
}

static void report_text(const cio_run_options *o, cio_level level,
	const char *text)
{
	static _Thread_local bool telling;
	if (o->quiet)
		return;
	if (o->report == NULL || telling) {
		to_stderr(level, text);
		return;
	}
	telling = true; /* what the hook reports itself does not come back to it */
	o->report(o->report_arg, level, text);
	telling = false;
}

void cio_report(cio_level level, const char *format, ...)
{
	static const cio_run_options defaults;
	char text[REPORT_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	report_text(cio__loop != NULL ? &cio__loop->options : &defaults, level,
		text);
}

/* ---- error texts ---- */

static _Thread_local char thread_text[TEXT_BYTES]; /* outside tasks */

static char *text_of_caller(void)
{
	cio_task *t = cio_current_task();
	if (t == NULL)
		return thread_text;
	if (t->text == NULL)
		t->text = cio__zalloc(TEXT_BYTES);
	return t->text;
}

int cio_fail(int err, const char *format, ...)
{
	char *text = text_of_caller();
	if (text == NULL)
		return err; /* no memory for the detail: the code remains */
	char made[TEXT_BYTES]; /* the arguments may point into the old text */
	va_list args;
	va_start(args, format);
	(void)vsnprintf(made, sizeof made, format, args);
	va_end(args);
	memcpy(text, made, sizeof made);
	return err;
}

const char *cio_error_text(void)
{
	cio_task *t = cio_current_task();
	if (t == NULL)
		return thread_text;
	return t->text != NULL ? t->text : "";
}
