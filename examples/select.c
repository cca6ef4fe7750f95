/* SPDX-License-Identifier: MIT */
/* select.c - a worker of two queues that also ends: urgent jobs come first */
#include <cio.h>

#include <stdio.h>

struct worker {
	cio_queue *urgent, *normal;
	cio_task *stopper;
	int *done;
};

static int work(const struct worker *w)
{
	const char *job = "";
	for (;;) {
		cio_select_case on[] = {
			cio_on_get(w->urgent, &job),
			cio_on_get(w->normal, &job),
			cio_on_done(w->stopper),
			cio_on_time(cio_now() + CIO_S(60)),
		};
		int i = cio_select(on, 4);
		if (i < 0 || i >= 2) /* refused; told to stop, or nothing to do */
			return i < 0 ? i : 0;
		printf("%s: %s\n", i == 0 ? "urgent" : "normal", job);
		++*w->done;
	}
}

static int stop_soon(const cio_duration *d)
{
	return cio_sleep(*d);
}

static int put(cio_queue *q, const char *job)
{
	return cio_queue_put(q, &job);
}

static int app(void *arg)
{
	(void)arg;
	cio_queue urgent, normal;
	int done = 0, err;
	cio_queue_init(&urgent, sizeof(const char *), 0);
	cio_queue_init(&normal, sizeof(const char *), 0);
	cio_task *stopper = cio_spawn(stop_soon, &(cio_duration){CIO_MS(5)});
	struct worker w = {&urgent, &normal, stopper, &done};
	cio_task *worker = cio_spawn(work, &w);
	err = put(&normal, "sweep the floor");
	if (err == 0)
		err = put(&urgent, "put out the fire");
	int ended = cio_gather(CIO_TASKS(stopper, worker));
	cio_queue_finish(&urgent);
	cio_queue_finish(&normal);
	return err == 0 && ended == 0 && done == 2 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
