/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * mutex_held.c - a task that waits while it holds a pthread mutex
 *
 * It ends the process, in builds with CIO_CHECK_MUTEXES, so each one has a
 * process of its own.
 */
#include <cio/run.h>

#include <errno.h>
#include <pthread.h>

#include <cio/call.h>
#include <cio/impl.h>
#include <cio/semaphore.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/time.h>

#include "dies.h"

#ifdef CIO_CHECK_MUTEXES

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static char said[1024];

static void refused(int (*fn)(void *), const char *what)
{
	int status = in_child(fn, NULL, said, sizeof said);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(said, what));
	assert_non_null(strstr(said, "while it holds a pthread mutex: unlock "
				     "before any call that may yield, or use "
				     "cio_lock\n"));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

/* ---- what is refused ---- */

static int yields(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	return cio_yield();
}

static int holder(cio_semaphore *const *s)
{
	pthread_mutex_lock(&mutex);
	int err = cio_semaphore_acquire(*s);
	pthread_mutex_unlock(&mutex);
	return err;
}

static int in_semaphore(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 0);
	return cio_await(cio_spawn(holder, &(cio_semaphore *){&s}));
}

static int tries(void *arg)
{
	(void)arg;
	if (pthread_mutex_trylock(&mutex) != 0)
		return -EIO;
	pthread_mutex_lock(&second);
	pthread_mutex_unlock(&second);
	return cio_sleep(CIO_MS(1));
}

static int with_deadline(void *arg)
{
	(void)arg;
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	if (pthread_mutex_timedlock(&mutex, &until) != 0)
		return -EIO;
	return cio_sleep(CIO_MS(1));
}

static int reads(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rwlock);
	return cio_sleep(CIO_MS(1));
}

static int writes(void *arg)
{
	(void)arg;
	pthread_rwlock_wrlock(&rwlock);
	return cio_sleep(CIO_MS(1));
}

static int ends(const int *unused)
{
	(void)unused;
	pthread_mutex_lock(&mutex);
	return 0;
}

static int lets_end(void *arg)
{
	(void)arg;
	return cio_await(cio_spawn(ends, &(int){0}));
}

static int nothing(const int *unused)
{
	(void)unused;
	return 0;
}

static int starts_eagerly(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	return cio_await(cio_spawn_with(&(cio_task_options){.eager = true},
		nothing, &(int){0}));
}

static void whoever_waits_with_one_is_named(void **state)
{
	(void)state;
	refused(yields, "cio: task main (spawned at cio_run) waits in 'yield'");
	refused(in_semaphore, "cio: task holder (spawned at ");
	assert_non_null(strstr(said, "mutex_held.c:"));
	assert_non_null(strstr(said, "waits in 'semaphore'"));
	refused(tries, "waits in 'sleep'");
	refused(with_deadline, "waits in 'sleep'");
	refused(reads, "waits in 'sleep'");
	refused(writes, "waits in 'sleep'");
	refused(lets_end, "ends while");
	refused(starts_eagerly, "waits in 'eager spawn'");
}

/* ---- what is not ---- */

static int locks_in_thread(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&second);
	usleep(1000);
	pthread_mutex_unlock(&second);
	return 0;
}

static int locks_in_call(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&second);
	return 0;
}

static int behaves(void *arg)
{
	(void)arg;
	pthread_mutexattr_t attr;
	pthread_mutex_t recursive;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &attr);
	int err = 0;
	for (int i = 0; i < 100 && err == 0; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_lock(&recursive);
		pthread_mutex_lock(&recursive);
		if (pthread_mutex_trylock(&mutex) == 0)
			return -EIO;
		pthread_mutex_unlock(&mutex);
		pthread_mutex_unlock(&recursive);
		pthread_mutex_unlock(&recursive);
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		err = cio_yield();
	}
	pthread_mutex_destroy(&recursive);
	if (err == 0)
		err = cio_to_thread(locks_in_thread, NULL);
	/* locked by the loop, unlocked by a task: it was never the task's */
	static cio_call call;
	cio_call_soon(&call, locks_in_call, NULL);
	if (err == 0)
		err = cio_sleep(CIO_MS(2));
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&second);
	pthread_mutex_unlock(&mutex);
	return err < 0 ? err : cio_sleep(CIO_MS(1));
}

static void whoever_unlocks_first_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(in_child(behaves, NULL, said, sizeof said),
		0);
	assert_string_equal(said, "");
}

#else

static void whoever_waits_with_one_is_named(void **state)
{
	(void)state;
	check_skip("mutexes are checked in debug builds only (CIO_CHECK_MUTEXES)");
}

static void whoever_unlocks_first_is_left_alone(void **state)
{
	(void)state;
	check_skip("mutexes are checked in debug builds only (CIO_CHECK_MUTEXES)");
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_waits_with_one_is_named),
		cmocka_unit_test(whoever_unlocks_first_is_left_alone),
	};
	return cmocka_run_group_tests_name("mutex held", tests, NULL, NULL);
}
