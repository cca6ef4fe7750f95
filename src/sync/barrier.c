/* SPDX-License-Identifier: MIT */
/*
 * barrier.c - tasks that wait for each other
 *
 * The last to come hands each waiter its number by the wake, so the next round
 * can begin at once: there is nothing to drain, and no state but the queue.
 *
 * Invariant: `arrived` is at least the length of the queue. A cancelled waiter
 * leaves the queue and not the count, so a count that says "all" is a reason to
 * look; looking mends it.
 */
#include <cio/barrier.h>

#include <cio/impl.h>

#include <assert.h>
#include <errno.h>

#include "base/list.h"

/* What is handed over: a number, or that the barrier broke. */
static const uint64_t BROKE = UINT64_MAX;

void cio_barrier_init(cio_barrier *b, uint32_t parties)
{
	if (parties == 0 || parties > INT32_MAX)
		cio__misuse("makes a barrier of %u parties", parties);
	*b = (cio_barrier){.parties = parties};
}

int cio_barrier_finish(cio_barrier *b)
{
	return list_empty(&b->waiters) ? 0 : -EBUSY;
}

uint32_t cio_barrier_waiting(const cio_barrier *b)
{
	uint32_t n = 0;
	if (list_empty(&b->waiters))
		return 0;
	for (const cio_link *at = b->waiters.next; at != &b->waiters;
		at = at->next)
		n++;
	return n;
}

static void wake(cio_waiter *w, uint64_t value)
{
	w->value = value;
	cio_unpark(w);
}

static bool is_last(cio_barrier *b)
{
	if (b->arrived + 1 < b->parties)
		return false;
	b->arrived = cio_barrier_waiting(b);
	assert(b->arrived < b->parties);
	return b->arrived + 1 == b->parties;
}

static int let_all_go(cio_barrier *b)
{
	cio_waiter *oldest;
	int place = 0;
	while ((oldest = cio_first_waiter(&b->waiters)) != NULL)
		wake(oldest, (uint64_t)place++);
	b->arrived = 0;
	return place;
}

int cio_barrier_wait(cio_barrier *b)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (b->broken)
		return -CIO_EBROKEN;
	if (is_last(b))
		return let_all_go(b);
	b->arrived++;
	cio_waiter self = {0};
	err = cio_park(&self, &b->waiters, "barrier");
	if (err < 0)
		return err;
	return self.value == BROKE ? -CIO_EBROKEN : (int)self.value;
}

void cio_barrier_reset(cio_barrier *b)
{
	cio_waiter *oldest;
	while ((oldest = cio_first_waiter(&b->waiters)) != NULL)
		wake(oldest, BROKE);
	b->arrived = 0;
	b->broken = false;
}

void cio_barrier_abort(cio_barrier *b)
{
	cio_barrier_reset(b);
	b->broken = true;
}
