// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The states of handlers_fused.h, in loop_tables.h's table.
#define ROW_00(name, code) [STATE_one + code] = LABEL(one_##name),
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code)
#include "wasm/op.def"
#undef ROW_00
    [STATE_one + 0xfb] = LABEL(one_prefix_fb),
    [STATE_one + 0xfc] = LABEL(one_prefix_fc),
    [STATE_one + 0xfd] = LABEL(one_prefix_fd),
    [STATE_one + 0xfe] = LABEL(one_prefix_fe),
#define FUSED(name, code) \
    [code] = LABEL(fused_##name), [STATE_one + code] = LABEL(one_fused_##name),
#define PAIR(name) [STATE_two + PAIR_##name] = LABEL(pair_##name),
#include "interp/fused.def"
