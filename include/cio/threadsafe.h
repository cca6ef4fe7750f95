/* SPDX-License-Identifier: MIT */
#ifndef CIO_THREADSAFE_H
#define CIO_THREADSAFE_H

#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Threadsafe: from a plain thread into a loop.
 *
 *	cio_loop_ref *loop;                 in a task: a way in, for the thread
 *	int err = cio_loop_ref_take(&loop);
 *
 *	cio_future *f;                      in the thread
 *	err = cio_run_threadsafe(loop, fetch_it, &it, &f);
 *	if (err == 0)
 *		err = cio_future_wait(f);
 *	cio_loop_ref_put(loop);
 *
 * A reference keeps the loop from being taken for deadlocked, as long as the
 * process has a thread that could use it, but not from ending: when `cio_run`
 * ends, what was accepted before is still called and cancelled, whoever waits gets
 * a result, and from then on every call through the reference is -ESHUTDOWN. It
 * stays valid until it is put.
 */
typedef struct cio_loop_ref cio_loop_ref;

/* Make a reference to the calling loop; the caller owns it, and may give it to
 * a thread. Never yields. -ENOMEM; -ESHUTDOWN outside a loop. */
CIO_API CIO_MUST_CHECK int cio_loop_ref_take(cio_loop_ref **out);

/* One more owner of the same reference, which is returned. From any thread. */
CIO_API cio_loop_ref *cio_loop_ref_dup(cio_loop_ref *loop);

/* Give up one owner's share. From any thread; NULL is ignored. */
CIO_API void cio_loop_ref_put(cio_loop_ref *loop);

/* `int cio_call_threadsafe(cio_loop_ref *, int (*fn)(void *), void *arg)`: have
 * `fn(arg)` called on the loop's own stack, as by `cio_call_soon`, in order of
 * asking. From any thread. 0: it will be called, once; -ESHUTDOWN, -ENOMEM: it
 * will not. */
#define cio_call_threadsafe(loop, fn, arg) \
	cio__call_threadsafe((loop), (fn), (arg), #fn, CIO__SITE)

/* The result, to come, of a task that a thread has started. */
typedef struct cio_future cio_future;

/* `int cio_run_threadsafe(cio_loop_ref *, int (*fn)(void *), void *arg,
 * cio_future **out)`: start a task `fn(arg)` in the loop. `arg` is not copied.
 * From any thread. 0, and the future is the caller's, who gives it to
 * `cio_future_wait` or `cio_future_detach`; -ESHUTDOWN, -ENOMEM. */
#define cio_run_threadsafe(loop, fn, arg, out) \
	cio__run_threadsafe((loop), (fn), (arg), (out), #fn, CIO__SITE)

/* Block the calling thread until the task has ended and return its result, with
 * its error text; the future is used up. -ESHUTDOWN if the loop ended without
 * being able to end the task. -EDEADLK, and it is not used up, from a thread
 * that runs a loop itself. */
CIO_API int cio_future_wait(cio_future *f);

/* Block for at most `d`: 0 once the result is there, -ETIMEDOUT if it is not
 * (the task goes on), -EDEADLK as above. The future stays the caller's. */
CIO_API int cio_future_wait_for(cio_future *f, cio_duration d);

/* Is the result there? From its owner's thread. Never blocks. */
CIO_API bool cio_future_done(cio_future *f);

/* `void cio_future_cancel(cio_future *f)`: cancel the task, as by
 * `cio_task_cancel`; its result still comes. No-op once it has ended. Never
 * blocks. */
#define cio_future_cancel(...) cio__future_cancel(CIO__SITE, __VA_ARGS__)

/* Give up the future: the task ends on its own, an error of its is reported.
 * NULL is ignored. */
CIO_API void cio_future_detach(cio_future *f);

CIO_API void cio__future_cancel(const char *site, cio_future *f);
CIO_API int cio__call_threadsafe(cio_loop_ref *loop, int (*fn)(void *),
	void *arg, const char *name, const char *site);
CIO_API int cio__run_threadsafe(cio_loop_ref *loop, int (*fn)(void *),
	void *arg, cio_future **out, const char *name, const char *site);

CIO_END_DECLS
#endif
