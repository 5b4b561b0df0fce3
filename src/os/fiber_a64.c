// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stack switch for AArch64, the standard procedure call convention.
//
// What fiber_switch leaves on the stack it goes away from, 176 bytes:
//
//   sp + 0  x29 x30    16..80  x19-x28    96..144  d8-d15    160  fpcr
#include "os/fiber_int.h"

// Both sides of the switch have the same layout, so the unwind information is
// right at every instruction. Loading sp is what switches.
__asm__(".text\n"
        ".p2align 4\n"
        ".globl fiber_switch\n"
        ".hidden fiber_switch\n"
        ".type fiber_switch, %function\n"
        "fiber_switch:\n"
        "    .cfi_startproc\n"
        "    hint #34\n" // bti c
        "    stp x29, x30, [sp, #-176]!\n"
        "    .cfi_adjust_cfa_offset 176\n"
        "    .cfi_rel_offset x29, 0\n"
        "    .cfi_rel_offset x30, 8\n"
        "    stp x19, x20, [sp, #16]\n"
        "    .cfi_rel_offset x19, 16\n"
        "    .cfi_rel_offset x20, 24\n"
        "    stp x21, x22, [sp, #32]\n"
        "    .cfi_rel_offset x21, 32\n"
        "    .cfi_rel_offset x22, 40\n"
        "    stp x23, x24, [sp, #48]\n"
        "    .cfi_rel_offset x23, 48\n"
        "    .cfi_rel_offset x24, 56\n"
        "    stp x25, x26, [sp, #64]\n"
        "    .cfi_rel_offset x25, 64\n"
        "    .cfi_rel_offset x26, 72\n"
        "    stp x27, x28, [sp, #80]\n"
        "    .cfi_rel_offset x27, 80\n"
        "    .cfi_rel_offset x28, 88\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mrs x9, fpcr\n"
        "    str x9, [sp, #160]\n"
        "    mov x10, sp\n"
        "    str x10, [x0]\n"
        "    mov sp, x1\n"
        "    ldr x10, [sp, #160]\n"
        "    cmp x9, x10\n" // writing fpcr is slow, and rarely needed
        "    b.eq 1f\n"
        "    msr fpcr, x10\n"
        "1:  ldp x19, x20, [sp, #16]\n"
        "    ldp x21, x22, [sp, #32]\n"
        "    ldp x23, x24, [sp, #48]\n"
        "    ldp x25, x26, [sp, #64]\n"
        "    ldp x27, x28, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    ldp x29, x30, [sp], #176\n"
        "    .cfi_adjust_cfa_offset -176\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size fiber_switch, .-fiber_switch\n");

// Where a new fiber starts: x19 has the argument, x20 the function. There is
// no caller, and the unwind information says so.
__asm__(".p2align 4\n"
        ".globl fiber_start\n"
        ".hidden fiber_start\n"
        ".type fiber_start, %function\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined x30\n"
        "    nop\n"
        "fiber_start:\n"
        "    mov x0, x19\n"
        "    blr x20\n"
        "    brk #1\n"
        "    .cfi_endproc\n"
        ".size fiber_start, .-fiber_start\n");

void fiber_start(void); // not to be called: has no convention

// x29 is zero for those who walk frame pointers; so is fpcr, the usual.
void *fiber_prepare(void *top, void (*run)(void *arg), void *arg) {
    uint64_t *sp = (uint64_t *)top - 24;
    for (int i = 0; i < 24; i++)
        sp[i] = 0;
    sp[1] = (uint64_t)(uintptr_t)fiber_start;
    sp[2] = (uint64_t)(uintptr_t)arg;
    sp[3] = (uint64_t)(uintptr_t)run;
    return sp;
}

__asm__(".section .note.GNU-stack,\"\",%progbits\n.text\n");
