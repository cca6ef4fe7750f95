/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * walk.c - random programs of tasks, scopes and primitives, against a model
 *
 * From a seed comes a program: tasks that lock, queue up, take permits, open
 * scopes and groups, sleep, and cancel each other. The model is bookkeeping
 * beside the runtime: who holds what, which item is where, how many are inside.
 * Each step is compared with it, and in the end all of it must add up.
 *
 * CIO_SEED=n walks that one alone; CIO_WHOLE=1 many more.
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include <cio.h>

#include "base/random.h"

enum { LOCKS = 2, QUEUES = 2, ITEMS = 4096, VICTIMS = 64, PERMITS = 2,
	TASKS_MAX = 120, DEPTH = 3 };

enum where { NOWHERE, PUT, GOT };

static struct world {
	struct random dice;
	cio_lock lock[LOCKS];
	cio_task *holder[LOCKS];
	cio_rwlock rw;
	int readers, writers;
	cio_semaphore permits;
	int used;
	cio_queue queue[QUEUES];
	uint8_t item[ITEMS]; /* where it is */
	int items;
	cio_event event;
	cio_condition condition;
	cio_task *victim[VICTIMS];
	cio_scope *scope[VICTIMS];
	int tasks, alive;
	uint64_t steps, refused, cancels;
} w;

static uint64_t all_steps, all_refused, all_cancels;

static int roll(int sides)
{
	return (int)cio__random_below(&w.dice, (uint64_t)sides);
}

static bool is_refusal(int err)
{
	return err == -ECANCELED || err == -ETIMEDOUT;
}

/* A refusal comes only to who is refused, and leaves it so. */
static int seen(int err)
{
	w.steps++;
	if (is_refusal(err)) {
		w.refused++;
		CHECK_INT(err, cio_refused());
	}
	return err;
}

static cio_duration some_time(void)
{
	return CIO_US(roll(50));
}

/* ---- who can be cancelled: tasks and open scopes ---- */

static int enlist_task(void)
{
	int i = roll(VICTIMS);
	if (w.victim[i] != NULL)
		return -1;
	w.victim[i] = cio_current_task();
	return i;
}

static void cancel_somebody(void)
{
	int i = roll(VICTIMS);
	w.cancels++;
	if (roll(4) != 0 && w.scope[i] != NULL)
		cio_scope_cancel(w.scope[i], "walk");
	else if (roll(3) == 0 && w.victim[i] != NULL)
		cio_task_cancel(w.victim[i], "walk");
}

/* ---- steps ---- */

static void nap(void)
{
	(void)seen(roll(3) == 0 ? cio_yield() : cio_sleep(some_time()));
}

static void lock_step(void)
{
	int i = roll(LOCKS);
	bool held = w.lock[i].owner == cio_current_task();
	int err = seen(cio_lock_acquire(&w.lock[i]));
	if (held) {
		CHECK(err == -EDEADLK || is_refusal(err));
		return;
	}
	if (err < 0)
		return;
	CHECK(w.holder[i] == NULL);
	w.holder[i] = cio_current_task();
	nap();
	if (roll(4) == 0) {
		w.holder[i] = NULL; /* given away meanwhile */
		cio_scope limit;
		cio_scope_begin(&limit, cio_now() + some_time());
		err = cio_condition_wait(&w.condition, &w.lock[i]);
		/* more may have ended while it got the lock back */
		CHECK(err == 0 || (is_refusal(err) && cio_refused() < 0));
		(void)cio_scope_end(&limit, err);
		CHECK(w.lock[i].owner == cio_current_task());
		CHECK(w.holder[i] == NULL);
		w.holder[i] = cio_current_task();
	}
	CHECK(w.holder[i] == cio_current_task());
	w.holder[i] = NULL;
	CHECK_INT(cio_lock_release(&w.lock[i]), 0);
}

static void rwlock_step(void)
{
	bool writes = roll(2) == 0;
	int err = seen(writes ? cio_rwlock_acquire_write(&w.rw)
			      : cio_rwlock_acquire_read(&w.rw));
	if (err < 0)
		return;
	if (writes)
		w.writers++;
	else
		w.readers++;
	CHECK(w.writers == 0 || (w.writers == 1 && w.readers == 0));
	nap();
	if (writes)
		w.writers--;
	else
		w.readers--;
	CHECK_INT(writes ? cio_rwlock_release_write(&w.rw)
			 : cio_rwlock_release_read(&w.rw), 0);
}

static void semaphore_step(void)
{
	int err = roll(4) == 0 ? cio_semaphore_try_acquire(&w.permits)
			       : seen(cio_semaphore_acquire(&w.permits));
	if (err < 0)
		return;
	CHECK(++w.used <= PERMITS);
	nap();
	w.used--;
	cio_semaphore_release(&w.permits);
}

static void put_item(int q)
{
	if (w.items == ITEMS)
		return;
	int item = w.items++;
	cio_scope limit; /* there may be nobody left who gets */
	cio_scope_begin(&limit, cio_now() + some_time());
	int err = seen(cio_queue_put(&w.queue[q], &item));
	(void)cio_scope_end(&limit, err);
	if (err < 0)
		return;
	/* a getter that waited may have it already */
	if (w.item[item] == NOWHERE)
		w.item[item] = PUT;
}

static void got_item(int item)
{
	if (!CHECK(item >= 0 && item < w.items))
		return;
	CHECK(w.item[item] != GOT); /* nobody else has it */
	w.item[item] = GOT;
}

static void get_item(int q)
{
	int item = -1;
	CHECK(w.queue[q].maxsize == 0 || w.queue[q].size <= w.queue[q].maxsize);
	cio_scope limit; /* there may be nobody left who puts */
	cio_scope_begin(&limit, cio_now() + some_time());
	int err = seen(cio_queue_get(&w.queue[q], &item));
	if (err == 0)
		got_item(item);
	(void)cio_scope_end(&limit, err);
}

static void select_step(void)
{
	int item = w.items, in = -1;
	if (w.items == ITEMS)
		return;
	w.items++;
	cio_select_case on[] = {cio_on_get(&w.queue[0], &in),
		cio_on_put(&w.queue[1], &item),
		cio_on_time(cio_now() + some_time())};
	int i = seen(cio_select(on, 3));
	if (i == 0)
		got_item(in);
	else if (i == 1 && w.item[item] == NOWHERE)
		w.item[item] = PUT;
}

static void event_step(void)
{
	if (roll(2) == 0) {
		cio_event_set(&w.event);
		cio_condition_notify(&w.condition, (uint32_t)roll(3));
		if (roll(2) == 0)
			cio_event_clear(&w.event);
		return;
	}
	cio_scope limit;
	cio_scope_begin(&limit, cio_now() + some_time());
	int err = seen(cio_event_wait(&w.event));
	int end = cio_scope_end(&limit, err);
	CHECK(err >= 0 || end == 0 || is_refusal(end));
}

/* ---- structure ---- */

static int walk(const int *depth);
static void steps(int depth);

static void group_step(int depth)
{
	int err = 0;
	CIO_GROUP (g, &err, .limit = (uint32_t)roll(4)) {
		for (int i = roll(4); i >= 0 && w.tasks < TASKS_MAX; i--) {
			int made = cio_group_spawn(&g, walk,
				&(int){depth + 1});
			w.tasks += made == 0;
			w.alive += made == 0;
			if (made < 0)
				CHECK(is_refusal(made));
		}
		steps(depth + 1);
	}
	CHECK(err == 0 || is_refusal(err));
}

static void scope_step(int depth)
{
	cio_scope s;
	int slot = roll(VICTIMS);
	bool shield = roll(4) == 0, listed = w.scope[slot] == NULL;
	cio_time deadline = cio_now() + some_time();
	if (shield)
		cio_shield_begin(&s, deadline);
	else
		cio_scope_begin(&s, roll(3) == 0 ? CIO_NEVER : deadline);
	if (listed)
		w.scope[slot] = &s;
	steps(depth + 1);
	int err = cio_checkpoint();
	if (listed)
		w.scope[slot] = NULL;
	bool late = cio_scope_expired(&s);
	int end = cio_scope_end(&s, err);
	if (err == 0)
		CHECK_INT(end, 0);
	else if (cio_refused() < 0 && !shield) /* the outermost is the cause */
		CHECK_INT(end, -ECANCELED);
	else
		CHECK_INT(end, late ? -ETIMEDOUT : 0);
}

static void spawn_step(int depth)
{
	cio_task *t[3];
	int n = 1 + roll(3);
	if (w.tasks + n > TASKS_MAX)
		return;
	for (int i = 0; i < n; i++)
		t[i] = cio_spawn(walk, &(int){depth + 1});
	w.tasks += n;
	w.alive += n; /* though they have not begun */
	int way = roll(4), err = 0;
	if (way == 0)
		err = cio_gather(t, (size_t)n, .errors = CIO_COLLECT);
	else if (way == 1)
		err = cio_wait(t, (size_t)n, CIO_FIRST_COMPLETED, some_time());
	for (int i = 0; i < n && way != 0; i++) {
		if (way == 1 && roll(2) == 0)
			cio_task_cancel(t[i], "walk");
		if (way == 2)
			err = cio_wait_for(t[i], some_time());
		else if (way == 3)
			cio_detach(t[i], "detached");
		else
			err = cio_await(t[i]);
		CHECK(err == 0 || is_refusal(err));
	}
	CHECK(err == 0 || is_refusal(err));
}

static void step(int depth)
{
	switch (roll(14)) {
	case 0:
	case 1: nap(); break;
	case 2: lock_step(); break;
	case 3: rwlock_step(); break;
	case 4: semaphore_step(); break;
	case 5:
	case 6: put_item(roll(QUEUES)); break;
	case 7: get_item(roll(QUEUES)); break;
	case 8: select_step(); break;
	case 9: event_step(); break;
	case 10: cancel_somebody(); break;
	case 11:
		if (depth < DEPTH)
			group_step(depth);
		break;
	case 12:
		if (depth < 2 * DEPTH)
			scope_step(depth);
		break;
	default:
		if (depth < DEPTH)
			spawn_step(depth);
	}
}

static void steps(int depth)
{
	for (int i = 2 + roll(8); i > 0; i--)
		step(depth);
}

static int walk(const int *depth)
{
	int slot = enlist_task();
	steps(*depth);
	if (slot >= 0)
		w.victim[slot] = NULL;
	w.alive--;
	return cio_checkpoint();
}

/* ---- one program ---- */

static void begin(uint64_t seed)
{
	memset(&w, 0, sizeof w);
	w.dice = (struct random){seed};
	cio_semaphore_init(&w.permits, PERMITS);
	cio_queue_init(&w.queue[0], sizeof(int), (size_t)roll(3));
	cio_queue_init(&w.queue[1], sizeof(int), 1 + (size_t)roll(2));
}

static void drain(cio_queue *q)
{
	int item;
	while (cio_queue_try_get(q, &item) == 0)
		got_item(item);
}

static void check_end(void)
{
	CHECK_INT(w.alive, 0);
	CHECK_INT(w.used, 0);
	CHECK_INT(w.permits.permits, PERMITS);
	CHECK_INT(cio_semaphore_finish(&w.permits), 0);
	for (int i = 0; i < LOCKS; i++)
		CHECK_INT(cio_lock_finish(&w.lock[i]), 0);
	CHECK_INT(cio_rwlock_finish(&w.rw), 0);
	CHECK_INT(cio_condition_finish(&w.condition), 0);
	for (int i = 0; i < QUEUES; i++) {
		drain(&w.queue[i]);
		CHECK_INT(cio_queue_finish(&w.queue[i]), 0);
	}
	for (int i = 0; i < w.items; i++)
		CHECK(w.item[i] != PUT); /* put, and then lost */
	all_steps += w.steps;
	all_refused += w.refused;
	all_cancels += w.cancels;
}

/* Everything that was started ends within the time, or it hangs. */
static int program(void *seed)
{
	int err = 0, depth = 0;
	begin(*(uint64_t *)seed);
	CIO_TIMEOUT (CIO_MS(5), &err) {
		CIO_GROUP (g, &err) {
			for (int i = 0; i < 5 && err == 0; i++) {
				err = cio_group_spawn(&g, walk, &depth);
				w.alive += err == 0;
			}
		}
	}
	CHECK(err == 0 || err == -ETIMEDOUT);
	for (int i = 0; w.alive > 0 && i < 1000; i++)
		CHECK_INT(cio_sleep(CIO_US(100)), 0); /* the detached */
	check_end();
	return 0;
}

static void walk_seed(uint64_t seed)
{
	char when[100];
	snprintf(when, sizeof when, "CIO_SEED=%llu on '%s': ",
		(unsigned long long)seed, check_driver());
	(void)check_run_as(program, &seed, seed, when);
}

static void walks(void **state)
{
	const char *wanted = getenv("CIO_SEED");
	bool whole = getenv("CIO_WHOLE") != NULL;
	uint64_t n = strcmp(check_driver(), "sim") != 0 ? 150 : 3000;
	(void)state;
	if (wanted != NULL) {
		walk_seed(strtoull(wanted, NULL, 10));
		return;
	}
	for (uint64_t seed = 1; seed <= (whole ? n * 20 : n); seed++)
		walk_seed(seed);
	printf("# walked %llu programs: %llu steps, %llu refused, %llu cancels\n",
		(unsigned long long)(whole ? n * 20 : n),
		(unsigned long long)all_steps, (unsigned long long)all_refused,
		(unsigned long long)all_cancels);
	assert_true(all_refused > n && all_steps - all_refused > n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
