/* SPDX-License-Identifier: MIT */
/*
 * fetch_completion.c - the table of options as completions of three shells
 *
 *	eval "$(cio completion bash)"      in ~/.bashrc
 *	cio completion zsh >DIR/_cio       DIR of $fpath
 *	cio completion fish >~/.config/fish/completions/cio.fish
 */
#include "fetch_options.h"

static bool is_file(const struct option *o)
{
	return o->argument != NULL && (strcmp(o->argument, "FILE") == 0 ||
		strcmp(o->argument, "PATH") == 0 || strcmp(o->argument, "DIR") == 0);
}

static bool is_choice(const struct option *o)
{
	return o->kind == OPTION_CHOICE;
}

/* "a|b" as "a b". */
static void put_words(FILE *to, const char *choices)
{
	for (const char *p = choices; *p != '\0'; p++)
		(void)fputc(*p == '|' ? ' ' : *p, to);
}

/* The help's first sentence, fit for '...' in each shell. */
static void put_short(FILE *to, const char *help)
{
	for (const char *p = help; *p != '\0'; p++) {
		if (p[0] == '.' && (p[1] == '\0' || p[1] == ' '))
			return;
		if (strchr("'\"[]:$`\\", *p) == NULL)
			(void)fputc(*p, to);
	}
}

/* ---- bash ---- */

static void bash(FILE *to)
{
	(void)fputs("# bash completion of cio\n_cio() {\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} "
		"before=${COMP_WORDS[COMP_CWORD-1]}\n"
		"\tCOMPREPLY=()\n"
		"\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
		"\t\tCOMPREPLY=($(compgen -W 'fetch completion doctor help version' "
		"-- \"$word\"))\n\t\treturn\n\tfi\n"
		"\tif [ \"${COMP_WORDS[1]}\" = completion ]; then\n"
		"\t\tCOMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\"))\n"
		"\t\treturn\n\tfi\n"
		"\t[ \"${COMP_WORDS[1]}\" = fetch ] || return\n"
		"\tcase $before in\n", to);
	for (int i = 0; i < fetch_table_size; i++) {
		const struct option *o = &fetch_table[i];
		if (o->kind == OPTION_TITLE || o->argument == NULL)
			continue;
		(void)fprintf(to, "\t--%s", o->name);
		if (o->letter != 0)
			(void)fprintf(to, " | -%c", o->letter);
		if (is_file(o)) {
			(void)fputs(") COMPREPLY=($(compgen -f -- \"$word\"));"
				" return ;;\n", to);
		} else if (is_choice(o)) {
			(void)fputs(") COMPREPLY=($(compgen -W '", to);
			put_words(to, o->argument);
			(void)fputs("' -- \"$word\")); return ;;\n", to);
		} else {
			(void)fputs(") return ;;\n", to);
		}
	}
	(void)fputs("\tesac\n\tCOMPREPLY=($(compgen -W '", to);
	for (int i = 0; i < fetch_table_size; i++)
		if (fetch_table[i].kind != OPTION_TITLE)
			(void)fprintf(to, "--%s ", fetch_table[i].name);
	(void)fputs("--help' -- \"$word\"))\n}\n"
		"complete -o filenames -F _cio cio\n", to);
}

/* ---- zsh ---- */

static void zsh_option(FILE *to, const struct option *o)
{
	(void)fputs("\t\t'", to);
	if (o->letter != 0)
		(void)fprintf(to, "(-%c --%s)'{-%c,--%s}'", o->letter, o->name,
			o->letter, o->name);
	else
		(void)fprintf(to, "--%s", o->name);
	(void)fputc('[', to);
	put_short(to, o->help);
	(void)fputc(']', to);
	if (is_choice(o)) {
		(void)fprintf(to, ":%s:(", o->name);
		put_words(to, o->argument);
		(void)fputc(')', to);
	} else if (is_file(o)) {
		(void)fprintf(to, ":%s:_files", o->name);
	} else if (o->argument != NULL) {
		(void)fprintf(to, ":%s: ", o->name);
	}
	(void)fputs("' \\\n", to);
}

static void zsh(FILE *to)
{
	(void)fputs("#compdef cio\n"
		"_cio() {\n"
		"\tif (( CURRENT == 2 )); then\n"
		"\t\t_values command fetch completion doctor help version\n"
		"\t\treturn\n\tfi\n"
		"\tif [[ $words[2] == completion ]]; then\n"
		"\t\t_values shell bash zsh fish\n\t\treturn\n\tfi\n"
		"\t[[ $words[2] == fetch ]] || return\n"
		"\tshift words; (( CURRENT-- ))\n"
		"\t_arguments -s \\\n", to);
	for (int i = 0; i < fetch_table_size; i++)
		if (fetch_table[i].kind != OPTION_TITLE)
			zsh_option(to, &fetch_table[i]);
	(void)fputs("\t\t'--help[the options]' '*:URL: '\n}\n_cio \"$@\"\n", to);
}

/* ---- fish ---- */

static void fish(FILE *to)
{
	(void)fputs("complete -c cio -f\n"
		"complete -c cio -n __fish_use_subcommand "
		"-a 'fetch completion doctor help version'\n"
		"complete -c cio -n '__fish_seen_subcommand_from completion' "
		"-a 'bash zsh fish'\n", to);
	for (int i = 0; i < fetch_table_size; i++) {
		const struct option *o = &fetch_table[i];
		if (o->kind == OPTION_TITLE)
			continue;
		(void)fputs("complete -c cio -n '__fish_seen_subcommand_from fetch'",
			to);
		if (o->letter != 0)
			(void)fprintf(to, " -s %c", o->letter);
		(void)fprintf(to, " -l %s", o->name);
		if (is_file(o)) {
			(void)fputs(" -r -F", to);
		} else if (is_choice(o)) {
			(void)fputs(" -x -a '", to);
			put_words(to, o->argument);
			(void)fputc('\'', to);
		} else if (o->argument != NULL) {
			(void)fputs(" -x", to);
		}
		(void)fputs(" -d '", to);
		put_short(to, o->help);
		(void)fputs("'\n", to);
	}
}

int fetch_completion(FILE *to, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		bash(to);
	else if (strcmp(shell, "zsh") == 0)
		zsh(to);
	else if (strcmp(shell, "fish") == 0)
		fish(to);
	else
		return -1;
	return 0;
}
