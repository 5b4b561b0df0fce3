// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the stubs and the adapters of x86-64 have in common: registers, and the
// frame of an entry, whose unwinding is the stubs' whoever made it.
#pragma once

#include "asm/x64/encode.h"
#include "vmabi/machine.h"

enum {
    STUB_KEPT = 5,                   // rbx and r12 to r15
    STUB_SAVED = -8 * STUB_KEPT - 8, // from rbp: what an entry pushed last
};

extern const X64Gp stub_int_regs[MACHINE_INT_REGS];

// The frame of an entry: rbp, what C wants to find again, and then `saved`,
// which leaves the stack aligned. Undone by stub_leave, from wherever rsp is.
void stub_enter(CodeBuf *b, X64Gp saved);
void stub_leave(CodeBuf *b);

// The frame of a way out: named in the store, which is then in rbx.
void stub_exit(CodeBuf *b);
