/* SPDX-License-Identifier: MIT */
/*
 * every.c - again and again, on a fixed schedule
 *
 * The next due time is computed from the last due time, never from the clock,
 * which only says how many of them have passed.
 */
#include <cio/every.h>

#include <cio/impl.h>
#include <cio/time.h>

#include <errno.h>

/* The first due time after `due` that has not passed. */
static cio_time next_due(cio_time due, cio_duration period, uint64_t *missed)
{
	cio_time now = cio_now();
	due = cio_time_add(due, period);
	if (due >= now)
		return due;
	cio_time behind = (now - due) / period + ((now - due) % period != 0);
	*missed += (uint64_t)behind;
	return cio_time_add(due, behind * period);
}

static void report_failure(const char *name, uint64_t round, int err)
{
	const char *text = cio_error_text();
	cio_report(CIO_LEVEL_WARNING, "%s: round %llu failed: %s%s%s",
		name != NULL ? name : cio_task_name(cio_current_task()),
		(unsigned long long)round, cio_strerror(err),
		text[0] != 0 ? ": " : "", text);
}

/* A text of an earlier failure would be taken for this one's. */
static void forget_error_text(void)
{
	if (cio_error_text()[0] != 0)
		(void)cio_fail(0, "%s", "");
}

static void run_round(const cio_every_options *o, cio_every_figures *f,
	int (*fn)(void *), void *arg)
{
	forget_error_text();
	f->rounds++;
	int err = fn(arg);
	bool refusal = err == -ECANCELED || err == -ETIMEDOUT;
	if (err >= 0 || (refusal && cio_refused() < 0))
		return;
	f->failed++;
	report_failure(o->name, f->rounds, err);
}

int cio_every_with(const cio_every_options *o, int (*fn)(void *), void *arg)
{
	cio_every_figures unseen = {0};
	cio_every_figures *f = o->figures != NULL ? o->figures : &unseen;
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (o->period <= 0)
		return cio_fail(-EINVAL, "a period of %lld ns",
			(long long)o->period);
	for (cio_time due = cio_now();;
		due = next_due(due, o->period, &f->missed)) {
		err = cio_sleep_until(due);
		if (err < 0)
			return err;
		run_round(o, f, fn, arg);
	}
}

int cio_every(cio_duration period, int (*fn)(void *), void *arg)
{
	return cio_every_with(&(cio_every_options){.period = period}, fn, arg);
}
