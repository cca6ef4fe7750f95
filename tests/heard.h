/* SPDX-License-Identifier: MIT */
/*
 * heard.h - what a run reports, from whichever of its loops, for tests that look
 * for a text: `.report = hear`
 */
#ifndef TESTS_HEARD_H
#define TESTS_HEARD_H

#include <cio/run.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t hearing = PTHREAD_MUTEX_INITIALIZER;
static char heard[8192]; /* warnings and errors, a line each */

static inline void hear(void *arg, cio_level level, const char *text)
{
	(void)arg;
	if (level < CIO_LEVEL_WARNING)
		return;
	pthread_mutex_lock(&hearing);
	size_t n = strlen(heard);
	snprintf(heard + n, sizeof heard - n, "%s\n", text);
	pthread_mutex_unlock(&hearing);
}

#endif
