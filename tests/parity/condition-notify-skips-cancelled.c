/* SPDX-License-Identifier: MIT */
/* a cancelled waiter does not eat a notification */
/* drivers: sim */
#include "parity.h"

static cio_condition cond;
static cio_lock lock;

static int waiter(const char *name)
{
	int err = 0;
	CIO_LOCKED (&lock, &err) {
		err = cio_condition_wait(&cond, &lock);
		if (err == 0)
			add(" %c", *name);
	}
	return err;
}

static void round_of(const char *waiters, const char *cancelled, uint32_t n)
{
	cio_task *tasks[4];
	size_t count = strlen(waiters);
	int err = 0;
	for (size_t i = 0; i < count; i++)
		tasks[i] = cio_spawn(waiter, &waiters[i]);
	(void)cio_sleep(T);
	add("waiting %s | cancelled %s | notify %u | woke:", waiters, cancelled,
		n);
	CIO_LOCKED (&lock, &err) {
		for (const char *c = cancelled; *c != 0; c++)
			cio_task_cancel(tasks[*c - 'a'], "no need");
		cio_condition_notify(&cond, n);
	}
	int done = ended_within(tasks, count, 2 * T);
	say(" | still waiting %d", (int)count - done);
	for (size_t i = 0; i < count; i++)
		cio_task_cancel(tasks[i], "the round is over");
	(void)cio_gather(tasks, count, .errors = CIO_COLLECT);
}

static int scenario(void *arg)
{
	(void)arg;
	round_of("abc", "a", 1);
	round_of("abc", "ab", 1);
	round_of("abcd", "ac", 2);
	round_of("ab", "ab", 1);
	return 0;
}
