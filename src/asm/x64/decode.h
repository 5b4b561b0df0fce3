// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads an instruction back by the table that it was written from: for
// listings, tests, and whoever verifies finished code. What the table does not
// have is not decoded, however valid it may be; nor are encodings that
// encode.h never writes, such as ah to bh.
#pragma once

#include "asm/x64/encode.h"

typedef struct X64Inst {
    X64Op op;
    uint8_t variant;           // index of X64Info.enc: X64Width or X64Vec
    uint8_t cc;                // X64Cc, if the row has one
    uint8_t size;              // bytes
    uint8_t reg[X64_OPERANDS]; // of the operands that are registers
    X64Mem mem;                // of the one that is memory
    int64_t imm; // sign-extended; of a jump, from the end of the instruction
} X64Inst;

// False: not one of ours, or more than `size` bytes long.
NODISCARD bool x64_decode(X64Inst *inst, const uint8_t *bytes, size_t size);
