/* SPDX-License-Identifier: MIT */
/*
 * fork.c - a child has nothing of its parent's loops
 *
 * Of a loop the child has a copy of the memory, but shares the kernel's half,
 * epoll or ring and the eventfd, with its parent: a turn there would take the
 * parent's events, a wake would wake it. So a fork ends every loop for the child,
 * before fork() returns in it: the thread has no loop, no signal is watched, and
 * a message to a loop made before is refused. What was open stays open, as after
 * any fork, until the child executes a program or ends.
 *
 * The child still stands on the stack of a task, whose loop is not there any
 * more: it may run a loop of its own from there, but neither wait nor return.
 */
#include "core/core.h"

#include <errno.h>
#include <pthread.h>

uint32_t core_forks;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int watch_err;

static void in_child(void)
{
	overflow_unlock();
	core_forks++;
	core_cancel_at = 0;
	signals_forked();
	if (cio__loop == NULL)
		return; /* as it was: maybe a child's child */
	misuse_forked(cio__loop->current);
	cio__loop = NULL;
	cio__loop_number = 0;
}

static void watch(void)
{
	watch_err = -pthread_atfork(overflow_lock, overflow_unlock, in_child);
}

int fork_watch(void)
{
	(void)pthread_once(&once, watch);
	return watch_err;
}
