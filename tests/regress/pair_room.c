/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * pair_room.c - more room than there is memory is an error
 *
 * The room of a pair of streams and its struct's size were added without a look,
 * so a huge room made a small block.
 */
#include <cio/stream.h>
#include <errno.h>
#include <string.h>

#include "check.h"

static int huge(void *arg)
{
	static const size_t rooms[] = {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX - 256,
		SIZE_MAX / 2, SIZE_MAX / 2 + 1};
	(void)arg;
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		cio_stream *a, *b;
		int err = cio_stream_pair(&a, &b, rooms[i]);
		if (!CHECK_INT(err, -ENOMEM) && err == 0) {
			cio_stream_close(a);
			cio_stream_close(b);
		}
	}
	return 0;
}

static void room_beyond_memory(void **state)
{
	(void)state;
	assert_int_equal(check_run(huge, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_beyond_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
