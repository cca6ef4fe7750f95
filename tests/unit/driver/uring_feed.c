/* SPDX-License-Identifier: MIT */
/* drivers: uring */
/*
 * uring_feed.c - when the driver receives ahead, and how much; with a look inside
 *
 * That nothing is lost by it is tested in unit/io/ahead.c, on every driver.
 */
#include "check.h"

#include <poll.h>
#include <sys/socket.h>

#include "driver/uring.h"
#include "unit/io/in_step.h"

static struct uring *driver(void)
{
	return (struct uring *)(void *)cio__current_driver();
}

/* The handle that is fed, NULL: there is not just one. */
static struct handle *fed_handle(void)
{
	struct handles *t = &driver()->k.handles;
	struct handle *found = NULL;
	for (size_t i = 0; i < t->room; i++) {
		if (!(t->items[i].flags & HANDLE_FED))
			continue;
		if (found != NULL)
			return NULL;
		found = &t->items[i];
	}
	return found;
}

static bool kernel_can;

/* A pair in step, and what was done to b's handle then. */
static int with_feed(int (*fn)(const struct pair *p, size_t *at))
{
	struct pair p;
	size_t at = 0;
	int err = pair_open(&p);
	kernel_can = driver()->feeds;
	if (err == 0)
		err = keep_up(&p, &at);
	if (err == 0 && kernel_can && CHECK(fed_handle() != NULL))
		err = fn(&p, &at);
	pair_close(&p);
	return err;
}

#define TEST(name) \
	static int name##_main(void *arg) \
	{ \
		(void)arg; \
		return with_feed(name##_body); \
	} \
	static void name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(run_closing(name##_main, NULL), 0); \
		if (!kernel_can) \
			check_skip("this kernel receives nothing ahead"); \
	}

static int goes_on_body(const struct pair *p, size_t *at)
{
	int err = keep_up(p, at);
	struct handle *h = fed_handle();
	if (CHECK(h != NULL)) {
		CHECK_INT(h->feed.state, FEED_FLYING);
		CHECK_INT(h->feed.unread, 0);
	}
	return err;
}
TEST(goes_on)

/* Two buffers at most; the rest waits in the kernel, for the same reader. */
static int two_unread_body(const struct pair *p, size_t *at)
{
	struct handle *h = fed_handle();
	int err = 0;
	for (int i = 0; i < 6 && err == 0; i++) {
		err = send_bytes(p->a, *at + (size_t)i * 64, 64);
		if (err == 0)
			err = cio_sleep(CIO_MS(5));
		CHECK(h->feed.unread <= 2);
	}
	CHECK_INT(h->feed.unread, 2);
	CHECK_INT(h->feed.state, FEED_NONE);
	char got[6 * 64];
	if (err == 0)
		err = cio_stream_read_exactly(p->b, got, sizeof got, NULL);
	check_bytes(got, *at, sizeof got);
	*at += sizeof got;
	CHECK(!(h->flags & HANDLE_FED));
	if (err == 0)
		err = keep_up(p, at);
	CHECK_INT(h->feed.state, FEED_FLYING); /* it keeps up again */
	return err;
}
TEST(two_unread)

/* Completions that nobody has taken yet hold older bytes than the socket does. */
static int not_yet_taken_body(const struct pair *p, size_t *at)
{
	int err = send_bytes(p->a, *at, 64);
	if (err < 0)
		return err;
	while (io_uring_cq_ready(&driver()->ring) == 0)
		CHECK(io_uring_get_events(&driver()->ring) >= 0);
	CHECK(!cio_stream_reusable(p->b));
	err = send_bytes(p->a, *at + 64, 64);
	char got[2 * 64];
	CHECK_INT(cio_stream_try_fill(p->b), 64);
	if (err == 0)
		err = cio_stream_read_exactly(p->b, got, sizeof got, NULL);
	check_bytes(got, *at, sizeof got);
	*at += sizeof got;
	return err == 0 ? keep_up(p, at) : err;
}
TEST(not_yet_taken)

/* Whoever is closed with bytes unread gives the buffers back. */
static int closed_unread(void *arg)
{
	(void)arg;
	int err = 0;
	for (int i = 0; i <= RING_BUFFERS && err == 0; i++) {
		struct pair p;
		size_t at = 0;
		err = pair_open(&p);
		if (err < 0)
			break;
		kernel_can = driver()->feeds;
		err = keep_up(&p, &at);
		if (kernel_can)
			CHECK(fed_handle() != NULL);
		if (err == 0)
			err = send_bytes(p.a, at, 64);
		if (err == 0)
			err = cio_sleep(CIO_US(100));
		pair_close(&p);
	}
	return err;
}

static void unread_at_close(void **state)
{
	(void)state;
	assert_int_equal(run_closing(closed_unread, NULL), 0);
	if (!kernel_can)
		check_skip("this kernel receives nothing ahead");
}

/* Who sends much is read by calls of its reader's again. */
static int full_buffer_body(const struct pair *p, size_t *at)
{
	struct handle *h = fed_handle();
	int err = send_bytes(p->a, *at, 3 * CIO_POOLED_SIZE);
	if (err == 0)
		err = cio_sleep(CIO_MS(20));
	CHECK_INT(h->feed.state, FEED_NONE);
	char *got = malloc(3 * CIO_POOLED_SIZE);
	if (err == 0)
		err = cio_stream_read_exactly(p->b, got, 3 * CIO_POOLED_SIZE,
			NULL);
	if (err == 0)
		check_bytes(got, *at, 3 * CIO_POOLED_SIZE);
	free(got);
	return err;
}
TEST(full_buffer)

static int others_are_refused_body(const struct pair *p, size_t *at)
{
	(void)p;
	(void)at;
	const struct handle *h = fed_handle();
	cio_fd fd = {.slot = (uint32_t)h->fd, .generation = h->generation};
	char buf[8];
	CHECK_INT(cio_perform(&(cio_op){.kind = CIO_OP_POLL, .fd = fd,
		.off = POLLIN}), -EBUSY);
	CHECK_INT(cio_perform(&(cio_op){.kind = CIO_OP_READ, .fd = fd,
		.buf = buf, .len = sizeof buf, .off = -1}), -EBUSY);
	return 0;
}
TEST(others_are_refused)

/* Pooled ones of every kind: a look, a few bytes, all there are. */
static int pooled_kinds_body(const struct pair *p, size_t *at)
{
	static const struct {
		size_t len, got;
		int flags;
	} kinds[] = {
		{0, 64, MSG_PEEK}, {10, 10, MSG_PEEK | MSG_DONTWAIT}, {10, 10, 0},
		{0, 54, MSG_PEEK}, {20, 20, MSG_DONTWAIT}, {0, 34, MSG_DONTWAIT},
	};
	const struct handle *h = fed_handle();
	cio_fd fd = {.slot = (uint32_t)h->fd, .generation = h->generation};
	int err = send_bytes(p->a, *at, 64);
	if (err == 0)
		err = cio_sleep(CIO_MS(5));
	CHECK_INT(h->feed.unread, 1);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		cio_op op = {.kind = CIO_OP_RECV, .flags = CIO_OP_POOLED,
			.fd = fd, .len = kinds[i].len, .off = kinds[i].flags};
		if (!CHECK_INT(cio_perform_settled(&op), kinds[i].got))
			break;
		check_bytes(op.buf, *at, kinds[i].got);
		cio_op_give(op.buf);
		*at += kinds[i].flags & MSG_PEEK ? 0 : kinds[i].got;
	}
	return err == 0 ? keep_up(p, at) : err;
}
TEST(pooled_kinds)

/* The queue had no room for the cancel: a later turn asks. */
static int asked_later_body(const struct pair *p, size_t *at)
{
	struct handle *h = fed_handle();
	h->feed.state = FEED_UNASKED;
	driver()->unasked++;
	int err = cio_sleep(CIO_MS(20));
	CHECK_INT(h->feed.state, FEED_NONE);
	CHECK_INT(driver()->unasked, 0);
	if (err == 0)
		err = keep_up(p, at);
	return err;
}
TEST(asked_later)

/* And no turn waits for events until it could. */
static int asked_soon_body(const struct pair *p, size_t *at)
{
	driver()->unasked++;
	CHECK(driver_uring.turn(&driver()->k.base, CIO_NEVER) >= 0);
	driver()->unasked--;
	return keep_up(p, at);
}
TEST(asked_soon)

/* A kernel that cannot says so by an error: from then on receives are single. */
static int cannot_body(const struct pair *p, size_t *at)
{
	struct handle *h = fed_handle();
	char got[2 * 64];
	int err = 0;
	for (int i = 0; i < 2 && err == 0; i++) {
		err = send_bytes(p->a, *at + (size_t)i * 64, 64);
		if (err == 0)
			err = cio_sleep(CIO_MS(5));
	}
	if (err == 0)
		err = cio_stream_read_exactly(p->b, got, sizeof got, NULL);
	*at += sizeof got;
	CHECK_INT(h->feed.state, FEED_NONE); /* two unread ended it */
	cio__feed_came(driver(), (uint32_t)h->fd, -EINVAL, 0);
	CHECK(!driver()->feeds);
	if (err == 0)
		err = keep_up(p, at);
	CHECK(fed_handle() == NULL);
	return err;
}
TEST(cannot)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on),
		cmocka_unit_test(two_unread),
		cmocka_unit_test(not_yet_taken),
		cmocka_unit_test(unread_at_close),
		cmocka_unit_test(full_buffer),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(pooled_kinds),
		cmocka_unit_test(asked_later),
		cmocka_unit_test(asked_soon),
		cmocka_unit_test(cannot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
