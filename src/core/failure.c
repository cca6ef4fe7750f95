/* SPDX-License-Identifier: MIT */
/*
 * failure.c - a driver that cannot be asked for events
 *
 * One turn that fails may be an accident, and the next one makes up for it. If
 * none works any more for PATIENCE, nothing that waits for the kernel will ever
 * be woken: the run fails with the driver's error, the main task and all others
 * are cancelled, and clocks and memory still work for their ends. What waits for
 * the kernel even then is given up when `.drain` is over.
 *
 * Each error is told once a second: the loop comes by here at full speed.
 */
#include "core/core.h"

static const cio_duration PATIENCE = CIO_S(1), A_SECOND = CIO_S(1);
enum { TURNS = 16 }; /* at least so many: the machine may have slept */

static void tell(struct failure *f, cio_time now, int err)
{
	unsigned bit = (unsigned)-err % (64 * FAILURE_WORDS);
	if (now - f->second >= A_SECOND) {
		memset(f->told, 0, sizeof f->told);
		f->second = now;
	}
	if (f->told[bit / 64] & UINT64_C(1) << bit % 64)
		return;
	f->told[bit / 64] |= UINT64_C(1) << bit % 64;
	cio_report(CIO_LEVEL_ERROR, "the driver failed: %s", cio_strerror(err));
}

static void fail_run(cio_loop *l, int err)
{
	cio_duration limit = l->options.drain;
	l->failure.given_up = cio_time_after(limit > 0 ? limit : CIO_S(5));
	team_failed(l, cio_fail(err, "the driver failed, turn after turn: %s",
		cio_strerror(err)));
	cio__task_cancel("", l->main, "the driver has failed");
	scope_cancel(&l->root.scope, "the driver has failed", "");
}

static void name_stuck(cio_loop *l)
{
	for (cio_link *at = l->tasks.next; at != &l->tasks; at = at->next) {
		cio_task *t = container_of(at, cio_task, all);
		if (!t->done)
			cio_report(CIO_LEVEL_ERROR,
				"task %s, spawned at %s, did not end in time: "
				"it waits for %s", t->name, t->site,
				t->park != NULL ? t->park->what : "its turn");
	}
}

void failure_note(cio_loop *l, int err)
{
	struct failure *f = &l->failure;
	if (f->turns++ == 0)
		f->since = l->now;
	tell(f, l->now, err);
	if (f->given_up == 0 && f->turns >= TURNS &&
		l->now - f->since >= PATIENCE)
		fail_run(l, err);
}

bool failure_ends(cio_loop *l)
{
	const struct failure *f = &l->failure;
	if (f->turns == 0 || f->given_up == 0 || l->now < f->given_up)
		return false;
	name_stuck(l);
	return true;
}
