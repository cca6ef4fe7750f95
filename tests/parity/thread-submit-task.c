/* SPDX-License-Identifier: MIT */
/* another thread hands work to the loop and waits for it */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

#include <semaphore.h>
#include <time.h>

static cio_loop *loop;
static pthread_t loop_thread;

struct op {
	cio_message message;
	int ticks;
	const char *error;
	sem_t done;
	bool on_loop;
	char text[320]; /* why it failed */
};

static int run_op(struct op *const *op)
{
	struct op *o = *op;
	int err = cio_sleep(o->ticks * T);
	if (err == 0 && o->error != NULL)
		err = raise_error(o->error);
	snprintf(o->text, sizeof o->text, "%s", err < 0 ? outcome(err) : "");
	o->on_loop = pthread_equal(pthread_self(), loop_thread);
	sem_post(&o->done); /* `o` may be gone from here */
	return 0;
}

static void start(cio_message *m)
{
	cio_detach(cio_spawn(run_op, &(struct op *){(struct op *)m}), NULL);
}

/* ---- the other thread ---- */

static void submit(struct op *o, int ticks, const char *error)
{
	*o = (struct op){{.deliver = start}, .ticks = ticks, .error = error};
	sem_init(&o->done, 0, 0);
	cio_loop_post(loop, &o->message);
}

static void result(struct op *o)
{
	while (sem_wait(&o->done) < 0)
		;
}

static bool result_within(struct op *o, cio_duration d)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (time_t)(d / CIO_S(1));
	until.tv_nsec += (long)(d % CIO_S(1));
	until.tv_sec += until.tv_nsec / CIO_S(1);
	until.tv_nsec %= CIO_S(1);
	return sem_timedwait(&o->done, &until) == 0;
}

static int client(void *arg)
{
	static struct op a, b, c, many[10];
	(void)arg;
	submit(&a, 1, NULL);
	result(&a);
	say("client: a on the loop's thread %d", a.on_loop);
	submit(&b, 1, "boom");
	result(&b);
	say("client: %s", b.text);
	submit(&c, 8, NULL);
	bool in_time = result_within(&c, 2 * T);
	say("client: %s waiting, done %d", in_time ? "ended" : "gave up",
		in_time);
	result(&c);
	say("client: later c on the loop's thread %d", c.on_loop);
	for (int i = 0; i < 10; i++)
		submit(&many[i], 10 - i, NULL);
	int got = 0;
	for (int i = 0; i < 10; i++) {
		result(&many[i]);
		got += many[i].on_loop;
	}
	say("client: ten in flight, got %d", got);
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	loop = cio_current_loop();
	loop_thread = pthread_self();
	CHECK_INT(cio_to_thread(client, NULL), 0);
	say("main ends");
	return 0;
}
