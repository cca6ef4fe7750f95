/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* stream_in_memory.c - the tests of stream.c, over streams joined in memory */
#define PAIR_IN_MEMORY
#include "unit/io/stream.c"
