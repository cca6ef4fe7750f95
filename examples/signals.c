/* SPDX-License-Identifier: MIT */
/* signals.c - work until SIGTERM comes, then end in order */
#include <cio.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int serve(const int *id)
{
	int err;
	while ((err = cio_sleep(CIO_MS(1))) == 0)
		;
	printf("server %d ends: %s\n", *id, cio_cancel_reason());
	return err;
}

/* Stands for somebody who types `kill` in a shell. */
static int send_sigterm(const int *pid)
{
	int err = cio_sleep(CIO_MS(5));
	return err < 0 ? err : kill(*pid, SIGTERM);
}

static int app(void *arg)
{
	(void)arg;
	cio_signals stop;
	int err = cio_signals_open(&stop,
		CIO_SIGNAL(SIGTERM) | CIO_SIGNAL(SIGINT));
	if (err < 0)
		return err;
	int signo = 0;
	CIO_GROUP (g, &err) {
		for (int i = 1; i <= 2 && err == 0; i++)
			err = cio_group_spawn(&g, serve, &i);
		if (err == 0)
			err = cio_group_spawn(&g, send_sigterm,
				&(int){getpid()});
		if (err == 0)
			signo = cio_signals_wait(&stop);
		cio_group_cancel(&g, "a signal came");
	}
	cio_signals_close(&stop);
	printf("signal %d: bye\n", signo);
	return signo == SIGTERM ? err : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}
