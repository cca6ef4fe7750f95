/* SPDX-License-Identifier: MIT */
/*
 * mutexes.c - debug builds: no task waits while it holds a pthread mutex
 *
 * A task that leaves its stack with a mutex locked stops every other task of its
 * thread that wants the mutex, and the one that would unlock it, for ever. Here
 * the functions that lock are the program's own for the time of a debug build
 * (CIO_CHECK_MUTEXES): they note what the running task has locked, and call the
 * C library's. What libraries lock inside themselves is not seen.
 *
 * Noted are addresses, not a count: what was locked elsewhere, by a callback or
 * another thread, may be unlocked by a task. More than fit are not noted.
 */
#include "core/core.h"

#ifdef CIO_CHECK_MUTEXES

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { HELD_MAX = 32, LINE_BYTES = 512 };

static _Thread_local struct {
	const void *lock[HELD_MAX];
	int n;
} held;

static int note(int err, const void *lock)
{
	bool taken = err == 0 || err == EOWNERDEAD;
	if (taken && cio__loop != NULL && cio__loop->current != NULL &&
		held.n < HELD_MAX)
		held.lock[held.n++] = lock;
	return err;
}

static int forget(int err, const void *lock)
{
	int i = held.n;
	while (err == 0 && --i >= 0) {
		if (held.lock[i] != lock)
			continue;
		held.lock[i] = held.lock[--held.n];
		break;
	}
	return err;
}

static _Noreturn void complain(const cio_task *t, const char *what)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof line,
		"cio: task %s (spawned at %s) %s while it holds a pthread mutex: "
		"unlock before any call that may yield, or use cio_lock\n",
		t->name, t->site, what);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		abort();
	abort();
}

void mutexes_check(const cio_task *t, const char *why)
{
	char what[128];
	if (LIKELY(held.n == 0))
		return;
	(void)snprintf(what, sizeof what, "waits in '%s'",
		t->park != NULL ? t->park->what : why);
	complain(t, what);
}

void mutexes_check_end(const cio_task *t)
{
	if (UNLIKELY(held.n > 0))
		complain(t, "ends");
}

/* ---- in the C library's place ---- */

/* The next of that name. A race to find it finds the same twice. */
#define NEXT(name) \
	static _Atomic uintptr_t real; \
	uintptr_t found = atomic_load(&real); \
	if (found == 0) { \
		found = (uintptr_t)dlsym(RTLD_NEXT, #name); \
		atomic_store(&real, found); \
	} \
	__typeof__(&name) next = (__typeof__(&name))found;

#define LOCK(name, type) \
	CIO_API int name(type *lock); \
	int name(type *lock) \
	{ \
		NEXT(name) \
		return note(next(lock), lock); \
	}
#define LOCK_UNTIL(name, type) \
	CIO_API int name(type *lock, const struct timespec *until); \
	int name(type *lock, const struct timespec *until) \
	{ \
		NEXT(name) \
		return note(next(lock, until), lock); \
	}
#define LOCK_BY_CLOCK(name, type) \
	CIO_API int name(type *lock, clockid_t clock, \
		const struct timespec *until); \
	int name(type *lock, clockid_t clock, const struct timespec *until) \
	{ \
		NEXT(name) \
		return note(next(lock, clock, until), lock); \
	}
#define UNLOCK(name, type) \
	CIO_API int name(type *lock); \
	int name(type *lock) \
	{ \
		NEXT(name) \
		return forget(next(lock), lock); \
	}

LOCK(pthread_mutex_lock, pthread_mutex_t)
LOCK(pthread_mutex_trylock, pthread_mutex_t)
LOCK_UNTIL(pthread_mutex_timedlock, pthread_mutex_t)
LOCK_BY_CLOCK(pthread_mutex_clocklock, pthread_mutex_t)
UNLOCK(pthread_mutex_unlock, pthread_mutex_t)

LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
LOCK(pthread_rwlock_tryrdlock, pthread_rwlock_t)
LOCK_UNTIL(pthread_rwlock_timedrdlock, pthread_rwlock_t)
LOCK_BY_CLOCK(pthread_rwlock_clockrdlock, pthread_rwlock_t)
LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
LOCK(pthread_rwlock_trywrlock, pthread_rwlock_t)
LOCK_UNTIL(pthread_rwlock_timedwrlock, pthread_rwlock_t)
LOCK_BY_CLOCK(pthread_rwlock_clockwrlock, pthread_rwlock_t)
UNLOCK(pthread_rwlock_unlock, pthread_rwlock_t)

#else

typedef int nothing_to_check;

#endif
