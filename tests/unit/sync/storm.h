/* SPDX-License-Identifier: MIT */
/*
 * storm.h - tasks that come, work and are cancelled at random moments
 *
 * `fn` does one piece of work and ends by itself, if the others do. A storm
 * keeps so many of them going, cancels one now and then, often in the very turn
 * in which something is handed to it, and at the end lets all end in peace.
 * Afterwards nothing may be lost: that is for the caller to look at.
 */
#ifndef CIO_TESTS_STORM_H
#define CIO_TESTS_STORM_H

#include <cio/task.h>
#include <cio/time.h>

#include "check.h"

enum { STORM_TASKS = 9, STORM_STEPS = 4000 };

struct member {
	void *shared;
	uint32_t chance; /* another one for each */
};

static uint32_t storm_state;

static inline uint32_t storm_random(uint32_t below)
{
	storm_state ^= storm_state << 13;
	storm_state ^= storm_state >> 17;
	storm_state ^= storm_state << 5;
	return storm_state % below;
}

static inline void storm_step(cio_task **t, int (*fn)(const struct member *),
	void *shared)
{
	if (*t != NULL && cio_task_done(*t)) {
		int err = cio_await(*t);
		CHECK(err == 0 || err == -ECANCELED);
		*t = NULL;
	}
	if (*t == NULL)
		*t = cio_spawn(fn,
			&(struct member){shared, storm_random(1000)});
	else if (storm_random(3) == 0)
		cio_task_cancel(*t, "the storm");
}

/* `calm(shared)`, if any, makes those who wait for each other able to end. */
static inline void storm(int (*fn)(const struct member *), void *shared,
	uint32_t seed, void (*calm)(void *shared))
{
	cio_task *tasks[STORM_TASKS] = {NULL};
	storm_state = seed * 2654435761U + 1;
	for (int i = 0; i < STORM_STEPS; i++) {
		storm_step(&tasks[storm_random(STORM_TASKS)], fn, shared);
		uint32_t pause = storm_random(16); /* time must pass, too */
		if (pause < 8)
			CHECK_INT(pause == 0 ? cio_sleep(CIO_US(1)) :
					       cio_yield(),
				0);
	}
	if (calm != NULL)
		calm(shared);
	for (int i = 0; i < STORM_TASKS; i++) {
		int err = tasks[i] != NULL ? cio_await(tasks[i]) : 0;
		CHECK(err == 0 || err == -ECANCELED);
	}
}

#endif
