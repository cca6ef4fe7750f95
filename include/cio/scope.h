/* SPDX-License-Identifier: MIT */
#ifndef CIO_SCOPE_H
#define CIO_SCOPE_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Scope: a stretch of code that can be ended from outside or by the clock.
 *
 *	int err = 0;
 *	CIO_TIMEOUT(CIO_MS(500), &err) {
 *		err = cio_stream_read(s, buf, sizeof buf);
 *	}
 *	if (err == -ETIMEDOUT) ...          this scope's deadline cut it short
 *
 * Once a scope is cancelled or late, every blocking call in it is refused
 * until the scope ends: with -ETIMEDOUT if the innermost open scope of the
 * calling task is itself the one that expired, else with -ECANCELED. Joins
 * (cio_await, a group's close) and calls with a limit of their own (cio_wait) say
 * -ECANCELED in either case. Ending the scope translates the refusal: -ETIMEDOUT
 * for its own deadline, -ECANCELED for what has ended further out. So a loop that
 * tries again after -ETIMEDOUT ends with a limit around it. Scopes nest, across
 * tasks too: those of a group's tasks lie inside the group's.
 * docs/internals/cancellation.md has the whole rule.
 */

struct cio_task;

typedef struct cio_timer { /* see <cio/impl.h>; here because scopes hold one */
	struct cio_timer *next, *prev; /* private */
	cio_time deadline;             /* private */
	void (*fire)(struct cio_timer *t);
	uint16_t place;                /* private; 0: not armed */
	uint16_t loop;                 /* private: where it was */
} cio_timer;

typedef struct cio_scope {
	struct cio_scope *up;    /* private, all of it */
	struct cio_scope *down, *next, *prev;
	struct cio_scope *cause;
	struct cio_task *task;
	cio_timer timer;
	const char *reason, *where, *who;
	uint8_t why, flags;
	bool hit;
	uint16_t loop;
} cio_scope;

/* Open a scope in the calling task. `deadline` is absolute (`cio_time_after(d)`),
 * CIO_NEVER for none. `s` must live until `cio_scope_end`; scopes end in the
 * reverse order of beginning, in the task that began them. Never yields. */
CIO_API void cio_scope_begin(cio_scope *s, cio_time deadline);

/* The same, hiding whatever ends further out. The deadline is mandatory: a
 * shield that could wait for ever would make shutdown wait for ever. */
CIO_API void cio_shield_begin(cio_scope *s, cio_time deadline);

/* Close the scope and translate `err`: a refusal that this scope caused becomes
 * -ETIMEDOUT (deadline) or 0 (cio_scope_cancel: the owner has what it
 * wanted); one caused further out becomes -ECANCELED; anything else stays. Never
 * yields. */
CIO_API int cio_scope_end(cio_scope *s, int err);

/* `void cio_scope_cancel(cio_scope *s, const char *reason)`: end the scope's work
 * early; `reason` must outlive the scope. The first cause wins; a scope that has
 * ended, or ended its work already, is left alone. From any task or callback of
 * the same loop. Never yields. */
#define cio_scope_cancel(...) cio__scope_cancel(CIO__SITE, __VA_ARGS__)

/* Move the deadline of an open scope that has not fired; -EALREADY if it has. */
CIO_API int cio_scope_reschedule(cio_scope *s, cio_time deadline);

/* Did the deadline, or a cancel, of this very scope cut something short? */
CIO_API bool cio_scope_expired(const cio_scope *s);
CIO_API bool cio_scope_caught(const cio_scope *s);

/* Why calls of this task are refused now: "" if they are not. */
CIO_API const char *cio_cancel_reason(void);

/* The same with all that is known; none of the strings is NULL. They live as
 * long as the scope that has ended. */
typedef struct cio_cause {
	const char *who;   /* the task that cancelled, or failed; "": a callback, the
	                      clock, or the loop itself */
	const char *where; /* "file.c:12" of the cancel, or of the spawn of the task
	                      that failed; "": as above */
	const char *why;   /* the reason */
	cio_time deadline; /* the one that has passed; 0: cancelled */
} cio_cause;

/* Fill in the cause of this task's refusals: false, and nothing is written, if
 * its calls are not refused. Never yields. */
CIO_API bool cio_cancel_cause(cio_cause *out);

CIO_API void cio__scope_cancel(const char *site, cio_scope *s,
	const char *reason);

/*
 * Block forms. The block runs exactly once; `err` (an int lvalue's address, or
 * left out) is translated when the block ends.
 *
 * `break` and `continue` leave the block, not a loop around it. `return` and
 * `goto` out of it end the scope properly, but the value of `return` is already
 * computed and is not translated.
 */
#define CIO_TIMEOUT(...) \
	CIO__BLOCK(__COUNTER__, CIO__FIRST(__VA_ARGS__, 0), \
		CIO__SECOND(__VA_ARGS__, NULL, 0), 0)
#define CIO_SHIELD(...) \
	CIO__BLOCK(__COUNTER__, CIO__FIRST(__VA_ARGS__, 0), \
		CIO__SECOND(__VA_ARGS__, NULL, 0), 1)

/* Private from here: what the block forms are made of. */
#define CIO__FIRST(a, ...) (a)
#define CIO__SECOND(a, b, ...) (b)
#define CIO__CAT_(a, b) a##b
#define CIO__CAT(a, b) CIO__CAT_(a, b)
#define CIO__BLOCK(id, d, err, shield) CIO__BLOCK_(id, d, err, shield)
#define CIO__BLOCK_(id, d, err, shield) \
	for (cio__block CIO__CAT(cio__b, id) \
			__attribute__((cleanup(cio__block_leave))), \
		*CIO__CAT(cio__p, id) __attribute__((unused)) = \
			cio__block_enter(&CIO__CAT(cio__b, id), (d), (err), (shield)); \
		; __extension__({ goto CIO__CAT(cio__l, id); })) \
		if (0) { \
			CIO__CAT(cio__l, id) : break; \
		} else

typedef struct cio__block {
	cio_scope scope;
	int *err;
} cio__block;

CIO_API cio__block *cio__block_enter(cio__block *b, cio_duration d, int *err,
	int shield);
CIO_API void cio__block_leave(cio__block *b);

CIO_END_DECLS
#endif
