/* SPDX-License-Identifier: MIT */
#ifndef CIO_CONTEXT_H
#define CIO_CONTEXT_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Context: variables that belong to a task, and that what it starts inherits
 * (asyncio's contextvars).
 *
 *	static const CIO_CONTEXT_VAR(request_id, char[16], "none");
 *
 *	char id[16] = "r1";
 *	int err = cio_context_set(&request_id, &id, NULL);
 *	...
 *	const char *now = cio_context_get(&request_id);
 *
 * Values are copied into the context, so the setter's own may end. Functions
 * see what their caller sees. A new task begins with what its spawner saw just
 * then; from there on neither sees the other's changes. What is called later
 * sees what was seen by whoever asked for it: calls (`cio_call_soon`, `_later`,
 * `_at`, `_threadsafe`), tasks' done callbacks, the `done()` of operations,
 * tasks of `cio_run_threadsafe`. Functions in threads (`cio_to_thread`,
 * `cio_executor_run`) see what their caller saw, and what they set ends with
 * them. A plain thread has a context of its own, empty at first, which ends with
 * it; `cio_run` hands it to its main task, that of every worker. Timers of scopes
 * and other internals keep no context alive.
 *
 * None of these calls yields.
 */
typedef struct cio_context_var {
	const char *name;    /* for error texts */
	size_t size;         /* of the value */
	const void *initial; /* what an unset one gives; NULL: nothing */
} cio_context_var;

/* Define a variable of this type. `initial` points to its value while it is not
 * set, or is NULL. It is the variable's address that tells it from others, so
 * there is one definition, `static const` in one file or declared `extern`. */
#define CIO_CONTEXT_VAR(var, type, initial) \
	cio_context_var var = {#var, sizeof(type), (initial)}

/* The variable's value, or its `initial` if it is not set. The bytes are the
 * context's, valid until the caller next sets or resets a variable, and to the
 * end of its task or function at most. From anywhere; never fails. */
CIO_API const void *cio_context_get(const cio_context_var *var);

/* What a set has to remember for its reset; a plain value. */
typedef struct cio_context_token {
	uint64_t set; /* private */
	const void *where;
} cio_context_token;

/* `int cio_context_set(const cio_context_var *, const T *value,
 * cio_context_token *token)`: copy `*value` into the caller's context. With a
 * token the value set before is kept until `cio_context_reset`, or the end of
 * the task; NULL replaces it. 0; -ENOMEM, -EINVAL (T's size is not the
 * variable's), and nothing has changed. */
#define cio_context_set(var, value, token) \
	cio__context_set((var), (value), sizeof *(value), (token))

/* Give the variable the value from before the set that made this token. 0;
 * -EINVAL, and nothing happens, if that was done, or the set was of another
 * task or variable. Resets in the reverse order of sets cannot fail otherwise,
 * others may be -ENOMEM. */
CIO_API int cio_context_reset(const cio_context_var *var,
	cio_context_token *token);

/* ---- contexts as such, for those who call others' functions later ---- */

typedef struct cio_context cio_context;

/* The caller's context as it is now, unchanging; the caller gives it to
 * `cio_context_free`, in any thread. NULL is the empty one. Never fails. */
CIO_API cio_context *cio_context_copy(void);
CIO_API void cio_context_free(cio_context *c);

/* Call `fn(arg)` in that context and return its result; what it sets ends with
 * it. `c` stays the caller's. Yields if `fn` does. */
CIO_API int cio_context_run(cio_context *c, int (*fn)(void *arg), void *arg);

CIO_API int cio__context_set(const cio_context_var *var, const void *value,
	size_t size, cio_context_token *token);

CIO_END_DECLS
#endif
