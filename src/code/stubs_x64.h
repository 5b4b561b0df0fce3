// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the stubs and the adapters of x86-64 have in common: registers, and the
// frame of an entry, whose unwinding is the stubs' whoever made it.
#pragma once

#include "asm/x64/encode.h"
#include "vmabi/machine.h"

enum {
    STUB_KEPT = 5,                   // rbx and r12 to r15
    STUB_SAVED = -8 * STUB_KEPT - 8, // from rbp: what C wants to find again
};

extern const X64Gp stub_int_regs[MACHINE_INT_REGS];

// The frame of an entry whose context is in rdi, and then in r15: rbp, what C
// keeps, `saved`, and the activation, with which the stack is aligned. Undone by
// stub_leave, from wherever rsp is, with the status in eax; the activation stays
// the store's, for the caller to take back. Goes to `exhausted` before all that
// if the stack ends here.
void stub_enter(CodeBuf *b, X64Gp store, X64Gp saved, CodeLabel exhausted);
void stub_leave(CodeBuf *b);
// Ends a call that has no stack to begin with. rdi: context.
void stub_exhausted(CodeBuf *b);

// The frame of a way out: named in the store, which is then in rbx.
void stub_exit(CodeBuf *b);
