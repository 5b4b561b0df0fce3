// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stack switch for x86-64, System V convention.
//
// What fiber_switch leaves on the stack it goes away from:
//
//   sp + 64  return address      48  rbp    40  rbx   32  r12
//        24  r13                 16  r14     8  r15
//         4  x87 control word     0  mxcsr
#include "os/fiber_int.h"

// Both sides of the switch have the same layout, so the unwind information is
// right at every instruction. Loading sp is what switches.
__asm__(".text\n"
        ".p2align 4\n"
        ".globl fiber_switch\n"
        ".hidden fiber_switch\n"
        ".type fiber_switch, @function\n"
        "fiber_switch:\n"
        "    .cfi_startproc\n"
        "    subq $56, %rsp\n"
        "    .cfi_adjust_cfa_offset 56\n"
        "    movq %rbp, 48(%rsp)\n"
        "    .cfi_rel_offset %rbp, 48\n"
        "    movq %rbx, 40(%rsp)\n"
        "    .cfi_rel_offset %rbx, 40\n"
        "    movq %r12, 32(%rsp)\n"
        "    .cfi_rel_offset %r12, 32\n"
        "    movq %r13, 24(%rsp)\n"
        "    .cfi_rel_offset %r13, 24\n"
        "    movq %r14, 16(%rsp)\n"
        "    .cfi_rel_offset %r14, 16\n"
        "    movq %r15, 8(%rsp)\n"
        "    .cfi_rel_offset %r15, 8\n"
        "    fnstcw 4(%rsp)\n"
        "    stmxcsr (%rsp)\n"
        "    movzwl 4(%rsp), %ecx\n"
        "    movl (%rsp), %eax\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    cmpl (%rsp), %eax\n" // loading them is slow, and rarely needed
        "    je 1f\n"
        "    ldmxcsr (%rsp)\n"
        "1:  cmpw 4(%rsp), %cx\n"
        "    je 2f\n"
        "    fldcw 4(%rsp)\n"
        "2:  movq 8(%rsp), %r15\n"
        "    movq 16(%rsp), %r14\n"
        "    movq 24(%rsp), %r13\n"
        "    movq 32(%rsp), %r12\n"
        "    movq 40(%rsp), %rbx\n"
        "    movq 48(%rsp), %rbp\n"
        "    addq $56, %rsp\n"
        "    .cfi_adjust_cfa_offset -56\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size fiber_switch, .-fiber_switch\n");

// Where a new fiber starts: rbx has the argument, r12 the function. There is
// no caller, and the unwind information says so; the nop keeps the return
// address minus one inside.
__asm__(".p2align 4\n"
        ".globl fiber_start\n"
        ".hidden fiber_start\n"
        ".type fiber_start, @function\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined %rip\n"
        "    nop\n"
        "fiber_start:\n"
        "    movq %rbx, %rdi\n"
        "    call *%r12\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size fiber_start, .-fiber_start\n");

void fiber_start(void); // not to be called: has no convention

// rsp is a multiple of 16 when fiber_start calls, rbp is zero for those who
// walk frame pointers, and the control registers are the architecture's usual.
void *fiber_prepare(void *top, void (*run)(void *arg), void *arg) {
    uint64_t *sp = (uint64_t *)top - 10;
    sp[0] = UINT64_C(0x037f) << 32 | 0x1f80;
    sp[1] = 0; // r15
    sp[2] = 0; // r14
    sp[3] = 0; // r13
    sp[4] = (uint64_t)(uintptr_t)run;
    sp[5] = (uint64_t)(uintptr_t)arg;
    sp[6] = 0; // rbp
    sp[7] = (uint64_t)(uintptr_t)fiber_start;
    sp[8] = 0; // what would be the caller's frame
    sp[9] = 0;
    return sp;
}

__asm__(".section .note.GNU-stack,\"\",@progbits\n.text\n");
