/* SPDX-License-Identifier: MIT */
/*
 * store.c - SQLite, off the loop
 *
 * SQLite blocks, so each call runs in a thread, and one connection with one
 * prepared statement is used by one thread at a time: an executor of one thread
 * is the queue before it.
 */
#include "store.h"

#include <cio.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

struct store {
	cio_executor *thread;
	sqlite3 *db;
	sqlite3_stmt *find;
};

static const char fill[] =
	"create table product(id integer primary key, name text, cents integer);"
	"with recursive n(i) as (select 1 union all select i + 1 from n "
	"where i < 1000) insert into product "
	"select i, 'product ' || i, 100 + i * 7919 % 9900 from n;";

static int open_db(void *arg)
{
	struct store *s = arg;
	if (sqlite3_open(":memory:", &s->db) != SQLITE_OK ||
		sqlite3_exec(s->db, fill, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(s->db,
			"select name, cents from product where id = ?", -1,
			&s->find, NULL) != SQLITE_OK)
		return cio_fail(-EIO, "sqlite: %s", sqlite3_errmsg(s->db));
	return 0;
}

int store_open(struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	*out = s;
	int err = cio_executor_open(&s->thread,
		&(cio_executor_options){.name = "sqlite", .threads = 1});
	return err < 0 ? err : cio_executor_run(s->thread, open_db, s);
}

struct query {
	struct store *store;
	struct product *product;
};

static int find(void *arg)
{
	const struct query *q = arg;
	sqlite3_stmt *st = q->store->find;
	int err = -ENOENT;

	sqlite3_bind_int64(st, 1, q->product->id);
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW) {
		snprintf(q->product->name, sizeof q->product->name, "%s",
			(const char *)sqlite3_column_text(st, 0));
		q->product->cents = sqlite3_column_int(st, 1);
		err = 0;
	} else if (step != SQLITE_DONE) {
		err = cio_fail(-EIO, "sqlite: %s", sqlite3_errmsg(q->store->db));
	}
	sqlite3_reset(st);
	return err;
}

int store_find(struct store *s, struct product *p)
{
	return cio_executor_run(s->thread, find, &(struct query){s, p});
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	cio_executor_close(s->thread);
	sqlite3_finalize(s->find);
	sqlite3_close(s->db);
	free(s);
}
