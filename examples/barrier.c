/* SPDX-License-Identifier: MIT */
/*
 * barrier.c - workers that begin each step together: "4 workers, 3 steps
 * together"
 */
#include <cio.h>

#include <stdio.h>

enum { WORKERS = 4, STEPS = 3 };

struct worker {
	cio_barrier *line;
	int *together; /* steps at which all were there */
	int *came;     /* to the step so far */
	int id;
};

static int work(const struct worker *w)
{
	for (int step = 0; step < STEPS; step++) {
		int err = cio_sleep(CIO_MS(w->id * step)); /* its own pace */
		if (err < 0)
			return err;
		++*w->came;
		int place = cio_barrier_wait(w->line);
		if (place < 0)
			return place;
		if (place == 0) /* exactly one of them looks */
			*w->together += *w->came == WORKERS * (step + 1);
		/* nobody starts on the next before that */
		err = cio_barrier_wait(w->line);
		if (err < 0)
			return err;
	}
	return 0;
}

static int app(void *arg)
{
	cio_barrier line;
	int err = 0, together = 0, came = 0;
	(void)arg;
	cio_barrier_init(&line, WORKERS);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < WORKERS && err == 0; i++)
			err = cio_group_spawn(&g, work,
				&(struct worker){&line, &together, &came, i});
	}
	printf("%d workers, %d steps together\n", WORKERS, together);
	return err < 0 || together != STEPS ? -1 : 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
