/* SPDX-License-Identifier: MIT */
/*
 * option_name.h - what an option is called in a text for people
 *
 * A program whose users give our options under other names says here which:
 * `cio fetch` has --cacert for `ca_file`. Set before the first loop runs.
 */
#ifndef CIO_BASE_OPTION_NAME_H
#define CIO_BASE_OPTION_NAME_H

#include <cio/base.h>

/* The users' name of `ours`; NULL: they have no such option. NULL itself: they
 * are C programmers, and names are ours. */
extern const char *(*cio__option_names)(const char *ours);

/* As above, "" instead of NULL. */
const char *cio__option_name(const char *ours);

/* " (ca_file)", to end a text with; "" if users have no such option. */
enum { OPTION_HINT = 48 };
const char *cio__option_hint(char room[OPTION_HINT], const char *ours);

#endif
