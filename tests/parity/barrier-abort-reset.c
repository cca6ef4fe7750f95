/* SPDX-License-Identifier: MIT */
/* abort breaks a barrier until reset; reset throws out those waiting */
/* drivers: sim */
#include "parity.h"

static cio_barrier barrier;

static int party(const char *name)
{
	(void)name;
	return cio_barrier_wait(&barrier);
}

static void start(cio_task **tasks, const char *names)
{
	for (; *names != 0; names++)
		*tasks++ = cio_spawn(party, names);
}

static void show(const char *label, cio_task *const *tasks, const char *names)
{
	size_t n = strlen(names);
	(void)ended_within(tasks, n, 2 * T);
	add("%s |", label);
	for (size_t i = 0; i < n; i++) {
		if (!cio_task_done(tasks[i]))
			add(" waiting");
		else
			add(" %c:%s", names[i],
				cio_task_result(tasks[i]) >= 0 ? "passed" :
								 "broken");
	}
	say(" | broken %d | waiting %u", barrier.broken,
		cio_barrier_waiting(&barrier));
}

static int scenario(void *arg)
{
	cio_task *t[8];
	(void)arg;
	cio_barrier_init(&barrier, 3);
	start(t, "ab");
	(void)cio_sleep(T);
	cio_barrier_abort(&barrier);
	show("abort", t, "ab");
	start(t + 2, "c");
	show("arriving after abort", t + 2, "c");
	cio_barrier_reset(&barrier);
	start(t + 3, "de");
	(void)cio_sleep(T);
	show("after reset", t + 3, "de");
	cio_barrier_reset(&barrier);
	show("reset with two waiting", t + 3, "de");
	start(t + 5, "fgh");
	show("next three", t + 5, "fgh");
	(void)cio_gather(t, 8, .errors = CIO_COLLECT);
	return 0;
}
