/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * run.c - a loop's begin and end: results, leftovers, deadlocks, reports
 */
#include <cio/run.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio/event.h>
#include <cio/group.h>
#include <cio/impl.h>
#include <cio/semaphore.h>
#include <cio/sim.h>
#include <cio/time.h>

#include "check.h"

static const cio_duration LONG = CIO_S(3600);

static int returns_it(void *arg)
{
	return *(int *)arg;
}

static void result(void **state)
{
	(void)state;
	const int values[] = {0, 5, -EIO, -ECANCELED};
	for (int i = 0; i < 4; i++) {
		int value = values[i];
		assert_int_equal(check_run(returns_it, &value), value);
	}
}

static int runs_again(void *arg)
{
	(void)arg;
	CHECK_INT(cio_run(runs_again, NULL), -EBUSY);
	CHECK(strstr(cio_error_text(), "one loop a thread") != NULL);
	return 0;
}

static void nested(void **state)
{
	(void)state;
	assert_int_equal(check_run(runs_again, NULL), 0);
}

static void unknown_driver(void **state)
{
	(void)state;
	int value = 0;
	uint64_t blocks = cio_sim_blocks();
	assert_int_equal(cio_run_with(&(cio_run_options){.driver = "kqueue"},
				 returns_it, &value),
		-EINVAL);
	assert_int_equal(cio_sim_blocks(), blocks);
	/* the thread can run again */
	assert_int_equal(check_run(returns_it, &value), 0);
}

static int tells_driver(void *arg)
{
	snprintf(arg, 16, "%s", cio_driver_name());
	return 0;
}

static void driver_name(void **state)
{
	(void)state;
	char name[16] = "";
	assert_int_equal(check_run(tells_driver, name), 0);
	if (check_driver()[0] != '\0')
		assert_string_equal(name, check_driver());
	assert_string_equal(cio_driver_name(), "");
	assert_int_equal(cio_run_with(&(cio_run_options){.driver = "sim"},
				 tells_driver, name),
		0);
	assert_string_equal(name, "sim");
}

static int nothing(const int *unused)
{
	(void)unused;
	return cio_yield();
}

static int looks_at_figures(void *arg)
{
	(void)arg;
	cio_run_figures f = cio_run_get_figures();
	CHECK_INT(f.tasks_alive, 1);
	CHECK_INT(f.tasks_spawned, 1);
	CHECK_INT(f.timers, 0);
	CHECK(f.stacks >= 1);
	uint64_t switches = f.switches;
	cio_task *t = cio_spawn(nothing, &(int){0});
	CHECK_INT(cio_run_get_figures().tasks_alive, 2);
	CHECK_INT(cio_await(t), 0);
	f = cio_run_get_figures();
	CHECK_INT(f.tasks_alive, 1);
	CHECK_INT(f.tasks_spawned, 2);
	CHECK(f.switches > switches);
	uint64_t turns = f.turns;
	CHECK_INT(cio_sleep(CIO_US(10)), 0);
	CHECK(cio_run_get_figures().turns > turns);
	return 0;
}

static void figures(void **state)
{
	(void)state;
	assert_int_equal(cio_run_get_figures().tasks_spawned, 0);
	assert_int_equal(check_run(looks_at_figures, NULL), 0);
	assert_int_equal(cio_run_get_figures().tasks_spawned, 0);
}

/* ---- leftovers ---- */

static int left, cleaned;

static int is_left(const int *unused)
{
	(void)unused;
	left++;
	int err = cio_sleep(LONG), ignored = 0;
	CHECK_INT(err, -ECANCELED);
	CIO_SHIELD (CIO_S(1), &ignored) {
		ignored = cio_sleep(CIO_MS(1));
	}
	CHECK_INT(ignored, 0);
	cleaned++;
	return err;
}

static int leaves_three(void *arg)
{
	(void)arg;
	left = cleaned = 0;
	for (int i = 0; i < 3; i++)
		cio_detach(cio_spawn(is_left, &i), NULL);
	CHECK_INT(cio_yield(), 0);
	return 7;
}

static void leftovers_are_cancelled_and_awaited(void **state)
{
	(void)state;
	assert_int_equal(check_run(leaves_three, NULL), 7);
	assert_int_equal(left, 3);
	assert_int_equal(cleaned, 3);
	assert_null(strstr(check_reports(), "error: "));
}

/* Spawned and never run: its body still runs before the end. */
static int leaves_one_unstarted(void *arg)
{
	(void)arg;
	left = cleaned = 0;
	cio_detach(cio_spawn(is_left, &(int){0}), NULL);
	return 0;
}

static void unstarted_leftover(void **state)
{
	(void)state;
	assert_int_equal(check_run(leaves_one_unstarted, NULL), 0);
	assert_int_equal(cleaned, 1);
}

static char heard[8192];
static cio_level worst;

static void hear(void *arg, cio_level level, const char *text)
{
	size_t n = strlen(heard);
	CHECK(arg == heard);
	if (level > worst)
		worst = level;
	snprintf(heard + n, sizeof heard - n, "%s\n", text);
}

static void hear_nothing_yet(void)
{
	heard[0] = '\0';
	worst = CIO_LEVEL_DEBUG;
}

static int will_not_end(cio_event *const *e)
{
	int err = 0;
	CIO_SHIELD (LONG, &err) {
		err = cio_event_wait(*e);
	}
	return err;
}

static int leaves_a_stubborn_one(void *arg)
{
	cio_event *e = arg;
	cio_detach(cio_spawn(will_not_end, &e), "stubborn");
	CHECK_INT(cio_yield(), 0);
	return 3;
}

static bool names_the_stubborn_one(void)
{
	cio_event e = {0};
	hear_nothing_yet();
	int err = cio_run_with(&(cio_run_options){.driver = "sim",
				       .drain = CIO_MS(10),
				       .report = hear,
				       .report_arg = heard},
		leaves_a_stubborn_one, &e);
	return err == -ETIMEDOUT && worst == CIO_LEVEL_ERROR &&
		strstr(heard, "task stubborn, spawned at ") != NULL &&
		strstr(heard, "run.c:") != NULL &&
		strstr(heard, "event") != NULL;
}

/* What does not end within `.drain` is named, and left behind: hence a process
 * of its own. sim: there is no waiting. */
static void stubborn_leftover_is_named(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(names_the_stubborn_one() ? 0 : 1);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- deadlock ---- */

static int waits_in_vain(cio_semaphore *const *s)
{
	return cio_semaphore_acquire(*s);
}

static int deadlocks(void *arg)
{
	(void)arg;
	cio_semaphore s, *p = &s;
	cio_event e = {0};
	cio_semaphore_init(&s, 0);
	cio_task *t = cio_spawn_with(&(cio_task_options){.name = "philosopher"},
		waits_in_vain, &p);
	int err = cio_event_wait(&e);
	CHECK_INT(err, -ECANCELED);
	CHECK(strstr(cio_cancel_reason(), "deadlock") != NULL);
	CHECK_INT(cio_await(t), -ECANCELED);
	return err;
}

static void deadlock_is_reported_and_broken(void **state)
{
	(void)state;
	hear_nothing_yet();
	const char *driver = check_driver()[0] != '\0' ? check_driver() : NULL;
	assert_int_equal(cio_run_with(&(cio_run_options){.driver = driver,
					      .report = hear,
					      .report_arg = heard},
				 deadlocks, NULL),
		-ECANCELED);
	assert_int_equal(worst, CIO_LEVEL_ERROR);
	assert_non_null(strstr(heard, "deadlock"));
	const char *at = strstr(heard, "task main");
	assert_non_null(at);
	assert_non_null(strstr(at, "waits for event"));
	at = strstr(heard, "task philosopher");
	assert_non_null(at);
	assert_non_null(strstr(at, "waits for semaphore"));
	assert_non_null(strstr(at, "run.c:"));
}

/* ---- the report hook ---- */

static int says(void *arg)
{
	(void)arg;
	cio_report(CIO_LEVEL_INFO, "one %d", 1);
	cio_report(CIO_LEVEL_WARNING, "two %s", "2");
	return 0;
}

static void hook(void **state)
{
	(void)state;
	hear_nothing_yet();
	assert_int_equal(cio_run_with(&(cio_run_options){.driver = "sim",
					      .report = hear,
					      .report_arg = heard},
				 says, NULL),
		0);
	assert_string_equal(heard, "one 1\ntwo 2\n");
	assert_int_equal(worst, CIO_LEVEL_WARNING);
	hear_nothing_yet();
	assert_int_equal(cio_run_with(&(cio_run_options){.driver = "sim",
					      .report = hear,
					      .report_arg = heard,
					      .quiet = true},
				 says, NULL),
		0);
	assert_string_equal(heard, "");
}

/* ---- values of the loop ---- */

static const char key_a, key_b;
static char finished[16];

static void finish_a(cio_loop_value *v)
{
	(void)v;
	CHECK_INT(cio_sleep(CIO_US(10)), 0); /* it may wait, uninterrupted */
	strcat(finished, "a");
}

static void finish_b(cio_loop_value *v)
{
	(void)v;
	CHECK_INT(cio_yield(), 0);
	strcat(finished, "b");
}

static int sets_values(void *arg)
{
	cio_loop_value *v = arg;
	finished[0] = '\0';
	CHECK(cio_loop_value_get(&key_a) == NULL);
	v[0] = (cio_loop_value){.key = &key_a, .finish = finish_a};
	v[1] = (cio_loop_value){.key = &key_b, .finish = finish_b};
	v[2] = (cio_loop_value){.key = v, .finish = finish_b};
	for (int i = 0; i < 3; i++)
		cio_loop_value_set(&v[i]);
	CHECK(cio_loop_value_get(&key_a) == &v[0]);
	CHECK(cio_loop_value_get(&key_b) == &v[1]);
	cio_loop_value_drop(&v[2]);
	CHECK(cio_loop_value_get(v) == NULL);
	cio_task_cancel(cio_current_task(), "finishers do not care");
	return 0;
}

static void loop_values(void **state)
{
	(void)state;
	cio_loop_value v[3];
	assert_int_equal(check_run(sets_values, v), 0);
	assert_string_equal(finished, "ba"); /* the reverse of setting */
}

/* ---- stacks ---- */

static int uses_its_stack(void *arg)
{
	volatile char local[(3 << 20) / 2];
	for (size_t i = 0; i < sizeof local; i += 4096)
		local[i] = 1;
	return *(int *)arg + local[4096];
}

static void main_stack_size(void **state)
{
	(void)state;
	int value = 1;
	assert_int_equal(
		cio_run_with(&(cio_run_options){.driver = "sim",
				     .stack_size = 2 * CIO_STACK_LARGE},
			uses_its_stack, &value),
		2);
}

/* ---- the tests' own wishes ---- */

static int three_sleeps(void *arg)
{
	int *done = arg, err = 0;
	for (*done = 0; *done < 3 && err == 0; *done += err == 0)
		err = cio_sleep(CIO_US(1));
	return err;
}

static void cancel_at(void **state)
{
	(void)state;
	int done;
	assert_int_equal(check_run(three_sleeps, &done), 0);
	assert_int_equal(cio_sim_suspensions(), 3);
	for (uint64_t k = 1; k <= 3; k++) {
		cio_sim_cancel_at(k);
		assert_int_equal(check_run(three_sleeps, &done), -ECANCELED);
		assert_int_equal(done, k - 1);
	}
	assert_int_equal(check_run(three_sleeps, &done), 0); /* one run only */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result),
		cmocka_unit_test(nested),
		cmocka_unit_test(unknown_driver),
		cmocka_unit_test(driver_name),
		cmocka_unit_test(figures),
		cmocka_unit_test(leftovers_are_cancelled_and_awaited),
		cmocka_unit_test(unstarted_leftover),
		cmocka_unit_test(deadlock_is_reported_and_broken),
		cmocka_unit_test(hook),
		cmocka_unit_test(loop_values),
		cmocka_unit_test(main_stack_size),
		cmocka_unit_test(cancel_at),
		cmocka_unit_test(stubborn_leftover_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
