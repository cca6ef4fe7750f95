/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * carrier.c - the common half of streams, over a carrier made here
 *
 * The carrier gives what the test has put into it, and otherwise waits to be
 * woken; so the test decides what happens in one and the same turn.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "base/list.h"

struct fake {
	cio_stream base;
	cio_link waiters;
	const char *bytes; /* to be read; NULL: wait */
	size_t n;
	int result;    /* instead of bytes, if there are none */
	size_t asked;  /* the room of the last read */
	size_t reads;
	size_t takes;  /* a write takes so many bytes; 0: waits */
	size_t closes, aborts, frees;
};

static struct fake *fake_of(cio_stream *s)
{
	return container_of(s, struct fake, base);
}

static ssize_t fake_read(cio_stream *s, void *buf, size_t n)
{
	struct fake *f = fake_of(s);
	f->reads++;
	f->asked = n;
	if (f->bytes == NULL) {
		cio_waiter w;
		int err = cio_park(&w, &f->waiters, "bytes");
		if (err < 0)
			return err;
	}
	if (f->bytes == NULL)
		return f->result;
	n = n < f->n ? n : f->n;
	memcpy(buf, f->bytes, n);
	f->bytes += n;
	f->n -= n;
	if (f->n == 0)
		f->bytes = NULL;
	return (ssize_t)n;
}

static ssize_t fake_write_some(cio_stream *s, struct iovec *iov, int count)
{
	struct fake *f = fake_of(s);
	CHECK(count > 0 && iov[0].iov_len > 0);
	if (f->takes == 0) {
		cio_waiter w;
		int err = cio_park(&w, &f->waiters, "room");
		if (err < 0 || f->takes == 0)
			return err < 0 ? err : f->result;
	}
	size_t n = iov[0].iov_len < f->takes ? iov[0].iov_len : f->takes;
	f->takes -= n;
	return (ssize_t)n;
}

static void wake(struct fake *f)
{
	cio_waiter *w = cio_first_waiter(&f->waiters);
	if (w != NULL)
		cio_unpark(w);
}

static void fake_close(cio_stream *s, bool abort)
{
	fake_of(s)->closes++;
	fake_of(s)->aborts += abort;
	wake(fake_of(s));
}

static void fake_free(cio_stream *s)
{
	struct fake *f = fake_of(s);
	f->frees++;
	memset(s, 0xee, sizeof *s); /* whoever still uses it will be seen */
}

static const cio_stream_ops fake_ops = {
	.read = fake_read,
	.write_some = fake_write_some,
	.close = fake_close,
	.free = fake_free,
};

static void open_fake(struct fake *f)
{
	*f = (struct fake){0};
	cio_stream_init(&f->base, &fake_ops);
}

static void put(struct fake *f, const char *bytes, size_t n)
{
	f->bytes = bytes;
	f->n = n;
}

/* ---- a call that has its result when the stream is closed ---- */

enum what { READ, READ_LARGE, EXACTLY, EXACTLY_LARGE, FILL, WRITE, WHATS };

struct user {
	struct fake *f;
	enum what what;
	long long *result;
};

static int use(const struct user *u)
{
	char buf[70000];
	cio_stream *s = &u->f->base;
	switch (u->what) {
	case READ:
		*u->result = cio_stream_read(s, buf, 5);
		break;
	case READ_LARGE:
		*u->result = cio_stream_read(s, buf, sizeof buf);
		break;
	case EXACTLY:
		*u->result = cio_stream_read_exactly(s, buf, 5, NULL);
		break;
	case EXACTLY_LARGE:
		*u->result = cio_stream_read_exactly(s, buf, sizeof buf, NULL);
		break;
	case FILL:
		*u->result = cio_stream_fill(s);
		break;
	default:
		*u->result = cio_stream_write(s, "hello", 5, NULL);
	}
	return 0;
}

/* `how`: what has happened to the call in the turn of the close. */
static int close_in_turn(void *arg)
{
	int *how = arg;
	for (enum what what = READ; what < WHATS; what++) {
		struct fake f;
		long long result = 1;
		open_fake(&f);
		cio_task *t = cio_spawn(use, &(struct user){&f, what, &result});
		CHECK_INT(cio_yield(), 0);
		if (*how == 0)
			put(&f, "hello", 5);
		f.takes = *how == 0 ? 5 : *how == 1 ? 2 : 0;
		f.result = *how == 2 ? -ECONNRESET : 0;
		if (*how < 3 && (*how != 1 || what == WRITE))
			wake(&f);
		cio_stream_close(&f.base);
		CHECK_INT(f.closes, 1);
		CHECK_INT(f.frees, 0); /* the task is still in there */
		CHECK_INT(cio_await(t), 0);
		CHECK_INT(result, -ECANCELED);
		CHECK_INT(f.frees, 1);
	}
	return 0;
}

static void a_closed_stream_is_dead(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		assert_int_equal(check_run(close_in_turn, &how), 0);
		assert_string_equal(check_reports(), "");
	}
}

/* ---- the buffer, for carriers that bring none ---- */

static int buffer(void *arg)
{
	(void)arg;
	struct fake f;
	char *bytes = malloc(200000), got[20000];
	for (size_t i = 0; i < 200000; i++)
		bytes[i] = (char)(i * 13 + (i >> 9));
	open_fake(&f);
	cio_stream *s = &f.base;
	CHECK_INT(cio_stream_peek(s).n, 0);
	put(&f, bytes, 200000);
	while (cio_stream_fill(s) > 0) {
		size_t n = cio_stream_peek(s).n;
		CHECK(n <= 65536);
		CHECK(memcmp(cio_stream_peek(s).p, bytes, n) == 0);
	}
	CHECK_INT(cio_stream_fill(s), -CIO_ETOOLARGE);
	CHECK_INT(cio_stream_peek(s).n, 65536);
	cio_stream_consume(s, 65000);
	CHECK_INT(cio_stream_fill(s), 65000); /* the limit, in one read */
	CHECK(memcmp(cio_stream_peek(s).p, bytes + 65000, 65536) == 0);
	/* A read of less takes from the buffer, and only from it. */
	size_t reads = f.reads;
	CHECK_INT(cio_stream_read(s, got, sizeof got), sizeof got);
	CHECK(memcmp(got, bytes + 65000, sizeof got) == 0);
	CHECK_INT(f.reads, reads);
	cio_stream_consume(s, 65536 - sizeof got);
	CHECK(s->input == NULL);
	/* With nothing in it, a large read goes past it, a small one does not. */
	CHECK_INT(cio_stream_read(s, got, sizeof got), sizeof got);
	CHECK_INT(f.asked, sizeof got);
	CHECK(s->input == NULL);
	CHECK_INT(cio_stream_read(s, got, 10), 10);
	CHECK(s->input != NULL && f.asked > 10);
	/* A lower limit counts at once. */
	cio_stream_set_limit(s, 100);
	CHECK_INT(cio_stream_fill(s), -CIO_ETOOLARGE);
	cio_stream_consume(s, cio_stream_peek(s).n - 50);
	CHECK_INT(cio_stream_fill(s), 50); /* though the buffer has more room */
	cio_stream_close(s);
	CHECK_INT(f.frees, 1);
	free(bytes);
	return 0;
}

static void buffer_moves_grows_and_goes(void **state)
{
	(void)state;
	assert_int_equal(check_run(buffer, NULL), 0);
}

/* ---- the end is remembered; errors are not ---- */

static int ended(void *arg)
{
	(void)arg;
	struct fake f;
	char c;
	open_fake(&f);
	cio_stream *s = &f.base;
	cio_task *t;
	long long result = 1;
	f.result = -ECONNRESET;
	t = cio_spawn(use, &(struct user){&f, FILL, &result});
	CHECK_INT(cio_yield(), 0);
	wake(&f);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(result, -ECONNRESET);
	CHECK(s->input == NULL);
	f.result = 0;
	t = cio_spawn(use, &(struct user){&f, FILL, &result});
	CHECK_INT(cio_yield(), 0);
	wake(&f);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(result, 0);
	CHECK_INT(f.reads, 2);
	CHECK_INT(cio_stream_read(s, &c, 1), 0);
	CHECK_INT(cio_stream_fill(s), 0);
	CHECK_INT(cio_stream_read_exactly(s, &c, 1, NULL), -CIO_EEOF);
	CHECK_INT(f.reads, 2); /* nobody asked again */
	int err = 0;
	CIO_TIMEOUT(0, &err) {
		err = (int)cio_stream_fill(s); /* refused even so */
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_stream_abort(s);
	CHECK_INT(f.aborts, 1);
	cio_stream_close(NULL);
	cio_stream_abort(NULL);
	cio_stream_drop(NULL);
	return 0;
}

static void the_end_is_remembered(void **state)
{
	(void)state;
	assert_int_equal(check_run(ended, NULL), 0);
}

/* ---- an error after part of a write ---- */

static int torn(void *arg)
{
	(void)arg;
	struct fake f;
	size_t done = 9;
	open_fake(&f);
	f.takes = 3;
	long long result = 1;
	struct iovec iov[3] = {{"ab", 2}, {NULL, 0}, {"cd", 2}};
	cio_task *t = cio_spawn(use, &(struct user){&f, WRITE, &result});
	CHECK_INT(cio_yield(), 0); /* three went out, two wait */
	f.result = -EPIPE;
	wake(&f);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(result, -EPIPE);
	CHECK(cio_stream_torn(&f.base));
	f.takes = 4;
	CHECK_INT(cio_stream_writev(&f.base, iov, 3, &done), -EPIPE);
	CHECK(strstr(cio_error_text(), "was cut in the middle") != NULL);
	CHECK_INT(done, 0);
	CHECK_INT(f.takes, 4); /* the carrier was not asked */
	CHECK_INT(cio__stream_write_on(&f.base, "efgh", 4, &done), 0);
	CHECK_INT(done, 4); /* but by who knows what was left */
	CHECK(cio_stream_torn(&f.base)); /* for good */
	cio_stream_close(&f.base);
	return 0;
}

static void a_cut_write_tears(void **state)
{
	(void)state;
	assert_int_equal(check_run(torn, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_stream_is_dead),
		cmocka_unit_test(buffer_moves_grows_and_goes),
		cmocka_unit_test(the_end_is_remembered),
		cmocka_unit_test(a_cut_write_tears),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
