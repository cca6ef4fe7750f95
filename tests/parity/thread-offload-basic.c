/* SPDX-License-Identifier: MIT */
/* a blocking function in a thread; the loop goes on meanwhile */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static pthread_t loop_thread;

struct job {
	const char *name;
	int ticks;
	const char *error;
	int elsewhere;
};

static int blocking(void *arg)
{
	struct job *j = arg;
	usleep((useconds_t)(j->ticks * T / 1000));
	j->elsewhere = !pthread_equal(pthread_self(), loop_thread);
	return j->error != NULL ? raise_error(j->error) : 0;
}

static int offload(struct job *j)
{
	return cio_to_thread(blocking, j);
}

static int ticker(cio_event *const *stop)
{
	int n = 0;
	for (; !(*stop)->is_set; n++)
		(void)cio_sleep(T);
	return n;
}

static int scenario(void *arg)
{
	struct job first = {"first", 5, NULL, 0},
		   bad = {"second", 1, "boom", 0},
		   jobs[] = {{"a", 5, NULL, 0}, {"b", 1, NULL, 0}};
	cio_event stop = {0};
	(void)arg;
	loop_thread = pthread_self();
	cio_task *t = cio_spawn(ticker, &(cio_event *){&stop});
	CHECK_INT(offload(&first), 0);
	say("%s, on another thread %d", first.name, first.elsewhere);
	say("%s", outcome(offload(&bad)));
	CHECK_INT(cio_map(offload, jobs, 2), 0);
	say("%s, on another thread %d | %s, on another thread %d", jobs[0].name,
		jobs[0].elsewhere, jobs[1].name, jobs[1].elsewhere);
	struct job third = {"third", 1, NULL, 0};
	CHECK_INT(cio_to_thread(blocking, &third), 0);
	say("%s, on another thread %d", third.name, third.elsewhere);
	cio_event_set(&stop);
	say("loop went on ticking %d", cio_await(t) >= 4);
	return 0;
}
