/* SPDX-License-Identifier: MIT */
/*
 * signal.c - process signals, told to the loop that watches them
 *
 * The handler does two things, both safe in a handler: it sets a bit in the
 * owning loop and wakes the loop's driver. A signal has one owner at a time: a
 * loop that watches it or, under `.signals`, all workers of a run together. Any
 * thread of the process may be in the handler, so who gives a signal up waits
 * until nobody is: the loop may end next.
 */
#include <cio/signal.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#include "core/core.h"

enum { SIGNALS = 64 };

static _Atomic(void *) owner[SIGNALS]; /* a loop; of on_interrupt: a team */
static struct sigaction before[SIGNALS];
static _Atomic int handling; /* threads that are in the handler */
static _Atomic int interrupts; /* SIGINT or SIGTERM under `.signals` */

void signals_tell(cio_loop *l, uint64_t bits)
{
	int saved = errno;
	atomic_fetch_or(&l->signals, bits);
	l->driver->ops->wake(l->driver);
	errno = saved;
}

static void on_signal(int signo)
{
	atomic_fetch_add(&handling, 1);
	cio_loop *l = atomic_load(&owner[signo]);
	if (l != NULL)
		signals_tell(l, CIO_SIGNAL(signo));
	atomic_fetch_sub(&handling, 1);
}

/* The second one must end the process even if the loop is stuck. */
static void on_interrupt(int signo)
{
	if (atomic_fetch_add(&interrupts, 1) > 0) {
		(void)signal(signo, SIG_DFL);
		(void)raise(signo);
		return;
	}
	atomic_fetch_add(&handling, 1);
	struct team *t = atomic_load(&owner[signo]);
	if (t != NULL)
		team_tell(t, CIO_SIGNAL(signo));
	atomic_fetch_sub(&handling, 1);
}

static int watch(void *who, int signo, void (*handler)(int))
{
	void *nobody = NULL;
	if (!atomic_compare_exchange_strong(&owner[signo], &nobody, who))
		return -EBUSY;
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
	(void)sigemptyset(&sa.sa_mask);
	if (sigaction(signo, &sa, &before[signo]) < 0) {
		int err = -errno;
		atomic_store(&owner[signo], NULL);
		return err;
	}
	return 0;
}

/* Is the handler still ours? Others may have come after us. */
static bool has_handler(int signo)
{
	struct sigaction now;
	return sigaction(signo, NULL, &now) == 0 &&
		!(now.sa_flags & SA_SIGINFO) &&
		(now.sa_handler == on_signal || now.sa_handler == on_interrupt);
}

static void unwatch(uint64_t mask)
{
	for (int signo = 1; signo < SIGNALS; signo++) {
		if (!(mask & CIO_SIGNAL(signo)))
			continue;
		if (has_handler(signo))
			(void)sigaction(signo, &before[signo], NULL);
		atomic_store(&owner[signo], NULL);
	}
	while (atomic_load(&handling) > 0)
		(void)sched_yield();
}

static void unwatch_for_loop(cio_loop *l, uint64_t mask)
{
	unwatch(mask);
	atomic_fetch_and(&l->signals, ~mask); /* came too late for anybody */
}

/* ---- cio_signals ---- */

/* What is noted lies here: a cio_signals may lie on the stack of somebody who
 * has left without closing it, and then it must not be touched any more. */
static struct noted {
	cio_handle handle;
	uint64_t mask;
} noted[SIGNALS]; /* by the lowest signal that is watched */

static void describe_left(cio_handle *h, char *text)
{
	uint64_t mask = container_of(h, struct noted, handle)->mask;
	(void)snprintf(text, CIO_HANDLE_TEXT, "for signal %d%s",
		__builtin_ctzll(mask), mask & (mask - 1) ? " and more" : "");
}

static void close_left(cio_handle *h)
{
	unwatch_for_loop(cio__loop,
		container_of(h, struct noted, handle)->mask);
	list_init(&cio__loop->watchers); /* all of them are being closed */
}

static void note(uint64_t mask, const char *site)
{
	static const cio_handle_kind kind = {"signals watcher", describe_left,
		close_left};
	struct noted *n = &noted[__builtin_ctzll(mask)];
	n->mask = mask;
	cio_handle_note(&n->handle, &kind, site);
}

int cio__signals_open(const char *site, cio_signals *s, uint64_t mask)
{
	cio_loop *l = cio__loop;
	*s = (cio_signals){0};
	if (l == NULL)
		return misuse_refuse();
	if (mask == 0 || mask & (CIO_SIGNAL(SIGKILL) | CIO_SIGNAL(SIGSTOP) | 1))
		return cio_fail(-EINVAL, "signals 0x%llx: none, or one that cannot be caught",
			(unsigned long long)mask);
	for (int signo = 1; signo < SIGNALS; signo++) {
		if (!(mask & CIO_SIGNAL(signo)))
			continue;
		int err = watch(l, signo, on_signal);
		if (err < 0) {
			unwatch_for_loop(l, s->mask);
			s->mask = 0;
			return cio_fail(err, "signal %d is watched already", signo);
		}
		s->mask |= CIO_SIGNAL(signo);
	}
	list_push(&l->watchers, &s->link);
	note(mask, site);
	return 0;
}

void cio_signals_close(cio_signals *s)
{
	cio_loop *l = loop_for("cio_signals_close");
	cio_waiter *w;
	if (s->mask != 0) /* while the place is still ours */
		cio_handle_forget(&noted[__builtin_ctzll(s->mask)].handle);
	unwatch_for_loop(l, s->mask);
	list_remove(&s->link);
	s->mask = 0;
	while ((w = cio_first_waiter(&s->waiters)) != NULL)
		cio_unpark(w); /* `s` may be gone when they run */
}

static int take(uint64_t *arrived)
{
	int signo = __builtin_ctzll(*arrived);
	*arrived &= *arrived - 1;
	return signo;
}

int cio_signals_wait(cio_signals *s)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (s->arrived != 0)
		return take(&s->arrived);
	cio_waiter w = {0}; /* 0 stays: closed */
	err = cio_park(&w, &s->waiters, "signal");
	if (err < 0)
		return err;
	return w.value != 0 ? (int)w.value : -ESHUTDOWN;
}

static void tell(cio_signals *s)
{
	cio_waiter *w;
	while (s->arrived != 0 && (w = cio_first_waiter(&s->waiters)) != NULL) {
		w->value = (uint64_t)take(&s->arrived);
		cio_unpark(w);
	}
}

void signals_deliver(cio_loop *l)
{
	if (atomic_load_explicit(&l->signals, memory_order_relaxed) == 0)
		return;
	uint64_t arrived = atomic_exchange(&l->signals, 0);
	if (arrived & TEAM_FAILED)
		cio__task_cancel("", l->main, "another worker has failed");
	arrived &= ~TEAM_FAILED;
	for (cio_link *at = l->watchers.next; at != &l->watchers && at != NULL;
		at = at->next) {
		cio_signals *s = container_of(at, cio_signals, link);
		s->arrived |= arrived & s->mask;
		arrived &= ~s->mask;
		tell(s);
	}
	if (arrived != 0 && l->options.signals)
		cio__task_cancel("", l->main, "interrupted by a signal");
}

/* ---- the run's own ---- */

#define INTERRUPTS (CIO_SIGNAL(SIGINT) | CIO_SIGNAL(SIGTERM))

int signals_interrupt_open(struct team *t)
{
	int err = watch(t, SIGINT, on_interrupt);
	if (err < 0)
		return err;
	err = watch(t, SIGTERM, on_interrupt);
	if (err < 0)
		unwatch(CIO_SIGNAL(SIGINT));
	return err;
}

void signals_interrupt_close(void)
{
	unwatch(INTERRUPTS);
	atomic_store(&interrupts, 0); /* for the next run */
}

void signals_forked(void)
{
	uint64_t mask = 0;
	for (int signo = 1; signo < SIGNALS; signo++)
		if (atomic_load(&owner[signo]) != NULL)
			mask |= CIO_SIGNAL(signo);
	atomic_store(&handling, 0); /* of threads that are not here */
	unwatch(mask);
	atomic_store(&interrupts, 0);
	memset(noted, 0, sizeof noted);
}

/* What a run that could not be ended has left: see `noted`. */
void signals_close(cio_loop *l)
{
	uint64_t mask = 0;
	for (int signo = 1; signo < SIGNALS; signo++)
		if (atomic_load(&owner[signo]) == l)
			mask |= CIO_SIGNAL(signo);
	if (mask != 0)
		unwatch_for_loop(l, mask);
}
