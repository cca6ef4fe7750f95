/* SPDX-License-Identifier: MIT */
/*
 * store.h - the products of the price service, in SQLite
 */
#ifndef PRICES_STORE_H
#define PRICES_STORE_H

#include <stdint.h>

enum { PRODUCTS = 1000 };

struct store;

struct product {
	int64_t id; /* in: which */
	char name[64];
	int cents;
};

/* Open a database in memory and fill it. 0 or -errno with an error text. Yields. */
int store_open(struct store **out);

/* Find a product by its id: 0, -ENOENT, or -EIO. Yields. */
int store_find(struct store *s, struct product *p);

/* Close and free; NULL is ignored. No store_find may be under way. */
void store_close(struct store *s);

#endif
