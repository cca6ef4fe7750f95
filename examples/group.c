/* SPDX-License-Identifier: MIT */
/* group.c - tasks that end together: the first error cancels the rest */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

struct worker {
	const char *name;
	cio_duration takes;
	int result;
};

static int work(const struct worker *w)
{
	int err = cio_sleep(w->takes);
	if (err < 0) {
		printf("%s was told to stop: %s\n", w->name,
			cio_cancel_reason());
		return err;
	}
	printf("%s is done\n", w->name);
	return w->result < 0 ? cio_fail(w->result, "%s broke down", w->name) :
			       0;
}

static int app(void *arg)
{
	(void)arg;
	const struct worker workers[] = {
		{"ann", CIO_MS(1), 0},
		{"bob", CIO_MS(5), -EIO},
		{"cleo", CIO_S(3600), 0},
	};
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, work, &workers[i]);
	}
	printf("the group ended with: %s (%s)\n", cio_strerror(err),
		cio_error_text());
	return err == -EIO ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
