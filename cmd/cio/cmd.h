/* SPDX-License-Identifier: MIT */
/*
 * cmd.h - what the subcommands of cio share
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

/* Exit codes, the same for every subcommand. */
enum {
	EXIT_OK = 0,
	EXIT_SOME_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_OUTPUT = 3,      /* results could not be written */
	EXIT_NOTHING = 4,     /* nothing could start */
	EXIT_INTERRUPTED = 130,
};

int cmd_fetch(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

#endif
