/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* bounded_semaphore.c - a release too many makes no permit */
#include <cio/semaphore.h>

#include <errno.h>

#include <cio/task.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

static int takes(cio_bounded_semaphore *const *s)
{
	return cio_bounded_semaphore_acquire(*s);
}

static int a_release_too_many(void *arg)
{
	(void)arg;
	cio_bounded_semaphore s, *at = &s;
	cio_bounded_semaphore_init(&s, 2);
	CHECK_INT(cio_bounded_semaphore_release(&s), -EINVAL);
	CHECK(strstr(cio_error_text(), "all 2 permits") != NULL);
	CHECK_INT(s.semaphore.permits, 2);
	CHECK_INT(cio_bounded_semaphore_acquire(&s), 0);
	CHECK_INT(cio_bounded_semaphore_try_acquire(&s), 0);
	CHECK_INT(cio_bounded_semaphore_try_acquire(&s), -EAGAIN);
	cio_task *t = cio_spawn(takes, &at);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_bounded_semaphore_finish(&s), -EBUSY);
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_bounded_semaphore_release(&s), 0);
	CHECK_INT(cio_bounded_semaphore_release(&s), -EINVAL);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_bounded_semaphore_finish(&s), 0);
	return 0;
}

static int takes_and_gives(const struct member *m)
{
	cio_bounded_semaphore *s = m->shared;
	int err = cio_bounded_semaphore_acquire(s);
	if (err < 0)
		return err;
	err = m->chance % 2 == 0 ? cio_yield() : 0;
	CHECK_INT(cio_bounded_semaphore_release(s), 0);
	return err;
}

/* Nobody gives back more than was taken, whoever is cancelled when. */
static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		cio_bounded_semaphore s;
		cio_bounded_semaphore_init(&s, 3);
		storm(takes_and_gives, &s, seed, NULL);
		CHECK_INT(s.semaphore.permits, 3);
		CHECK_INT(cio_bounded_semaphore_finish(&s), 0);
	}
	return 0;
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(a_release_too_many)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_a_release_too_many),
		cmocka_unit_test(run_stormy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
