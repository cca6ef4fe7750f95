/* SPDX-License-Identifier: MIT */
/*
 * message.c - the loop's inbox, from any thread
 *
 * A lock-free stack of messages: posting is one exchange, and a wake only where
 * the inbox was empty. The loop takes all at once and delivers them in the order
 * of posting.
 */
#include "core/core.h"

void cio_loop_post(cio_loop *loop, cio_message *m)
{
	if (UNLIKELY(loop->forks != core_forks))
		misuse_parents_loop("cio_loop_post");
	/* the message may be delivered, and the run over, before we are done */
	atomic_fetch_add(&loop->posting, 1);
	cio_message *first = atomic_load(&loop->inbox);
	do
		m->next = first;
	while (!atomic_compare_exchange_weak(&loop->inbox, &first, m));
	if (first == NULL)
		loop->driver->ops->wake(loop->driver);
	atomic_fetch_sub(&loop->posting, 1);
}

void messages_deliver(cio_loop *l)
{
	if (atomic_load_explicit(&l->inbox, memory_order_relaxed) == NULL)
		return;
	cio_message *m = atomic_exchange(&l->inbox, NULL), *ordered = NULL;
	while (m != NULL) {
		cio_message *next = m->next;
		m->next = ordered;
		ordered = m;
		m = next;
	}
	while (ordered != NULL) {
		m = ordered;
		ordered = m->next;
		m->deliver(m);
		context_leave(l, NULL); /* what it has set ends with it */
	}
}

/* The run waits for it at its end, as for an operation of nobody's. */
void cio_loop_hold(void)
{
	cio_loop *l = loop_for("cio_loop_hold");
	l->holds++;
	l->root.pending++;
}

void cio_loop_unhold(void)
{
	cio_loop *l = loop_for("cio_loop_unhold");
	l->holds--;
	l->root.pending--;
	group_settled(&l->root);
}

void cio_loop_expect(void)
{
	loop_for("cio_loop_expect")->expects++;
}

void cio_loop_expect_end(void)
{
	loop_for("cio_loop_expect_end")->expects--;
}

cio_loop *cio_current_loop(void)
{
	return cio__loop;
}
