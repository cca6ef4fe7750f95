/* SPDX-License-Identifier: MIT */
#ifndef CIO_CALL_H
#define CIO_CALL_H

#include <cio/scope.h>
#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Call: have the loop call a function, soon or at a time (asyncio's call_soon,
 * call_later and call_at).
 *
 *	static cio_call tick;
 *	static int on_tick(void *arg) { ... return 0; }
 *
 *	cio_call_later(&tick, CIO_MS(200), on_tick, NULL);
 *
 * The function runs on the loop's own stack, between tasks: it may spawn, set,
 * put, cancel and make calls, but it cannot wait (a blocking call is -EDEADLK
 * there). What it returns below 0 is reported as an error, and the loop goes
 * on.
 *
 * The order. Calls for soon are made first in, first out, after the tasks that
 * were ready when the first of them was asked for, and before the loop asks for
 * events again: who asks and then yields finds them made. When the loop has
 * asked for events, it makes those that were left, then lets the tasks go on that
 * have got their events, then makes the calls whose time has come, by their
 * times, then lets those go on that slept. A call for soon that is made from
 * within a call comes after all that were there before, and does not keep events
 * from being seen.
 *
 * A call is a plain value, zeroed before its first use: no allocation, nothing
 * to destroy. It belongs to one loop and stays where it is until it was made or
 * cancelled, or the run ends. What the main function has asked for soon is still
 * made after its return; any other call that is left then is not, and is free to
 * be used in another run. The function sees the context (<cio/context.h>) of
 * whoever asked for the call.
 */
typedef struct cio_call {
	cio_link link; /* private, all of it */
	cio_timer timer;
	int (*fn)(void *arg);
	void *arg;
	const char *name, *site;
	struct cio_context *context;
} cio_call;

/* `void cio_call_soon(cio_call *c, int (*fn)(void *), void *arg)`: have
 * `fn(arg)` called once, after the calls that were asked for before. In it `c`
 * is free to be used again. A call that is pending is moved. Never yields. */
#define cio_call_soon(c, fn, arg) \
	cio__call_soon((c), (fn), (arg), #fn, CIO__SITE)

/* The same after `d` has passed, or at the time `at` of `cio_now`; what is over
 * already is called soon, CIO_NEVER is not called. Never yields. */
#define cio_call_later(c, d, fn, arg) \
	cio__call_later((c), (d), (fn), (arg), #fn, CIO__SITE)
#define cio_call_at(c, at, fn, arg) \
	cio__call_at((c), (at), (fn), (arg), #fn, CIO__SITE)

/* Take it back: no call any more. No-op if there is none. Never yields. */
CIO_API void cio_call_cancel(cio_call *c);

/* Is it still to be made? */
CIO_API bool cio_call_pending(const cio_call *c);

CIO_API void cio__call_soon(cio_call *c, int (*fn)(void *), void *arg,
	const char *name, const char *site);
CIO_API void cio__call_later(cio_call *c, cio_duration d, int (*fn)(void *),
	void *arg, const char *name, const char *site);
CIO_API void cio__call_at(cio_call *c, cio_time at, int (*fn)(void *),
	void *arg, const char *name, const char *site);

CIO_END_DECLS
#endif
