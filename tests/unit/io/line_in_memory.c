/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* line_in_memory.c - the tests of line.c, over streams joined in memory */
#define PAIR_IN_MEMORY
#include "unit/io/line.c"
