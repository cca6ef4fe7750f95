/* SPDX-License-Identifier: MIT */
/*
 * switch.h - from one stack to another
 *
 * The switch saves what the ABI says a callee must keep, except the x87 and SSE
 * control words: a task that changes them changes them for all.
 */
#ifndef CIO_ARCH_SWITCH_H
#define CIO_ARCH_SWITCH_H

#include <stddef.h>

/* Save the running context, its stack pointer to *save, and go on at `to`. */
void cio__switch(void **save, void *to);

/* Lay the first frame of a stack whose usable bytes end at `top`: the first
 * switch to the returned pointer calls entry(), which must never return. */
void *cio__switch_frame(void *top, void (*entry)(void));

#endif
