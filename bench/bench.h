/* SPDX-License-Identifier: MIT */
/*
 * bench.h - clocks and figures that the benchmarks share
 */
#ifndef CIO_BENCH_BENCH_H
#define CIO_BENCH_BENCH_H

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline double wall_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Of /proc/self/status, in bytes: "VmRSS:", "VmPTE:". */
static inline double status_bytes(const char *field)
{
	char line[256];
	double kib = 0;
	FILE *f = fopen("/proc/self/status", "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			(void)sscanf(line + strlen(field), "%lf", &kib);
	if (f != NULL)
		(void)fclose(f);
	return kib * 1024;
}

#endif
