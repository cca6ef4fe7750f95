/* SPDX-License-Identifier: MIT */
/* log lines go to a slow sink in a thread; requests never wait for it */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

enum { REQUESTS = 20, LINES = 3 * REQUESTS };

static cio_queue lines;
static char written[LINES][32];
static int n_written;

/* Runs in the thread: the slow sink. */
static int write_line(void *arg)
{
	usleep((useconds_t)(T / 50 / 1000));
	strcpy(written[n_written], arg);
	return 0;
}

static int writer(const int *unused)
{
	char line[32];
	int err;
	(void)unused;
	while ((err = cio_queue_get(&lines, line)) == 0) {
		CHECK_INT(cio_to_thread(write_line, line), 0);
		n_written++;
	}
	return err == -ESHUTDOWN ? 0 : err;
}

static void log_line(int id, const char *text)
{
	char line[32];
	snprintf(line, sizeof line, "[r%d] %s", id, text);
	CHECK_INT(cio_queue_try_put(&lines, line), 0);
}

static int request(int *id)
{
	log_line(*id, "begin");
	log_line(*id, "query");
	int err = cio_sleep(T / 2);
	log_line(*id, "end");
	return err;
}

static int scenario(void *arg)
{
	int ids[REQUESTS];
	(void)arg;
	for (int i = 0; i < REQUESTS; i++)
		ids[i] = i;
	cio_queue_init(&lines, sizeof(char[32]), 0);
	cio_task *t = cio_spawn(writer, NOTHING);
	CHECK_INT(cio_map(request, ids, REQUESTS), 0);
	say("requests done while lines were still unwritten %d",
		n_written < LINES);
	cio_queue_shutdown(&lines, false);
	CHECK_INT(cio_await(t), 0);
	say("written %d", n_written);
	for (int i = 0; i < REQUESTS; i += REQUESTS - 1) {
		char tag[16];
		const char *gap = "";
		snprintf(tag, sizeof tag, "[r%d]", i);
		for (int k = 0; k < n_written; k++)
			if (strncmp(written[k], tag, strlen(tag)) == 0) {
				add("%s%s", gap, written[k]);
				gap = " ";
			}
		say("%s", "");
	}
	return cio_queue_finish(&lines);
}
