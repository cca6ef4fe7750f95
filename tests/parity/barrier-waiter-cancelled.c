/* SPDX-License-Identifier: MIT */
/* a cancelled waiter leaves a barrier as if it had not come; an abort is met by all */
/* drivers: sim */
#include "parity.h"

struct waiter {
	cio_barrier *barrier;
	const char *name;
};

static int wait_there(const struct waiter *w)
{
	int n = cio_barrier_wait(w->barrier);
	if (n >= 0)
		say("  %s passes as %d", w->name, n);
	else if (n == -CIO_EBROKEN)
		say("  %s broken", w->name);
	return n < 0 ? n : 0;
}

static cio_task *spawn(cio_barrier *b, const char *name)
{
	return cio_spawn(wait_there, &(struct waiter){b, name});
}

static void end(cio_task *const t[], size_t n)
{
	wait_all(t, n);
	for (size_t i = 0; i < n; i++)
		(void)cio_await(t[i]);
}

static int scenario(void *arg)
{
	cio_barrier b, one;
	(void)arg;
	cio_barrier_init(&b, 3);
	cio_task *t[4] = {spawn(&b, "a"), spawn(&b, "b")};
	(void)cio_sleep(T);
	say("waiting %d", (int)cio_barrier_waiting(&b));
	cio_task_cancel(t[0], "no need");
	(void)cio_sleep(T);
	say("a cancelled, waiting %d broken %d", (int)cio_barrier_waiting(&b),
		b.broken);
	t[2] = spawn(&b, "c");
	(void)cio_sleep(T);
	say("c came, waiting %d", (int)cio_barrier_waiting(&b));
	t[3] = spawn(&b, "d");
	end(t, 4);
	say("waiting %d", (int)cio_barrier_waiting(&b));
	t[0] = spawn(&b, "e");
	t[1] = spawn(&b, "f");
	(void)cio_sleep(T);
	cio_barrier_abort(&b);
	end(t, 2);
	(void)wait_there(&(struct waiter){&b, "after the abort"});
	cio_barrier_reset(&b);
	say("reset, broken %d", b.broken);
	t[0] = spawn(&b, "g");
	t[1] = spawn(&b, "h");
	t[2] = spawn(&b, "i");
	end(t, 3);
	cio_barrier_init(&one, 1);
	(void)wait_there(&(struct waiter){&one, "alone"});
	(void)wait_there(&(struct waiter){&one, "alone again"});
	return 0;
}
