// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instructions as text: Intel syntax as `objdump -M intel` writes it, with one
// space after the mnemonic and no comments, so that the two can be compared.
#pragma once

#include "asm/x64/decode.h"

enum {
    X64_TEXT_MAX = 96 // enough for any instruction, with its zero
};

// `address` is the instruction's own; jumps name their target.
void x64_print(const X64Inst *inst, uint64_t address, char text[X64_TEXT_MAX]);
