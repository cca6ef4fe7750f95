/* SPDX-License-Identifier: MIT */
/*
 * fetch_sqlite.h - what of SQLite is not a form of output
 */
#ifndef CMD_FETCH_SQLITE_H
#define CMD_FETCH_SQLITE_H

#include "fetch.h"

/* The rows of the last run: as fetch_rows_read. */
int fetch_sqlite_read(struct fetch_rows_job *job);
/* NULL: it is not built in. */
const char *fetch_sqlite_version(void);

#endif
