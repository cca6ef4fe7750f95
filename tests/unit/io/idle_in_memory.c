/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* idle_in_memory.c - the tests of idle.c, over streams joined in memory */
#define PAIR_IN_MEMORY
#include "unit/io/idle.c"
