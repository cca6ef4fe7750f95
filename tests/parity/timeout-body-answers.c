/* SPDX-License-Identifier: MIT */
/* the limit passes, but the body has an answer of its own */
/* drivers: sim */
#include "parity.h"

static int own_error(int err)
{
	(void)err;
	return raise_error("boom");
}

static int own_error_after_wait(int err)
{
	(void)err;
	clean_for(2 * T);
	return raise_error("late boom");
}

static int swallow(int err)
{
	(void)err;
	clean_for(2 * T);
	return 0;
}

static int pass_on(int err)
{
	return err;
}

static void attempt(const char *label, int (*answer)(int err))
{
	cio_scope s;
	cio_scope_begin(&s, cio_now() + 2 * T);
	int err = cio_scope_end(&s, answer(cio_sleep(LONG)));
	CHECK_INT(cio_sleep(T), 0);
	say("%s -> %s | expired %d | requests %d", label,
		err == 0 ? "no error" : outcome(err), cio_scope_expired(&s),
		refused_now());
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("own error", own_error);
	attempt("own error after a wait", own_error_after_wait);
	attempt("swallowed", swallow);
	attempt("passed on", pass_on);
	return 0;
}
