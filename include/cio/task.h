/* SPDX-License-Identifier: MIT */
#ifndef CIO_TASK_H
#define CIO_TASK_H

#include <cio/base.h>

/*
 * Task: a function that runs on a stack of its own, in turns with the others.
 *
 *	struct job { int id; int *result; };
 *	static int work(const struct job *j) { *j->result = j->id; return 0; }
 *
 *	cio_task *t = cio_spawn(work, &(struct job){7, &result});
 *	...
 *	int err = cio_await(t);
 *
 * The argument is copied (at most 4 KiB), so the caller's variable may end at
 * once; the function takes a const pointer to the copy, and results go through
 * pointers in it to memory that outlives the await. Spawning only queues: the
 * body starts in its turn, and takes a stack only then. The body always runs;
 * in a task cancelled before its turn the first blocking call is refused.
 *
 * With `.eager` the body starts within the spawn and runs until it first waits,
 * yields or ends; then the spawner goes on, before anybody else has a turn. So
 * a task that need not wait is done when the spawn returns. What is spawned by a
 * callback on the loop's own stack starts in its turn all the same.
 *
 * Where nothing can wait, outside a loop or in a callback, blocking calls return
 * -EDEADLK; calls that have no error to return name themselves and abort.
 */
typedef struct cio_task cio_task;

typedef struct cio_task_options {
	const char *name;  /* must outlive the task and what it cancels; NULL: the
	                      function's name */
	size_t stack_size; /* usable bytes; 0: 192 KiB, else rounded up to 1 MiB steps */
	bool eager;        /* start within the spawn, see above */
} cio_task_options;

CIO_BEGIN_DECLS

#define CIO_STACK_LARGE ((size_t)1 << 20)

/* `cio_task *cio_spawn(int (*fn)(const T *), const T *arg)`: start a task. The
 * handle belongs to the caller, who gives it to `cio_await` or `cio_detach`.
 * NULL if there is no memory (awaiting that is -ENOMEM). Never yields. */
#define cio_spawn(fn, ...) \
	cio__spawn(NULL, (int (*)(void *))(fn), (__VA_ARGS__), \
		sizeof *(__VA_ARGS__) + CIO__CHECK_FN(fn, (__VA_ARGS__)), \
		#fn, CIO__SITE)

/* The same with options. Those that are written in place stand in parentheses,
 * as anywhere before a `fn`, since a macro splits at their commas:
 * `cio_spawn_with((&(cio_task_options){.name = "a", .eager = true}), fn, &x)`. */
#define cio_spawn_with(options, fn, ...) \
	cio__spawn((options), (int (*)(void *))(fn), (__VA_ARGS__), \
		sizeof *(__VA_ARGS__) + CIO__CHECK_FN(fn, (__VA_ARGS__)), \
		#fn, CIO__SITE)

/* Wait for the task to end and return its result; the handle is used up. A
 * caller cancelled meanwhile cancels the task, still waits for its end, and
 * gets what it returned. -ENOMEM for NULL, -EDEADLK for the caller itself. */
CIO_API int cio_await(cio_task *t);

/* Give up the handle: the task ends on its own; an error of its is reported
 * under `name` (NULL: the task's), unless somebody has asked for its result. Never
 * yields. NULL is ignored. */
CIO_API void cio_detach(cio_task *t, const char *name);

/* `void cio_task_cancel(cio_task *t, const char *reason)`: cancel the task's root
 * scope: its blocking calls are refused from now to its end, and can tell who
 * cancelled, where and why (`cio_cancel_cause`). `reason` must outlive the task.
 * No-op once it has ended. Never yields. */
#define cio_task_cancel(...) cio__task_cancel(CIO__SITE, __VA_ARGS__)

/* Has the body returned? Never yields. */
CIO_API bool cio_task_done(const cio_task *t);

/* What the body returned, -EINPROGRESS before; the handle stays, and an error that
 * was seen so is not reported any more. Never yields. */
CIO_API int cio_task_result(const cio_task *t);

/* Did a cancel end it, so that its result is a refusal? Never yields. */
CIO_API bool cio_task_cancelled(const cio_task *t);

/* Have `c->fn(c, t)` called when the body has returned, in order of adding.
 * `c` is the caller's memory, unmoved until the call or the removal. The
 * function may spawn, unpark, cancel, put and detach `t`; it may not wait. It
 * sees the context of whoever added it. 0, or -EALREADY if the task has ended:
 * then there is no call. */
typedef struct cio_done_callback {
	cio_link link; /* private */
	void (*fn)(struct cio_done_callback *c, cio_task *t);
	struct cio_context *context; /* private */
	cio_task *task;              /* private: whose end it waits for */
} cio_done_callback;

CIO_API int cio_task_add_done_callback(cio_task *t, cio_done_callback *c);

/* Take it back: no call any more. No-op if it was called. Never yields. */
CIO_API void cio_task_remove_done_callback(cio_done_callback *c);

/* The calling task, NULL outside one. Its handle may be read, not awaited. */
CIO_API cio_task *cio_current_task(void);
CIO_API const char *cio_task_name(const cio_task *t);
CIO_API const char *cio_task_site(const cio_task *t); /* "file.c:12" of the spawn */

/* How much of its stack has been touched so far, in whole pages; 0 before its
 * first turn and after its end. A system call; never yields. A stack that an
 * earlier task has used tells of both, unless the run has `.stack_census`. */
CIO_API size_t cio_task_stack_used(const cio_task *t);

/*
 * All tasks of the calling loop that have not ended, in the order of their
 * spawning, as they are now: for a status page or a dump (asyncio's all_tasks).
 */
typedef enum cio_task_state {
	CIO_TASK_RUNNING, /* the caller */
	CIO_TASK_READY,   /* has its turn soon: new, woken or yielding */
	CIO_TASK_WAITING
} cio_task_state;

typedef struct cio_task_view {
	const cio_task *task; /* as from cio_current_task: to be read */
	const char *name;     /* this and the site as long as the task */
	const char *site;     /* "file.c:12" of the spawn */
	cio_task_state state;
	const char *waits_for; /* "queue", "sleep"; "" unless it waits */
	cio_time since; /* when its wait began; 0: it does not wait, or sleeps */
	cio_time until; /* when its sleep ends; 0: it does not sleep */
} cio_task_view;

/* Fill in up to `room` of them and return how many there are; 0 outside a loop.
 * A view is right until the caller next yields. Never yields, allocates
 * nothing. */
CIO_API size_t cio_all_tasks(cio_task_view out[], size_t room);

CIO_API cio_task *cio__spawn(const cio_task_options *options, int (*fn)(void *),
	const void *arg, size_t size, const char *name, const char *site);
CIO_API void cio__task_cancel(const char *site, cio_task *t, const char *reason);

/* Private: the same as cio_task_result for who only counts: it has not been seen. */
CIO_API int cio__task_result(const cio_task *t);

/* Private: for who is going to await the task, so that nobody else does in the
 * meantime: 0, or as cio_await if it cannot be. And give that up. */
CIO_API int cio__task_claim(cio_task *t);
CIO_API void cio__task_unclaim(cio_task *t);

/* Private: cancel `t` because of what another task came to: it has failed, or its
 * calls are refused, and then by the same and at the same place as it. */
CIO_API void cio__task_cancel_for(cio_task *t, const cio_task *of,
	const char *reason);

/* Private: a mistake of the program that no error can tell. One line: the calling
 * task, where it was spawned, what it did ("closes a queue twice"); then abort. */
CIO_API void cio__misuse(const char *format, ...) CIO_PRINTF(1, 2)
	__attribute__((noreturn));

#ifndef __cplusplus
#define CIO__CHECK_FN(fn, p) \
	__extension__({ \
		_Static_assert(__builtin_types_compatible_p(__typeof__(&*(fn)), \
				       int (*)(const __typeof__(*(p)) *)), \
			"a task function must be int fn(const T *): it gets a copy"); \
		(size_t)0; \
	})
#define CIO__CHECK_ITEM(fn, p) \
	__extension__({ \
		_Static_assert(__builtin_types_compatible_p(__typeof__(&*(fn)), \
				       int (*)(__typeof__(*(p)) *)), \
			"an item function must be int fn(T *): it gets the item itself"); \
		(size_t)0; \
	})
#endif

CIO_END_DECLS

#ifdef __cplusplus
/* The same names as templates, since a macro cannot check types in C++. */
#undef cio_spawn
#undef cio_spawn_with
template <class T> inline cio_task *cio_spawn(int (*fn)(const T *), const T *arg)
{
	return cio__spawn(NULL, (int (*)(void *))fn, arg, sizeof *arg, "task", "C++");
}
template <class T> inline cio_task *cio_spawn_with(const cio_task_options *options,
	int (*fn)(const T *), const T *arg)
{
	return cio__spawn(options, (int (*)(void *))fn, arg, sizeof *arg, "task", "C++");
}

/* What _Static_assert does in C, deduction does here. */
template <class T> inline size_t cio__check_fn(int (*)(const T *), const T *)
{
	return 0;
}
template <class T> inline size_t cio__check_item(int (*)(T *), T *)
{
	return 0;
}
#define CIO__CHECK_FN(fn, p) cio__check_fn((fn), (p))
#define CIO__CHECK_ITEM(fn, p) cio__check_item((fn), (p))
#endif
#endif
