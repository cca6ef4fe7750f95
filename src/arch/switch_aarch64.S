/* SPDX-License-Identifier: MIT */
/*
 * switch_aarch64.S - AAPCS64: x19-x30, d8-d15 and the stack pointer
 */
#ifdef __aarch64__
	.text
	.p2align 4
	.globl	cio__switch
	.hidden	cio__switch
	.type	cio__switch, %function
cio__switch:
	.cfi_startproc
	sub	sp, sp, #160
	.cfi_def_cfa_offset 160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_offset x19, -160
	.cfi_offset x20, -152
	.cfi_offset x21, -144
	.cfi_offset x22, -136
	.cfi_offset x23, -128
	.cfi_offset x24, -120
	.cfi_offset x25, -112
	.cfi_offset x26, -104
	.cfi_offset x27, -96
	.cfi_offset x28, -88
	.cfi_offset x29, -80
	.cfi_offset x30, -72
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x29, x30, [sp, #80]
	ldp	x27, x28, [sp, #64]
	ldp	x25, x26, [sp, #48]
	ldp	x23, x24, [sp, #32]
	ldp	x21, x22, [sp, #16]
	ldp	x19, x20, [sp, #0]
	add	sp, sp, #160
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size	cio__switch, .-cio__switch

	/* The bottom frame: an unwinder stops here. */
	.p2align 4
	.globl	cio__switch_start
	.hidden	cio__switch_start
	.type	cio__switch_start, %function
cio__switch_start:
	.cfi_startproc
	.cfi_undefined x30
	blr	x19
	brk	#0
	.cfi_endproc
	.size	cio__switch_start, .-cio__switch_start
#endif
	.section .note.GNU-stack, "", %progbits
