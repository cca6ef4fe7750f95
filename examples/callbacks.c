/* SPDX-License-Identifier: MIT */
/* callbacks.c - names, a callback at a task's end, and what it may look at */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

struct watch {
	cio_done_callback callback;
	int ended, failed;
};

static void on_done(cio_done_callback *c, cio_task *t)
{
	struct watch *w = (struct watch *)c;
	printf("%s: %s\n", cio_task_name(t),
		cio_task_cancelled(t) ? "cancelled" :
					cio_strerror(cio_task_result(t)));
	w->ended++;
	w->failed += cio_task_result(t) < 0 && !cio_task_cancelled(t);
}

static int work(const int *result)
{
	int err = cio_sleep(*result > 0 ? CIO_S(3600) : CIO_MS(1));
	return err < 0 ? err : *result;
}

static int app(void *arg)
{
	(void)arg;
	static const char *const names[] = {"good", "bad", "endless"};
	static const int results[] = {0, -EIO, 1};
	struct watch w[3] = {{{.fn = on_done}, 0, 0}, {{.fn = on_done}, 0, 0},
		{{.fn = on_done}, 0, 0}};
	cio_task *t[3];
	for (int i = 0; i < 3; i++) {
		t[i] = cio_spawn_with(&(cio_task_options){.name = names[i]},
			work, &results[i]);
		if (t[i] != NULL)
			(void)cio_task_add_done_callback(t[i], &w[i].callback);
	}
	int err = cio_wait(t, 2, CIO_ALL_COMPLETED, CIO_NEVER);
	if (t[2] != NULL)
		cio_task_cancel(t[2], "enough");
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
	int ended = w[0].ended + w[1].ended + w[2].ended;
	return err == 2 && ended == 3 && w[1].failed == 1 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
