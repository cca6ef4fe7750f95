/* SPDX-License-Identifier: MIT */
/*
 * timer.c - a wheel of wheels, exact to the nanosecond, without allocation
 *
 * Level k has a slot for each value of the k-th byte of a deadline. A timer
 * stands at the highest byte in which its deadline differs from `base`, in the
 * slot of its own value there. So the first full slot of the lowest level that
 * has any holds the earliest timers; when `base` reaches the start of a slot
 * above level 0, its timers move down a level or more, in order. In level 0 a
 * slot is one nanosecond, and its list is in order of arming.
 *
 * Moving `base` forward never misplaces a timer, as long as it does not pass
 * the start of a full slot: the bytes above stay the same for both.
 */
#include "core/core.h"

#include <assert.h>
#include <time.h>

void wheel_open(struct wheel *w, cio_time now)
{
	*w = (struct wheel){.base = now, .soonest = now};
}

/* ---- one slot: a circular list, the head is the oldest ---- */

static void slot_push(cio_timer **slot, cio_timer *t)
{
	cio_timer *first = *slot;
	if (first == NULL) {
		t->next = t->prev = *slot = t;
		return;
	}
	t->next = first;
	t->prev = first->prev;
	first->prev->next = t;
	first->prev = t;
}

static void slot_remove(cio_timer **slot, cio_timer *t)
{
	if (t->next == t) {
		*slot = NULL;
		return;
	}
	t->prev->next = t->next;
	t->next->prev = t->prev;
	if (*slot == t)
		*slot = t->next;
}

/* ---- where a timer stands ---- */

static int slot_in(cio_time deadline, int level)
{
	return (int)(((uint64_t)deadline >> (8 * level)) & (WHEEL_SLOTS - 1));
}

static void place(struct wheel *w, cio_timer *t)
{
	uint64_t differs = (uint64_t)t->deadline ^ (uint64_t)w->base;
	int level = differs == 0 ? 0 : (63 - __builtin_clzll(differs)) / 8;
	int slot = slot_in(t->deadline, level);

	slot_push(&w->slot[level][slot], t);
	w->full[level][slot / 64] |= (uint64_t)1 << (slot % 64);
	t->place = (uint16_t)(1 + level * WHEEL_SLOTS + slot);
}

static void unplace(struct wheel *w, cio_timer *t)
{
	int level = (t->place - 1) / WHEEL_SLOTS;
	int slot = (t->place - 1) % WHEEL_SLOTS;

	slot_remove(&w->slot[level][slot], t);
	if (w->slot[level][slot] == NULL)
		w->full[level][slot / 64] &= ~((uint64_t)1 << (slot % 64));
	t->place = 0;
}

void wheel_arm(struct wheel *w, cio_timer *t, cio_time deadline)
{
	if (t->place != 0)
		wheel_disarm(w, t);
	/* what is late stands at the earliest moment that is still to come */
	t->deadline = deadline > w->soonest ? deadline : w->soonest;
	place(w, t);
	w->armed++;
}

void wheel_disarm(struct wheel *w, cio_timer *t)
{
	if (t->place == 0)
		return;
	unplace(w, t);
	w->armed--;
}

/* ---- what is due ---- */

/* The first full slot at or after base's own: its level, slot and start. */
static bool first_slot(const struct wheel *w, int *level, int *slot,
	cio_time *start)
{
	for (int k = 0; k < WHEEL_LEVELS; k++) {
		for (int i = 0; i < WHEEL_SLOTS / 64; i++) {
			if (w->full[k][i] == 0)
				continue;
			*level = k;
			*slot = 64 * i + __builtin_ctzll(w->full[k][i]);
			uint64_t above = k == WHEEL_LEVELS - 1 ? 0 :
				((uint64_t)w->base >> (8 * (k + 1))) << (8 * (k + 1));
			*start = (cio_time)(above | (uint64_t)*slot << (8 * k));
			return true;
		}
	}
	return false;
}

static bool is_alone(const cio_timer *t)
{
	return t->next == t;
}

cio_time wheel_next(const struct wheel *w)
{
	int level, slot;
	cio_time start;
	if (w->armed == 0 || !first_slot(w, &level, &slot, &start))
		return CIO_NEVER;
	const cio_timer *first = w->slot[level][slot];
	return is_alone(first) ? first->deadline : start;
}

/* The first `most` of the slot; returns how many more might have been fired. */
static int fire_slot(struct wheel *w, int level, int slot, int most)
{
	for (; most > 0 && w->slot[level][slot] != NULL; most--) {
		cio_timer *t = w->slot[level][slot];
		wheel_disarm(w, t);
		t->fire(t);
	}
	return most;
}

static void move_down(struct wheel *w, int level, int slot)
{
	cio_timer *list = w->slot[level][slot];
	list->prev->next = NULL;
	w->slot[level][slot] = NULL;
	w->full[level][slot / 64] &= ~((uint64_t)1 << (slot % 64));
	for (cio_timer *t = list, *next; t != NULL; t = next) {
		next = t->next;
		place(w, t);
	}
}

void wheel_advance(struct wheel *w, cio_time now, int most)
{
	int level, slot;
	cio_time start;
	while (most > 0 && w->armed > 0 &&
		first_slot(w, &level, &slot, &start) && start <= now) {
		/* one that is alone is the next of all: it need not move down */
		cio_timer *first = w->slot[level][slot];
		if (level > 0 && is_alone(first) && first->deadline <= now)
			start = first->deadline;
		else if (level > 0)
			first = NULL;
		if (start > w->base)
			w->base = start;
		if (first == NULL) {
			move_down(w, level, slot);
			continue;
		}
		/* what the callbacks arm for now has its turn next time */
		w->soonest = now + 1;
		most = fire_slot(w, level, slot, most);
	}
	if (most > 0 && now > w->base)
		w->base = now;
	/* who comes late comes after those that are due */
	w->soonest = now > w->base ? now : w->base;
}

static void slot_each(cio_timer *first, void (*fn)(cio_timer *t))
{
	if (first == NULL)
		return;
	cio_timer *last = first->prev, *next = first, *t;
	do {
		t = next;
		next = t->next;
		fn(t);
	} while (t != last);
}

void wheel_each(struct wheel *w, void (*fn)(cio_timer *t))
{
	for (int level = 0; level < WHEEL_LEVELS; level++) {
		for (int slot = 0; slot < WHEEL_SLOTS; slot++)
			slot_each(w->slot[level][slot], fn);
	}
}

/* ---- the public face ---- */

/* Has a task kept the loop for longer than that? A clock that is coarse, and
 * cheap, tells. */
#define KEPT CIO_MS(4)

static bool is_behind(const cio_loop *l)
{
	struct timespec t;
	return !l->virtual_clock &&
		clock_gettime(CLOCK_MONOTONIC_COARSE, &t) == 0 &&
		CIO_S(t.tv_sec) + t.tv_nsec - l->now > KEPT;
}

cio_time cio_now(void)
{
	cio_loop *l = loop_for("cio_now");
	if (UNLIKELY(is_behind(l)))
		l->now = l->driver->ops->now(l->driver);
	return l->now;
}

cio_time cio_time_after(cio_duration d)
{
	cio_loop *l = loop_for("cio_time_after");
	l->now = l->driver->ops->now(l->driver);
	return cio_time_add(l->now, d);
}

void cio_timer_arm(cio_timer *t, cio_time deadline)
{
	if (deadline == CIO_NEVER) {
		cio_timer_disarm(t); /* armed, it would look like a way to wake */
		return;
	}
	cio_loop *l = loop_for("cio_timer_arm");
	if (UNLIKELY(t->place != 0 && t->loop != l->number))
		misuse_other_loop("cio_timer_arm");
	t->loop = l->number;
	wheel_arm(&l->wheel, t, deadline);
}

void cio_timer_disarm(cio_timer *t)
{
	if (t->place != 0)
		wheel_disarm(&loop_of(t->loop, "cio_timer_disarm")->wheel, t);
}
