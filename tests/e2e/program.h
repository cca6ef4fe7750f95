/* SPDX-License-Identifier: MIT */
/*
 * program.h - other people's programs, as peers in tests
 *
 * Include check.h first.
 */
#ifndef CIO_TESTS_PROGRAM_H
#define CIO_TESTS_PROGRAM_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
	pid_t pid;
	int in, out; /* its stdin; its stdout and stderr */
};

/* Start a command of the shell, which is to `exec` what it runs. */
static inline struct program program_start(const char *command)
{
	int in[2], out[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	return (struct program){pid, in[1], out[0]};
}

static inline void program_stop(struct program *p)
{
	if (p->pid <= 0)
		return;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	close(p->in);
	close(p->out);
	p->pid = 0;
}

/* The number behind `before` in a line that it says; 0: it has ended. */
static inline uint16_t program_number(const struct program *p,
	const char *before)
{
	char line[512] = "";
	size_t n = 0;
	while (n < sizeof line - 1 && read(p->out, line + n, 1) == 1) {
		line[n + 1] = '\0';
		const char *at = strstr(line, before);
		bool ended = at != NULL && line[n] != ' ' &&
			at + strlen(before) <= line + n &&
			strchr("0123456789", line[n]) == NULL;
		if (ended)
			return (uint16_t)atoi(at + strlen(before));
		n = line[n] == '\n' ? 0 : n + 1;
		if (n == 0)
			line[0] = '\0';
	}
	return 0;
}

/* A port of 127.0.0.1 that nobody has now. */
static inline uint16_t free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

/* Wait until somebody listens there, or the program has ended. */
static inline bool program_listens(const struct program *p, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (;;) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool there = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
		close(fd);
		if (there)
			return true;
		if (waitpid(p->pid, NULL, WNOHANG) != 0)
			return false;
		poll(NULL, 0, 10);
	}
}

/* Is there a program of that name? */
static inline bool program_there(const char *name)
{
	char command[128];
	snprintf(command, sizeof command,
		"PATH=$PATH:/usr/sbin:/sbin command -v %s >/dev/null", name);
	return system(command) == 0;
}

#endif
