/* SPDX-License-Identifier: MIT */
/*
 * option_name.c - what an option is called in a text for people
 */
#include "base/option_name.h"

#include <stdio.h>

const char *(*cio__option_names)(const char *ours);

const char *cio__option_name(const char *ours)
{
	const char *theirs = ours;
	if (cio__option_names != NULL)
		theirs = cio__option_names(ours);
	return theirs != NULL ? theirs : "";
}

const char *cio__option_hint(char room[OPTION_HINT], const char *ours)
{
	const char *name = cio__option_name(ours);
	room[0] = '\0';
	if (name[0] != '\0')
		(void)snprintf(room, OPTION_HINT, " (%s)", name);
	return room;
}
