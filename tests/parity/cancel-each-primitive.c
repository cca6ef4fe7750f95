/* SPDX-License-Identifier: MIT */
/* each primitive is as good as new after a cancel */
/* drivers: epoll uring sim */
#include "parity_net.h"

static cio_lock lock;
static cio_semaphore sem;
static cio_event event;
static cio_condition cond;
static cio_queue q;
static cio_barrier barrier;
static cio_stream *stream;
static int cancelled_kids;

static int in_sleep(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG);
}

static int in_task(const int *unused)
{
	int err = cio_await(cio_spawn(in_sleep, unused));
	cancelled_kids = err == -ECANCELED;
	return err;
}

static int in_lock(const int *unused)
{
	(void)unused;
	return cio_lock_acquire(&lock);
}

static int in_semaphore(const int *unused)
{
	(void)unused;
	return cio_semaphore_acquire(&sem);
}

static int in_event(const int *unused)
{
	(void)unused;
	return cio_event_wait(&event);
}

static int in_condition(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_LOCKED (&lock, &err)
		err = cio_condition_wait(&cond, &lock);
	return err;
}

static int in_get(const int *unused)
{
	int item = *unused;
	return cio_queue_get(&q, &item);
}

static int in_put(const int *unused)
{
	return cio_queue_put(&q, unused);
}

static int in_join(const int *unused)
{
	(void)unused;
	return cio_queue_join(&q);
}

static int in_barrier(const int *unused)
{
	(void)unused;
	return cio_barrier_wait(&barrier);
}

static int in_gather(const int *unused)
{
	int results[2];
	int err = cio_gather(CIO_TASKS(cio_spawn(in_sleep, unused),
				     cio_spawn(in_sleep, unused)),
		.results = results);
	cancelled_kids = (results[0] == -ECANCELED) +
		(results[1] == -ECANCELED);
	return err;
}

static cio_task *kids[2];

static int in_wait(const int *unused)
{
	(void)unused;
	return cio_wait(kids, 2, CIO_ALL_COMPLETED, CIO_NEVER);
}

static int in_read(const int *unused)
{
	char line[16];
	(void)unused;
	return (int)read_line(stream, line, sizeof line);
}

static void cancelled_in(const char *name, int (*fn)(const int *))
{
	cio_task *t = cio_spawn(fn, NOTHING);
	(void)cio_sleep(T);
	bool waited = !cio_task_done(t);
	cio_task_cancel(t, "no need");
	say("%s | waited %d | %s", name, waited, outcome(cio_await(t)));
}

static int get(void)
{
	int item = 0;
	CHECK_INT(cio_queue_get(&q, &item), 0);
	return item;
}

static void locks(void)
{
	CHECK_INT(cio_lock_acquire(&lock), 0);
	cancelled_in("lock", in_lock);
	cio_lock_release(&lock);
	say("  free afterwards %d", lock.owner == NULL);
	cio_semaphore_init(&sem, 0);
	cancelled_in("semaphore", in_semaphore);
	cio_semaphore_release(&sem);
	say("  free afterwards %d", sem.permits == 1);
	cancelled_in("event", in_event);
	cio_event_set(&event);
	say("  set afterwards %d", cio_event_wait(&event) == 0);
	cancelled_in("condition", in_condition);
	say("  its lock free afterwards %d", lock.owner == NULL);
}

static void queues(void)
{
	cio_queue_init(&q, sizeof(int), 1);
	cancelled_in("queue get", in_get);
	CHECK_INT(cio_queue_try_put(&q, &(int){'x'}), 0);
	say("  get afterwards %c", get());
	CHECK_INT(cio_queue_try_put(&q, &(int){'y'}), 0);
	cancelled_in("queue put", in_put);
	int item = get();
	say("  get afterwards %c size %zu", item, q.size);
	cancelled_in("queue join", in_join);
	cio_queue_task_done(&q);
	cio_queue_task_done(&q);
	say("  join afterwards %s", outcome(cio_queue_join(&q)));
	CHECK_INT(cio_queue_finish(&q), 0);
}

static void sets(void)
{
	cio_barrier_init(&barrier, 2);
	cancelled_in("barrier", in_barrier);
	say("  waiting %u broken %d", cio_barrier_waiting(&barrier),
		barrier.broken);
	cancelled_in("gather", in_gather);
	say("  children cancelled %d", cancelled_kids);
	kids[0] = cio_spawn(in_sleep, NOTHING);
	kids[1] = cio_spawn(in_sleep, NOTHING);
	cancelled_in("set-wait", in_wait);
	say("  children cancelled %d",
		cio_task_cancelled(kids[0]) + cio_task_cancelled(kids[1]));
	for (int i = 0; i < 2; i++)
		cio_task_cancel(kids[i], "no need");
	(void)cio_gather(kids, 2);
}

static int handler(cio_stream *s)
{
	char line[16];
	if (read_line(s, line, sizeof line) >= 0)
		(void)send_text(s, "hello\n");
	return 0;
}

static void streams(void)
{
	struct server server;
	char line[16] = "";
	server_open(&server, handler);
	stream = client_open(cio_listener_port(server.listener));
	cancelled_in("stream read", in_read);
	(void)send_text(stream, "\n");
	(void)read_line(stream, line, sizeof line);
	say("  line afterwards %s", line);
	cio_stream_close(stream);
	server_close(&server);
}

static int scenario(void *arg)
{
	(void)arg;
	cancelled_in("sleep", in_sleep);
	cancelled_in("task", in_task);
	say("  inner task cancelled %d", cancelled_kids);
	locks();
	queues();
	sets();
	streams();
	return 0;
}
