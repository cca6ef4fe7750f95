/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * pool.c - limits, order, reuse, and that no place and no item is ever lost
 */
#include <cio/pool.h>

#include <cio/group.h>
#include <cio/impl.h>

#include "base/random.h"
#include "things.h"

/* ---- reuse ---- */

static int last_used_first(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){0});
	cio_lease a, b, c;
	CHECK_INT(take(p, "k", &a), 0);
	CHECK_INT(take(p, "k", &b), 0);
	CHECK(!a.reused && !b.reused && a.item != b.item);
	void *last = b.item;
	give(p, &a, true);
	give(p, &b, true);
	CHECK(a.item == NULL && b.holder == NULL);

	CHECK_INT(take(p, "k", &c), 0);
	CHECK(c.reused && c.item == last);
	CHECK_INT(take(p, "other", &a), 0);
	CHECK(!a.reused);
	cio_pool_figures f = cio_pool_get_figures(p);
	CHECK_INT(f.in_use, 2);
	CHECK_INT(f.idle, 1);
	CHECK_INT(f.opened, 3);
	CHECK_INT(f.reused, 1);
	give(p, &a, false);
	give(p, &a, false); /* a zeroed lease is ignored */
	give(p, &c, true);
	CHECK_INT(cio_pool_close(p), 0);
	CHECK_INT(things_open, 0);
	return 0;
}

static int dead_ones_are_found(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){0});
	cio_lease l[3];
	for (int i = 0; i < 3; i++)
		CHECK_INT(take(p, "k", &l[i]), 0);
	void *good = l[0].item;
	for (int i = 0; i < 3; i++) {
		((struct thing *)l[i].item)->dead = i > 0;
		give(p, &l[i], true);
	}
	CHECK_INT(take(p, "k", &l[0]), 0);
	CHECK(l[0].reused && l[0].item == good);
	CHECK_INT(cio_pool_get_figures(p).failed_check, 2);
	CHECK_INT(things_open, 1);
	give(p, &l[0], true);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int new_means_new(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit_per_key = 1});
	cio_lease l;
	CHECK_INT(take(p, "k", &l), 0);
	give(p, &l, true);
	CHECK_INT(cio_pool_acquire_new(p, cio_str_of("k"), NULL, &l), 0);
	CHECK(!l.reused);
	CHECK_INT(things_open, 1); /* the idle one had to go: one a key */
	cio_pool_release(p, &l, true);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int leases_keep_it_open(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){0});
	cio_lease l;
	CHECK_INT(take(p, "k", &l), 0);
	CHECK_INT(cio_pool_close(p), -EBUSY);
	give(p, &l, true);
	CHECK_INT(cio_pool_close(p), 0);
	CHECK_INT(cio_pool_close(NULL), 0);
	return 0;
}

/* ---- who is next ---- */

static char order[64];
static size_t order_n;

struct user {
	cio_pool *p;
	const char *key;
	char id;
	cio_lease
		*keep; /* the lease stays here; NULL: given back after a turn */
};

static int use(const struct user *u)
{
	cio_lease l = {0};
	int err = take(u->p, u->key, &l);
	if (err < 0)
		return err;
	order[order_n++] = u->id;
	order[order_n] = '\0';
	if (u->keep != NULL) {
		*u->keep = l;
		return 0;
	}
	err = cio_yield();
	give(u->p, &l, true);
	return err;
}

static void turns(int n)
{
	for (int i = 0; i < n; i++)
		CHECK_INT(cio_yield(), 0);
}

static int first_come_first_served(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	order_n = 0;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 8; i++)
			cio_group_spawn(&g, use,
				&(struct user){.p = p,
					.key = i % 3 == 0 ? "x" : "y",
					.id = (char)('a' + i)});
	}
	CHECK_INT(err, 0);
	CHECK(strcmp(order, "abcdefgh") == 0);
	CHECK_INT(most_open, 1);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* A waiter whose key is full does not block those behind it; once it may go, it
 * goes before them. */
static int full_keys_are_passed_over(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool(
		(cio_pool_options){.limit = 2, .limit_per_key = 1});
	cio_lease a, b, kept[5] = {{0}};
	const char *keys = "aabcb";
	order_n = 0;
	CHECK_INT(take(p, "a", &a), 0);
	CHECK_INT(take(p, "b", &b), 0);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 5; i++) {
			char key[2] = {keys[i], '\0'};
			cio_group_spawn(&g, use,
				&(struct user){.p = p,
					.key = key[0] == 'a'  ? "a" :
						key[0] == 'b' ? "b" :
								"c",
					.id = (char)('1' + i),
					.keep = &kept[i]});
		}
		turns(1);
		CHECK_INT(cio_pool_get_figures(p).waiting, 5);
		give(p, &b, true); /* 1 and 2 want a, which is full: 3 */
		turns(1);
		CHECK(strcmp(order, "3") == 0);
		give(p, &kept[2], true); /* again: 4 wants c */
		turns(1);
		CHECK(strcmp(order, "34") == 0);
		give(p, &a, true);
		turns(1);
		CHECK(strcmp(order, "341") == 0);
		give(p, &kept[3], true); /* 2 has to wait for 1: 5 */
		turns(1);
		CHECK(strcmp(order, "3415") == 0);
		give(p, &kept[4], true);
		turns(1);
		CHECK(strcmp(order, "3415") == 0);
		give(p, &kept[0], true);
		turns(1);
		CHECK(strcmp(order, "34152") == 0);
		give(p, &kept[1], true);
	}
	CHECK_INT(err, 0);
	CHECK(most_open <= 2);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int handed_over_with_its_item(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	cio_lease l, kept = {0};
	order_n = 0;
	CHECK_INT(take(p, "k", &l), 0);
	void *item = l.item;
	cio_task *t = cio_spawn(use,
		&(struct user){.p = p, .key = "k", .id = 'a', .keep = &kept});
	turns(1);
	give(p, &l, true);
	cio_pool_figures f = cio_pool_get_figures(p);
	CHECK_INT(f.in_use, 1);
	CHECK_INT(f.idle, 0);
	CHECK_INT(f.waiting, 0);
	CHECK_INT(cio_await(t), 0);
	CHECK(kept.reused && kept.item == item);

	/* dead when it is handed over: a new one in the same place */
	t = cio_spawn(use, &(struct user){.p = p, .key = "k", .id = 'b'});
	turns(1);
	((struct thing *)item)->dead = true;
	give(p, &kept, true);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(things_made, 2);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int a_failed_open_gives_its_place_on(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	cio_lease l;
	order_n = 0;
	CHECK_INT(take(p, "k", &l), 0);
	cio_task *a = cio_spawn(use,
		&(struct user){.p = p, .key = "k", .id = 'a'});
	cio_task *b = cio_spawn(use,
		&(struct user){.p = p, .key = "k", .id = 'b'});
	turns(1);
	fail_opens = 1;
	give(p, &l, false);
	CHECK_INT(cio_await(a), -ECONNREFUSED);
	CHECK_INT(cio_await(b), 0);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

/* ---- limits of time, cancels ---- */

static int places_are_waited_for_in_vain(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool(
		(cio_pool_options){.limit = 1, .acquire_timeout = CIO_MS(20)});
	cio_lease l, m;
	CHECK_INT(take(p, "k", &l), 0);
	CHECK_INT(take(p, "k", &m), -ETIMEDOUT);
	CHECK_INT(cio_refused(), 0);
	CHECK_INT(cio_pool_get_figures(p).waiting, 0);
	CHECK(cio_pool_get_figures(p).waited >= CIO_MS(20));

	int err = 0;
	CIO_TIMEOUT (CIO_MS(5), &err) {
		err = take(p, "k", &m);
		CHECK_INT(err, -ECANCELED); /* not the pool's limit */
		CHECK_INT(cio_refused(), -ETIMEDOUT); /* but ours */
	}
	CHECK_INT(err, -ETIMEDOUT);
	give(p, &l, true);
	CHECK_INT(take(p, "k", &l), 0);
	give(p, &l, true);
	CIO_TIMEOUT (0, &err) {
		err = take(p, "k", &l); /* refused although one is free */
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int handed_then_cancelled(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit = 1});
	cio_lease l, kept = {0};
	order_n = 0;
	CHECK_INT(take(p, "k", &l), 0);
	cio_task *t = cio_spawn(use,
		&(struct user){.p = p, .key = "k", .id = 'a', .keep = &kept});
	turns(1);
	give(p, &l, true);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 0);
	CHECK(kept.item != NULL);
	give(p, &kept, true);

	/* a bare place: the open is refused, and the place goes on */
	open_time = CIO_MS(1);
	CHECK_INT(take(p, "k", &l), 0);
	t = cio_spawn(use, &(struct user){.p = p, .key = "k", .id = 'b'});
	cio_task *next = cio_spawn(use,
		&(struct user){.p = p, .key = "k", .id = 'c'});
	turns(1);
	give(p, &l, false);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(cio_await(next), 0);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static int cancelled_then_released(void *arg)
{
	(void)arg;
	for (uint32_t per_key = 0; per_key < 2; per_key++) {
		cio_pool *p = things_pool((cio_pool_options){.limit = 1,
			.limit_per_key = per_key});
		cio_lease l;
		order_n = 0;
		CHECK_INT(take(p, "k", &l), 0);
		cio_task *a = cio_spawn(use,
			&(struct user){.p = p, .key = "k", .id = 'a'});
		cio_task *b = cio_spawn(use,
			&(struct user){.p = p, .key = "k", .id = 'b'});
		turns(1);
		cio_task_cancel(a, "test");
		give(p, &l, true);
		CHECK_INT(cio_await(a), -ECANCELED);
		CHECK_INT(cio_await(b), 0);
		CHECK(strcmp(order, "b") == 0);
		CHECK_INT(cio_pool_close(p), 0);
	}
	return 0;
}

/* ---- a crowd ---- */

struct crowd {
	cio_pool *p;
	struct random random;
	int in_use, of_key[4], most, done;
};

struct member {
	struct crowd *c;
	int key;
};

static int belong(const struct member *m)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct crowd *c = m->c;
	cio_lease l;
	int err = take(c->p, names[m->key], &l);
	if (err < 0)
		return err;
	c->in_use++;
	c->of_key[m->key]++;
	CHECK(c->in_use <= 7 && c->of_key[m->key] <= 3);
	if (c->in_use > c->most)
		c->most = c->in_use;
	for (uint64_t n = cio__random_below(&c->random, 4); n > 0 && err == 0;
		n--)
		err = cio_yield();
	c->in_use--;
	c->of_key[m->key]--;
	c->done += err == 0;
	((struct thing *)l.item)->dead = cio__random_below(&c->random, 9) == 0;
	give(c->p, &l, cio__random_below(&c->random, 5) > 0);
	return err;
}

static int limits_hold(void *arg)
{
	(void)arg;
	struct crowd c = {.random = {7}};
	c.p = things_pool((cio_pool_options){.limit = 7, .limit_per_key = 3});
	open_time = 0;
	cio_task *t[400];
	for (int i = 0; i < 400; i++)
		t[i] = cio_spawn(belong,
			&(struct member){&c,
				(int)cio__random_below(&c.random, 4)});
	for (int turn = 0; turn < 100; turn++) {
		turns(1);
		cio_task_cancel(t[cio__random_below(&c.random, 400)], "test");
	}
	int cancelled = 0;
	for (int i = 0; i < 400; i++) {
		int err = cio_await(t[i]);
		CHECK(err == 0 || err == -ECANCELED);
		cancelled += err < 0;
	}
	CHECK_INT(c.most, 7);
	CHECK_INT(c.done + cancelled, 400);
	CHECK(cancelled > 10);
	CHECK(most_open <= 7);
	CHECK_INT(cio_pool_get_figures(c.p).in_use, 0);
	CHECK_INT(cio_pool_get_figures(c.p).waiting, 0);
	CHECK_INT(cio_pool_close(c.p), 0);
	CHECK_INT(things_open, 0);
	return 0;
}

/* ---- everywhere ---- */

static int scenario(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit = 2,
		.limit_per_key = 1,
		.acquire_timeout = CIO_S(5)});
	if (p == NULL)
		return -ENOMEM;
	open_time = 0;
	int err = 0;
	order_n = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 6 && err == 0; i++)
			err = cio_group_spawn(&g, use,
				&(struct user){.p = p,
					.key = i % 2 == 0 ? "x" : "y",
					.id = (char)('a' + i)});
		if (err == 0)
			err = use(
				&(struct user){.p = p, .key = "z", .id = 'z'});
	}
	CHECK_INT(cio_pool_close(p), 0);
	CHECK_INT(things_open, 0);
	return err;
}

/* Those who wait when the limit comes keep their turns, under the limit. */
static int limit_per_key_comes_later(void *arg)
{
	(void)arg;
	cio_pool *p = things_pool((cio_pool_options){.limit = 4});
	cio_lease held[4] = {{0}}, kept[3] = {{0}};
	for (int i = 0; i < 4; i++)
		CHECK_INT(take(p, "x", &held[i]), 0);
	order_n = 0;
	int err = 0;
	CIO_GROUP (g, &err) {
		const char *keys[] = {"x", "x", "y"};
		for (int i = 0; i < 3; i++)
			cio_group_spawn(&g, use,
				&(struct user){.p = p,
					.key = keys[i],
					.id = (char)('a' + i),
					.keep = &kept[i]});
		turns(2);
		CHECK_INT(cio_pool_get_figures(p).waiting, 3);
		cio_pool_set_limit_per_key(p, 2);
		give(p, &held[0], true); /* three of x are out: y's turn */
		turns(2);
		CHECK(strcmp(order, "c") == 0);
		give(p, &held[1], true); /* two are out: still none for x */
		turns(2);
		CHECK(strcmp(order, "c") == 0);
		give(p, &held[2], true);
		turns(2);
		CHECK(strcmp(order, "ca") == 0);
		give(p, &held[3], true);
	}
	CHECK_INT(err, 0);
	CHECK(strcmp(order, "cab") == 0);
	for (int i = 0; i < 3; i++)
		give(p, &kept[i], false);
	CHECK_INT(cio_pool_close(p), 0);
	return 0;
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(scenario, NULL, "pool");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(scenario, NULL, "pool");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(last_used_first)
RUNS(dead_ones_are_found)
RUNS(new_means_new)
RUNS(leases_keep_it_open)
RUNS(first_come_first_served)
RUNS(full_keys_are_passed_over)
RUNS(handed_over_with_its_item)
RUNS(a_failed_open_gives_its_place_on)
RUNS(places_are_waited_for_in_vain)
RUNS(handed_then_cancelled)
RUNS(cancelled_then_released)
RUNS(limits_hold)
RUNS(limit_per_key_comes_later)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_last_used_first),
		cmocka_unit_test(run_dead_ones_are_found),
		cmocka_unit_test(run_new_means_new),
		cmocka_unit_test(run_leases_keep_it_open),
		cmocka_unit_test(run_first_come_first_served),
		cmocka_unit_test(run_full_keys_are_passed_over),
		cmocka_unit_test(run_handed_over_with_its_item),
		cmocka_unit_test(run_a_failed_open_gives_its_place_on),
		cmocka_unit_test(run_places_are_waited_for_in_vain),
		cmocka_unit_test(run_handed_then_cancelled),
		cmocka_unit_test(run_cancelled_then_released),
		cmocka_unit_test(run_limits_hold),
		cmocka_unit_test(run_limit_per_key_comes_later),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
