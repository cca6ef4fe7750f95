/* SPDX-License-Identifier: MIT */
/*
 * probe.c - can the driver argv[1] run here? Exit status 0, or 1 and why not
 *
 * A container or an old kernel may refuse io_uring; scripts/run-tests asks cio
 * itself, so that what it skips is what a program could not use either.
 */
#include <cio/run.h>

#include <stdio.h>

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: probe DRIVER\n", stderr);
		return 2;
	}
	int err = cio_run_with(&(cio_run_options){.driver = argv[1], .quiet = true},
		nothing, NULL);
	if (err == 0)
		return 0;
	puts(cio_strerror(err));
	return 1;
}
