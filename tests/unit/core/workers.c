/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/* threads */
/*
 * workers.c - several loops in one run: who is who, failures, signals, a server
 */
#include <cio/run.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cio/channel.h>
#include <cio/event.h>
#include <cio/http_server.h>
#include <cio/impl.h>
#include <cio/scope.h>
#include <cio/signal.h>
#include <cio/sim.h>
#include <cio/task.h>
#include <cio/time.h>

#include "check.h"
#include "heard.h"

enum { N = 4 };
#define LONG CIO_S(3600)

/* ---- what they say ---- */

static _Atomic int ran[N], ended[N];

static int run_workers(uint32_t n, bool signals, int (*fn)(void *), void *arg)
{
	uint64_t blocks = cio_sim_blocks();
	int fds = check_open_fds();
	heard[0] = '\0';
	for (int i = 0; i < N; i++)
		ran[i] = ended[i] = 0;
	int result = cio_run_with(&(cio_run_options){.workers = n,
					  .signals = signals,
					  .report = hear},
		fn, arg);
	assert_int_equal(cio_sim_blocks(), blocks);
	assert_int_equal(check_open_fds(), fds);
	return result;
}

/* ---- who is who ---- */

static pthread_t threads[N];

static int notes_itself(void *arg)
{
	(void)arg;
	uint32_t i = cio_worker();
	CHECK_INT(cio_workers(), N);
	ran[i]++;
	threads[i] = pthread_self();
	int err = cio_sleep(CIO_US(10));
	CHECK_INT(cio_worker(), i);
	CHECK_INT(cio_run(notes_itself, NULL), -EBUSY);
	return err < 0 ? err : 10 + (int)i;
}

static void all_run(void **state)
{
	(void)state;
	assert_int_equal(cio_workers(), 0);
	for (int round = 0; round < 30; round++) {
		assert_int_equal(run_workers(N, false, notes_itself, NULL), 10);
		for (int i = 0; i < N; i++) {
			assert_int_equal(ran[i], 1);
			assert_int_equal(pthread_equal(threads[i],
						 pthread_self()) != 0,
				i == 0);
			for (int j = 0; j < i; j++)
				assert_false(pthread_equal(threads[i],
					threads[j]) != 0);
		}
		assert_string_equal(heard, "");
	}
	assert_int_equal(cio_worker(), 0);
	assert_int_equal(cio_workers(), 0);
}

static int says_workers(void *arg)
{
	(void)arg;
	return (int)cio_workers();
}

static void one(void **state)
{
	(void)state;
	assert_int_equal(cio_run(says_workers, NULL), 1);
	assert_int_equal(run_workers(1, false, says_workers, NULL), 1);
}

/* ---- failures ---- */

static int one_fails(void *arg)
{
	int which = *(int *)arg;
	ran[cio_worker()]++;
	if ((int)cio_worker() == which)
		return cio_fail(-EADDRINUSE, "port %d is taken", 80);
	int err = cio_sleep(LONG);
	CHECK(strstr(cio_cancel_reason(), "another worker") != NULL);
	ended[cio_worker()] = err;
	return err;
}

static void first_failure_ends_all(void **state)
{
	(void)state;
	for (int round = 0; round < 40; round++) {
		int which = round % N;
		char text[128];
		assert_int_equal(run_workers(N, false, one_fails, &which),
			-EADDRINUSE);
		snprintf(text, sizeof text, "worker %d of 4: port 80 is taken",
			which);
		assert_string_equal(cio_error_text(), text);
		for (int i = 0; i < N; i++) {
			assert_int_equal(ran[i], 1);
			assert_int_equal(ended[i], i == which ? 0 : -ECANCELED);
		}
		snprintf(text, sizeof text, "worker %d of 4 failed, the others "
			"are cancelled: %s: port 80 is taken\n", which,
			cio_strerror(EADDRINUSE));
		assert_string_equal(heard, text);
	}
}

/* One that ends well ends alone. */
static cio_channel *ch;

static int ends_one_by_one(void *arg)
{
	(void)arg;
	int got;
	uint32_t i = cio_worker();
	if (i + 1 < N && cio_channel_receive(ch, &got) < 0)
		return -EIO;
	if (cio_channel_send(ch, &(int){1}) < 0) /* the last one's stays */
		return -EIO;
	ended[i] = 1;
	return i == 0 ? 0 : 5;
}

static void ends_alone(void **state)
{
	(void)state;
	assert_int_equal(cio_channel_open(&ch, sizeof(int), 1), 0);
	assert_int_equal(run_workers(N, false, ends_one_by_one, NULL), 0);
	for (int i = 0; i < N; i++)
		assert_int_equal(ended[i], 1);
	cio_channel_put(ch);
}

static int one_is_cancelled(void *arg)
{
	(void)arg;
	ran[cio_worker()]++;
	if (cio_worker() != 1)
		return cio_sleep(LONG);
	cio_task_cancel(cio_current_task(), "test");
	return cio_sleep(1);
}

static void refusal_ends_all_unnamed(void **state)
{
	(void)state;
	assert_int_equal(run_workers(N, false, one_is_cancelled, NULL), -ECANCELED);
	assert_non_null(strstr(cio_error_text(), "worker 1 of 4: "));
	assert_string_equal(heard, "");
}

static void none_or_all_start(void **state)
{
	(void)state;
	const char *drivers[] = {"kqueue", "sim"};
	for (int i = 0; i < 2; i++) {
		uint64_t blocks = cio_sim_blocks();
		ran[0] = ran[1] = 0;
		int err = cio_run_with(&(cio_run_options){.workers = 2,
					       .driver = drivers[i],
					       .quiet = true},
			one_is_cancelled, NULL);
		assert_int_equal(err, -EINVAL);
		assert_non_null(strstr(cio_error_text(), drivers[i]));
		assert_int_equal(ran[0] + ran[1], 0);
		assert_int_equal(cio_sim_blocks(), blocks);
	}
}

static int may_fail(void *arg)
{
	(void)arg;
	ran[cio_worker()]++;
	return cio_sleep(CIO_US(1));
}

static void without_memory(void **state)
{
	(void)state;
	int err, n = 0;
	do {
		cio_sim_fail_allocation((uint64_t)++n);
		err = run_workers(2, false, may_fail, NULL);
		bool all_or_none = ran[0] == ran[1] || err == -ENOMEM;
		assert_true(all_or_none);
		assert_true(err == 0 || err == -ENOMEM || err == -ECANCELED);
	} while (err < 0 && n < 1000);
	cio_sim_fail_allocation(0);
	printf("# %d points\n", n - 1);
	assert_true(n > 3);
	assert_int_equal(err, 0);
}

/* ---- signals ---- */

static _Atomic int inside;

static int is_interrupted(void *arg)
{
	(void)arg;
	if (++inside == N)
		kill(getpid(), SIGTERM);
	int err = cio_sleep(LONG);
	CHECK(strstr(cio_cancel_reason(), "signal") != NULL);
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGTERM)), -EBUSY);
	ended[cio_worker()] = err;
	return 0;
}

static volatile sig_atomic_t mine;

static void my_handler(int signo)
{
	mine = signo;
}

static void signal_reaches_all(void **state)
{
	(void)state;
	signal(SIGTERM, my_handler);
	for (int round = 0; round < 30; round++) {
		inside = 0;
		assert_int_equal(run_workers(N, true, is_interrupted, NULL), 0);
		for (int i = 0; i < N; i++)
			assert_int_equal(ended[i], -ECANCELED);
	}
	mine = 0;
	raise(SIGTERM);
	assert_int_equal(mine, SIGTERM);
	signal(SIGTERM, SIG_DFL);
}

/* The first worker may be over long before. */
static int last_is_interrupted(void *arg)
{
	(void)arg;
	if (cio_worker() == 0)
		return 0;
	if (++inside < N - 1) /* the last of them */
		return 0;
	CHECK_INT(cio_sleep(CIO_MS(5)), 0);
	kill(getpid(), SIGINT);
	ended[0] = cio_sleep(LONG);
	return 0;
}

static void signal_reaches_the_last(void **state)
{
	(void)state;
	inside = 0;
	assert_int_equal(run_workers(N, true, last_is_interrupted, NULL), 0);
	assert_int_equal(ended[0], -ECANCELED);
}

static int ignores_the_first(void *arg)
{
	(void)arg;
	if (cio_worker() == 1) {
		raise(SIGTERM);
		raise(SIGTERM);
	}
	while (cio_sleep(CIO_MS(1)) != 1)
		; /* refused for ever */
	return 0;
}

static void second_ends_the_process(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		(void)cio_run_with(&(cio_run_options){.workers = 2,
					   .signals = true,
					   .quiet = true},
			ignores_the_first, NULL);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* A signal is one watcher's: of two workers who ask, one gets it. */
static int both_watch(void *arg)
{
	(void)arg;
	cio_signals s;
	int err = cio_signals_open(&s, CIO_SIGNAL(SIGUSR1));
	ended[cio_worker()] = err;
	if (err < 0)
		return cio_channel_send(ch, &err);
	int got;
	err = cio_channel_receive(ch, &got);
	cio_signals_close(&s);
	return err;
}

static void one_watcher(void **state)
{
	(void)state;
	assert_int_equal(cio_channel_open(&ch, sizeof(int), 1), 0);
	assert_int_equal(run_workers(2, false, both_watch, NULL), 0);
	assert_true((ended[0] == 0 && ended[1] == -EBUSY) ||
		(ended[1] == 0 && ended[0] == -EBUSY));
	cio_channel_put(ch);
}

/* ---- a server on two loops ---- */

enum { CLIENTS = 64 };

static _Atomic int slow_entered, draining[2];
static _Atomic uint64_t requests[2];

static int who(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond_format(res, 200, NULL, "worker %u", cio_worker());
}

static int slow(cio_request *req, cio_response *res)
{
	(void)req;
	int err = 0;
	slow_entered = 1;
	while (err == 0 && !draining[cio_worker()])
		err = cio_sleep(CIO_MS(1));
	if (err == 0)
		err = cio_sleep(CIO_MS(20)); /* the drain waits for it */
	return err < 0 ? err : cio_respond(res, 200, NULL, "slow");
}

static const cio_route routes[] = {
	{CIO_GET, "/who", who},
	{CIO_GET, "/slow", slow},
	{0},
};

static int open_server(cio_http_server **s, uint16_t port)
{
	return cio_http_server_open(s,
		&(cio_http_server_options){.port = port,
			.reuse_port = true,
			.routes = routes});
}

static int connect_to(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void ask(int fd, const char *path)
{
	char text[128];
	int n = snprintf(text, sizeof text,
		"GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
	CHECK_INT(send(fd, text, (size_t)n, MSG_NOSIGNAL), n);
}

/* Read until `what` came or the end. */
static bool answered(int fd, char *text, size_t room, const char *what)
{
	size_t n = 0;
	ssize_t got;
	text[0] = '\0';
	while (strstr(text, what) == NULL && n + 1 < room &&
		(got = recv(fd, text + n, room - 1 - n, 0)) > 0) {
		n += (size_t)got;
		text[n] = '\0';
	}
	return strstr(text, what) != NULL;
}

static void *visit(void *arg)
{
	uint16_t port = *(uint16_t *)arg;
	int fd[CLIENTS], by[2] = {0};
	char text[1024];
	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = connect_to(port);
		ask(fd[i], "/who");
	}
	for (int i = 0; i < CLIENTS; i++) {
		CHECK(answered(fd[i], text, sizeof text, "worker "));
		by[strstr(text, "worker 1") != NULL]++;
	}
	printf("# answered by worker 0: %d, by worker 1: %d\n", by[0], by[1]);
	CHECK(by[0] > 0 && by[1] > 0);
	ask(fd[0], "/slow");
	while (!slow_entered)
		usleep(1000);
	kill(getpid(), SIGTERM);
	CHECK(answered(fd[0], text, sizeof text, "\r\n\r\nslow"));
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
	return NULL;
}

static int serves(void *arg)
{
	(void)arg;
	cio_http_server *s;
	pthread_t client;
	uint16_t port = 0;
	int err = 0;
	if (cio_worker() == 1)
		err = cio_channel_receive(ch, &port);
	if (err == 0)
		err = open_server(&s, port);
	if (err < 0)
		return err;
	port = cio_http_server_port(s);
	if (cio_worker() == 0)
		err = cio_channel_send(ch, &port);
	else
		CHECK_INT(pthread_create(&client, NULL, visit, &port), 0);
	CHECK_INT(err, 0);
	CHECK_INT(cio_sleep(LONG), -ECANCELED); /* by the signal */
	requests[cio_worker()] = cio_http_server_get_figures(s).requests;
	cio_http_server_drained told = {0};
	CIO_SHIELD (CIO_S(20), &err) {
		draining[cio_worker()] = 1;
		err = cio_http_server_close(s, CIO_S(10), &told);
	}
	CHECK_INT(told.cut, 0);
	if (cio_worker() == 1)
		CHECK_INT(pthread_join(client, NULL), 0);
	return err;
}

static void server_on_two_loops(void **state)
{
	(void)state;
	slow_entered = draining[0] = draining[1] = 0;
	assert_int_equal(cio_channel_open(&ch, sizeof(uint16_t), 1), 0);
	assert_int_equal(run_workers(2, true, serves, NULL), 0);
	cio_channel_put(ch);
	assert_int_equal(requests[0] + requests[1], CLIENTS + 1);
	assert_string_equal(heard, "");
}

/* The second listens without sharing: it cannot, and the run ends, named. */
static int binds_badly(void *arg)
{
	(void)arg;
	cio_http_server *s;
	uint16_t port = 0;
	int err = 0;
	if (cio_worker() == 1)
		err = cio_channel_receive(ch, &port);
	if (err == 0)
		err = cio_http_server_open(&s,
			&(cio_http_server_options){.port = port,
				.routes = routes});
	if (err < 0)
		return err;
	port = cio_http_server_port(s);
	err = cio_channel_send(ch, &port);
	if (err == 0)
		err = cio_sleep(LONG);
	(void)cio_http_server_close(s, 0, NULL);
	return err;
}

static void server_that_cannot_bind(void **state)
{
	(void)state;
	assert_int_equal(cio_channel_open(&ch, sizeof(uint16_t), 1), 0);
	assert_int_equal(run_workers(2, true, binds_badly, NULL), -EADDRINUSE);
	cio_channel_put(ch);
	assert_non_null(strstr(cio_error_text(), "worker 1 of 2: "));
	assert_non_null(strstr(heard, "worker 1 of 2 failed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_run),
		cmocka_unit_test(one),
		cmocka_unit_test(first_failure_ends_all),
		cmocka_unit_test(ends_alone),
		cmocka_unit_test(refusal_ends_all_unnamed),
		cmocka_unit_test(none_or_all_start),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(signal_reaches_all),
		cmocka_unit_test(signal_reaches_the_last),
		cmocka_unit_test(second_ends_the_process),
		cmocka_unit_test(one_watcher),
		cmocka_unit_test(server_on_two_loops),
		cmocka_unit_test(server_that_cannot_bind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
