// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "asm/x64/inst.h"

// x64_info, row_lists and row_starts, by tools/asmgen.c.
#include "asm/x64/info.inc"

static_assert(COUNTOF(row_starts) == X64_SPACES * 256, "a list an opcode");

const uint16_t *x64_rows(uint32_t space, uint8_t opcode) {
    return &row_lists[row_starts[space * 256 + opcode]];
}
