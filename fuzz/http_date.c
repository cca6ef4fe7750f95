/* SPDX-License-Identifier: MIT */
/*
 * http_date.c - fuzz dates: format(parse(x)) is parsed to the same second
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire/http_date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

static const int64_t now = 1750000000, first = -62135596800,
		     last = 253402300799;

static void round_trip(int64_t seconds)
{
	char text[HTTP_DATE_BYTES];
	int64_t again;

	cio__http_date_format(text, seconds);
	CHECK(strlen(text) == HTTP_DATE_BYTES - 1);
	CHECK(cio__http_date_parse(cio_str_of(text), now, &again) == 0);
	if (seconds >= first && seconds <= last)
		CHECK(again == seconds);
	else
		CHECK(again == (seconds < first ? first : last));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cio_str text = {(const char *)data, n};
	int64_t seconds = 0;

	if (cio__http_date_parse(text, now, &seconds) == 0)
		round_trip(seconds);
	if (cio__http_retry_after(text, now, &seconds) == 0)
		CHECK(seconds >= 0);
	if (n >= sizeof seconds) { /* any instant, most of them clamped */
		memcpy(&seconds, data, sizeof seconds);
		round_trip(seconds);
		round_trip(seconds % last);
	}
	return 0;
}
