/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * channel.c - items between tasks, loops and threads: each once, in order
 */
#include <cio/channel.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/sim.h>
#include <cio/task.h>
#include <cio/time.h>

#include "check.h"

static cio_channel *ch;

static void open_channel(size_t capacity)
{
	CHECK_INT(cio_channel_open(&ch, sizeof(int), capacity), 0);
}

/* ---- in one loop ---- */

static int order[64], order_n;

/* The one who came n-th is to get item n. */
static int receives(const int *n)
{
	int got;
	int err = cio_channel_receive(ch, &got);
	if (err == 0) {
		CHECK_INT(got, *n);
		order[order_n++] = got;
	}
	return err;
}

static int sends(const int *n)
{
	int err = cio_channel_send(ch, n);
	if (err == 0)
		order[order_n++] = *n;
	return err;
}

static void expect_order(int n)
{
	CHECK_INT(order_n, n);
	for (int i = 0; i < n; i++)
		CHECK_INT(order[i], i);
	order_n = 0;
}

static int keeps_order(void *arg)
{
	(void)arg;
	open_channel(4);
	order_n = 0;
	int got;
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_channel_send(ch, &i), 0);
	CHECK_INT(cio_channel_size(ch), 4);
	CHECK_INT(cio_channel_try_send(ch, &(int){9}), -EAGAIN);
	for (int i = 0; i < 4; i++) {
		CHECK_INT(cio_channel_receive(ch, &got), 0);
		CHECK_INT(got, i);
	}
	CHECK_INT(cio_channel_try_receive(ch, &got), -EAGAIN);
	/* those who wait are served in the order of arrival */
	cio_task *t[4];
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(receives, &i);
	CHECK_INT(cio_yield(), 0);
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_channel_try_send(ch, &i), 0);
	CHECK_INT(cio_channel_size(ch), 0); /* all handed over */
	CHECK_INT(cio_channel_try_receive(ch, &got), -EAGAIN); /* not overtaken */
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_await(t[i]), 0);
	expect_order(4);
	cio_channel_put(ch);
	return 0;
}

static int senders_wait_in_line(void *arg)
{
	(void)arg;
	open_channel(1);
	order_n = 0;
	cio_task *t[4];
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(sends, &i);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_channel_size(ch), 1);
	for (int i = 0, got; i < 4; i++) {
		CHECK_INT(cio_channel_try_receive(ch, &got), 0);
		CHECK_INT(got, i);
	}
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_await(t[i]), 0);
	expect_order(4);
	cio_channel_put(ch);
	return 0;
}

static int cancels_take_nothing(void *arg)
{
	(void)arg;
	open_channel(1);
	order_n = 0;
	cio_task *a = cio_spawn(receives, &(int){0});
	cio_task *b = cio_spawn(receives, &(int){0});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(a, "test");
	CHECK_INT(cio_channel_try_send(ch, &(int){0}), 0); /* a has left: b's */
	cio_task_cancel(b, "test"); /* too late: the first event decides */
	CHECK_INT(cio_await(a), -ECANCELED);
	CHECK_INT(cio_await(b), 0);
	expect_order(1);

	CHECK_INT(cio_channel_try_send(ch, &(int){1}), 0);
	a = cio_spawn(sends, &(int){2});
	b = cio_spawn(sends, &(int){3});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(a, "test");
	CHECK_INT(cio_await(a), -ECANCELED);
	int got;
	CHECK_INT(cio_channel_try_receive(ch, &got), 0);
	CHECK_INT(got, 1);
	cio_task_cancel(b, "test"); /* its item is in already */
	CHECK_INT(cio_await(b), 0);
	CHECK_INT(cio_channel_try_receive(ch, &got), 0);
	CHECK_INT(got, 3);

	int err = 0;
	CHECK_INT(cio_channel_try_send(ch, &got), 0);
	CIO_TIMEOUT (-1, &err) { /* refused before it looks */
		err = cio_channel_receive(ch, &got);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_channel_send(ch, &got);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_channel_size(ch), 1);
	cio_channel_put(ch); /* with an item in it */
	return 0;
}

static int closes(void *arg)
{
	(void)arg;
	open_channel(2);
	int got;
	cio_task *a = cio_spawn(receives, &(int){0});
	cio_task *b = cio_spawn(receives, &(int){0});
	CHECK_INT(cio_yield(), 0);
	cio_channel_close(ch);
	CHECK_INT(cio_await(a), -ESHUTDOWN);
	CHECK_INT(cio_await(b), -ESHUTDOWN);
	cio_channel_put(ch);

	open_channel(1);
	order_n = 0;
	CHECK_INT(cio_channel_send(ch, &(int){7}), 0);
	a = cio_spawn(sends, &(int){8});
	b = cio_spawn(sends, &(int){9});
	CHECK_INT(cio_yield(), 0);
	cio_channel_close(ch);
	cio_channel_close(ch);
	CHECK_INT(cio_await(a), -ESHUTDOWN);
	CHECK_INT(cio_await(b), -ESHUTDOWN);
	CHECK_INT(cio_channel_try_send(ch, &got), -ESHUTDOWN);
	CHECK_INT(cio_channel_send(ch, &got), -ESHUTDOWN);
	CHECK_INT(cio_channel_receive(ch, &got), 0); /* what is in it stays */
	CHECK_INT(got, 7);
	CHECK_INT(cio_channel_receive(ch, &got), -ESHUTDOWN);
	CHECK_INT(cio_channel_try_receive(ch, &got), -ESHUTDOWN);
	cio_channel_put(cio_channel_dup(ch));
	cio_channel_put(ch);
	return 0;
}

static void one_loop(void **state)
{
	(void)state;
	int (*const bodies[])(void *) = {keeps_order, senders_wait_in_line,
		cancels_take_nothing, closes};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		assert_int_equal(check_run(bodies[i], NULL), 0);
		assert_null(strstr(check_reports(), "error: "));
	}
}

static void invalid(void **state)
{
	(void)state;
	cio_channel *none;
	assert_int_equal(cio_channel_open(&none, 0, 1), -EINVAL);
	assert_int_equal(cio_channel_open(&none, 1, 0), -EINVAL);
	assert_int_equal(cio_channel_open(&none, 16, SIZE_MAX / 8), -EINVAL);
	/* outside a loop: no waiting, all else */
	int got;
	open_channel(1);
	assert_int_equal(cio_channel_send(ch, &(int){1}), -EDEADLK);
	assert_int_equal(cio_channel_receive(ch, &got), -EDEADLK);
	assert_int_equal(cio_channel_try_send(ch, &(int){1}), 0);
	assert_int_equal(cio_channel_try_receive(ch, &got), 0);
	cio_channel_put(ch);
	cio_channel_put(NULL);
}

/* ---- cancels and allocations, everywhere ---- */

/* The sum of what it could send, in *result. */
struct sender {
	int first, n, *sent;
};

static int sends_some(const struct sender *s)
{
	int err = 0;
	for (int i = s->first; i < s->first + s->n && err == 0; i++) {
		err = cio_channel_send(ch, &i);
		*s->sent += err == 0 ? i : 0;
	}
	return err;
}

static int passes_some(void *arg)
{
	(void)arg;
	int got = 0, sum = 0, sent = 0, err;
	err = cio_channel_open(&ch, sizeof(int), 1);
	if (err < 0)
		return err;
	cio_task *t = cio_spawn(sends_some, &(struct sender){1, 4, &sent});
	cio_task *u = cio_spawn(sends_some, &(struct sender){10, 4, &sent});
	for (int n = 0; n < 8 && err == 0; n++) {
		err = cio_channel_receive(ch, &got);
		sum += err == 0 ? got : 0;
		if (err == 0)
			err = cio_yield(); /* let the line grow */
	}
	cio_channel_close(ch);
	(void)cio_await(t);
	(void)cio_await(u);
	while (cio_channel_try_receive(ch, &got) == 0)
		sum += got;
	CHECK_INT(sum, sent); /* nothing lost, nothing doubled */
	cio_channel_put(ch);
	return err;
}

static void cancelled(void **state)
{
	(void)state;
	check_cancel_everywhere(passes_some, NULL, "channel");
}

/* A send that could not be spawned would leave the receiver waiting. */
static int opens_one(void *arg)
{
	(void)arg;
	int got = 0;
	cio_channel *mine;
	int err = cio_channel_open(&mine, sizeof(int), 3);
	if (err < 0)
		return err;
	CHECK_INT(cio_channel_send(mine, &(int){5}), 0);
	CHECK_INT(cio_channel_receive(mine, &got), 0);
	CHECK_INT(got, 5);
	cio_channel_put(mine);
	return 0;
}

static void without_memory(void **state)
{
	(void)state;
	check_fail_allocations(opens_one, NULL, "channel");
}

/* ---- a plain thread ---- */

enum { FROM_THREAD = 20000 };

static void *produce(void *arg)
{
	cio_channel *mine = arg;
	for (int i = 0; i < FROM_THREAD;) {
		int err = cio_channel_try_send(mine, &i);
		i += err == 0;
		if (err == -EAGAIN)
			sched_yield();
	}
	cio_channel_close(mine);
	cio_channel_put(mine);
	return NULL;
}

static int consumes(void *arg)
{
	(void)arg;
	pthread_t thread;
	open_channel(16);
	CHECK_INT(pthread_create(&thread, NULL, produce, cio_channel_dup(ch)), 0);
	int got, err, n = 0, wrong = 0;
	while ((err = cio_channel_receive(ch, &got)) == 0)
		wrong += got != n++;
	CHECK_INT(err, -ESHUTDOWN);
	CHECK_INT(wrong, 0);
	CHECK_INT(n, FROM_THREAD);
	CHECK_INT(pthread_join(thread, NULL), 0);
	cio_channel_put(ch);
	return 0;
}

static void plain_thread(void **state)
{
	(void)state;
	assert_int_equal(check_run(consumes, NULL), 0);
	assert_null(strstr(check_reports(), "error: ")); /* no deadlock */
}

/* ---- loops ---- */

/* Each loop of a run sends its part and receives what comes, in several tasks
 * which are cancelled now and then; the item is `from << 24 | number`. */
enum { LOOPS_MOST = 4, SENDERS = 2, ITEMS = 100000 };

static _Atomic unsigned char seen[ITEMS];
static _Atomic uint32_t received, doubled, disorder, cancels;
static uint32_t loops;
static _Atomic uint32_t senders_left;

struct part {
	uint32_t first, end;
	uint64_t *random;
};

static uint32_t draw(uint64_t *random, uint32_t below)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*random >> 33) % below;
}

/* A send that is refused was not done: again, with the same item. */
static int send_part(const struct part *p)
{
	for (uint32_t i = p->first; i < p->end;) {
		int err = 0;
		bool short_of_time = draw(p->random, 8) == 0;
		CIO_TIMEOUT (short_of_time ? CIO_US(draw(p->random, 30)) :
					     CIO_S(1000), &err) {
			err = cio_channel_send(ch, &i);
		}
		if (err == 0)
			i++;
		else if (!CHECK_INT(err, -ETIMEDOUT))
			return err;
		else
			cancels++;
	}
	if (--senders_left == 0)
		cio_channel_close(ch);
	return 0;
}

/* One receiver sees the items of a sender in their order. */
static int receive_all(uint64_t *const *random)
{
	uint32_t last[LOOPS_MOST * SENDERS] = {0};
	for (;;) {
		uint32_t got = UINT32_MAX;
		int err = 0;
		bool short_of_time = draw(*random, 8) == 0;
		CIO_TIMEOUT (short_of_time ? CIO_US(draw(*random, 30)) :
					     CIO_S(1000), &err) {
			err = cio_channel_receive(ch, &got);
		}
		if (err == -ETIMEDOUT) {
			cancels++;
			if (got != UINT32_MAX)
				doubled++; /* refused, and yet given something */
			continue;
		}
		if (err < 0)
			return CHECK_INT(err, -ESHUTDOWN) ? 0 : err;
		uint32_t sender = got / (ITEMS / (loops * SENDERS));
		disorder += got + 1 <= last[sender];
		last[sender] = got + 1;
		doubled += atomic_fetch_add(&seen[got], 1) > 0;
		received++;
	}
}

static int passes_many(void *arg)
{
	(void)arg;
	uint64_t random = cio_worker() + 1, *r = &random;
	uint32_t each = ITEMS / (loops * SENDERS);
	int err = 0;
	CHECK_INT(cio_workers(), loops);
	CIO_GROUP (g, &err) {
		for (uint32_t i = 0; i < SENDERS; i++) {
			uint32_t n = cio_worker() * SENDERS + i;
			CHECK_INT(cio_group_spawn(&g, send_part,
					  &(struct part){n * each,
						  (n + 1) * each, r}),
				0);
			CHECK_INT(cio_group_spawn(&g, receive_all, &r), 0);
		}
	}
	return err;
}

static void pass_many_through(uint32_t n)
{
	if (strcmp(check_driver(), "sim") == 0)
		check_skip("sim runs one loop");
	loops = n;
	senders_left = n * SENDERS;
	received = doubled = disorder = cancels = 0;
	memset((void *)seen, 0, sizeof seen);
	uint64_t blocks = cio_sim_blocks();
	open_channel(8);
	assert_int_equal(cio_run_with(&(cio_run_options){.workers = n},
				 passes_many, NULL),
		0);
	cio_channel_put(ch);
	printf("# %u loops: %u items, %u cancels\n", n, received, cancels);
	assert_int_equal(received, ITEMS);
	assert_int_equal(doubled, 0);
	assert_int_equal(disorder, 0);
	assert_true(cancels > 0);
	assert_int_equal(cio_sim_blocks(), blocks);
}

static void two_loops(void **state)
{
	(void)state;
	pass_many_through(2);
}

static void four_loops(void **state)
{
	(void)state;
	pass_many_through(4);
}

/* A loop that only waits in a channel is not deadlocked: the other one comes,
 * in its own time. And the close from another loop wakes all. */
static _Atomic int waiting_now;

static int waits_for_close(const int *unused)
{
	int got;
	(void)unused;
	waiting_now++;
	return cio_channel_receive(ch, &got);
}

static int one_waits_one_closes(void *arg)
{
	int result[3] = {0};
	cio_task *t[3];
	(void)arg;
	if (cio_worker() == 1) {
		while (waiting_now < 3)
			CHECK_INT(cio_sleep(CIO_MS(1)), 0);
		CHECK_INT(cio_sleep(CIO_MS(20)), 0);
		cio_channel_close(ch);
		return 0;
	}
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(waits_for_close, &i);
	for (int i = 0; i < 3; i++)
		result[i] = cio_await(t[i]);
	for (int i = 0; i < 3; i++)
		CHECK_INT(result[i], -ESHUTDOWN);
	return result[0] == -ESHUTDOWN ? 0 : -EIO;
}

static void close_from_elsewhere(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "sim") == 0)
		check_skip("sim runs one loop");
	for (int i = 0; i < 20; i++) {
		waiting_now = 0;
		open_channel(1);
		assert_int_equal(cio_run_with(&(cio_run_options){.workers = 2},
					 one_waits_one_closes, NULL),
			0);
		cio_channel_put(ch);
	}
}

/* A loop ends at once when its last task was served, while who served it is
 * still on its way out. */
static int ping(void *arg)
{
	int n = 1;
	(void)arg;
	return cio_worker() == 0 ? cio_channel_receive(ch, &n) :
				   cio_channel_send(ch, &n);
}

static void loops_end_at_once(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "sim") == 0)
		check_skip("sim runs one loop");
	for (int i = 0; i < 100; i++) {
		open_channel(1);
		assert_int_equal(cio_run_with(&(cio_run_options){.workers = 2},
					 ping, NULL),
			0);
		cio_channel_put(ch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_loop),
		cmocka_unit_test(invalid),
		cmocka_unit_test(cancelled),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(plain_thread),
		cmocka_unit_test(two_loops),
		cmocka_unit_test(four_loops),
		cmocka_unit_test(close_from_elsewhere),
		cmocka_unit_test(loops_end_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
