/* SPDX-License-Identifier: MIT */
/*
 * annotate.h - tell the tools that the stack changes
 *
 * ASan must know which stack is current, TSan which fiber, Valgrind where stacks
 * are. All of it is nothing in an ordinary build.
 */
#ifndef CIO_ARCH_ANNOTATE_H
#define CIO_ARCH_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define CIO__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CIO__ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define CIO__TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define CIO__TSAN 1
#endif

#ifdef CIO__ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef CIO__TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if !defined(CIO__ASAN) && !defined(CIO__TSAN) && \
	__has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define CIO__VALGRIND 1
#endif

/* What the tools know of one stack; there may be a million of them. */
struct annotation {
	unsigned valgrind; /* its number */
#ifdef CIO__ASAN
	const void *bottom; /* lowest byte */
	size_t size;
	void *fake; /* stack of fake frames */
#endif
#ifdef CIO__TSAN
	void *fiber;
#endif
};

/* Are the bounds of this stack still to be learned from a switch? */
static inline bool annotate_unknown(const struct annotation *a)
{
	(void)a;
#ifdef CIO__ASAN
	return a->size == 0;
#else
	return false;
#endif
}

/* Before and after a switch; `dying`: nobody will come back to `from`. */
static inline void annotate_leave(struct annotation *from,
	struct annotation *to, bool dying)
{
	(void)from, (void)to, (void)dying;
#ifdef CIO__ASAN
	__sanitizer_start_switch_fiber(dying ? NULL : &from->fake, to->bottom,
		to->size);
#endif
#ifdef CIO__TSAN
	__tsan_switch_to_fiber(to->fiber, 0);
#endif
}

/* `came_from` gets its bounds filled in, which is how a thread's own stack
 * becomes known. */
static inline void annotate_arrive(struct annotation *self,
	struct annotation *came_from)
{
	(void)self, (void)came_from;
#ifdef CIO__ASAN
	__sanitizer_finish_switch_fiber(self->fake, &came_from->bottom,
		&came_from->size);
#endif
}

/* The thread's own stack is about to be left for the first time. */
static inline void annotate_thread(struct annotation *self)
{
	(void)self;
#ifdef CIO__TSAN
	self->fiber = __tsan_get_current_fiber();
#endif
}

/* A stack goes into use, and out of it (from another stack). */
static inline void annotate_issue(struct annotation *a, void *bottom, size_t size)
{
	(void)a, (void)bottom, (void)size;
#ifdef CIO__ASAN
	a->bottom = bottom;
	a->size = size;
	a->fake = NULL;
	/* gcc leaves the frames of a task that ended by a switch poisoned */
	__asan_unpoison_memory_region(bottom, size);
#endif
#ifdef CIO__TSAN
	a->fiber = __tsan_create_fiber(0);
#endif
#ifdef CIO__VALGRIND
	a->valgrind = VALGRIND_STACK_REGISTER(bottom, (char *)bottom + size);
#endif
}

static inline void annotate_retire(struct annotation *a)
{
	(void)a;
#ifdef CIO__TSAN
	__tsan_destroy_fiber(a->fiber);
#endif
#ifdef CIO__VALGRIND
	VALGRIND_STACK_DEREGISTER(a->valgrind);
#endif
}

#endif
