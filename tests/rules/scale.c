/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * scale.c - rules C-08, TM-01, R-03 and SC: large numbers
 */
#include "rules/rules.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "driver/kernel.h"
#include "driver/sim.h"

/* ---- C-08 ---- */

enum { DEPTH = 10000 };

static size_t whole_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (bytes + page - 1) / page * page;
}

/*
 * That the check costs the same at any depth is proved by taking away the
 * scopes in between: whoever walks through them dies. Only the innermost scope,
 * and the cause, which the refusal marks, are left readable.
 */
RULE(c_08_the_check_looks_at_none_of_ten_thousand_scopes_around)
{
	size_t bytes = whole_pages(DEPTH * sizeof(cio_scope));
	cio_scope outermost, innermost, *between = mmap(NULL, bytes,
		PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!CHECK(between != MAP_FAILED))
		return -ENOMEM;
	cio_scope_begin(&outermost, CIO_NEVER);
	for (int i = 0; i < DEPTH; i++)
		cio_scope_begin(&between[i], cio_now() + LONG);
	cio_scope_begin(&innermost, CIO_NEVER);

	CHECK_INT(mprotect(between, bytes, PROT_NONE), 0);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(cio_checkpoint(), 0);
	CHECK_INT(cio_sleep(CIO_US(1)), 0);
	CHECK_INT(mprotect(between, bytes, PROT_READ | PROT_WRITE), 0);

	cio_scope_cancel(&outermost, "the outermost");
	CHECK_INT(mprotect(between, bytes, PROT_NONE), 0);
	for (int i = 0; i < 50; i++)
		CHECK_INT(cio_checkpoint(), -ECANCELED);
	CHECK_INT(cio_sleep(CIO_US(1)), -ECANCELED);
	CHECK_INT(mprotect(between, bytes, PROT_READ | PROT_WRITE), 0);

	int err = cio_scope_end(&innermost, -ECANCELED);
	for (int i = DEPTH - 1; i >= 0; i--)
		err = cio_scope_end(&between[i], err);
	CHECK_INT(err, -ECANCELED);
	CHECK_INT(cio_scope_end(&outermost, err), 0);
	CHECK_INT(munmap(between, bytes), 0);
	return 0;
}

/* ---- TM-01, and clocks that jump ---- */

enum { MILLION = 1000000 };

RULE(tm_01_a_million_cancelled_timers_do_not_stay)
{
	uint64_t before = cio_run_get_figures().timers;
	uint64_t blocks = cio_sim_blocks();
	for (int i = 0; i < MILLION; i++) {
		cio_scope s;
		cio_scope_begin(&s, cio_now() + CIO_S(1 + i));
		CHECK_INT(cio_scope_end(&s, 0), 0);
		if (!CHECK_INT(cio_run_get_figures().timers, before))
			break; /* one is enough */
	}
	CHECK_INT(cio_sim_blocks(), blocks);
	return cio_sleep(CIO_US(1));
}

static int order_n;
static int order[64];

struct shot {
	cio_timer timer;
	cio_time at;
	int id;
};

static void fires(cio_timer *t)
{
	struct shot *s = container_of(t, struct shot, timer);
	order[order_n++] = s->id;
	CHECK_INT(cio_now(), s->at);
}

/* Deadlines 1, 2, 4 ... ns away, the last more than a hundred years, armed in a
 * mixed order; then days at a time. */
static int jumps(void *arg)
{
	enum { N = 62 };
	static struct shot shots[N];
	cio_time start = cio_now();
	(void)arg;
	order_n = 0;
	for (int i = 0; i < N; i++) {
		int id = i * 37 % N;
		shots[id] = (struct shot){.timer = {.fire = fires},
			.at = start + ((cio_time)1 << id), .id = id};
		cio_timer_arm(&shots[id].timer, shots[id].at);
	}
	for (int day = 0; day < 400; day++)
		CHECK_INT(cio_sleep(CIO_S(86400)), 0);
	CHECK(order_n < N);
	CHECK_INT(cio_sleep((cio_time)1 << (N - 1)), 0);
	CHECK_INT(order_n, N);
	for (int i = 0; i < order_n; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

static void tm_02_a_clock_that_jumps_by_days_misses_no_timer(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "sim") != 0)
		check_skip("only the clock of sim can jump");
	assert_int_equal(check_run(jumps, NULL), 0);
}

/* ---- generations ---- */

/* As if that slot had been used four thousand million times. */
static void set_generation(cio_fd fd, uint32_t generation)
{
	struct driver *d = cio__current_driver();
	if (strcmp(cio_driver_name(), "sim") == 0)
		((struct sim *)(void *)d)->slots[fd.slot].generation = generation;
	else
		((struct kernel *)(void *)d)->handles.items[fd.slot].generation =
			generation;
}

RULE(r_03_a_generation_that_wraps_is_still_nobody_elses)
{
	cio_fd first, last, again;
	int theirs;
	if (!open_pair(&first, &theirs))
		return -EIO;
	close_handle(first);
	close(theirs);
	set_generation(first, UINT32_MAX);

	if (!open_pair(&last, &theirs))
		return -EIO;
	CHECK_INT(last.slot, first.slot);
	CHECK_INT(last.generation, UINT32_MAX);
	close_handle(last);
	close(theirs);

	if (!open_pair(&again, &theirs))
		return -EIO;
	CHECK_INT(again.slot, first.slot);
	CHECK(again.generation != 0 && again.generation != UINT32_MAX);
	CHECK_INT(write(theirs, "x", 1), 1);
	char byte;
	cio_op op = {.kind = CIO_OP_RECV, .fd = last, .buf = &byte, .len = 1};
	CHECK_INT(cio_perform(&op), -EBADF);
	op = (cio_op){.kind = CIO_OP_RECV, .buf = &byte, .len = 1};
	op.fd.slot = again.slot; /* generation 0: none */
	CHECK_INT(cio_perform(&op), -EBADF);
	op.fd = again;
	CHECK_INT(cio_perform(&op), 1);
	close_handle(again);
	close(theirs);
	return 0;
}

/* ---- SC-01 ---- */

#if defined UNDER_ASAN || defined UNDER_TSAN
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { PARKED = 20000 };

struct crowd {
	cio_event go;
	uint64_t sum;
};

struct one {
	struct crowd *crowd;
	int id;
};

static int waits_and_adds(const struct one *o)
{
	int err = o->id < PARKED ? cio_event_wait(&o->crowd->go) : 0;
	o->crowd->sum += (uint64_t)o->id;
	return err;
}

static int spawns_a_million(void *arg)
{
	struct crowd c = {.sum = 0};
	cio_group g;
	(void)arg;
	cio_group_open(&g, NULL);
	for (int i = 0; i < MILLION; i++) {
		int err = cio_group_try_spawn(&g, waits_and_adds,
			&(struct one){&c, i});
		if (err < 0) {
			CHECK_INT(err, 0);
			break;
		}
	}
	CHECK_INT(cio_group_alive(&g), MILLION);
	CHECK_INT(c.sum, 0); /* all of them at once, and none has begun */
	CHECK_INT(cio_yield(), 0);
	while (cio_group_alive(&g) > PARKED)
		CHECK_INT(cio_yield(), 0);
	CHECK(cio_run_get_figures().stacks <= PARKED + 100);
	cio_event_set(&c.go);
	CHECK_INT(cio_group_close(&g, 0), 0);
	CHECK(c.sum == (uint64_t)MILLION * (MILLION - 1) / 2);
	return 0;
}

static void sc_01_a_million_tasks_are_alive_at_once(void **state)
{
	(void)state;
	if (SANITIZED || check_wrapped())
		check_skip("a tool has no room for the stacks of a million tasks");
	assert_int_equal(check_run(spawns_a_million, NULL), 0);
}

/* ---- SC-02 ---- */

enum { ROOM = 24, MOST = 64 };

/* From now on few more descriptors can be had. */
static bool limit_descriptors(bool on, const struct rlimit *before)
{
	if (strcmp(cio_driver_name(), "sim") == 0)
		return cio_sim_set_faults(&(cio_sim_faults){
			       .fail_fd_after = on ? ROOM : 0}) == 0;
	struct rlimit small = *before;
	small.rlim_cur = (rlim_t)(check_open_fds() + ROOM);
	return setrlimit(RLIMIT_NOFILE, on ? &small : before) == 0;
}

static int open_until_refused(cio_listener *l, cio_stream *s[MOST], int *n)
{
	int err = 0;
	for (*n = 0; err == 0 && *n + 2 <= MOST;) {
		err = cio_tcp_connect(&s[*n], "127.0.0.1", cio_listener_port(l),
			NULL);
		*n += err == 0;
		if (err == 0) {
			err = cio_listener_accept(l, &s[*n]);
			*n += err == 0;
		}
	}
	return err;
}

static void close_all(cio_stream *s[MOST], int n)
{
	for (int i = 0; i < n; i++)
		cio_stream_close(s[i]);
}

RULE(sc_02_descriptors_run_out_and_the_loop_recovers)
{
	cio_stream *s[MOST];
	cio_listener *l;
	struct rlimit before;
	int n, err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0 || getrlimit(RLIMIT_NOFILE, &before) < 0)
		return err;
	for (int round = 0; round < 3; round++) {
		CHECK(limit_descriptors(true, &before));
		CHECK_INT(open_until_refused(l, s, &n), -EMFILE);
		CHECK(n >= 2);
		if (strcmp(cio_driver_name(), "sim") == 0)
			CHECK(limit_descriptors(false, &before));
		if (n % 2 == 1) { /* it waited to be accepted */
			cio_stream_close(s[0]);
			CHECK_INT(cio_listener_accept(l, &s[0]), 0);
		}
		close_all(s, n);
		/* There is room again, under the same limit. */
		err = cio_tcp_connect(&s[0], "127.0.0.1", cio_listener_port(l),
			NULL);
		CHECK_INT(err, 0);
		if (err == 0)
			CHECK_INT(cio_listener_accept(l, &s[1]), 0);
		close_all(s, err == 0 ? 2 : 0);
		CHECK(limit_descriptors(false, &before));
	}
	cio_listener_close(l);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_08_the_check_looks_at_none_of_ten_thousand_scopes_around),
		cmocka_unit_test(tm_01_a_million_cancelled_timers_do_not_stay),
		cmocka_unit_test(tm_02_a_clock_that_jumps_by_days_misses_no_timer),
		cmocka_unit_test(r_03_a_generation_that_wraps_is_still_nobody_elses),
		cmocka_unit_test(sc_01_a_million_tasks_are_alive_at_once),
		cmocka_unit_test(sc_02_descriptors_run_out_and_the_loop_recovers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
