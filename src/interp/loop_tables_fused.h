// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The handlers of handlers_fused.h. All tables are complete: an instruction
// without a handler for a state does not compile.
#define ROW_00(name, code) DECLARE(one_##name)
#define ROW_fb             ROW_none
#define ROW_fc             ROW_none
#define ROW_fd             ROW_none
#define ROW_fe             ROW_none
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code)
#include "wasm/op.def"
DECLARE(one_prefix_fb)
DECLARE(one_prefix_fc)
DECLARE(one_prefix_fd)
DECLARE(one_prefix_fe)
DECLARE(push_one)
#undef ROW_00
#undef ROW_fb
#undef ROW_fc
#undef ROW_fd
#undef ROW_fe

#define FUSED(name, code) DECLARE(fused_##name) DECLARE(one_fused_##name)
#define PAIR(name)        DECLARE(pair_##name)
#include "interp/fused.def"

// The saturating conversions, by the byte behind the prefix; no other row of
// their kind has as small a code.
enum {
    SATURATING_END = 8,
};
#define NUM1(op, R, T, trap, value) DECLARE(one_##op)
#define NAN1(op, R, T, trap, value)
#include "wasm/num.def"
static Target table_one_sat[256] = {
#define NUM1(op, R, T, trap, value) [OPCODE_##op & 255] = LABEL(one_##op),
#define NAN1(op, R, T, trap, value)
#include "wasm/num.def"
};
