/* SPDX-License-Identifier: MIT */
/* done callbacks: order, removal, one that sees the result and one that adds work */
/* drivers: sim */
#include "parity.h"

struct job {
	int value, ticks;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	return err < 0 ? err : j->value;
}

static int later(const int *unused)
{
	(void)unused;
	say("spawned by a callback");
	return 0;
}

static void first(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("first, done %d result %d", cio_task_done(t), cio_task_result(t));
}

static void wrong(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	say("must not appear");
}

static void second(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	say("second");
}

static void spawns(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	cio_detach(cio_spawn(later, NOTHING), NULL);
}

static void cancelled(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("callback of a cancelled task, cancelled %d",
		cio_task_cancelled(t));
}

/* How many were taken away is known by the link. */
static int remove_it(cio_done_callback *c)
{
	int there = c->link.next != NULL;
	cio_task_remove_done_callback(c);
	return there;
}

static int scenario(void *arg)
{
	cio_done_callback c[4] = {{.fn = first}, {.fn = wrong}, {.fn = second},
		{.fn = spawns}}, last = {.fn = cancelled};
	(void)arg;
	cio_task *t = cio_spawn(work, &(struct job){7, 1});
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_task_add_done_callback(t, &c[i]), 0);
	add("removed %d\n", remove_it(&c[1]));
	CHECK_INT(cio_task_add_done_callback(t, &c[3]), 0);
	(void)cio_sleep(3 * T);
	say("removed %d", remove_it(&c[1]));
	CHECK_INT(cio_await(t), 7);
	t = cio_spawn(work, &(struct job){1, 9});
	CHECK_INT(cio_task_add_done_callback(t, &last), 0);
	(void)cio_sleep(T);
	cio_task_cancel(t, "no need");
	say("asked, done %d", cio_task_done(t));
	wait_all(&t, 1);
	say("done %d", cio_task_done(t));
	CHECK_INT(cio_await(t), -ECANCELED);
	return 0;
}
