/* SPDX-License-Identifier: MIT */
/*
 * main.c - the cio command: a table of subcommands
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cio/base.h>

#include "cmd.h"
#include "fetch_options.h"

static int version(int argc, char **argv)
{
	if (argc > 1) {
		(void)fprintf(stderr, "cio version: takes nothing, not %s\n",
			argv[1]);
		return EXIT_USAGE;
	}
	(void)printf("cio %s\n", CIO_VERSION);
	return EXIT_OK;
}

static int completion(int argc, char **argv)
{
	if (argc == 2 && fetch_completion(stdout, argv[1]) == 0)
		return EXIT_OK;
	(void)fputs("usage: cio completion bash|zsh|fish\n"
		"bash: eval \"$(cio completion bash)\"; zsh: into a file _cio of "
		"$fpath; fish:\ninto ~/.config/fish/completions/cio.fish\n",
		stderr);
	return EXIT_USAGE;
}

static int help(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{"fetch", cmd_fetch, "fetch many URLs at once, a row for each"},
	{"doctor", cmd_doctor, "what this machine and this build can do"},
	{"completion", completion, "words for the shell: bash, zsh or fish"},
	{"help", help, "this text"},
	{"version", version, "the version"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *to)
{
	(void)fprintf(to, "usage: cio COMMAND [OPTION...]\n\n");
	for (int i = 0; i < COMMANDS; i++)
		(void)fprintf(to, "  %-11s %s\n", commands[i].name,
			commands[i].what);
	(void)fprintf(to, "\n`cio fetch --help` tells the options.\n");
}

static bool is_command(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return true;
	return false;
}

/* `cio help fetch` is `cio fetch --help`; the others have no options. */
static int help(int argc, char **argv)
{
	if (argc > 1 && !is_command(argv[1])) {
		(void)fprintf(stderr, "cio help: no command is called %s; `cio "
			"help` lists them\n", argv[1]);
		return EXIT_USAGE;
	}
	if (argc > 2) {
		(void)fprintf(stderr, "cio help: one command at a time, not %s\n",
			argv[2]);
		return EXIT_USAGE;
	}
	if (argc > 1 && strcmp(argv[1], "fetch") == 0)
		fetch_help_text(stdout);
	else
		usage(stdout);
	return EXIT_OK;
}

/* A standard descriptor that we were started without would be given to the next
 * thing opened, and rows or messages would end up in there. What takes its place
 * is open the wrong way round, so that to use it is an error still. */
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null",
				fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

int main(int argc, char **argv)
{
	hold_standard_descriptors();
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--version") == 0)
		name = "version";
	else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	/* fetch has options, and a help of its own */
	if (argc > 2 && strcmp(argv[2], "--help") == 0 && is_command(name) &&
		strcmp(name, "fetch") != 0)
		name = "help", argc = 2;
	for (int i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		int code = commands[i].run(argc - 1, argv + 1);
		(void)fflush(stdout);
		if (!ferror(stdout) || code != EXIT_OK)
			return code;
		(void)fprintf(stderr, "cio %s: cannot write stdout\n", name);
		return EXIT_OUTPUT;
	}
	(void)fprintf(stderr, "cio: no command is called %s; `cio help` lists them\n",
		name);
	return EXIT_USAGE;
}
