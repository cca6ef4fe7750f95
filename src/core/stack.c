/* SPDX-License-Identifier: MIT */
/*
 * stack.c - stacks from arenas, with guards, kept warm
 *
 * An arena is 64 MiB of reserved address space, 256 slots of 256 KiB. The
 * lowest 64 KiB of a slot are its guard, installed when the slot is first used:
 * no frame up to 64 KiB can jump it, and -fstack-clash-protection closes the
 * rest. Memory is committed by touching, a page at a time, from the top.
 *
 * Guards: MADV_GUARD_INSTALL where it works (tried on a page, since emulators
 * answer 0 and do nothing), else mprotect while mappings last, else a canary at
 * the guard's top, looked at when the stack comes back.
 */
#include "core/core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif

enum {
	GUARD_BYTES = 64 << 10,
	SLOT_BYTES = 256 << 10,
	SLOTS = 256,
	WARM_MAX = 1024, /* free stacks that keep their memory */
	COLOURS = 16,    /* tops differ by cache lines, within 1 KiB */
};
enum { GUARD_ADVICE, GUARD_MPROTECT, GUARD_CANARY };
enum { STACK_FRESH, STACK_GUARDED, STACK_MPROTECTED, STACK_CANARY };

static const uint64_t canary = 0x51a7b10c5ca1ab1e;

struct arena {
	struct arena *next;
	char *base;
	uint32_t used; /* slots ever issued */
	struct stack slot[SLOTS];
};

static char *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	/* one touched page must not become two megabytes */
	(void)madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

/* ---- guards ---- */

/* Does a guard really refuse the kernel, too? */
static bool advice_works(void)
{
	char *page = reserve(4096);
	if (page == NULL)
		return false;
	bool works = madvise(page, 4096, MADV_GUARD_INSTALL) == 0 &&
		syscall(SYS_faccessat, -1, page, 0, 0) < 0 && errno == EFAULT;
	(void)munmap(page, 4096);
	return works;
}

static uint64_t mappings_allowed(void)
{
	unsigned long n = 65530;
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	if (f != NULL) {
		if (fscanf(f, "%lu", &n) != 1)
			n = 65530;
		(void)fclose(f);
	}
	return n / 4;
}

static int wanted_guard(void)
{
	const char *name = getenv("CIO_GUARD"); /* for tests: force a lesser one */
	if (name != NULL && strcmp(name, "canary") == 0)
		return GUARD_CANARY;
	if (name != NULL && strcmp(name, "mprotect") == 0)
		return GUARD_MPROTECT;
	return advice_works() ? GUARD_ADVICE : GUARD_MPROTECT;
}

static void install_guard(struct stacks *s, struct stack *k)
{
	k->state = STACK_GUARDED;
	if (s->guard == GUARD_ADVICE &&
		madvise(k->base, GUARD_BYTES, MADV_GUARD_INSTALL) == 0)
		return;
	/* each costs two mappings, and a process may have only so many */
	if (s->guard <= GUARD_MPROTECT && s->guards < s->guards_max &&
		mprotect(k->base, GUARD_BYTES, PROT_NONE) == 0) {
		s->guards++;
		k->state = STACK_MPROTECTED;
		return;
	}
	if (s->guard != GUARD_CANARY) {
		s->guard = GUARD_CANARY;
		cio_report(CIO_LEVEL_WARNING,
			"no more guards for stacks can be had (vm.max_map_count): "
			"an overflow is now seen only when its task ends");
	}
	k->state = STACK_CANARY;
	memcpy(k->base + GUARD_BYTES - sizeof canary, &canary, sizeof canary);
}

bool stack_intact(const struct stack *k)
{
	const void *at = k->base + GUARD_BYTES - sizeof canary;
	return k->state != STACK_CANARY || memcmp(at, &canary, sizeof canary) == 0;
}

size_t stack_usable(const struct stack *k)
{
	return k->size - GUARD_BYTES;
}

bool stack_guards(const struct stack *k, const void *address)
{
	const char *at = address;
	return at >= k->base && at < k->base + GUARD_BYTES;
}

/* ---- the pool ---- */

int stacks_open(struct stacks *s)
{
	*s = (struct stacks){.guard = (uint8_t)wanted_guard(),
		.guards_max = mappings_allowed()};
	return 0;
}

void stacks_close(struct stacks *s)
{
	while (s->arenas != NULL) {
		struct arena *a = s->arenas;
		s->arenas = a->next;
		(void)munmap(a->base, (size_t)SLOTS * SLOT_BYTES);
		cio__free(a);
	}
}

static int add_arena(struct stacks *s)
{
	struct arena *a = cio__alloc(sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	a->base = reserve((size_t)SLOTS * SLOT_BYTES);
	if (a->base == NULL) {
		cio__free(a);
		return -ENOMEM;
	}
	a->used = 0;
	a->next = NULL;
	if (s->last != NULL)
		s->last->next = a;
	else
		s->arenas = s->filling = a;
	s->last = a;
	s->capacity += SLOTS;
	return 0;
}

int stacks_reserve(struct stacks *s)
{
	if (UNLIKELY(s->reserved == s->capacity) && add_arena(s) < 0)
		return -ENOMEM;
	s->reserved++;
	return 0;
}

void stacks_unreserve(struct stacks *s)
{
	s->reserved--;
}

static struct stack *new_slot(struct stacks *s)
{
	if (s->filling != NULL && s->filling->used == SLOTS &&
		s->filling->next != NULL)
		s->filling = s->filling->next;
	struct arena *a = s->filling;
	if (a == NULL || a->used == SLOTS)
		return NULL;
	struct stack *k = &a->slot[a->used];
	*k = (struct stack){
		.base = a->base + (size_t)a->used * SLOT_BYTES,
		.size = SLOT_BYTES,
		.colour = (a->used % COLOURS) * 64,
	};
	a->used++;
	install_guard(s, k);
	s->mapped++;
	return k;
}

static struct stack *issue(struct stack *k)
{
	annotate_issue(&k->tool, k->base + GUARD_BYTES, k->size - GUARD_BYTES);
	return k;
}

struct stack *stacks_take(struct stacks *s)
{
	struct stack *k = s->warm;
	if (k == NULL) {
		k = new_slot(s);
		return k != NULL ? issue(k) : NULL;
	}
	s->warm = k->next;
	s->warm_count--;
	return issue(k);
}

struct stack *stacks_take_large(struct stacks *s, size_t usable)
{
	size_t step = (size_t)1 << 20;
	if (usable > SIZE_MAX / 2)
		return NULL;
	size_t size = (usable + step - 1) / step * step + GUARD_BYTES;
	struct stack *k = cio__zalloc(sizeof *k);
	if (k == NULL)
		return NULL;
	k->base = reserve(size);
	if (k->base == NULL) {
		cio__free(k);
		return NULL;
	}
	k->size = size;
	k->own_mapping = true;
	install_guard(s, k);
	s->mapped++;
	return issue(k);
}

void stacks_put(struct stacks *s, struct stack *k)
{
	annotate_retire(&k->tool);
	if (k->own_mapping) {
		if (k->state == STACK_MPROTECTED)
			s->guards--;
		(void)munmap(k->base, k->size);
		cio__free(k);
		s->mapped--;
		return;
	}
	if (s->warm_count >= WARM_MAX)
		(void)madvise(k->base + GUARD_BYTES, k->size - GUARD_BYTES,
			MADV_DONTNEED);
	k->next = s->warm;
	s->warm = k;
	s->warm_count++;
}

void *stack_top(const struct stack *k)
{
	return k->base + k->size - k->colour;
}
