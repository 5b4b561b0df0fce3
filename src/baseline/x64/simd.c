// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors on x86-64, with SSE4.1.
#include "baseline/x64/x64.h"

// Bytes of the first operand and bytes of the second, each picked by its own
// mask, which has 0x80 where the other's bytes go.
void emit_shuffle(Base *f) {
    uint8_t first[16], second[16];
    const uint8_t *lanes = f->in.imm.bytes16;
    for (int i = 0; i < 16; i++) {
        first[i] = lanes[i] < 16 ? lanes[i] : 0x80;
        second[i] = (uint8_t)(lanes[i] < 16 ? 0x80 : lanes[i] - 16);
    }
    Reg b = pop_reg(f);
    Reg to = pop_own(f);
    masm_move(f, REG_float_scratch, b);
    x64_pshufb_rm(&f->b, XMM_15, x64_at_label(code_const(&f->b, second, 16)));
    x64_pshufb_rm(&f->b, xmm(to), x64_at_label(code_const(&f->b, first, 16)));
    x64_por_rr(&f->b, xmm(to), XMM_15);
    push_reg(f, TY_v128, to);
}
