/* SPDX-License-Identifier: MIT */
/* queue.c - three workers share jobs through a queue that holds five */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

struct worker {
	cio_queue *jobs;
	long *total;
};

static int work(const struct worker *w)
{
	int job, err = 0;
	while (err == 0 && (err = cio_queue_get(w->jobs, &job)) == 0) {
		err = cio_sleep(CIO_US(100 * (job % 3)));
		*w->total += job;
		cio_queue_task_done(w->jobs);
	}
	return err == -ESHUTDOWN ? 0 : err;
}

/* A full queue holds us back. */
static int hand_out(cio_queue *jobs, int n)
{
	int err = 0;
	for (int i = 1; i <= n && err == 0; i++)
		err = cio_queue_put(jobs, &i);
	cio_queue_shutdown(jobs,
		false); /* no more: workers end when it is empty */
	return err;
}

static int app(void *arg)
{
	(void)arg;
	cio_queue jobs;
	long totals[3] = {0};
	int err = 0;
	cio_queue_init(&jobs, sizeof(int), 5);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, work,
				&(struct worker){&jobs, &totals[i]});
		if (err == 0)
			err = hand_out(&jobs, 100);
	}
	cio_queue_finish(&jobs);
	if (err < 0)
		return err;
	printf("100 jobs: %ld\n", totals[0] + totals[1] + totals[2]);
	return totals[0] + totals[1] + totals[2] == 5050 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
