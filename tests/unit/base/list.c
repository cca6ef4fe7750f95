/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* list.c - order, lazy heads, and that removing twice is harmless */
#include "check.h"

#include "base/list.h"

struct item {
	int value;
	cio_link link;
};

static int pop(cio_link *head)
{
	cio_link *link = list_pop(head);
	return link == NULL ? -1 : container_of(link, struct item, link)->value;
}

static void keeps_the_order_of_pushing(void **state)
{
	(void)state;
	cio_link head = {NULL, NULL};
	struct item a = {.value = 1}, b = {.value = 2}, c = {.value = 3};
	list_push(&head, &a.link);
	list_push(&head, &b.link);
	list_push(&head, &c.link);
	assert_ptr_equal(list_first(&head), &a.link);
	assert_int_equal(pop(&head), 1);
	assert_int_equal(pop(&head), 2);
	assert_int_equal(pop(&head), 3);
	assert_int_equal(pop(&head), -1);
	assert_true(list_empty(&head));
}

static void zeroed_and_initialised_heads_are_empty(void **state)
{
	(void)state;
	cio_link zero = {NULL, NULL}, head;
	list_init(&head);
	assert_true(list_empty(&zero));
	assert_true(list_empty(&head));
	assert_null(list_pop(&zero));
	assert_null(list_first(&head));
}

static void a_link_knows_whether_it_is_in_a_list(void **state)
{
	(void)state;
	cio_link head = {NULL, NULL};
	struct item a = {.value = 1};
	assert_false(list_in(&a.link));
	list_push(&head, &a.link);
	assert_true(list_in(&a.link));
	assert_int_equal(pop(&head), 1);
	assert_false(list_in(&a.link));
}

static void removes_from_anywhere_and_twice(void **state)
{
	(void)state;
	cio_link head = {NULL, NULL};
	struct item a = {.value = 1}, b = {.value = 2}, c = {.value = 3};
	list_push(&head, &a.link);
	list_push(&head, &b.link);
	list_push(&head, &c.link);
	list_remove(&b.link);
	list_remove(&b.link);
	assert_int_equal(pop(&head), 1);
	assert_int_equal(pop(&head), 3);
	list_remove(&c.link);
	list_push(&head, &b.link);
	assert_int_equal(pop(&head), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order_of_pushing),
		cmocka_unit_test(zeroed_and_initialised_heads_are_empty),
		cmocka_unit_test(a_link_knows_whether_it_is_in_a_list),
		cmocka_unit_test(removes_from_anywhere_and_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
