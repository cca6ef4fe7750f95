/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * disturb_exec.c - threads and channels, disturbed everywhere
 *
 * A job is done or was not begun, a call from a thread is made or was refused,
 * and an item is with one side.
 */
#include "disturb.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include <cio.h>

/* ---- threads ---- */

static int doubles(void *arg)
{
	*(int *)arg *= 2;
	return 0;
}

static int uses_threads(cio_executor *const *e)
{
	int n = 3;
	int err = cio_to_thread(doubles, &n);
	CHECK_INT(n, err == 0 ? 6 : 3);
	if (err < 0)
		return err;
	err = cio_executor_run(*e, doubles, &n);
	CHECK_INT(n, err == 0 ? 12 : 6);
	return err;
}

static int threads(void)
{
	cio_executor *e = NULL;
	int err = cio_executor_open(&e, &(cio_executor_options){.name = "own",
		.threads = 1, .queue_limit = 1});
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 4 && err == 0; i++)
			err = cio_group_spawn(&g, uses_threads, &e);
	}
	CALM() {
		int n = 1;
		CHECK_INT(cio_executor_run(e, doubles, &n), 0);
		CHECK_INT(n, 2);
		CHECK_INT(cio_executor_get_figures(e).queued, 0);
	}
	cio_executor_close(e);
	return err;
}

struct caller {
	cio_loop_ref *loop;
	_Atomic int called, ran, wanted, result;
	pthread_t thread;
	bool joined;
};

static int is_called(void *arg)
{
	atomic_fetch_add(&((struct caller *)arg)->called, 1);
	return 0;
}

static int is_run(void *arg)
{
	atomic_fetch_add(&((struct caller *)arg)->ran, 1);
	return cio_sleep(CIO_US(3));
}

static void *calls_in(void *arg)
{
	struct caller *c = arg;
	cio_future *f;
	if (cio_call_threadsafe(c->loop, is_called, c) == 0)
		atomic_fetch_add(&c->wanted, 1);
	int err = cio_run_threadsafe(c->loop, is_run, c, &f);
	if (err == 0) {
		cio_future_cancel(f);
		err = cio_future_wait(f);
	}
	atomic_store(&c->result, err);
	return NULL;
}

static int joins(void *arg)
{
	struct caller *c = arg;
	c->joined = true;
	return -pthread_join(c->thread, NULL);
}

/* A thread's calls are made or refused, and it gets its result. The task that
 * keeps the loop open is nobody's to cancel. */
static int from_a_thread(void)
{
	struct caller c = {.called = 0};
	int err = cio_loop_ref_take(&c.loop);
	if (err < 0)
		return err;
	if (pthread_create(&c.thread, NULL, calls_in, &c) != 0)
		return -EAGAIN;
	err = cio_to_thread(joins, &c);
	CALM() {
		if (!c.joined)
			CHECK_INT(cio_to_thread(joins, &c), 0);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(c.called, c.wanted);
		CHECK(c.ran <= 1);
	}
	cio_loop_ref_put(c.loop);
	int result = atomic_load(&c.result);
	return err < 0 || result == -ECANCELED ? err : result;
}

/* ---- channels ---- */

enum { SENT_MAX = 16 };

struct sent {
	cio_channel *ch;
	int sent[SENT_MAX], received[SENT_MAX];
};

struct channel_user {
	struct sent *s;
	int i;
};

static void receive_all(struct sent *s)
{
	int item;
	while (cio_channel_try_receive(s->ch, &item) == 0)
		s->received[item]++;
}

/* Users 0 and 1 send, 2 and 3 receive. */
static int sends_or_receives(const struct channel_user *u)
{
	struct sent *s = u->s;
	int err = 0;
	for (int i = 0; i < 4 && err == 0; i++) {
		int item = u->i * 4 + i;
		if (u->i < 2) {
			err = cio_channel_send(s->ch, &item);
			s->sent[item] += err == 0;
			continue;
		}
		err = cio_channel_receive(s->ch, &item);
		if (err == 0)
			s->received[item]++;
		if (err == 0 && u->i == 3)
			err = cio_yield();
	}
	return err == -ESHUTDOWN ? 0 : err;
}

static int channel(void)
{
	struct sent s = {.sent = {0}};
	int err = cio_channel_open(&s.ch, sizeof(int), 1);
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 4 && err == 0; i++)
			err = cio_group_spawn(&g, sends_or_receives,
				&(struct channel_user){&s, i});
		if (err == 0)
			err = cio_sleep(CIO_US(5));
		/* whoever waits for a cancelled one waits no longer */
		cio_channel_close(s.ch);
	}
	CALM() {
		int item;
		receive_all(&s);
		for (int i = 0; i < SENT_MAX; i++)
			CHECK_INT(s.received[i], s.sent[i]);
		CHECK_INT(cio_channel_receive(s.ch, &item), -ESHUTDOWN);
	}
	cio_channel_put(s.ch);
	return err;
}

static const struct scenario scenarios[] = {
	{"threads", threads, DISTURB_TASKS},
	{"from_a_thread", from_a_thread,
		DISTURB_CANCEL | DISTURB_MEMORY | DISTURB_STACKS},
	{"channel", channel, DISTURB_TASKS},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}
