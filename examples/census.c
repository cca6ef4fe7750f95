/* SPDX-License-Identifier: MIT */
/* census.c - who is there, what each waits for, and how much stack they use */
#include <cio.h>

#include <stdio.h>

static int deep(const int *levels)
{
	volatile char room[1000] = {0};
	room[*levels] = 1;
	return *levels > 0 ? deep(&(int){*levels - 1}) + room[*levels] - 1 :
			     cio_sleep(CIO_MS(50));
}

/* It need not wait, so with `.eager` it is done when the spawn returns. */
static int quick(int *const *done)
{
	**done = 1;
	return 0;
}

static int app(void *arg)
{
	(void)arg;
	int done = 0, *at = &done;
	cio_task *large = cio_spawn_with((&(cio_task_options){
		.name = "large", .stack_size = CIO_STACK_LARGE}), deep,
		&(int){300});
	cio_task *small = cio_spawn(deep, &(int){3});
	cio_detach(cio_spawn_with(&(cio_task_options){.eager = true}, quick,
		&at), NULL);
	printf("quick is %s\n", done ? "done" : "waiting");
	(void)cio_yield(); /* the others get as far as their sleep */

	cio_task_view tasks[8];
	size_t n = cio_all_tasks(tasks, 8);
	for (size_t i = 0; i < n && i < 8; i++)
		printf("%s, spawned at %s\n", tasks[i].name, tasks[i].site);
	int err = cio_await(large);
	return cio_await(small) < 0 || err < 0 || n != 3 || !done ? -1 : 0;
}

int main(void)
{
	/* the report says at the end what each kind of task used at most */
	return cio_run_with(&(cio_run_options){.stack_census = true}, app,
		NULL) < 0;
}
