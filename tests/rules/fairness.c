/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * fairness.c - rules ST: who is always ready does not keep others waiting
 */
#include "rules/rules.h"

/* More turns than anybody may have to wait for his. */
enum { PATIENCE = 1000 };

/* ---- ST-01 ---- */

struct reader {
	cio_fd fd;
	bool *got;
};

static int reads(const struct reader *r)
{
	char byte;
	cio_op op = {.kind = CIO_OP_RECV, .fd = r->fd, .buf = &byte, .len = 1};
	int n = cio_perform(&op);
	*r->got = n == 1;
	return n == 1 ? 0 : -EIO;
}

RULE(st_01_events_are_seen_while_a_task_is_always_ready)
{
	cio_fd ours;
	int theirs, turns = 0;
	bool got = false;
	if (!open_pair(&ours, &theirs))
		return -EIO;
	cio_task *t = cio_spawn(reads, &(struct reader){ours, &got});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(write(theirs, "x", 1), 1);
	while (!got && turns++ < PATIENCE)
		CHECK_INT(cio_yield(), 0);
	CHECK(got);
	if (!got)
		cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), 0);
	close_handle(ours);
	close(theirs);
	return 0;
}

/* ---- ST-02 ---- */

struct game {
	cio_semaphore ball[2];
	bool over;
	int rallies;
};

struct player {
	struct game *game;
	int side;
};

static int plays(const struct player *p)
{
	struct game *g = p->game;
	int err = 0;
	while (err == 0 && !g->over && g->rallies < PATIENCE) {
		err = cio_semaphore_acquire(&g->ball[p->side]);
		g->rallies++;
		cio_semaphore_release(&g->ball[1 - p->side]);
	}
	return err;
}

static int ends_the_game(struct game *const *g)
{
	(*g)->over = true;
	return 0;
}

RULE(st_02_two_that_wake_each_other_let_a_third_run)
{
	struct game g = {.over = false}, *p = &g;
	cio_semaphore_init(&g.ball[0], 1);
	cio_semaphore_init(&g.ball[1], 0);
	cio_task *t[] = {cio_spawn(plays, &(struct player){&g, 0}),
		cio_spawn(plays, &(struct player){&g, 1}),
		cio_spawn(ends_the_game, &p)};
	CHECK_INT(cio_gather(t, 3), 0);
	CHECK(g.rallies < PATIENCE);
	return 0;
}

/* ---- ST-03 ---- */

struct greedy {
	cio_fd fd;
	bool other_ran;
	int reads;
};

static int reads_on(struct greedy *const *p)
{
	struct greedy *g = *p;
	char byte;
	while (!g->other_ran && g->reads < PATIENCE) {
		cio_op op = {.kind = CIO_OP_RECV, .fd = g->fd, .buf = &byte,
			.len = 1};
		if (!CHECK_INT(cio_perform(&op), 1))
			return -EIO;
		g->reads++;
	}
	return 0;
}

static int runs_once(struct greedy *const *p)
{
	(*p)->other_ran = true;
	return 0;
}

RULE(st_03_a_reader_whose_socket_is_always_full_yields)
{
	static const char bytes[PATIENCE];
	struct greedy g = {.reads = 0}, *p = &g;
	int theirs;
	if (!open_pair(&g.fd, &theirs))
		return -EIO;
	CHECK_INT(write(theirs, bytes, sizeof bytes), sizeof bytes);
	cio_task *reader = cio_spawn(reads_on, &p);
	cio_task *other = cio_spawn(runs_once, &p);
	CHECK_INT(cio_await(reader), 0);
	CHECK_INT(cio_await(other), 0);
	CHECK(g.reads <= 128);
	close_handle(g.fd);
	close(theirs);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(st_01_events_are_seen_while_a_task_is_always_ready),
		cmocka_unit_test(st_02_two_that_wake_each_other_let_a_third_run),
		cmocka_unit_test(st_03_a_reader_whose_socket_is_always_full_yields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
