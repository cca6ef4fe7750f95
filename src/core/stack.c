/* SPDX-License-Identifier: MIT */
/*
 * stack.c - stacks from arenas, with guards, kept warm
 *
 * An arena is 65 MiB of reserved address space, 256 slots of 260 KiB. The
 * lowest 68 KiB of a slot are its guard, installed when the slot is first used:
 * no frame up to 68 KiB can jump it, and -fstack-clash-protection closes the
 * rest. Memory is committed by touching, a page at a time, from the top; a free
 * stack keeps it as long as so many stacks were needed lately.
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
	GUARD_BYTES = 68 << 10,
	/* An odd number of pages: at 256 KiB the tops of all stacks, and their page
	 * table entries, would share a few sets of the TLB and the caches. */
	SLOT_BYTES = GUARD_BYTES + (192 << 10),
	SLOTS = 256,
	KEEP_WARM = 1024, /* free stacks that keep their memory for ever */
	COOL_AT_ONCE = 256, /* stacks that give it back in one turn of the loop */
	AHEAD = 4,       /* from the stack taken to the one fetched */
	COLOURS = 16,    /* tops differ by cache lines, within 1 KiB */
};
/* A free stack that nobody needed for so long, or up to twice that, gives its
 * memory back. */
#define AGE CIO_S(10)
enum { GUARD_ADVICE, GUARD_MPROTECT, GUARD_CANARY };
enum { STACK_BARE, STACK_GUARDED, STACK_MPROTECTED, STACK_CANARY };

static const uint64_t canary = 0x51a7b10c5ca1ab1e;

struct arena {
	struct arena *next;
	char *base;
	uint64_t issued[SLOTS / 64]; /* slots that have memory and a record */
	uint8_t state[SLOTS];        /* of the guards; they outlive the record */
};

#define ARENA_BYTES ((size_t)SLOTS * SLOT_BYTES)

static char *reserve(size_t bytes)
{
	if (testing_fails_mapping())
		return NULL;
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

/* At the low end of a stack. How: STACK_... */
static uint8_t install_guard(struct stacks *s, char *base)
{
	if (s->guard == GUARD_ADVICE &&
		madvise(base, GUARD_BYTES, MADV_GUARD_INSTALL) == 0)
		return STACK_GUARDED;
	/* each costs two mappings, and a process may have only so many */
	if (s->guard <= GUARD_MPROTECT && s->guards < s->guards_max &&
		mprotect(base, GUARD_BYTES, PROT_NONE) == 0) {
		s->guards++;
		return STACK_MPROTECTED;
	}
	if (s->guard != GUARD_CANARY) {
		s->guard = GUARD_CANARY;
		cio_report(CIO_LEVEL_WARNING,
			"no more guards for stacks can be had (vm.max_map_count): "
			"an overflow is now seen only when its task ends");
	}
	s->canaries = true;
	memcpy(base + GUARD_BYTES - sizeof canary, &canary, sizeof canary);
	return STACK_CANARY;
}

bool stack_intact(const struct stack *k)
{
	const void *at = k->base + GUARD_BYTES - sizeof canary;
	return k->state != STACK_CANARY || memcmp(at, &canary, sizeof canary) == 0;
}

size_t stack_usable(const struct stack *k)
{
	size_t below = (size_t)((const char *)k - k->base);
	return ((below + 4095) & ~(size_t)4095) - GUARD_BYTES;
}

size_t stack_touched(const struct stack *k)
{
	unsigned char resident[64];
	const size_t span = sizeof resident * 4096, all = stack_usable(k);
	char *low = k->base + GUARD_BYTES;
	for (size_t at = 0; at < all; at += span) {
		size_t n = all - at < span ? all - at : span;
		if (mincore(low + at, n, resident) < 0)
			return 0; /* nobody can say */
		for (size_t i = 0; i < n / 4096; i++)
			if (resident[i] & 1)
				return all - at - i * 4096;
	}
	return 0;
}

void stack_wipe(const struct stack *k, const void *sp)
{
	char *low = k->base + GUARD_BYTES;
	uintptr_t in_use = ((uintptr_t)sp & ~(uintptr_t)4095) - 4096;
	if (in_use > (uintptr_t)low)
		(void)madvise(low, in_use - (uintptr_t)low, MADV_DONTNEED);
}

bool stack_guards(const struct stack *k, const void *address)
{
	const char *at = address;
	return at >= k->base && at < k->base + GUARD_BYTES;
}

/* ---- the pool ---- */

int stacks_open(struct stacks *s, uint32_t keep_warm)
{
	*s = (struct stacks){.guard = (uint8_t)wanted_guard(),
		.guards_max = mappings_allowed(),
		.keep_warm = keep_warm > 0 ? keep_warm : KEEP_WARM};
	return 0;
}

void stacks_close(struct stacks *s)
{
	while (s->arenas != NULL) {
		struct arena *a = s->arenas;
		s->arenas = a->next;
		(void)munmap(a->base, ARENA_BYTES);
		cio__free(a);
	}
}

static int add_arena(struct stacks *s)
{
	struct arena *a = cio__zalloc(sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	a->base = reserve(ARENA_BYTES);
	if (a->base == NULL) {
		cio__free(a);
		return -ENOMEM;
	}
	if (s->last != NULL)
		s->last->next = a;
	else
		s->arenas = a;
	s->last = a;
	if (s->filling == NULL)
		s->filling = a;
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

/* The record at the top of a stack: first touch of its memory. */
static struct stack *lay_record(char *base, size_t size, uint8_t state)
{
	struct stack *k = (struct stack *)(void *)(base + size) - 1;
	k = (struct stack *)((uintptr_t)k & ~(uintptr_t)63);
	*k = (struct stack){.base = base, .state = state};
	return k;
}

/* The first slot that has no memory, or SLOTS. */
static unsigned free_slot(const struct arena *a)
{
	for (unsigned i = 0; i < SLOTS / 64; i++)
		if (~a->issued[i] != 0)
			return 64 * i + (unsigned)__builtin_ctzll(~a->issued[i]);
	return SLOTS;
}

static struct stack *new_slot(struct stacks *s)
{
	while (s->filling != NULL && free_slot(s->filling) == SLOTS)
		s->filling = s->filling->next;
	struct arena *a = s->filling;
	if (a == NULL)
		return NULL;
	unsigned i = free_slot(a);
	char *base = a->base + (size_t)i * SLOT_BYTES;
	if (a->state[i] == STACK_BARE)
		a->state[i] = install_guard(s, base);
	struct stack *k = lay_record(base, SLOT_BYTES - i % COLOURS * 64,
		a->state[i]);
	k->arena = a;
	a->issued[i / 64] |= (uint64_t)1 << (i % 64);
	s->mapped++;
	return k;
}

static struct stack *issue(struct stack *k)
{
	annotate_issue(&k->tool, k->base + GUARD_BYTES, stack_usable(k));
	return k;
}

static struct stack *pop(struct stack **list)
{
	struct stack *k = *list;
	if (k != NULL)
		*list = k->next;
	return k;
}

static struct stack *take_warm(struct stacks *s)
{
	struct stack *k = pop(&s->recent);
	if (k == NULL)
		k = pop(&s->older);
	if (k == NULL)
		k = pop(&s->stale);
	if (k != NULL)
		s->warm--;
	return k;
}

/* Have the record and the first frames of a stack on their way. */
static void fetch(const struct stack *k)
{
	const char *top = (const char *)k;
	for (int line = 0; line < 4; line++)
		__builtin_prefetch(top - 64 * line, 1);
}

struct stack *stacks_take(struct stacks *s)
{
	struct stack *k = take_warm(s);
	if (k == NULL)
		k = new_slot(s);
	else if (k->ahead != NULL) /* it is taken soon */
		fetch(k->ahead);
	return k != NULL ? issue(k) : NULL;
}

struct stack *stacks_take_large(struct stacks *s, size_t usable)
{
	size_t step = (size_t)1 << 20;
	if (usable > SIZE_MAX / 2)
		return NULL;
	size_t size = (usable + step - 1) / step * step + GUARD_BYTES;
	char *base = reserve(size);
	if (base == NULL)
		return NULL;
	struct stack *k = lay_record(base, size,
		install_guard(s, base));
	s->mapped++;
	return issue(k);
}

static void unmap_large(struct stacks *s, struct stack *k)
{
	if (k->state == STACK_MPROTECTED)
		s->guards--;
	(void)munmap(k->base, GUARD_BYTES + stack_usable(k));
	s->mapped--;
}

void stacks_put(struct stacks *s, struct stack *k)
{
	annotate_retire(&k->tool);
	if (k->arena == NULL) {
		unmap_large(s, k);
		return;
	}
	k->next = k->ahead = s->recent;
	for (int i = 1; i < AHEAD && k->ahead != NULL; i++)
		k->ahead = k->ahead->next;
	s->recent = k;
	s->warm++;
}

/* Give the memory back, and the record with it: the slot is as before its first
 * use, but for the guard. */
static void cool(struct stacks *s, struct stack *k)
{
	struct arena *a = k->arena;
	size_t i = (size_t)(k->base - a->base) / SLOT_BYTES;
	(void)madvise(k->base + GUARD_BYTES, SLOT_BYTES - GUARD_BYTES,
		MADV_DONTNEED);
	a->issued[i / 64] &= ~((uint64_t)1 << (i % 64));
	s->filling = s->arenas;
	s->warm--;
	s->mapped--;
}

void stacks_age(struct stacks *s, cio_time now)
{
	for (int i = 0; s->warm > s->keep_warm && s->stale != NULL; i++) {
		if (i == COOL_AT_ONCE)
			return;
		cool(s, pop(&s->stale));
	}
	if (s->warm <= s->keep_warm || now < s->age_ends)
		return;
	s->stale = s->older;
	s->older = s->recent;
	s->recent = NULL;
	s->age_ends = now + AGE;
}

void *stack_top(struct stack *k)
{
	return k;
}
