/* SPDX-License-Identifier: MIT */
#ifndef CIO_IMPL_H
#define CIO_IMPL_H

#include <cio/group.h>
#include <cio/run.h>
#include <cio/scope.h>
#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Impl: for people who write primitives and protocols. Everything above the
 * scheduler stands on these calls: check, park, unpark, perform, submit.
 *
 * The four kinds of call, and how each meets a cancel:
 *   wait    checks first, even if it could succeed at once. The first event
 *           decides: woken, it returns 0 and the cancel is met by the next
 *           call; cancelled, it is in no queue any more and nothing was taken.
 *   kernel  checks first. A cancel asks the driver to cancel and waits until
 *           the kernel has let go; a result that came wins.
 *   join    does not check and is not interrupted: the cancel reaches those
 *           that are awaited.
 *   closer  close, release, unlock, set, try_x: never refused.
 */

/* ---- check, park, unpark ---- */

/* The check at the head of every blocking call: 0 or a refusal. Yields once
 * every 128 calls, so that a task that never has to wait lets others run. */
CIO_API CIO_MUST_CHECK int cio_checkpoint(void);

typedef struct cio_waiter {
	cio_link link;         /* private: in a queue of waiters, oldest first */
	struct cio_task *task; /* who waits */
	uint64_t value;        /* the waker's to set: what is handed over */
} cio_waiter;

/* Join q's tail and sleep. 0: unparked, and whatever the wake carries is ours.
 * < 0: refused, and then w is in no queue and nobody has unparked us. Wakers look
 * into the queue: a task that is refused leaves it at once, though it runs, and
 * learns of it, later. So q may be NULL only if nobody wakes. `what` names the
 * wait in reports ("semaphore"). Does not check before it sleeps beyond refusing
 * an already cancelled task. */
CIO_API CIO_MUST_CHECK int cio_park(cio_waiter *w, cio_link *q, const char *what);

/* Wait in n queues at once (a NULL among them as for cio_park): the index of the first waiter
 * unparked; all the others are out of their queues already. */
CIO_API CIO_MUST_CHECK int cio_park_any(cio_waiter w[], cio_link *const q[],
	int n, const char *what);

/* A park that cannot be refused: to get back a lock, to join. If the task is
 * or becomes cancelled, `interrupt(arg)` is called once (NULL: nothing), which
 * may unpark `w`; it is called on whatever stack the cancel comes from. */
CIO_API void cio_settle(cio_waiter *w, cio_link *q, const char *what,
	void (*interrupt)(void *arg), void *arg);

/* Wake the task of a parked waiter, with ownership of what was handed over; w
 * leaves its queue. From any task or callback of the same loop; wakes run in
 * the order of unparking. A waiter is unparked once. Never yields. */
CIO_API void cio_unpark(cio_waiter *w);

/* The oldest waiter of a queue, or NULL. */
static inline cio_waiter *cio_first_waiter(cio_link *q)
{
	cio_link *first = q->next; /* a waiter begins with its link */
	return first == NULL || first == q ? NULL : (cio_waiter *)(void *)first;
}

/* Is the calling task refused here? Like the check, without yielding: 0 or the
 * refusal. */
CIO_API int cio_refused(void);

/* ---- timers and deferred calls ---- */

/* Call `t->fire(t)` on the loop's stack at `deadline` or soon after, in order
 * of deadlines and, among equal ones, of arming. Re-arming an armed timer moves
 * it; CIO_NEVER only disarms. Disarming an unarmed (zeroed) one is a no-op.
 * O(1), no allocation. */
CIO_API void cio_timer_arm(cio_timer *t, cio_time deadline);
CIO_API void cio_timer_disarm(cio_timer *t);
static inline bool cio_timer_armed(const cio_timer *t)
{
	return t->place != 0;
}

/* ---- operations ---- */

/* A descriptor as the driver knows it. A reused number gets a new generation,
 * so a stale handle is -EBADF and never another's data. Zero is none. */
typedef struct cio_fd {
	uint32_t slot;
	uint32_t generation; /* never 0 in a live handle */
} cio_fd;

static inline bool cio_fd_open(cio_fd fd)
{
	return fd.generation != 0;
}

typedef enum cio_op_kind {
	CIO_OP_NOP,
	CIO_OP_SOCKET,   /* off: domain, len: type, -> out */
	CIO_OP_BIND,     /* buf, len: address */
	CIO_OP_LISTEN,   /* len: backlog */
	CIO_OP_SOCKOPT,  /* off: level << 32 | name; buf, len: value */
	CIO_OP_SOCKNAME, /* buf, len: room; res: the address's length. CIO_OP_PEER */
	CIO_OP_CONNECT,  /* buf, len: address */
	CIO_OP_ACCEPT,   /* -> out. CIO_OP_MULTI: done() each time, CIO_OP_MORE set
	                    until the last */
	CIO_OP_RECV,     /* buf, len; res: bytes, 0 at the end. CIO_OP_POOLED: the
	                    driver sets buf, given back with cio_op_give. off: MSG_ flags
	                    (MSG_PEEK, MSG_DONTWAIT: never waits, -EAGAIN; both: as
	                    it was in this turn) */
	CIO_OP_SEND,     /* buf, len; res: bytes, maybe fewer. off: MSG_DONTWAIT */
	CIO_OP_SENDMSG,  /* buf: struct msghdr */
	CIO_OP_RECVMSG,  /* buf: struct msghdr */
	CIO_OP_READ,     /* buf, len, off (-1: the current position); pipes, terminals */
	CIO_OP_WRITE,    /* likewise */
	CIO_OP_SHUTDOWN, /* len: SHUT_RD, SHUT_WR, SHUT_RDWR */
	CIO_OP_POLL,     /* off: POLLIN | POLLOUT; res: what is ready */
	CIO_OP_EXTERNAL, /* cio_submit: no descriptor; ended by cio_op_finish, or
	                    a cancel */
	CIO_OP_CLOSE     /* ends every operation of the handle with -ECANCELED,
	                    waits for the kernel, then closes; the handle is dead
	                    from the submit on */
} cio_op_kind;

enum {
	CIO_OP_POOLED = 1, /* RECV: the driver brings the buffer */
	CIO_OP_MULTI = 2,  /* ACCEPT: again and again */
	CIO_OP_MORE = 4,   /* set by the driver: done() will be called again */
	CIO_OP_PEER = 8,   /* SOCKNAME: the other end's */
	CIO_OP_LOOP = 16,  /* cio_submit, without a group: the loop owns it; it is
	                      cancelled when the main task has ended */
	CIO_OP_AHEAD = 32  /* RECV: nothing but RECV will ever read or poll this
	                      handle, so the driver may receive some ahead. A READ,
	                      RECVMSG or POLL is -EBUSY where it does */
};

/* Belongs to the caller, unmoved, until the last done() or until cio_perform
 * returned; so does the memory it points to. All zero but what is set; what stands
 * from `done` on may be anything for cio_perform, which does not look at it. */
typedef struct cio_op {
	uint8_t kind;  /* cio_op_kind */
	uint8_t flags; /* CIO_OP_... */
	int32_t res;   /* >= 0 or -errno */
	cio_fd fd;
	cio_fd out;    /* SOCKET, ACCEPT: what was made */
	void *buf;
	size_t len;
	int64_t off;
	const void *fetch; /* what will be looked at when it is over: the driver may
	                      have it brought into the caches. NULL: nothing */
	/* Called on the loop's own stack or, where a cancel ends the op at once,
	 * on that of whoever cancelled, but in no task: may spawn (cio_group_try_spawn), unpark,
	 * submit; may not wait. The op may be freed or submitted again in it. It
	 * sees the context of whoever submitted the op. */
	void (*done)(struct cio_op *op);
	cio_group *group;  /* owner: its cancel cancels the op, its close waits for
	                      it; NULL within cio_perform */
	cio_time deadline; /* cio_submit only; 0: none; else done() with -ETIMEDOUT */
	struct cio_context *context; /* private: of cio_submit's caller */
	cio_link link;     /* private: in the group's list */
	cio_timer timer;   /* private */
	struct cio_waiter *waiter; /* private: who performs it */
	uint64_t driver[6]; /* private: the driver's */
} cio_op;

enum { CIO_PENDING = 0, CIO_DONE = 1 };

/* A blocking call in one line: check, submit, wait, and if cancelled ask for
 * the cancel and wait until it is settled. Returns op->res. */
CIO_API int cio_perform(cio_op *op);

/* The same for closers: does not check, cannot be refused or interrupted. */
CIO_API int cio_perform_settled(cio_op *op);

/* Start an operation that no task waits for. CIO_DONE: it is over, op->res is
 * set, done() is not called. CIO_PENDING: done() will be. < 0: not taken
 * (-ECANCELED: its group has ended; -EBADF: stale handle; -ENOMEM). */
CIO_API int cio_submit(cio_op *op);

/* Ask for a submitted operation to end; done() still comes, once, with the
 * result or -ECANCELED. Not from within the op's own done(). */
CIO_API void cio_op_cancel(cio_op *op);

/* End a submitted CIO_OP_EXTERNAL with this result: done() comes soon, on the
 * loop's own stack. The first of finish, deadline and cancel decides. */
CIO_API void cio_op_finish(cio_op *op, int res);

/* Give a pooled buffer (RECV with CIO_OP_POOLED) back to the driver. */
CIO_API void cio_op_give(void *buf);
/* How many bytes each pooled buffer has. */
#define CIO_POOLED_SIZE ((size_t)16384)

/* Give a descriptor to the loop's driver, which makes it non-blocking and owns
 * it from now on; close it with CIO_OP_CLOSE. 0, or -errno and it stays yours. */
CIO_API int cio_fd_adopt(int fd, cio_fd *out);

/* ---- other threads ---- */

typedef struct cio_loop cio_loop;

typedef struct cio_message {
	struct cio_message *next; /* private */
	void (*deliver)(struct cio_message *m); /* on the loop's stack */
} cio_message;

/* The calling thread's loop, NULL outside one. */
CIO_API cio_loop *cio_current_loop(void);

/* Have `m->deliver(m)` called on the loop's stack. From any thread; lock-free.
 * The loop must be kept alive until then: `cio_loop_hold` before the thread gets
 * to know the loop, `cio_loop_unhold` after the last message was delivered. */
CIO_API void cio_loop_post(cio_loop *loop, cio_message *m);
CIO_API void cio_loop_hold(void);
CIO_API void cio_loop_unhold(void);

/* Likewise for a thread that may post but owes nothing: until the end the
 * loop is not freed, nor taken for deadlocked while the process has threads that
 * are not workers of this run; but its end does not wait for it, and sim's clock
 * goes on. */
CIO_API void cio_loop_expect(void);
CIO_API void cio_loop_expect_end(void);

/* ---- values of the loop ---- */

/* One value per loop and key (the key's address), made by its first user. The
 * finisher runs in a task when `cio_run` ends, in reverse order of setting; it
 * may wait, and is not interrupted. */
typedef struct cio_loop_value {
	struct cio_loop_value *next; /* private */
	const void *key;
	void (*finish)(struct cio_loop_value *v);
} cio_loop_value;

CIO_API cio_loop_value *cio_loop_value_get(const void *key);
CIO_API void cio_loop_value_set(cio_loop_value *v);
/* Take it out again; its finisher will not run. */
CIO_API void cio_loop_value_drop(cio_loop_value *v);

/* Until when what is left of the run may take: CIO_NEVER while its main task
 * runs, then by `.drain`. Never yields. */
CIO_API cio_time cio_loop_deadline(void);

/* ---- handles: what its owner has to close ---- */

struct cio_handle;

typedef struct cio_handle_kind {
	const char *name; /* "stream" */
	/* More about this one ("to 127.0.0.1:80") into `text`, which is "" and has
	 * room for CIO_HANDLE_TEXT bytes; may wait. NULL: nothing. */
	void (*describe)(struct cio_handle *h, char *text);
	/* Close and free what `h` is in; may wait. NULL: it is only named. */
	void (*close)(struct cio_handle *h);
} cio_handle_kind;

/* Part of whatever is opened: a struct on the heap or static, never on a stack,
 * which ends before the handle does. All zero: not noted. */
typedef struct cio_handle {
	cio_link link; /* private, all of it */
	const cio_handle_kind *kind;
	const char *site;
	uint16_t loop; /* the number of its loop; 0: it has none */
	char task[22];
} cio_handle;

#define CIO_HANDLE_TEXT ((size_t)160)

/*
 * It is open. What nobody has forgotten when `cio_run` ends is named in a
 * warning ("stream to 127.0.0.1:80 still open, opened at main.c:12 by task
 * 'fetch'") and closed, the youngest first, in the main task, which is not
 * interrupted then. `site` is CIO__SITE of the caller's caller: whoever opens
 * something is a macro over a function that takes the site. A NULL site: it is
 * part of something larger that is noted itself, and will not be named.
 * Allocates nothing, never yields; outside a loop it does nothing.
 */
CIO_API void cio_handle_note(cio_handle *h, const cio_handle_kind *kind,
	const char *site);

/* It is being closed. No-op if it is not noted. From another loop, or outside
 * any, one line that says what is closed and by whom, and abort. Never yields. */
CIO_API void cio_handle_forget(cio_handle *h);

/* Private: the number of the calling thread's loop; 0: it has none. */
extern CIO_API __thread uint16_t cio__loop_number
	__attribute__((tls_model("initial-exec")));
CIO_API int cio__handle_refuse(const cio_handle *h);

/* May the caller use what was noted? 0; -EINVAL: it is another loop's; -EDEADLK:
 * the caller has no loop. The text says what it is. Never yields. */
static inline int cio_handle_check(const cio_handle *h)
{
	return h->loop == cio__loop_number ? 0 : cio__handle_refuse(h);
}

/* Private: the same where there is no error to give, for `call`
 * ("cio_stream_close"): one line, and abort. */
CIO_API void cio__handle_misuse(const cio_handle *h, const char *call)
	__attribute__((noreturn));
static inline void cio__handle_insist(const cio_handle *h, const char *call)
{
	if (h->loop != cio__loop_number)
		cio__handle_misuse(h, call);
}

/* Private: it is closed, and the caller "closes" or "uses" it: one line, and abort. */
CIO_API void cio__handle_closed(const cio_handle *h, const char *does)
	__attribute__((noreturn));

/* Private: "the stream opened at main.c:12 by task 'fetch'" into `text`, which
 * has room for CIO_HANDLE_TEXT bytes; returns it. */
CIO_API const char *cio__handle_text(const cio_handle *h, char *text);

/* Say something through the run's report hook. Never yields. */
CIO_API void cio_report(cio_level level, const char *format, ...)
	CIO_PRINTF(2, 3);

CIO_END_DECLS
#endif
