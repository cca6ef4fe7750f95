/* SPDX-License-Identifier: MIT */
/* a barrier lets N tasks pass together, again and again */
/* drivers: sim */
#include "parity.h"

static cio_barrier barrier;
static bool passed[2][3];

struct party {
	const char *name;
	int ticks;
};

static int party(struct party *p)
{
	for (int round = 0; round < 2; round++) {
		(void)cio_sleep(p->ticks * T);
		say("%s arrives, waiting already %u", p->name,
			cio_barrier_waiting(&barrier));
		int index = cio_barrier_wait(&barrier);
		if (index < 0)
			return index;
		passed[round][index] = true;
	}
	return 0;
}

static int wait_once(const int *unused)
{
	(void)unused;
	return cio_barrier_wait(&barrier);
}

static int scenario(void *arg)
{
	struct party parties[] = {{"a", 1}, {"b", 3}, {"c", 5}};
	cio_task *extra[4];
	(void)arg;
	cio_barrier_init(&barrier, 3);
	CHECK_INT(cio_map(party, parties, 3), 0);
	for (int round = 0; round < 2; round++) {
		add("round %d indexes:", round + 1);
		for (int i = 0; i < 3; i++)
			add(passed[round][i] ? " %d" : " -", i);
		say("%s", "");
	}

	for (int i = 0; i < 4; i++)
		extra[i] = cio_spawn(wait_once, NOTHING);
	(void)cio_sleep(T);
	say("four at a barrier for three: passed %d | waiting %u | broken %d",
		ended_within(extra, 4, 0), cio_barrier_waiting(&barrier),
		barrier.broken);
	cio_task *more = cio_spawn(wait_once, NOTHING);
	CHECK(cio_barrier_wait(&barrier) >= 0);
	CHECK(cio_await(more) >= 0);
	say("next round: passed %d", ended_within(extra, 4, T));
	return cio_gather(extra, 4);
}
