/* SPDX-License-Identifier: MIT */
/*
 * disturb.c - one scenario, disturbed in every way and at every step
 */
#include "disturb.h"

#include <errno.h>
#include <stdlib.h>

#include <cio/run.h>
#include <cio/sim.h>

#include "base/random.h"

/* Tried of each way, if not all are; and orders of events if all are. */
enum { SAMPLE = 60, SEEDS = 200, WHOLE_SEEDS = 5000, ORDERS = 4 };
#define FAR ((uint64_t)1 << 40)

struct way {
	unsigned bit;
	const char *name;
	bool on_sim_only;
	void (*arm)(uint64_t k);      /* before the run */
	void (*begin)(uint64_t k);    /* in it */
	uint64_t (*steps)(void);      /* in it: how many there were so far */
	const int *errors;            /* what it may make of the result, ends with 0 */
};

static const struct scenario *now_running;
static const struct way *way;
static uint64_t step, steps;
static bool disturbing;

/* ---- ways ---- */

static void arm_allocation(uint64_t k)
{
	cio_sim_fail_allocation(k > 0 ? k : FAR);
}

static void arm_mapping(uint64_t k)
{
	cio_sim_fail_mapping(k > 0 ? k : FAR);
}

static uint64_t allocations(void)
{
	return FAR - cio_sim_allocation_left();
}

static uint64_t mappings(void)
{
	return FAR - cio_sim_mapping_left();
}

static void begin_reset(uint64_t k)
{
	(void)cio_sim_set_faults(&(cio_sim_faults){.reset_at = k});
}

static uint64_t bytes(void)
{
	return cio_sim_get_figures().bytes;
}

static void begin_descriptors(uint64_t k)
{
	(void)cio_sim_set_faults(&(cio_sim_faults){
		.fail_fd_after = (uint32_t)k});
}

static uint64_t descriptors(void)
{
	return cio_sim_get_figures().descriptors;
}

/* Each fault in half of the runs, often or seldom. */
static uint32_t some(struct random *r, uint32_t least, uint32_t most)
{
	if (cio__random_below(r, 2) == 0)
		return 0;
	return least + (uint32_t)cio__random_below(r, most - least);
}

static void begin_faults(uint64_t seed)
{
	struct random r = {seed};
	cio_sim_faults f = {0};
	if (seed == 0)
		return;
	f.max_transfer = some(&r, 1, 100);
	f.latency_us = some(&r, 1, 100);
	f.late_us = some(&r, 1, 300);
	f.short_transfers = some(&r, 1, 10);
	f.spurious = some(&r, 2, 10);
	f.no_buffers = some(&r, 2, 60);
	f.full_queue = some(&r, 10, 100);
	f.no_descriptor = some(&r, 3, 40);
	f.refused_connects = some(&r, 2, 20);
	(void)cio_sim_set_faults(&f);
	if (cio__random_below(&r, 3) == 0) /* and something else with it */
		cio_sim_cancel_at(1 + cio__random_below(&r, 60));
	else if (cio__random_below(&r, 2) == 0)
		cio_sim_fail_allocation(1 + cio__random_below(&r, 150));
}

static uint64_t seeds(void)
{
	return getenv("CIO_WHOLE") != NULL ? WHOLE_SEEDS : SEEDS;
}

static const int refusals[] = {-ECANCELED, 0};
static const int no_memory[] = {-ENOMEM, 0};
static const int resets[] = {-ECONNRESET, -EPIPE, -CIO_EEOF, 0};
static const int no_descriptors[] = {-EMFILE, 0};
static const int any_fault[] = {-ECONNRESET, -EPIPE, -CIO_EEOF, -ENOMEM,
	-ENOBUFS, -EMFILE, -ENFILE, -ECONNREFUSED, -ECANCELED, 0};

static const struct way ways[] = {
	{DISTURB_CANCEL, "cancel", false, cio_sim_cancel_at, NULL,
		cio_sim_suspensions, refusals},
	{DISTURB_ONE, "one", false, cio_sim_cancel_suspended_at, NULL,
		cio_sim_suspensions, refusals},
	{DISTURB_NEXT, "next", false, cio_sim_cancel_next_at, NULL,
		cio_sim_suspensions, refusals},
	{DISTURB_MEMORY, "memory", false, arm_allocation, NULL, allocations,
		no_memory},
	{DISTURB_STACKS, "stacks", false, arm_mapping, NULL, mappings,
		no_memory},
	{DISTURB_RESET, "reset", true, NULL, begin_reset, bytes, resets},
	{DISTURB_DESCRIPTORS, "descriptors", true, NULL, begin_descriptors,
		descriptors, no_descriptors},
	{DISTURB_FAULTS, "faults", true, NULL, begin_faults, seeds, any_fault},
};

/* ---- one run ---- */

unsigned disturb_way(void)
{
	return step > 0 ? way->bit : 0;
}

void disturb_end(void)
{
	if (!disturbing)
		return;
	disturbing = false;
	steps = way->steps();
	cio_sim_cancel_at(0);
	cio_sim_fail_allocation(0);
	cio_sim_fail_mapping(0);
	(void)cio_sim_set_faults(&(cio_sim_faults){0});
}

/* What was dropped may take a few turns. */
static void check_handles(uint64_t before)
{
	for (int i = 0; i < 1000; i++)
		if (cio_run_get_figures().handles == before ||
			cio_sleep(CIO_US(1)) < 0)
			break;
	CHECK_INT(cio_run_get_figures().handles, before);
}

static int run_scenario(void *arg)
{
	uint64_t handles = cio_run_get_figures().handles;
	(void)arg;
	if (way->begin != NULL)
		way->begin(step);
	int err = now_running->fn();
	CALM() {
		check_handles(handles);
	}
	return err;
}

static bool is_allowed(int err)
{
	if (err >= 0)
		return true;
	for (const int *e = way->errors; *e != 0; e++)
		if (*e == err)
			return step > 0;
	return false;
}

/* Step 0 is in peace. */
static void run_step(uint64_t k, uint64_t seed)
{
	char when[200];
	snprintf(when, sizeof when,
		"CIO_REPLAY=%s/%s/%llu/%llu on '%s': ", way->name,
		now_running->name, (unsigned long long)k,
		(unsigned long long)seed, check_driver());
	step = k;
	disturbing = true;
	if (way->arm != NULL)
		way->arm(k);
	int err = check_run_as(run_scenario, NULL, seed, when);
	cio_sim_fail_allocation(0); /* if the run did not get that far */
	cio_sim_fail_mapping(0);
	if (!is_allowed(err))
		fail_msg("%sit returned %d (%s)", when, err, cio_strerror(err));
	if (strstr(check_reports(), "deadlock") != NULL)
		fail_msg("%sthere was a deadlock", when);
}

/* ---- the steps of a way ---- */

static bool is_whole(void)
{
	return getenv("CIO_WHOLE") != NULL || way->bit == DISTURB_FAULTS;
}

/* The first ones, and then here and there. */
static uint64_t run_steps(uint64_t n, uint64_t seed)
{
	struct random r = {n};
	uint64_t k = 0, tried = 0;
	while (k < n) {
		uint64_t most = 1;
		if (!is_whole() && n > SAMPLE && tried >= SAMPLE / 2)
			most = 2 * (n - SAMPLE / 2) / (SAMPLE / 2);
		k += 1 + cio__random_below(&r, most);
		if (k > n)
			break;
		run_step(k, way->bit == DISTURB_FAULTS ? k : seed);
		tried++;
	}
	return tried;
}

static void run_way(char *told, size_t room)
{
	bool on_sim = strcmp(check_driver(), "sim") == 0;
	if (way->on_sim_only && !on_sim)
		return;
	uint64_t orders = 1, tried = 0, all = 0;
	if (is_whole() && on_sim && way->bit != DISTURB_FAULTS)
		orders = ORDERS;
	for (uint64_t seed = 1; seed <= orders; seed++) {
		run_step(0, seed);
		uint64_t n = steps;
		all += n;
		tried += run_steps(n, seed);
	}
	if (tried == 0)
		fail_msg("%s has no step to disturb by %s", now_running->name,
			way->name);
	size_t at = strlen(told);
	snprintf(told + at, room - at, ", %s %llu of %llu", way->name,
		(unsigned long long)tried, (unsigned long long)all);
}

/* Is this the one to be replayed? */
static bool replays(const char *wanted)
{
	char name[200];
	unsigned long long k, seed = 1;
	snprintf(name, sizeof name, "%s/%s/", way->name, now_running->name);
	if (strncmp(wanted, name, strlen(name)) != 0)
		return false;
	if (sscanf(wanted + strlen(name), "%llu/%llu", &k, &seed) < 1)
		return false;
	run_step(k, seed);
	return true;
}

void disturb_scenario(const struct scenario *s)
{
	const char *wanted = getenv("CIO_REPLAY");
	char told[400] = "";
	bool found = false;
	now_running = s;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		way = &ways[i];
		if (!(s->ways & way->bit))
			continue;
		if (wanted == NULL)
			run_way(told, sizeof told);
		else
			found |= replays(wanted);
	}
	if (wanted == NULL)
		printf("# disturbed %s%s\n", s->name, told);
	else if (!found)
		check_skip("CIO_REPLAY=%s is another scenario's", wanted);
}

static void disturb_one(void **state)
{
	disturb_scenario(*state);
}

/* cmocka's macro wants an array whose size it can see. */
int disturb_main(const struct scenario scenarios[], size_t n)
{
	struct CMUnitTest tests[40] = {{0}};
	if (n > sizeof tests / sizeof *tests)
		return 99;
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){.name = scenarios[i].name,
			.test_func = disturb_one,
			.initial_state = (void *)(uintptr_t)&scenarios[i]};
	return _cmocka_run_group_tests("disturbed", tests, n, NULL, NULL);
}
