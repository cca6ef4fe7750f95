/* SPDX-License-Identifier: MIT */
/* drivers: uring */
/*
 * requests.c - rule R-03 inside the uring driver: what the kernel is told
 *
 * The driver names its requests to the kernel by slot and generation. This
 * program has the driver's source in it, instead of the library's copy, so that
 * it can see and set these.
 */
#include "driver/uring.c"

#include "rules/rules.h"

static struct uring *driver(void)
{
	return (struct uring *)(void *)cio__current_driver();
}

struct reader {
	cio_op op;
	char byte;
	int result;
};

static int reads(struct reader *const *p)
{
	struct reader *r = *p;
	r->op = (cio_op){.kind = CIO_OP_RECV, .fd = r->op.fd, .buf = &r->byte,
		.len = 1};
	r->result = cio_perform(&r->op);
	return 0;
}

/* A task that waits for a byte, and the name of its request. */
static cio_task *start(struct reader *r, uint64_t *name)
{
	struct reader *p = r;
	*r = (struct reader){.op.fd = r->op.fd, .byte = '-'};
	cio_task *t = cio_spawn(reads, &p);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_sleep(CIO_US(1)), 0); /* now the kernel knows it */
	*name = name_of(driver(), wait_of(&r->op)->slot);
	return t;
}

/* What an older request of the slot has left comes only now: its completion,
 * and a cancel of it. */
static void come_late(uint64_t name)
{
	complete(driver(), name, 1, 0);
	complete(driver(), name, -ECANCELED, 0);
	struct io_uring_sqe *e = cio__uring_entry(driver());
	if (!CHECK(e != NULL))
		return;
	io_uring_prep_cancel64(e, name, 0);
	io_uring_sqe_set_data64(e, CANCEL_REQUEST);
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_sleep(CIO_US(1)), 0);
}

RULE(r_03_a_late_request_finds_nothing_even_when_generations_wrap)
{
	struct reader r = {.result = 0};
	uint64_t names[4];
	int theirs;
	if (!open_pair(&r.op.fd, &theirs))
		return -EIO;
	for (int i = 0; i < 4; i++) { /* the first one makes the slots */
		if (i == 1) /* as if it had been used as often as that */
			driver()->requests[driver()->free].generation =
				UINT32_MAX;
		cio_task *t = start(&r, &names[i]);
		CHECK_INT((uint32_t)names[i], (uint32_t)names[0]);
		for (int old = 1; old < i; old++)
			come_late(names[old]);
		CHECK(!cio_task_done(t));
		char byte = (char)('a' + i);
		CHECK_INT(write(theirs, &byte, 1), 1);
		CHECK_INT(cio_await(t), 0);
		CHECK_INT(r.result, 1);
		CHECK_INT(r.byte, byte);
	}
	CHECK_INT(names[1] >> 32, UINT32_MAX);
	CHECK_INT(names[2] >> 32, 0);
	CHECK_INT(names[3] >> 32, 1);
	close_handle(r.op.fd);
	close(theirs);
	return 0;
}

/* Its own cancel still finds it. */
RULE(r_03_a_request_of_generation_0_can_be_cancelled)
{
	struct reader r = {.result = 0};
	uint64_t name;
	int theirs;
	if (!open_pair(&r.op.fd, &theirs))
		return -EIO;
	cio_task *t = start(&r, &name); /* now there are slots */
	CHECK_INT(write(theirs, "a", 1), 1);
	CHECK_INT(cio_await(t), 0);
	driver()->requests[driver()->free].generation = 0;
	t = start(&r, &name);
	CHECK_INT(name >> 32, 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(r.result, -ECANCELED);
	CHECK_INT(write(theirs, "b", 1), 1); /* nobody reads it any more */
	CHECK_INT(r.byte, '-');
	close_handle(r.op.fd);
	close(theirs);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r_03_a_late_request_finds_nothing_even_when_generations_wrap),
		cmocka_unit_test(r_03_a_request_of_generation_0_can_be_cancelled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
