/* SPDX-License-Identifier: MIT */
/* a waiter that was given the lock and is then cancelled */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;

static int user(const char *const *name)
{
	int err = 0;
	CIO_LOCKED (&lock, &err)
		add(" %s", *name);
	return err;
}

static void round_of(const char *waiters, const char *cancelled)
{
	static const char *const names[] = {"a", "b", "c"};
	cio_task *tasks[3];
	size_t n = strlen(waiters);
	CHECK_INT(cio_lock_acquire(&lock), 0);
	for (size_t i = 0; i < n; i++)
		tasks[i] = cio_spawn(user, &names[i]);
	(void)cio_sleep(T);
	cio_lock_release(&lock);
	for (const char *c = cancelled; *c != 0; c++)
		cio_task_cancel(tasks[*c - 'a'], "no need");
	add("waiting %s | cancelled %s | got it:", waiters, cancelled);
	int done = ended_within(tasks, n, 20 * T);
	const char *newcomer = "newcomer";
	CHECK_INT(cio_wait_for(cio_spawn(user, &newcomer), 20 * T), 0);
	say(" | hanging %d | locked %d", (int)n - done, lock.owner != NULL);
	(void)cio_gather(tasks, n, .errors = CIO_COLLECT);
}

static int scenario(void *arg)
{
	(void)arg;
	round_of("abc", "a");
	round_of("abc", "ab");
	round_of("abc", "b");
	round_of("abc", "abc");
	round_of("a", "a");
	return 0;
}
